import { BackdropError, type ErrorCode } from '../error.js';
import { Gl } from './gl.js';
import { importsOf } from './imports.js';
import type { ThreadExports } from './thread.js';
import { sharedMemoryFor, Threads } from './threads.js';

/**
 * What the network's output says of each of its pixels:
 * - `auto`: the engine tells, by the file
 * - `probability`, `logit`: of a person, in one channel
 * - `logits`, `probabilities`, `arg-max`: a channel per class; `arg-max` takes the largest one's class
 * - `label`: the number of the pixel's class, in one channel
 */
export type OutputKind =
  'auto' | 'probability' | 'logit' | 'logits' | 'probabilities' | 'arg-max' | 'label';

export type ChannelOrder = 'rgb' | 'bgr';

/** How a model is planned, fed and read: unless told, as its file tells or else RGB from 0 to 1. */
export interface ModelOptions {
  /** What a black sample becomes in the network's input; 0 where only the other end is told. */
  inputMin?: number;
  /** What a white sample becomes; 1 where only the other end is told. */
  inputMax?: number;
  output?: OutputKind;
  channelOrder?: ChannelOrder;
  /** Pixels, 1 to 4096: for networks that can be planned for another size than the file's. */
  inputSize?: { width: number; height: number };
  /** The classes that are kept, by their numbers from 0 to 255, where the output has classes. */
  classes?: readonly number[];
}

/** How a model is planned, fed and read in the end. Sizes in pixels and channels. */
export interface ModelInfo {
  input: { width: number; height: number; channels: number; min: number; max: number };
  output: { width: number; height: number; channels: number; kind: OutputKind };
  channelOrder: ChannelOrder;
  /** How many classes the output has; 0 where it has none. */
  classCount: number;
  /** Those that are kept. */
  classes: number[];
  /** A name for each class, as the file has them; '' where it has none. */
  classNames: string[];
  /** In one line, for people: what of this the file tells, and what is assumed. */
  description: string;
}

/** Alpha is a smoothstep of the probability of a person between `low` and `high`, in 0 to 1. */
export interface Coverage {
  low: number;
  high: number;
}

/** How the mask's edges are brought to those of the frame. */
export interface Refinement {
  /**
   * `guided` is the fast guided filter. The others are joint bilateral filters, with weights of `exp`,
   * with rational ones, and along rows first and columns then; where the engine composites on the CPU,
   * the guided filter stands in for them.
   */
  kind: 'none' | 'guided' | 'bilateral' | 'bilateral-rational' | 'bilateral-separable';
  /** In pixels of the mask, 0.1 to 10. */
  sigmaSpace: number;
  /** Of colours whose parts are 0 to 1, 0.001 to 1. */
  sigmaColor: number;
}

/** How light of a picture or a colour falls on the person's edge, where the GPU composites. */
export interface LightWrapping {
  /** 0 (none) to 1. */
  strength: number;
  blendMode: 'screen' | 'linear-dodge';
}

/** RGBA pixels, four bytes each, row after row; an ImageData is one. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}

/** What stands behind the person. `Image` is Pixels here and may be more where it is decoded first. */
export type Background<Image = Pixels> =
  /** The frame as it came: the one choice that shows the room. */
  | { kind: 'none' }
  /** A Gaussian whose standard deviation is `strength` percent of the shorter side, 0.1 to 20. */
  | { kind: 'blur'; strength: number }
  /** 0xRRGGBB */
  | { kind: 'color'; rgb: number }
  /** A picture that covers the frame, centred. */
  | { kind: 'image'; image: Image }
  /** Nothing: the matte becomes alpha. For RGBA frames only. */
  | { kind: 'transparent' };

/** Milliseconds of the latest frame, stage by stage, and what is done from frame to frame. */
export interface Statistics {
  /** Frames processed since the engine was made. */
  frames: number;
  /** Frames on which the network ran since the engine was made. */
  inferences: number;
  /** The network runs on every frame (1), every second (2) or every third (3). */
  interval: number;
  /** Whether the latest frame has the matte of the one before, and why. */
  kept: Kept;
  sample: number;
  infer: number;
  matte: number;
  composite: number;
}

/** Because nothing moved, or because of the budget. */
export type Kept = 'no' | 'still' | 'budget';

export type FrameFormat = 'RGBA' | 'BGRA' | 'I420' | 'NV12';

/** Where a plane lies in the frame's bytes, as WebCodecs has it. */
export interface PlaneLayout {
  offset: number;
  stride: number;
}

/** What a frame is besides its format and size. */
export interface FrameOptions {
  /** How I420 and NV12 are made of RGB; `bt601` unless told. */
  colorSpace?: 'bt601' | 'bt709';
  /** Whether I420 and NV12 use all of 0 to 255; false unless told. */
  fullRange?: boolean;
  /** Degrees by which a viewer turns the frame clockwise to see it, as VideoFrame.rotation. */
  rotation?: 0 | 90 | 180 | 270;
  /** Whether it is mirrored horizontally after that, as VideoFrame.flip. */
  flip?: boolean;
  /** Whether I420 has a fourth plane, of alpha at full size, which the engine leaves as it is. */
  alphaPlane?: boolean;
}

/** The engine's frame: write a picture into `bytes`, call Engine.process, read the result there. */
export interface EngineFrame extends Readonly<Required<FrameOptions>> {
  readonly format: FrameFormat;
  readonly width: number;
  readonly height: number;
  readonly layout: PlaneLayout[];
  /**
   * A view of the engine's memory, new at each reading and good until the engine's next call. It is
   * shared memory when the module is built for threads.
   */
  readonly bytes: Uint8Array;
}

type Picture = Omit<EngineFrame, 'bytes'>;

/** A picture on the GPU, upright, its first row first. */
export interface Texture {
  /** What the engine calls it; see Engine.glName. */
  name: number;
  width: number;
  height: number;
}

interface Exports {
  _initialize(): void;
  backdrop_create_abi(abiVersion: number, threads: number): number;
  backdrop_last_error(engine: number): number;
  backdrop_load_model(engine: number, bytes: number, size: number, options: number): number;
  backdrop_get_model_info(engine: number, info: number): number;
  backdrop_get_class_name(engine: number, index: number): number;
  backdrop_describe_model(engine: number): number;
  backdrop_get_tensors(engine: number, input: number, output: number): number;
  backdrop_infer(engine: number): number;
  backdrop_set_background_none(engine: number): number;
  backdrop_set_background_blur(engine: number, strength: number): number;
  backdrop_set_background_color(engine: number, rgb: number): number;
  backdrop_set_background_image(engine: number, image: number): number;
  backdrop_set_background_transparent(engine: number): number;
  backdrop_set_coverage(engine: number, low: number, high: number): number;
  backdrop_set_refinement(engine: number, kind: number, space: number, color: number): number;
  backdrop_set_light_wrapping(engine: number, strength: number, blendMode: number): number;
  backdrop_set_steadying(engine: number, strength: number): number;
  backdrop_set_motion_gate(engine: number, on: number): number;
  backdrop_set_budget(engine: number, milliseconds: number): number;
  backdrop_reset(engine: number): number;
  backdrop_process(engine: number, input: number, output: number): number;
  backdrop_get_matte(
    engine: number,
    width: number,
    height: number,
    alpha: number,
    stride: number,
  ): number;
  backdrop_get_statistics(engine: number, statistics: number): number;
  backdrop_gl_create(engine: number, loader: 0): number;
  backdrop_gl_destroy(engine: number, lost: number): number;
  backdrop_gl_set_background_texture(engine: number, texture: number): number;
  backdrop_gl_begin_sample(engine: number, frame: number): number;
  backdrop_gl_is_sampled(engine: number, sampled: number): number;
  backdrop_gl_process(engine: number, frame: number, pixels: number, framebuffer: number): number;
  backdrop_allocate(size: number): number;
  backdrop_free(memory: number): void;
}

// backdrop_status and backdrop_statistics.kept, by number.
const errorCodes: readonly ErrorCode[] = [
  'crash',
  'argument',
  'model',
  'unsupported',
  'state',
  'memory',
];
const keptKinds: readonly Kept[] = ['no', 'still', 'budget'];

// backdrop_output and backdrop_channel_order, by number.
export const outputKinds: readonly OutputKind[] = [
  'auto',
  'probability',
  'logit',
  'logits',
  'probabilities',
  'arg-max',
  'label',
];
export const channelOrders: readonly ChannelOrder[] = ['rgb', 'bgr'];

// Where backdrop_model_options and backdrop_model_info have their backdrop_classes, in words.
const optionsClasses = 6;
const infoClasses = 11;
const mostClasses = 256;

// backdrop_refinement and backdrop_blend_mode, by number.
export const refinementKinds: readonly Refinement['kind'][] = [
  'none',
  'guided',
  'bilateral',
  'bilateral-rational',
  'bilateral-separable',
];
export const blendModes: readonly LightWrapping['blendMode'][] = ['screen', 'linear-dodge'];

// backdrop_format and backdrop_color_space, by number.
const formats: readonly FrameFormat[] = ['RGBA', 'I420', 'NV12', 'BGRA'];
const colorSpaces: readonly Required<FrameOptions>['colorSpace'][] = ['bt601', 'bt709'];

// Room for a struct of backdrop.h, and for a texture beside it.
const structSize = 128;
const textureOffset = 64;

// The layout that the structs here are written in: BACKDROP_ABI_VERSION.
const abiVersion = 1;

// As backdrop_create_abi has it.
const mostThreads = 32;

/** A block of the engine's memory that grows when it has to and is used again otherwise. */
class Block {
  address = 0;
  private size = 0;

  constructor(private readonly exports: Exports) {}

  reserve(size: number): this {
    if (size > this.size) {
      this.free();
      this.address = this.exports.backdrop_allocate(size);
      if (this.address === 0) {
        throw new BackdropError('memory', `there is no memory left for ${size} bytes`);
      }
      this.size = size;
    }
    return this;
  }

  free(): void {
    this.exports.backdrop_free(this.address);
    this.address = this.size = 0;
  }
}

/**
 * One engine in a WebAssembly instance of its own, which goes when nothing refers to it any more and,
 * where it has threads, it is closed: `backdrop.h` in TypeScript. Every method throws a BackdropError
 * when the engine refuses; after one of code `crash` the engine is of no more use.
 */
export class Engine {
  /** How many threads the engine works on, the caller's included. */
  readonly threads: number;
  private readonly handle: number;
  private readonly struct: Block;
  private readonly frameBlock: Block;
  private readonly alpha: Block;
  /** Of the model that is loaded, once it was asked for. */
  private info: ModelInfo | undefined;

  private constructor(
    private readonly exports: Exports,
    private readonly memory: WebAssembly.Memory,
    private readonly gl: Gl,
    private readonly helpers?: Threads,
  ) {
    gl.memory = memory;
    this.threads = 1 + (helpers?.count ?? 0);
    this.handle = exports.backdrop_create_abi(abiVersion, this.threads);
    this.struct = new Block(exports).reserve(structSize);
    this.frameBlock = new Block(exports);
    this.alpha = new Block(exports);
  }

  /**
   * Makes an engine on `threads` threads, 1 to 32. It has only one when the module is not built for
   * threads, and when others can't be started. Several are for a Worker: the engine waits for them.
   */
  static async create(module: WebAssembly.Module, { threads = 1 } = {}): Promise<Engine> {
    if (!(Number.isInteger(threads) && threads >= 1 && threads <= mostThreads)) {
      throw new BackdropError('argument', `an engine has 1 to ${mostThreads} threads`);
    }
    const shared = sharedMemoryFor(module);
    const gl = new Gl();
    const instance = await WebAssembly.instantiate(module, importsOf(gl, shared));
    const exports = instance.exports as unknown as Exports & ThreadExports;
    exports._initialize();
    if (!shared) return new Engine(exports, instance.exports.memory as WebAssembly.Memory, gl);
    const helpers = new Threads(module, shared, exports);
    await helpers.start(threads - 1);
    return new Engine(exports, shared, gl, helpers);
  }

  /** Ends the engine's threads but for the caller's. Without any it does nothing. */
  close(): void {
    this.helpers?.close();
  }

  /** Loads a .tflite model, replacing the one before; when that fails, the one before stays. */
  loadModel(tflite: Uint8Array, options: ModelOptions = {}): void {
    this.withCopy(tflite, (bytes) => {
      this.writeModelOptions(options);
      this.call((e) =>
        e.backdrop_load_model(this.handle, bytes, tflite.byteLength, this.struct.address),
      );
    });
    this.info = undefined;
  }

  modelInfo(): ModelInfo {
    return (this.info ??= this.readModelInfo());
  }

  /**
   * The bare network: its input tensor in, its output tensor out, both NHWC. The output lies in the
   * engine's memory, and is good until the engine's next call.
   */
  infer(tensor: Float32Array): Float32Array {
    const { input, output } = this.modelInfo();
    const inputLength = input.width * input.height * input.channels;
    const outputLength = output.width * output.height * output.channels;
    if (tensor.length !== inputLength) {
      throw new BackdropError(
        'argument',
        `the network takes ${inputLength} values, not ${tensor.length}`,
      );
    }
    const { address } = this.struct;
    this.call((e) => e.backdrop_get_tensors(this.handle, address, address + 4));
    const view = this.structView();
    const [from, to] = [view.getUint32(0, true), view.getUint32(4, true)];
    new Float32Array(this.memory.buffer, from, inputLength).set(tensor);
    this.call((e) => e.backdrop_infer(this.handle));
    return new Float32Array(this.memory.buffer, to, outputLength);
  }

  setBackground(background: Background): void {
    switch (background.kind) {
      case 'none':
        return this.call((e) => e.backdrop_set_background_none(this.handle));
      case 'blur':
        return this.call((e) => e.backdrop_set_background_blur(this.handle, background.strength));
      case 'color':
        return this.call((e) => e.backdrop_set_background_color(this.handle, background.rgb));
      case 'image':
        return this.setBackgroundImage(background.image);
      case 'transparent':
        return this.call((e) => e.backdrop_set_background_transparent(this.handle));
    }
  }

  /** Alpha is a smoothstep of the probability of a person between `low` and `high`, in 0 to 1. */
  setCoverage(low: number, high: number): void {
    this.call((e) => e.backdrop_set_coverage(this.handle, low, high));
  }

  setRefinement({ kind, sigmaSpace, sigmaColor }: Refinement): void {
    const number = refinementKinds.indexOf(kind);
    this.call((e) => e.backdrop_set_refinement(this.handle, number, sigmaSpace, sigmaColor));
  }

  setLightWrapping({ strength, blendMode }: LightWrapping): void {
    const number = blendModes.indexOf(blendMode);
    this.call((e) => e.backdrop_set_light_wrapping(this.handle, strength, number));
  }

  /**
   * How much of the matte before remains where the new one is uncertain and changed little, 0 to 1;
   * 0.9 unless told.
   */
  setSteadying(strength: number): void {
    this.call((e) => e.backdrop_set_steadying(this.handle, strength));
  }

  /** Whether the matte is kept, and the network not run, while nothing moves; not unless told. */
  setMotionGate(on: boolean): void {
    this.call((e) => e.backdrop_set_motion_gate(this.handle, on ? 1 : 0));
  }

  /**
   * The milliseconds that a frame may take in the engine on average, or 0 for no limit: for more,
   * the network runs on every second or third frame only.
   */
  setBudget(milliseconds: number): void {
    this.call((e) => e.backdrop_set_budget(this.handle, milliseconds));
  }

  /** Forgets the frames before, because the next one is from another source. Settings stay. */
  reset(): void {
    this.call((e) => e.backdrop_reset(this.handle));
  }

  /** The engine's frame in this format and size; its memory is used again for the next one. */
  frame(
    format: FrameFormat,
    width: number,
    height: number,
    options: FrameOptions = {},
  ): EngineFrame {
    const [picture, size] = planPicture(format, width, height, options);
    const { address } = this.frameBlock.reserve(size);
    const { memory } = this;
    return {
      ...picture,
      get bytes() {
        return new Uint8Array(memory.buffer, address, size);
      },
    };
  }

  /** Segments and composites the engine's frame in place. When it throws, the frame is as it was. */
  process(frame: EngineFrame): void {
    this.writeImage(frame, this.frameBlock.address);
    this.call((e) => e.backdrop_process(this.handle, this.struct.address, this.struct.address));
  }

  /** The alpha of the latest frame, whose size is given: a byte a pixel, 255 for the person. */
  matte(width: number, height: number): Uint8Array {
    const { address } = this.alpha.reserve(width * height);
    this.call((e) => e.backdrop_get_matte(this.handle, width, height, address, width));
    return new Uint8Array(this.memory.buffer, address, width * height).slice();
  }

  statistics(): Statistics {
    this.call((e) => e.backdrop_get_statistics(this.handle, this.struct.address));
    const view = this.structView();
    const value = (index: number) => view.getFloat64(8 * index, true);
    return {
      frames: value(0),
      sample: value(1),
      infer: value(2),
      matte: value(3),
      composite: value(4),
      inferences: value(5),
      interval: value(6),
      kept: keptKinds[value(7)] ?? 'no',
    };
  }

  /** Makes what the engine needs to draw in this context, in place of what it made before. */
  glCreate(context: WebGL2RenderingContext): void {
    this.gl.context = context;
    this.call((e) => e.backdrop_gl_create(this.handle, 0));
  }

  /** Frees it; `lost` says that the context has gone, and all that was in it. */
  glDestroy(lost: boolean): void {
    this.call((e) => e.backdrop_gl_destroy(this.handle, Number(lost)));
    if (lost) this.gl.clear();
  }

  /** What the engine is to call a texture of the context. */
  glName(texture: WebGLTexture): number {
    return this.gl.name(texture);
  }

  /** The picture behind the person of what is drawn on the GPU; see backdrop.h. */
  glSetBackground(texture: Texture): void {
    const address = this.writeTexture(texture);
    this.call((e) => e.backdrop_gl_set_background_texture(this.handle, address));
  }

  /** Shrinks the frame to the network's input, and asks for the result without waiting for it. */
  glBeginSample(frame: Texture): void {
    const address = this.writeTexture(frame);
    this.call((e) => e.backdrop_gl_begin_sample(this.handle, address));
  }

  /** Whether what glBeginSample asked for is there. */
  glIsSampled(): boolean {
    this.call((e) => e.backdrop_gl_is_sampled(this.handle, this.struct.address));
    return this.structView().getInt32(0, true) === 1;
  }

  /**
   * Segments the frame and draws it to the context's canvas, which has its size. The network sees
   * the engine's frame `pixels` or, without it, what glBeginSample has asked for.
   */
  glProcess(frame: Texture, pixels?: EngineFrame): void {
    if (pixels) this.writeImage(pixels, this.frameBlock.address);
    const address = this.writeTexture(frame);
    const image = pixels ? this.struct.address : 0;
    this.call((e) => e.backdrop_gl_process(this.handle, address, image, 0));
  }

  /** Writes a backdrop_model_options; what is not told is 0 there. */
  private writeModelOptions(options: ModelOptions): void {
    const { inputMin, inputMax, output = 'auto', channelOrder = 'rgb', inputSize } = options;
    const view = this.structView();
    const words = new Int32Array(view.buffer, view.byteOffset, structSize / 4).fill(0);
    if (inputMin !== undefined || inputMax !== undefined) {
      view.setFloat32(0, inputMin ?? 0, true);
      view.setFloat32(4, inputMax ?? 1, true);
    }
    words.set([outputKinds.indexOf(output), channelOrders.indexOf(channelOrder)], 2);
    if (inputSize) words.set([inputSize.width, inputSize.height], 4);
    for (const index of options.classes ?? []) {
      const word = 4 * (optionsClasses + (index >> 5));
      view.setInt32(word, view.getInt32(word, true) | (1 << (index & 31)), true);
    }
  }

  private readModelInfo(): ModelInfo {
    this.call((e) => e.backdrop_get_model_info(this.handle, this.struct.address));
    const view = this.structView();
    const int = (index: number) => view.getInt32(4 * index, true);
    const float = (index: number) => view.getFloat32(4 * index, true);
    const isKept = (index: number) => (int(infoClasses + (index >> 5)) >>> (index & 31)) & 1;
    const numbers = Array.from({ length: Math.min(int(10), mostClasses) }, (_, index) => index);
    return {
      input: { width: int(0), height: int(1), channels: int(2), min: float(6), max: float(7) },
      output: {
        width: int(3),
        height: int(4),
        channels: int(5),
        kind: outputKinds[int(8)] ?? 'auto',
      },
      channelOrder: channelOrders[int(9)] ?? 'rgb',
      classCount: numbers.length,
      classes: numbers.filter(isKept),
      classNames: numbers.map((index) =>
        this.textAt(this.exports.backdrop_get_class_name(this.handle, index)),
      ),
      description: this.textAt(this.exports.backdrop_describe_model(this.handle)),
    };
  }

  private setBackgroundImage({ width, height, data }: Pixels): void {
    this.withCopy(data, (pixels) => {
      this.writeImage(planPicture('RGBA', width, height)[0], pixels);
      this.call((e) => e.backdrop_set_background_image(this.handle, this.struct.address));
    });
  }

  /** Writes a backdrop_image. */
  private writeImage(picture: Picture, address: number): void {
    const words = new Int32Array(this.memory.buffer, this.struct.address, 12).fill(0);
    words.set([formats.indexOf(picture.format), picture.width, picture.height]);
    picture.layout.slice(0, 3).forEach(({ offset, stride }, plane) => {
      words[3 + plane] = stride;
      words[6 + plane] = address + offset;
    });
    const colorSpace = 2 * colorSpaces.indexOf(picture.colorSpace) + Number(picture.fullRange);
    words.set([colorSpace, picture.rotation, Number(picture.flip)], 9);
  }

  /** Writes a backdrop_texture, and returns where it is. */
  private writeTexture({ name, width, height }: Texture): number {
    const address = this.struct.address + textureOffset;
    new Int32Array(this.memory.buffer, address, 3).set([name, width, height]);
    return address;
  }

  /** Calls `use` with the address of a copy of the bytes. */
  private withCopy(bytes: Uint8Array | Uint8ClampedArray, use: (address: number) => void): void {
    const block = new Block(this.exports).reserve(Math.max(1, bytes.byteLength));
    try {
      new Uint8Array(this.memory.buffer, block.address, bytes.byteLength).set(bytes);
      use(block.address);
    } finally {
      block.free();
    }
  }

  private structView(): DataView {
    return new DataView(this.memory.buffer, this.struct.address, structSize);
  }

  private call(engineFunction: (exports: Exports) => number): void {
    let status: number;
    try {
      status = engineFunction(this.exports);
    } catch (trap) {
      throw new BackdropError('crash', `the engine stopped: ${String(trap)}`);
    }
    if (status !== 0) throw new BackdropError(errorCodes[status] ?? 'crash', this.lastError());
  }

  private lastError(): string {
    return this.textAt(this.exports.backdrop_last_error(this.handle));
  }

  /** The engine's text that begins at this address. */
  private textAt(start: number): string {
    const bytes = new Uint8Array(this.memory.buffer);
    // A copy, because shared memory can't be decoded.
    return new TextDecoder().decode(bytes.slice(start, bytes.indexOf(0, start)));
  }
}

/** Bytes of a row, and rows, of every plane. */
function planesOf(
  format: FrameFormat,
  width: number,
  height: number,
  alphaPlane: boolean,
): [stride: number, rows: number][] {
  const halfWidth = (width + 1) >> 1;
  const halfHeight = (height + 1) >> 1;
  switch (format) {
    case 'RGBA':
    case 'BGRA':
      return [[4 * width, height]];
    case 'NV12':
      return [
        [width, height],
        [2 * halfWidth, halfHeight],
      ];
    case 'I420':
      return [
        [width, height],
        [halfWidth, halfHeight],
        [halfWidth, halfHeight],
        ...(alphaPlane ? [[width, height] as [number, number]] : []),
      ];
  }
}

/** A picture with its planes one after the other, without gaps, and its bytes. */
function planPicture(
  format: FrameFormat,
  width: number,
  height: number,
  options: FrameOptions = {},
): [picture: Picture, size: number] {
  const {
    colorSpace = 'bt601',
    fullRange = false,
    rotation = 0,
    flip = false,
    alphaPlane = false,
  } = options;
  if (alphaPlane && format !== 'I420') {
    throw new BackdropError('argument', `only I420 can have an alpha plane, not ${format}`);
  }
  let size = 0;
  const layout = planesOf(format, width, height, alphaPlane).map(([stride, rows]) => {
    const offset = size;
    size += stride * rows;
    return { offset, stride };
  });
  return [
    { format, width, height, layout, colorSpace, fullRange, rotation, flip, alphaPlane },
    size,
  ];
}

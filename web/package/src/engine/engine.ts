// One engine in one WebAssembly instance: backdrop.h in TypeScript.
import { BackdropError } from '../error.js';
import { blendModes, fits, limits, refinementKinds, statuses } from './abi.js';
import { importsOf, type Exports } from './exports.js';
import { planFrame } from './frame-layout.js';
import { Gl } from './gl.js';
import type {
  Background,
  EngineFrame,
  FrameFormat,
  FrameLayout,
  FrameOptions,
  LightWrapping,
  ModelInfo,
  ModelOptions,
  Pixels,
  Refinement,
  Statistics,
  Texture,
} from './kinds.js';
import { usualPlacement, type Placed, type Placement } from './placement.js';
import {
  largestStruct,
  readModelInfo,
  readStatistics,
  writeImage,
  writeModelOptions,
  writeTexture,
} from './structs.js';
import type { ThreadExports } from './thread.js';
import { sharedMemoryFor, Threads } from './threads.js';

/** A block of the engine's memory that is reused, and replaced by a larger one on demand. */
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
 * One engine in a WebAssembly instance of its own: `backdrop.h` in TypeScript. The instance is garbage
 * when nothing refers to the engine; an engine with threads has to be closed. Methods throw a
 * BackdropError when the engine rejects a call; after the code `crash` the engine is unusable.
 */
export class Engine {
  /** How many threads the engine works on, the caller's included. */
  readonly threads: number;
  private readonly handle: number;
  /** A struct, and beside it a backdrop_texture. */
  private readonly struct: Block;
  private readonly frameBlock: Block;
  private readonly alpha: Block;
  /** Of the loaded model, once it was read. */
  private info: ModelInfo | undefined;

  private constructor(
    private readonly exports: Exports,
    private readonly memory: WebAssembly.Memory,
    private readonly gl: Gl,
    private readonly helpers?: Threads,
  ) {
    gl.memory = memory;
    this.threads = 1 + (helpers?.count ?? 0);
    this.handle = exports.backdrop_create_abi(limits.abiVersion, this.threads);
    this.struct = new Block(exports).reserve(2 * largestStruct);
    this.frameBlock = new Block(exports);
    this.alpha = new Block(exports);
  }

  /**
   * Creates an engine on `threads` threads, 1 to 32. The engine has one thread if the module is not
   * built for threads, or if the others do not start. Several need a Worker: the engine blocks.
   */
  static async create(module: WebAssembly.Module, { threads = 1 } = {}): Promise<Engine> {
    if (!(Number.isInteger(threads) && threads >= 1 && threads <= limits.mostThreads)) {
      throw new BackdropError('argument', `an engine has 1 to ${limits.mostThreads} threads`);
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

  /** Terminates the engine's threads but the caller's. */
  close(): void {
    this.helpers?.close();
  }

  /** Loads a .tflite model; it replaces the model before, which stays if this call throws. */
  loadModel(tflite: Uint8Array, options: ModelOptions = {}): void {
    const name = new TextEncoder().encode(`${options.outputName ?? ''}\0`);
    this.withCopy(tflite, (bytes) =>
      this.withCopy(name, (outputName) => {
        writeModelOptions(this.structView(), options, outputName);
        this.call((e) =>
          e.backdrop_load_model(this.handle, bytes, tflite.byteLength, this.struct.address),
        );
      }),
    );
    this.info = undefined;
    // The tensors take the place of the file, which has been freed: memory never shrinks.
    this.call((e) =>
      e.backdrop_get_tensors(this.handle, this.struct.address, this.struct.address + 4),
    );
  }

  modelInfo(): ModelInfo {
    return (this.info ??= this.readModelInfo());
  }

  /**
   * The network alone: its input tensor in, its output tensor out, both float32 NHWC. The output is a
   * view of the engine's memory, valid until the engine's next call.
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

  /** A picture covers the frame, centred, unless it has another placement. */
  setBackground(background: Placed<Background>): void {
    switch (background.kind) {
      case 'none':
        return this.call((e) => e.backdrop_set_background_none(this.handle));
      case 'blur':
        return this.call((e) => e.backdrop_set_background_blur(this.handle, background.strength));
      case 'color':
        return this.call((e) => e.backdrop_set_background_color(this.handle, background.rgb));
      case 'image':
        this.place(background);
        return this.setBackgroundImage(background.image);
      case 'transparent':
        return this.call((e) => e.backdrop_set_background_transparent(this.handle));
      default:
        background satisfies never;
    }
  }

  /** Alpha is a smoothstep of the person's probability from `low` to `high`, 0 <= low < high <= 1. */
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
   * Temporal smoothing: how much of the mask before remains where the new mask is uncertain and
   * changed little, 0 (off) to 1. Default: 0.9.
   */
  setSteadying(strength: number): void {
    this.call((e) => e.backdrop_set_steadying(this.handle, strength));
  }

  /** Static-scene skip: whether the mask is reused while nothing moves. Default: false. */
  setMotionGate(on: boolean): void {
    this.call((e) => e.backdrop_set_motion_gate(this.handle, on ? 1 : 0));
  }

  /** Whether the network sees the part of the frame around all people. Default: true. */
  setPersonCrop(on: boolean): void {
    this.call((e) => e.backdrop_set_person_crop(this.handle, on ? 1 : 0));
  }

  /** Whether the room behind the people is learned, by `process` only. Default: true. */
  setLearnedRoom(on: boolean): void {
    this.call((e) => e.backdrop_set_learned_room(this.handle, on ? 1 : 0));
  }

  /** Whether only the person in front is kept. Default: false. */
  setOnlyFront(on: boolean): void {
    this.call((e) => e.backdrop_set_only_front(this.handle, on ? 1 : 0));
  }

  /** Whether small holes in people are filled, and small islands beside them dropped. Default: true. */
  setDespeckling(on: boolean): void {
    this.call((e) => e.backdrop_set_despeckling(this.handle, on ? 1 : 0));
  }

  /**
   * Rate control: the milliseconds that a frame may take in the engine on average; 0, the default,
   * is no limit. To stay below, the network runs on every second or third frame only.
   */
  setBudget(milliseconds: number): void {
    this.call((e) => e.backdrop_set_budget(this.handle, milliseconds));
  }

  /** Forgets the frames before, because the next frame is from another source. Settings stay. */
  reset(): void {
    this.call((e) => e.backdrop_reset(this.handle));
  }

  /** A frame in the engine's memory, which the next frame reuses. */
  frame(
    format: FrameFormat,
    width: number,
    height: number,
    options: FrameOptions = {},
  ): EngineFrame {
    const [layout, size] = planFrame(format, width, height, options);
    const { address } = this.frameBlock.reserve(size);
    const { memory } = this;
    return {
      ...layout,
      get bytes() {
        return new Uint8Array(memory.buffer, address, size);
      },
    };
  }

  /** Segments and composites the engine's frame in place. If the call throws, the frame is unchanged. */
  process(frame: EngineFrame): void {
    this.writeImage(frame, this.frameBlock.address);
    this.call((e) => e.backdrop_process(this.handle, this.struct.address, this.struct.address));
  }

  /** The alpha of the latest frame, which has this size: a byte per pixel, 255 for the person. */
  matte(width: number, height: number): Uint8Array {
    const { address } = this.alpha.reserve(width * height);
    this.call((e) => e.backdrop_get_matte(this.handle, width, height, address, width));
    return new Uint8Array(this.memory.buffer, address, width * height).slice();
  }

  statistics(): Statistics {
    this.call((e) => e.backdrop_get_statistics(this.handle, this.struct.address));
    return readStatistics(this.structView());
  }

  /** Creates the engine's OpenGL objects in this context, and replaces those that it made before. */
  glCreate(context: WebGL2RenderingContext): void {
    this.gl.context = context;
    this.call((e) => e.backdrop_gl_create(this.handle, 0));
  }

  /** Frees these objects; `lost`: the context, and all objects with it, are gone. */
  glDestroy(lost: boolean): void {
    this.call((e) => e.backdrop_gl_destroy(this.handle, Number(lost)));
    if (lost) this.gl.clear();
  }

  /** The engine's name of a texture of the context. */
  glName(texture: WebGLTexture): number {
    return this.gl.name(texture);
  }

  /** The background image of frames that are drawn on the GPU; see backdrop.h and setBackground. */
  glSetBackground(texture: Texture, placement: Partial<Placement> = {}): void {
    this.place(placement);
    const address = this.writeTexture(texture);
    this.call((e) => e.backdrop_gl_set_background_texture(this.handle, address));
  }

  /** Shrinks the frame to the network's input and starts reading the result back. */
  glBeginSample(frame: Texture): void {
    const address = this.writeTexture(frame);
    this.call((e) => e.backdrop_gl_begin_sample(this.handle, address));
  }

  /** Whether the result of glBeginSample is there. */
  glIsSampled(): boolean {
    this.call((e) => e.backdrop_gl_is_sampled(this.handle, this.struct.address));
    return this.structView().getInt32(0, true) === 1;
  }

  /**
   * Segments the frame and draws it to the context's canvas, which has the frame's size. The network
   * sees the engine's frame `pixels` or, if there is none, the result of glBeginSample.
   */
  glProcess(frame: Texture, pixels?: EngineFrame): void {
    if (pixels) this.writeImage(pixels, this.frameBlock.address);
    const address = this.writeTexture(frame);
    const image = pixels ? this.struct.address : 0;
    this.call((e) => e.backdrop_gl_process(this.handle, address, image, 0));
  }

  private readModelInfo(): ModelInfo {
    this.call((e) => e.backdrop_get_model_info(this.handle, this.struct.address));
    const info = readModelInfo(this.structView());
    const nameOf = (index: number) =>
      this.textAt(this.exports.backdrop_get_class_name(this.handle, index));
    return {
      ...info,
      classNames: Array.from({ length: info.classCount }, (_, index) => nameOf(index)),
      description: this.textAt(this.exports.backdrop_describe_model(this.handle)),
    };
  }

  private place(placement: Partial<Placement>): void {
    const { fit, position, mirror, color } = { ...usualPlacement, ...placement };
    const [x, y] = position;
    const rgb = Number.parseInt(color.slice(1), 16);
    this.call((e) =>
      e.backdrop_set_placement(this.handle, fits.indexOf(fit), x, y, Number(mirror), rgb),
    );
  }

  private setBackgroundImage({ width, height, data }: Pixels): void {
    this.withCopy(data, (pixels) => {
      this.writeImage(planFrame('RGBA', width, height)[0], pixels);
      this.call((e) => e.backdrop_set_background_image(this.handle, this.struct.address));
    });
  }

  private writeImage(image: FrameLayout, address: number): void {
    writeImage(this.structView(), image, address);
  }

  /** Returns the address of the backdrop_texture. */
  private writeTexture(texture: Texture): number {
    writeTexture(this.structView(largestStruct), texture);
    return this.struct.address + largestStruct;
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

  /** New at each call: memory that grows has another buffer. */
  private structView(offset = 0): DataView {
    return new DataView(this.memory.buffer, this.struct.address + offset, largestStruct);
  }

  private call(engineFunction: (exports: Exports) => number): void {
    let status: number;
    try {
      status = engineFunction(this.exports);
    } catch (trap) {
      throw new BackdropError('crash', `the engine stopped: ${String(trap)}`);
    }
    const code = statuses[status] ?? 'crash';
    if (code !== 'ok') throw new BackdropError(code, this.lastError());
  }

  private lastError(): string {
    return this.textAt(this.exports.backdrop_last_error(this.handle));
  }

  /** The engine's null-terminated text at this address. */
  private textAt(start: number): string {
    const bytes = new Uint8Array(this.memory.buffer);
    // A copy, because TextDecoder rejects shared memory.
    return new TextDecoder().decode(bytes.slice(start, bytes.indexOf(0, start)));
  }
}

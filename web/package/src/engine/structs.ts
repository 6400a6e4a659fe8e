// The structs of backdrop.h in the module's memory: each is written to, or read from, a view of it.
import {
  channelOrders,
  colorSpaces,
  formats,
  imageStruct,
  limits,
  modelInfoStruct,
  modelOptionsStruct,
  outputKinds,
  precisions,
  statisticsStruct,
  textureStruct,
} from './abi.js';
import type { FrameLayout, Kept, ModelInfo, ModelOptions, Statistics, Texture } from './kinds.js';

/** Bytes that hold any one struct. */
export const largestStruct = Math.max(
  imageStruct.size,
  textureStruct.size,
  modelOptionsStruct.size,
  modelInfoStruct.size,
  statisticsStruct.size,
);

/** backdrop_statistics.kept, by number. */
const keptKinds: readonly Kept[] = ['no', 'still', 'budget'];

/** Planes of a backdrop_image. */
const planeCount = 3;

/** Offsets of 32-bit integers, and what is written there. */
type Words = readonly (readonly [offset: number, value: number])[];

function writeWords(view: DataView, words: Words): void {
  for (const [offset, value] of words) view.setInt32(offset, value, true);
}

/** @param address of the frame's bytes */
export function writeImage(view: DataView, image: FrameLayout, address: number): void {
  const { format, width, height, layout, fullRange, rotation, flip } = image;
  writeWords(view, [
    [imageStruct.format, formats.indexOf(format)],
    [imageStruct.width, width],
    [imageStruct.height, height],
    [
      imageStruct.colorSpace,
      colorSpaces.indexOf(`${image.colorSpace}-${fullRange ? 'full' : 'limited'}`),
    ],
    [imageStruct.rotation, rotation],
    [imageStruct.flip, Number(flip)],
  ]);
  for (let plane = 0; plane < planeCount; ++plane) {
    const { offset, stride } = layout[plane] ?? { offset: 0, stride: 0 };
    writeWords(view, [
      [imageStruct.strides + 4 * plane, stride],
      [imageStruct.planes + 4 * plane, address + offset],
    ]);
  }
}

export function writeTexture(view: DataView, { name, width, height }: Texture): void {
  writeWords(view, [
    [textureStruct.name, name],
    [textureStruct.width, width],
    [textureStruct.height, height],
  ]);
}

/** Options that are not given stay 0, the header's default. `outputName` is the name's address. */
export function writeModelOptions(view: DataView, options: ModelOptions, outputName: number): void {
  const { inputMin, inputMax, output = 'auto', channelOrder = 'rgb', inputSize } = options;
  const { precision = 'auto' } = options;
  for (let at = 0; at < modelOptionsStruct.size; at += 4) view.setInt32(at, 0, true);
  if (inputMin !== undefined || inputMax !== undefined) {
    view.setFloat32(modelOptionsStruct.inputMin, inputMin ?? 0, true);
    view.setFloat32(modelOptionsStruct.inputMax, inputMax ?? 1, true);
  }
  writeWords(view, [
    [modelOptionsStruct.output, outputKinds.indexOf(output)],
    [modelOptionsStruct.channelOrder, channelOrders.indexOf(channelOrder)],
    [modelOptionsStruct.precision, precisions.indexOf(precision)],
    [modelOptionsStruct.inputWidth, inputSize?.width ?? 0],
    [modelOptionsStruct.inputHeight, inputSize?.height ?? 0],
    [modelOptionsStruct.outputName, outputName],
  ]);
  writeFloats(view, modelOptionsStruct.inputMean, options.inputMean);
  writeFloats(view, modelOptionsStruct.inputDeviation, options.inputDeviation);
  for (const index of options.classes ?? []) {
    const word = modelOptionsStruct.classes + 4 * (index >> 5);
    view.setInt32(word, view.getInt32(word, true) | (1 << (index & 31)), true);
  }
}

function writeFloats(view: DataView, offset: number, values: readonly number[] = []): void {
  values.forEach((value, index) => view.setFloat32(offset + 4 * index, value, true));
}

/** A backdrop_model_info; the engine tells names and description apart from it. */
export function readModelInfo(view: DataView): Omit<ModelInfo, 'classNames' | 'description'> {
  const info = modelInfoStruct;
  const int = (offset: number) => view.getInt32(offset, true);
  const float = (offset: number) => view.getFloat32(offset, true);
  const floats = (offset: number): [number, number, number] => [
    float(offset),
    float(offset + 4),
    float(offset + 8),
  ];
  const classCount = Math.min(int(info.classCount), limits.mostClasses);
  const isKept = (index: number) =>
    (int(info.classes + 4 * (index >> 5)) >>> (index & 31)) % 2 === 1;
  return {
    input: {
      width: int(info.inputWidth),
      height: int(info.inputHeight),
      channels: int(info.inputChannels),
      min: float(info.inputMin),
      max: float(info.inputMax),
      channelMin: floats(info.channelMin),
      channelMax: floats(info.channelMax),
    },
    output: {
      width: int(info.outputWidth),
      height: int(info.outputHeight),
      channels: int(info.outputChannels),
      kind: outputKinds[int(info.output)] ?? 'auto',
    },
    channelOrder: channelOrders[int(info.channelOrder)] ?? 'rgb',
    classCount,
    classes: Array.from({ length: classCount }, (_, index) => index).filter(isKept),
  };
}

export function readStatistics(view: DataView): Statistics {
  const value = (offset: number) => view.getFloat64(offset, true);
  return {
    frames: value(statisticsStruct.frames),
    sample: value(statisticsStruct.sample),
    infer: value(statisticsStruct.infer),
    matte: value(statisticsStruct.matte),
    composite: value(statisticsStruct.composite),
    inferences: value(statisticsStruct.inferences),
    interval: value(statisticsStruct.interval),
    kept: keptKinds[value(statisticsStruct.kept)] ?? 'no',
    networkBytes: value(statisticsStruct.networkBytes),
  };
}

// A model from a .tflite file that the user chose.
import { EngineClient, newEngineWorker, type ModelInfo, type ModelSource } from '@backdrop/web';
import { modelOf, ownId, recognize, type Model } from './models.js';
import { PageError } from './picture-file.js';

const mebibyte = 2 ** 20;
const largest = 256 * mebibyte;

export function isModelFile({ name }: File): boolean {
  return /\.tflite$/i.test(name);
}

/** Reads the file; throws a PageError. The bytes are not checked to be a model's. */
export async function openModel(file: File): Promise<Model> {
  const { name, size } = file;
  if (size === 0) throw new PageError('it is empty');
  if (size > largest) {
    const megabytes = Math.round(size / mebibyte);
    throw new PageError(`it has ${megabytes} MB, where ${largest / mebibyte} are allowed`);
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new PageError('it could not be read');
  }
  return modelOf(ownId, name, bytes, await recognize(bytes));
}

/** Loads the model in an engine for this purpose only; rejects with a BackdropError. */
export async function tryModel(model: ModelSource): Promise<ModelInfo> {
  const engine = await EngineClient.start(newEngineWorker(), {
    model,
    variant: 'auto',
    threads: 1,
    pipeline: 'engine',
  });
  engine.close();
  return engine.started.model;
}

// The model's file: the bytes of a .tflite file, and what is said of one that is none.
import { BackdropError } from '../error.js';
import { fetchFile, nameOf, readBlob } from '../fetch-file.js';
import { ownFile } from '../own-file.js';
import type { ModelSource } from '../settings.js';

export interface ModelFile {
  bytes: Uint8Array;
  /** For messages; empty where the bytes were given. */
  name: string;
  /** The media type that the server sent, or empty. */
  type: string;
}

/** The address of the model that comes with the package. */
function builtInModel(): URL {
  return ownFile(new URL('../models/selfie-landscape.tflite', import.meta.url));
}

export async function fileOf({ tflite = builtInModel() }: ModelSource): Promise<ModelFile> {
  if (tflite instanceof Uint8Array) return { bytes: tflite, name: '', type: '' };
  const blob = await fetchFile(tflite, readBlob);
  return {
    bytes: new Uint8Array(await blob.arrayBuffer()),
    name: nameOf(tflite),
    type: blob.type.split(';')[0] ?? '',
  };
}

/** The error with the file's name, and with its type where that says why the file is no model. */
export function withFile(reason: unknown, { name, type }: ModelFile): BackdropError {
  const error = BackdropError.from(reason);
  if (error.code !== 'model' || name === '') return error;
  const sent = type.startsWith('text/') ? ` (the server sent ${type})` : '';
  return new BackdropError('model', `${name}: ${error.message}${sent}`);
}

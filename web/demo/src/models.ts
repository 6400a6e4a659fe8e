// The models of the catalogue that the page is served with, and what is read from any model's file.
import { modelOptions, type CatalogueEntry, type ModelSource } from '@backdrop/web';
import catalogue from '@backdrop/web/catalogue.json';

export interface Model {
  id: string;
  title: string;
  source: ModelSource;
  /** The catalogue's names of the classes; empty for a model that it does not list. */
  classNames: readonly string[];
}

/** The id of the model that was loaded from a file. */
export const ownId = 'own';

/** An entry of the repository's catalogue, which the package completes by each file's address. */
type Entry = Omit<CatalogueEntry, 'url'>;

const known = catalogue.models as Entry[];

export const models: readonly Model[] = known
  .filter(({ file }) => __SERVED__.includes(`models/${file}`))
  .map((entry) => {
    const tflite = new URL(`models/${entry.file}`, document.baseURI).href;
    return modelOf(entry.id, entry.title, tflite, entry);
  });

/** A model with the catalogue's options or, without an entry, with those that the engine infers. */
export function modelOf(
  id: string,
  title: string,
  tflite: string | Uint8Array,
  entry?: Entry,
): Model {
  const source = { tflite, ...(entry && modelOptions(entry)) };
  return { id, title, source, classNames: entry?.classNames ?? [] };
}

/** The catalogue's model with this SHA-256; undefined outside a secure context, which hashing needs. */
export async function recognize(tflite: Uint8Array<ArrayBuffer>): Promise<Entry | undefined> {
  if (!isSecureContext) return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', tflite));
  const text = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return known.find(({ sha256 }) => sha256 === text);
}

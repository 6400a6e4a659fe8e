// The models that this page can run: those of the catalogue that it is served with, and one's own.
import { modelOptions, type CatalogueEntry, type ModelSource } from '@backdrop/web';
import catalogue from '@backdrop/web/catalogue.json';

export interface Model {
  id: string;
  title: string;
  source: ModelSource;
  /** What the catalogue calls its classes. */
  classNames: readonly string[];
}

/** What the picker calls the model of one's own. */
export const ownId = 'own';

const known = catalogue.models as CatalogueEntry[];

export const models: readonly Model[] = known
  .filter(({ file }) => __SERVED__.includes(`models/${file}`))
  .map((entry) => {
    const tflite = new URL(`models/${entry.file}`, document.baseURI).href;
    return modelOf(entry.id, entry.title, tflite, entry);
  });

/** A model that is read as the catalogue says or, where it does not know it, as its file tells. */
export function modelOf(
  id: string,
  title: string,
  tflite: ModelSource['tflite'],
  entry?: CatalogueEntry,
): Model {
  const source = { tflite, ...(entry && modelOptions(entry)) };
  return { id, title, source, classNames: entry?.classNames ?? [] };
}

/** The catalogue's model with these bytes. Only in a secure context a page can tell. */
export async function recognize(
  tflite: Uint8Array<ArrayBuffer>,
): Promise<CatalogueEntry | undefined> {
  if (!isSecureContext) return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', tflite));
  const text = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return known.find(({ sha256 }) => sha256 === text);
}

// The models that this page is served with.
import { modelOptions, type CatalogueEntry, type ModelSource } from '@backdrop/web';
import catalogue from '@backdrop/web/catalogue.json';

export const models = (catalogue.models as CatalogueEntry[]).filter(({ file }) =>
  __SERVED__.includes(`models/${file}`),
);

export function sourceOf(model: CatalogueEntry): ModelSource {
  const tflite = new URL(`models/${model.file}`, document.baseURI).href;
  return { tflite, ...modelOptions(model) };
}

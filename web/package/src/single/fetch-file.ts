// In place of fetch-file.ts in the single file: the package's own files are in it.
import { BackdropError } from '../error.js';
import { fetchFile as fetchFromServer, nameOf, readBlob, type Reader } from '../fetch-file.js';
import { inlinedFile } from './inlined.js';

export { nameOf, readBlob };

const types: Record<string, string> = { wasm: 'application/wasm' };

export async function fetchFile<Content>(
  url: string | URL,
  read: Reader<Content>,
): Promise<Content> {
  const inlined = inlinedFile(url);
  if (!inlined) return fetchFromServer(url, read);
  const bytes = await inlined;
  const name = nameOf(url);
  if (!bytes) throw new BackdropError('unsupported', `the build of a single file lacks ${name}`);
  const type = types[name.split('.').pop() ?? ''] ?? 'application/octet-stream';
  return read(new Response(bytes, { headers: { 'Content-Type': type } }), () => undefined);
}

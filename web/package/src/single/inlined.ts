// The files that the single file has in it.
import { files, script } from './contents.js';

/** A Worker's script begins by setting this. */
const given = globalThis as { backdropFiles?: typeof files };

/** Where bin/single.mjs says that all modules lie: an address that is never requested. */
const folder = 'https://backdrop.invalid/dist/';

/** The file at an address of the package, decompressed; undefined for all other addresses. */
export function inlinedFile(url: string | URL): Promise<ArrayBuffer | undefined> | undefined {
  const { href } = new URL(url, folder);
  if (!href.startsWith(folder)) return undefined;
  const text = (given.backdropFiles ?? files)[href.slice(folder.length)];
  return text === undefined ? Promise.resolve(undefined) : decompressed(text);
}

async function decompressed(base64: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

let address: string | undefined;

/** The address of the Workers' script, which stays valid: a Worker starts other Workers with it. */
export function scriptAddress(): string {
  if (given.backdropFiles) return self.location.href;
  const head = `globalThis.backdropFiles = ${JSON.stringify(files)};\n`;
  address ??= URL.createObjectURL(new Blob([head, script], { type: 'text/javascript' }));
  return address;
}

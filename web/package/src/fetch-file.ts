// Files over the network, with a limit on the time that a server may stay silent.
import { BackdropError } from './error.js';

const silentMilliseconds = 10_000;

/** Takes the content out of a response; `goOn` grants the server the given time from now on. */
export type Reader<Content> = (
  response: Response,
  goOn: (milliseconds?: number) => void,
) => Promise<Content>;

/** A file's name for people: without the address's query, which may hold a signature. */
export function nameOf(url: string | URL): string {
  return String(url).split(/[?#]/)[0]?.split('/').pop() ?? '';
}

/**
 * What `read` makes of the file at `url`. Rejects with a BackdropError of code `fetch` that names the
 * file when the server refuses it, or is silent for ten seconds; what `read` throws is passed on.
 */
export async function fetchFile<Content>(
  url: string | URL,
  read: Reader<Content>,
): Promise<Content> {
  const failure = (reason: string): BackdropError =>
    new BackdropError('fetch', `${nameOf(url)} could not be loaded: ${reason}`);
  const abort = new AbortController();
  let limit: ReturnType<typeof setTimeout> | undefined;
  const goOn = (milliseconds = silentMilliseconds): void => {
    clearTimeout(limit);
    limit = setTimeout(() => {
      abort.abort();
    }, milliseconds);
  };
  const silence = 'the server has sent nothing for ten seconds';
  goOn();
  try {
    const response = await fetch(url, { signal: abort.signal }).catch(() => {
      throw failure(abort.signal.aborted ? silence : 'the server does not answer');
    });
    if (!response.ok) throw failure(`HTTP ${response.status}`);
    return await read(response, goOn);
  } catch (reason) {
    throw abort.signal.aborted ? failure(silence) : reason;
  } finally {
    clearTimeout(limit);
  }
}

/** The file's content. */
export const readBlob: Reader<Blob> = async (response, goOn) => {
  const chunks: BlobPart[] = [];
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (!part || part.done) break;
    goOn();
    chunks.push(part.value);
  }
  return new Blob(chunks, { type: response.headers.get('Content-Type') ?? '' });
};

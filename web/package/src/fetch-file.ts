import { BackdropError } from './error.js';

/** The file at `url`; rejects with a BackdropError of code `fetch` that names the file. */
export async function fetchFile(url: string | URL): Promise<Response> {
  const name = String(url).split('/').pop() ?? String(url);
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new BackdropError('fetch', `${name} could not be loaded: the server does not answer`);
  }
  if (!response.ok) {
    throw new BackdropError('fetch', `${name} could not be loaded: HTTP ${response.status}`);
  }
  return response;
}

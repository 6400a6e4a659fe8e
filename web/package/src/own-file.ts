// Where the package's files are that are fetched, or started as Workers.

/** The package's folder on servers that give an application's `node_modules` as it is. */
export const installed = '/node_modules/@backdrop/web/dist/';

// Where the paths that are relative to a script lead when Vite 5 to 7 serve for development: they move the
// packages' scripts to node_modules/.vite/deps, and no other file.
const moved = /\/node_modules\/\.vite\/(?=(wasm|models)\/)/;

/**
 * The address at which a file of the package is really served.
 * @param url the file's address relative to the package's script, by `import.meta.url`
 */
export function ownFile(url: URL): URL {
  return moved.test(url.href) ? new URL(url.href.replace(moved, installed)) : url;
}

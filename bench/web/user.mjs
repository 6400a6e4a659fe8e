// What a page takes of the package to run a network: the entry of the bundle.
export { Engine, modelOptions, moduleUrl } from '../../web/package/dist/index.js';

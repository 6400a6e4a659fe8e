// Keeps hold of the Workers that the page makes. Imported before whatever makes them.
export const workers = [];

globalThis.Worker = class extends Worker {
  constructor(address, options) {
    super(address, options);
    workers.push({ worker: this, name: options.name });
  }
};

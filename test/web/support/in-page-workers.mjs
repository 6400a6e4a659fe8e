// Records the Workers that the page creates. Must be imported before any code that creates them.
export const workers = [];

globalThis.Worker = class extends Worker {
  constructor(address, options) {
    super(address, options);
    workers.push({ worker: this, name: options.name });
  }
};

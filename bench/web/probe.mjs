const { instantiate } = WebAssembly;

WebAssembly.instantiate = async (module, imports) => {
  const instance = await instantiate(module, imports);
  const candidates = [instance.exports, ...Object.values(imports)].flatMap(Object.values);
  globalThis.engineMemory = candidates.find((each) => each instanceof WebAssembly.Memory);
  return instance;
};

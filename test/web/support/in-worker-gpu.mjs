// Functions that tests of `webgl2` call in a Worker: both pipelines on the same pictures.
import { Engine, modelOptions, moduleUrl } from '../../../web/package/dist/index.js';
import { EnginePipeline } from '../../../web/package/dist/engine/pipeline.js';
import { WebGl2Pipeline } from '../../../web/package/dist/engine/webgl2.js';
import { answerCalls } from './worker-calls.mjs';

const bytesAt = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());

/** The contexts created so far, the latest one last. */
const contexts = [];
const { getContext } = OffscreenCanvas.prototype;
OffscreenCanvas.prototype.getContext = function (kind, ...given) {
  const context = getContext.call(this, kind, ...given);
  if (kind === 'webgl2' && context) contexts.push(context);
  return context;
};

const imageAt = async (address, options) =>
  createImageBitmap(await (await fetch(address)).blob(), options);

async function createEngine(model) {
  const module = await WebAssembly.compile(await bytesAt(moduleUrl('relaxed')));
  const engine = await Engine.create(module);
  engine.loadModel(await bytesAt(`/models/${model.file}`), modelOptions(model));
  return engine;
}

/** Options of both pipelines that make their results comparable. */
const plainLook = {
  refinement: { kind: 'none', sigmaSpace: 1, sigmaColor: 0.1 },
  lightWrapping: { strength: 0, blendMode: 'screen' },
};

async function createPipeline(Pipeline, model, adjustments) {
  const pipeline = new Pipeline(await createEngine(model));
  pipeline.adjust({ ...plainLook, ...adjustments });
  return pipeline;
}

/** The portrait, which is upright. */
const portrait = (width = 640) =>
  imageAt('/portrait.jpg', { resizeWidth: width, resizeQuality: 'high' });

/** A background picture of a gradient. */
function sky(width = 320, height = 180) {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  const gradient = context.createLinearGradient(0, 0, width, height);
  gradient.addColorStop(0, '#204080');
  gradient.addColorStop(1, '#f0c060');
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  return context.canvas.transferToImageBitmap();
}

const backgrounds = {
  blur: () => ({ kind: 'blur', strength: 3 }),
  color: () => ({ kind: 'color', rgb: 0x2040c0 }),
  image: () => ({ kind: 'image', image: sky() }),
  portrait: async () => ({ kind: 'image', image: await portrait() }),
  transparent: () => ({ kind: 'transparent' }),
  none: () => ({ kind: 'none' }),
};

function rgbaOf(picture) {
  const [width, height] = [
    picture.displayWidth ?? picture.width,
    picture.displayHeight ?? picture.height,
  ];
  const context = getContext.call(new OffscreenCanvas(width, height), '2d');
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

/** The mean difference of two pictures in one of 255, each colour weighted by the larger alpha. */
function difference(a, b) {
  let [sum, count] = [0, 0];
  for (let i = 0; i < a.length; i += 4) {
    const alpha = Math.max(a[i + 3], b[i + 3]) / 255;
    for (let channel = 0; channel < 3; ++channel) {
      sum += alpha * Math.abs(a[i + channel] - b[i + channel]);
    }
    sum += Math.abs(a[i + 3] - b[i + 3]);
    count += 4;
  }
  return sum / count;
}

/** Makes the pipelines' input of a source. */
async function sourceAs(kind, image) {
  if (kind === 'ImageBitmap') return createImageBitmap(image);
  if (kind === 'ImageData') return new ImageData(rgbaOf(image), image.width);
  return new VideoFrame(image, { timestamp: 40, duration: 20, alpha: 'discard' });
}

/** Processes frames; returns the last one's pixels and statistics. */
async function lastOf(pipeline, image, kind, frames = 1) {
  let answer;
  for (let i = 0; i < frames; ++i) {
    const source = await sourceAs(kind, image);
    const { picture, statistics } = await pipeline.process(source, 0);
    if (i === frames - 1) {
      const { timestamp, duration, format } = picture;
      const pixels = picture instanceof ImageData ? picture.data : rgbaOf(picture);
      answer = { kind: picture.constructor.name, timestamp, duration, format, pixels, statistics };
    }
    picture.close?.();
    source.close?.();
  }
  return answer;
}

/** The reason why WebGL 2 is missing, or nothing. */
function missing() {
  const canvas = new OffscreenCanvas(1, 1);
  let reason = 'getContext answers null';
  canvas.addEventListener('webglcontextcreationerror', ({ statusMessage }) => {
    reason = statusMessage;
  });
  return getContext.call(canvas, 'webgl2') ? undefined : reason;
}

/** Processes a picture on the GPU and on the CPU; returns the output's description and the difference. */
async function compare(model, { background, kind = 'ImageBitmap', width, ...look }) {
  const image = await portrait(width);
  const adjustments = () => ({ background: backgrounds[background](), sampling: 'gpu', ...look });
  const cpu = await createPipeline(EnginePipeline, model, adjustments());
  const gpu = await createPipeline(WebGl2Pipeline, model, adjustments());
  const expected = await lastOf(cpu, image, kind);
  const { pixels, ...told } = await lastOf(gpu, image, kind);
  return {
    ...told,
    difference: difference(pixels, expected.pixels),
    change: difference(pixels, rgbaOf(image)),
  };
}

/** How the GPU's picture of the whole portrait differs from the one at this address. */
async function compareWith(address, model, { background, ...look }) {
  const image = await imageAt('/portrait.jpg');
  const chosen = { background: await backgrounds[background](), sampling: 'cpu', ...look };
  const pipeline = await createPipeline(WebGl2Pipeline, model, chosen);
  const { pixels } = await lastOf(pipeline, image, 'ImageData');
  return difference(pixels, rgbaOf(await imageAt(address)));
}

/** As many frames as it takes to have tried both ways of sampling: by what each was made. */
async function sampleAutomatically(model) {
  const image = await portrait(160);
  const pipeline = await createPipeline(WebGl2Pipeline, model, {
    background: backgrounds.color(),
    sampling: 'auto',
  });
  const expected = await lastOf(pipeline, image, 'ImageBitmap');
  let largest = 0;
  for (let i = 0; i < 30; ++i) {
    const { pixels } = await lastOf(pipeline, image, 'ImageBitmap');
    largest = Math.max(largest, difference(pixels, expected.pixels));
  }
  const { gpu, cpu } = pipeline.trial.times;
  return { largest, tried: [gpu.length, cpu.length] };
}

/** Restores the context as soon as its loss was announced. */
async function restore(context, extension) {
  while (context.isContextLost()) {
    extension.restoreContext();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Loses the context during a frame and restores it, twice; returns each frame's pipeline and error. */
async function lose(model, { background, sampling }) {
  const image = await portrait(320);
  const adjustments = () => ({ background: backgrounds[background](), sampling });
  const cpu = await createPipeline(EnginePipeline, model, adjustments());
  const { pixels: expected } = await lastOf(cpu, image, 'VideoFrame');
  const pipeline = await createPipeline(WebGl2Pipeline, model, adjustments());
  const context = contexts.at(-1);
  const extension = context.getExtension('WEBGL_lose_context');
  const frames = [];
  const add = async (meanwhile = () => undefined) => {
    const adding = lastOf(pipeline, image, 'VideoFrame');
    await Promise.resolve();
    await meanwhile();
    const { pixels, statistics } = await adding;
    frames.push({ pipeline: statistics.pipeline, difference: difference(pixels, expected) });
  };
  for (let round = 0; round < 2; ++round) {
    await add();
    await add(() => extension.loseContext());
    await add();
    await restore(context, extension);
    await add();
  }
  return { frames, raw: difference(rgbaOf(image), expected) };
}

/** A frame whose person is the red half on this side; the room is blue. */
function halves(side) {
  const context = getContext.call(new OffscreenCanvas(320, 180), '2d');
  context.fillStyle = '#00f';
  context.fillRect(0, 0, 320, 180);
  context.fillStyle = '#f00';
  context.fillRect(side === 'left' ? 0 : 160, 0, 160, 180);
  return context.canvas.transferToImageBitmap();
}

/**
 * The context is lost a second time after the person has moved. Returns which pipeline made each frame,
 * and how many pixels of it show the room.
 * @param {object} model one that takes what is red for a person
 */
async function moveBetweenLosses(model, look) {
  const pipeline = await createPipeline(WebGl2Pipeline, model, {
    background: { kind: 'color', rgb: 0x00ff00 },
    sampling: 'cpu',
    steadying: 0,
    motionGate: true,
    ...look,
  });
  const context = contexts.at(-1);
  const extension = context.getExtension('WEBGL_lose_context');
  const frames = [];
  const add = async (side, count) => {
    const image = halves(side);
    for (let i = 0; i < count; ++i) {
      const { pixels, statistics } = await lastOf(pipeline, image, 'ImageBitmap');
      let room = 0;
      for (let at = 0; at < pixels.length; at += 4) if (pixels[at + 2] > 128) ++room;
      frames.push({ pipeline: statistics.pipeline, room });
    }
  };
  await add('left', 2);
  extension.loseContext();
  await add('left', 2);
  await restore(context, extension);
  await add('right', 3);
  extension.loseContext();
  await add('right', 3);
  return frames;
}

/** Another background while the context is lost: by what it is shown then and after, and how alike. */
async function changeWhileLost(model) {
  const image = await portrait(320);
  const adjustments = { background: backgrounds.color() };
  const pipeline = await createPipeline(WebGl2Pipeline, model, adjustments);
  await lastOf(pipeline, image, 'ImageBitmap');
  const context = contexts.at(-1);
  const extension = context.getExtension('WEBGL_lose_context');
  extension.loseContext();
  pipeline.adjust({ background: backgrounds.image() });
  const during = await lastOf(pipeline, image, 'ImageBitmap');
  await restore(context, extension);
  const after = await lastOf(pipeline, image, 'ImageBitmap');
  return {
    pipelines: [during, after].map(({ statistics }) => statistics.pipeline),
    difference: difference(during.pixels, after.pixels),
  };
}

/** An engine, a context for it, and a texture of this size in that context. */
async function withTexture(model, width, height) {
  const engine = await createEngine(model);
  const context = new OffscreenCanvas(width, height).getContext('webgl2');
  const { TEXTURE_2D, RGBA, UNSIGNED_BYTE } = context;
  context.getExtension('EXT_color_buffer_float');
  const texture = context.createTexture();
  context.bindTexture(TEXTURE_2D, texture);
  context.texImage2D(TEXTURE_2D, 0, RGBA, width, height, 0, RGBA, UNSIGNED_BYTE, null);
  return { engine, context, texture: { name: engine.glName(texture), width, height } };
}

/** How many objects the engine has names of, after each of so many frames of changing sizes. */
async function namesAfterSizes(model, sizes) {
  const { engine, context, texture } = await withTexture(model, 64, 48);
  engine.glCreate(context);
  engine.setRefinement({ kind: 'guided', sigmaSpace: 1, sigmaColor: 0.1 });
  engine.setLightWrapping({ strength: 0.3, blendMode: 'screen' });
  const counts = [];
  for (let i = 0; i < sizes; ++i) {
    const [width, height] = [8 + ((i * 37) % 57), 8 + ((i * 53) % 41)];
    if (i % 5 === 0) engine.setBackground(i % 10 === 0 ? backgrounds.blur() : backgrounds.color());
    engine.glProcess({ ...texture, width, height }, engine.frame('RGBA', width, height));
    counts.push(engine.gl.objects.size);
  }
  return { counts, error: context.getError() };
}

/** How many objects are left each time that the engine has destroyed what it made in a context. */
async function namesAfterDestroying(model, times) {
  const { engine, context, texture } = await withTexture(model, 64, 48);
  const counts = [];
  for (let i = 0; i < times; ++i) {
    engine.glCreate(context);
    // The software renderer compiles shaders at their first use, which takes time.
    if (i % 20 === 0) engine.glProcess(texture, engine.frame('RGBA', 64, 48));
    engine.glDestroy(false);
    counts.push(engine.gl.objects.size - 1);
  }
  return { counts, error: context.getError() };
}

answerCalls({
  missing,
  compare,
  compareWith,
  sampleAutomatically,
  lose,
  moveBetweenLosses,
  changeWhileLost,
  namesAfterSizes,
  namesAfterDestroying,
});

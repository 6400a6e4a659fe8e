// What tests of the GPU call in a Worker: pipelines side by side, on pictures.
import { Engine, modelOptions, moduleUrl } from '../../../web/package/dist/index.js';
import { Gl } from '../../../web/package/dist/engine/gl.js';
import { EnginePipeline } from '../../../web/package/dist/engine/pipeline.js';
import { WebGl2Pipeline } from '../../../web/package/dist/engine/webgl2.js';

const bytesAt = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());

/** The contexts that were made, the latest one last. */
const contexts = [];
const { getContext } = OffscreenCanvas.prototype;
OffscreenCanvas.prototype.getContext = function (kind, ...given) {
  const context = getContext.call(this, kind, ...given);
  if (kind === 'webgl2' && context) contexts.push(context);
  return context;
};

async function createEngine(model) {
  const module = await WebAssembly.compile(await bytesAt(moduleUrl('relaxed')));
  const engine = await Engine.create(module);
  engine.loadModel(await bytesAt(`/models/${model.file}`), modelOptions(model));
  return engine;
}

/** What both pipelines do alike. */
const plainLook = {
  refinement: { kind: 'none', sigmaSpace: 1, sigmaColor: 0.1 },
  lightWrapping: { strength: 0, blendMode: 'screen' },
};

async function createPipeline(Pipeline, model, adjustments) {
  const pipeline = new Pipeline(await createEngine(model));
  pipeline.adjust({ ...plainLook, ...adjustments });
  return pipeline;
}

/** The portrait, or noise where a test looks at no person. */
async function portrait(width = 640) {
  const blob = await (await fetch('/portrait.jpg')).blob();
  return createImageBitmap(blob, { resizeWidth: width, resizeQuality: 'high' });
}

/** A picture of a gradient, to stand behind. */
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

/** How a source comes to the pipelines. */
async function sourceAs(kind, image) {
  if (kind === 'ImageBitmap') return createImageBitmap(image);
  if (kind === 'ImageData') return new ImageData(rgbaOf(image), image.width);
  const rgbx = new VideoFrame(image, { timestamp: 40, duration: 20, alpha: 'discard' });
  return rgbx;
}

/** Frames through a pipeline: the pixels of the last one, and what is told of it. */
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

const calls = {
  /** Why there is no WebGL 2 here, or nothing. */
  missing() {
    const canvas = new OffscreenCanvas(1, 1);
    let reason = 'getContext answers null';
    canvas.addEventListener('webglcontextcreationerror', ({ statusMessage }) => {
      reason = statusMessage;
    });
    return canvas.getContext('webgl2') ? undefined : reason;
  },

  /** The same picture by the GPU and by the CPU. */
  async compare(model, { background, sampling = 'gpu', kind = 'ImageBitmap', ...look }) {
    const image = await portrait();
    const adjustments = () => ({ background: backgrounds[background](), sampling, ...look });
    const cpu = await createPipeline(EnginePipeline, model, adjustments());
    const gpu = await createPipeline(WebGl2Pipeline, model, adjustments());
    const expected = await lastOf(cpu, image, kind);
    const actual = await lastOf(gpu, image, kind);
    const { pixels, ...told } = actual;
    return {
      ...told,
      sizes: [pixels.length, expected.pixels.length],
      difference: difference(pixels, expected.pixels),
      change: difference(pixels, rgbaOf(image)),
    };
  },
};

self.addEventListener('message', async ({ data: { name, args } }) => {
  try {
    self.postMessage({ answer: await calls[name](...args) });
  } catch (error) {
    self.postMessage({ error: `${error} ${error.stack}` });
  }
});
void Gl;

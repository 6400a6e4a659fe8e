// Functions that browser tests call in the page, as `inPage`.
import {
  Engine,
  EngineClient,
  modelOptions,
  moduleUrl,
  newEngineWorker,
} from '../../../web/package/dist/index.js';
import { checkOptions } from '../../../web/package/dist/check-options.js';
import { loadPicture } from '../../../web/package/dist/picture-source.js';
import { BackgroundVideo } from '../../../web/package/dist/video-source.js';
import { compareWithGolden, goldenFiles } from './golden.mjs';

const bytesAt = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

/** The problem with the network's output for a photo in words, or nothing. */
async function compare(variant, model, photo) {
  const module = await WebAssembly.compile(await bytesAt(moduleUrl(variant)));
  const engine = await Engine.create(module);
  engine.loadModel(await bytesAt(`/models/${model.file}`), {
    ...modelOptions(model),
    precision: 'float',
  });
  const { input, output } = goldenFiles(model, photo);
  const files = await Promise.all([input, output].map((name) => bytesAt(`/golden/${name}`)));
  return compareWithGolden(engine, model, photo, ...files);
}

/** A frame in this format whose quarters have one colour each. */
function videoFrame(format, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  ['#803020', '#208030', '#203080', '#808080'].forEach((color, quarter) => {
    context.fillStyle = color;
    const [x, y] = [quarter % 2, quarter >> 1];
    context.fillRect((x * width) / 2, (y * height) / 2, width / 2, height / 2);
  });
  if (format !== 'I420') return new VideoFrame(canvas, { timestamp: 40, duration: 20 });
  const luma = width * height;
  const chroma = ((width + 1) >> 1) * ((height + 1) >> 1);
  const data = new Uint8Array(luma + 2 * chroma).map((_, i) => (i < luma ? 16 + (i % 200) : 128));
  return new VideoFrame(data, {
    format,
    codedWidth: width,
    codedHeight: height,
    timestamp: 40,
    duration: 20,
  });
}

async function rgbaOf(picture) {
  const { displayWidth: width = picture.width, displayHeight: height = picture.height } = picture;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (picture instanceof ImageData) context.putImageData(picture, 0, 0);
  else context.drawImage(picture, 0, 0);
  return [...context.getImageData(0, 0, width, height).data];
}

const largestDifference = (a, b) =>
  a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);

const start = (model, adjustments, variant = 'auto') =>
  EngineClient.start(newEngineWorker(), {
    model,
    variant,
    threads: 1,
    pipeline: 'engine',
    ...adjustments,
  });

const sourceOf = (model) => ({ tflite: addressOf(model), ...modelOptions(model) });

const addressOf = ({ file }) => new URL(`/models/${file}`, document.baseURI).href;

/** Processes a picture in the Worker; returns a description of the output. */
async function process(model, background, kind, width, height) {
  const engine = await start(sourceOf(model), { background });
  try {
    const frame = videoFrame(kind, width, height);
    const pixels = () => new ImageData(new Uint8ClampedArray(4 * width * height).fill(255), width);
    const source =
      kind === 'ImageData'
        ? pixels()
        : kind === 'ImageBitmap'
          ? await createImageBitmap(frame)
          : frame;
    const before = kind === 'ImageData' ? [...source.data] : await rgbaOf(source);
    const { format: sourceFormat } = source;
    const { picture, statistics } = await engine.process(source);
    const { format, timestamp, duration } = picture;
    return {
      kind: picture.constructor.name,
      format,
      sourceFormat,
      timestamp,
      duration,
      width: picture.displayWidth ?? picture.width,
      height: picture.displayHeight ?? picture.height,
      change: largestDifference(before, await rgbaOf(picture)),
      // A transferred frame has no format, a transferred bitmap no size.
      sourceIsGone: source instanceof VideoFrame ? source.format === null : source.width === 0,
      statistics,
    };
  } finally {
    engine.close();
  }
}

/** The error with which the action rejects. */
async function errorOf(action) {
  try {
    await action();
    return 'none';
  } catch ({ name, code, message }) {
    return { name, code, message };
  }
}

/** How many threads an engine has in the package's Worker. */
async function threadsOf(model) {
  const engine = await start(sourceOf(model), { threads: 'auto' });
  engine.close();
  return engine.started.threads;
}

/** Calls a function of in-worker.mjs in a new Worker. */
const inWorker = (name, ...args) => inWorkerOf('in-worker.mjs', name, ...args);

/** Calls a function of another script of this folder in a new Worker. */
function inWorkerOf(script, name, ...args) {
  const worker = new Worker(new URL(script, import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => {
      if (data.error) reject(new Error(data.error));
      else resolve(data.answer);
      worker.terminate();
    });
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.postMessage({ name, args });
  });
}

/** The error of a start with this model file and variant. */
const startError = (tflite, variant) =>
  errorOf(() => start({ tflite: new URL(tflite, document.baseURI).href }, {}, variant));

/** The errors of an invalid frame and an invalid change, and whether the Worker works afterwards. */
async function refusals(model) {
  const engine = await start(sourceOf(model));
  const closed = videoFrame('I420', 64, 48);
  closed.close();
  const frame = await errorOf(() => engine.process(closed));
  const change = await errorOf(() => engine.adjust({ coverage: { low: 0.8, high: 0.2 } }));
  const { picture } = await engine.process(videoFrame('I420', 64, 48));
  const goesOn = picture.format;
  picture.close();
  const pending = errorOf(() => engine.process(videoFrame('I420', 640, 480)));
  engine.close();
  return { frame, change, goesOn, pending: await pending };
}

/** Size and mean colour, of 255, of a background picture at an address. */
async function loadedPicture(address) {
  const picture = await loadPicture(address);
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, 1, 1);
  const colour = [...context.getImageData(0, 0, 1, 1).data];
  return { width: picture.width, height: picture.height, colour };
}

const videosWithoutFrames = {
  'an element without an address': () => document.createElement('video'),
  'a silent track': () => document.createElement('canvas').captureStream().getVideoTracks()[0],
  'an ended track': () => {
    const context = document.createElement('canvas').getContext('2d');
    const [track] = context.canvas.captureStream().getVideoTracks();
    track.stop();
    return track;
  },
};

/** The error with which a video that never has a frame is given up. */
async function videoProblem(name) {
  return errorOf(() => BackgroundVideo.open(videosWithoutFrames[name]()));
}

/** The errors of options that are objects of another window; '' for those that are taken. */
async function problemsOfAnotherWindow() {
  const frame = document.createElement('iframe');
  frame.src = 'about:blank';
  document.body.append(frame);
  const other = frame.contentWindow;
  const model = { tflite: new other.Uint8Array(8) };
  const canvas = other.document.createElement('canvas');
  canvas.getContext('2d');
  const given = {
    URL: { model: { tflite: new other.URL('/model.tflite', location.href) } },
    object: other.Object.assign(new other.Object(), { model }),
    video: { model, background: { kind: 'video', video: other.document.createElement('video') } },
    track: {
      model,
      background: { kind: 'video', video: canvas.captureStream().getVideoTracks()[0] },
    },
    canvas: { model, background: { kind: 'image', image: canvas } },
    bitmap: { model, background: { kind: 'image', image: await other.createImageBitmap(canvas) } },
  };
  const problemOf = (options) => {
    try {
      checkOptions(options);
      return '';
    } catch ({ message }) {
      return message;
    }
  };
  return Object.fromEntries(
    Object.entries(given).map(([name, options]) => [name, problemOf(options)]),
  );
}

/** The error of a frame that can be neither read nor drawn, and the format of the one after it. */
async function unreadableFrame(assets) {
  const engine = await EngineClient.start(newEngineWorker(assets), {
    model: { tflite: new URL('/red-person.tflite', document.baseURI).href },
    variant: 'auto',
    threads: 1,
    pipeline: 'engine',
  });
  try {
    const error = await errorOf(() => engine.process(videoFrame('I420', 320, 180)));
    const { picture } = await engine.process(videoFrame('I420', 64, 36));
    return { error, next: picture.format };
  } finally {
    engine.close();
  }
}

globalThis.inPage = {
  unreadableFrame,
  loadedPicture,
  videoProblem,
  problemsOfAnotherWindow,
  compare,
  process,
  startError,
  refusals,
  threadsOf,
  inWorker,
  inWorkerOf,
};

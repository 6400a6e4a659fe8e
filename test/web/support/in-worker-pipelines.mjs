// Functions that the test of the pipelines' table calls in a Worker: pictures of all kinds through each pipeline.
import { Engine, moduleUrl } from '../../../web/package/dist/index.js';
import { Canvas2dPipeline } from '../../../web/package/dist/engine/canvas2d.js';
import { EnginePipeline } from '../../../web/package/dist/engine/pipeline.js';
import { WebGl2Pipeline } from '../../../web/package/dist/engine/webgl2.js';
import { showsStraightAlpha } from '../../../web/package/dist/engine/probes.js';
import { placesOfGrid, samplesOf } from './frame-samples.mjs';
import { answerCalls } from './worker-calls.mjs';

const pipelines = { engine: EnginePipeline, webgl2: WebGl2Pipeline, canvas2d: Canvas2dPipeline };

const plainLook = {
  coverage: { low: 0.4, high: 0.8 },
  refinement: { kind: 'none', sigmaSpace: 1, sigmaColor: 0.1 },
  lightWrapping: { strength: 0, blendMode: 'screen' },
  steadying: 0,
  maskBlur: 0,
};

/** A pipeline with the test's network, which takes what is red for a person. */
async function create(name, adjustments) {
  const bytes = async (address) => (await fetch(address)).arrayBuffer();
  const engine = await Engine.create(await WebAssembly.compile(await bytes(moduleUrl('simd'))));
  engine.loadModel(new Uint8Array(await bytes('/red-person.tflite')), { inputMin: 0, inputMax: 1 });
  const pipeline = new pipelines[name](engine);
  pipeline.adjust({ ...plainLook, ...adjustments });
  return pipeline;
}

/** Whether the pipeline can be created here: '' or the error's code. */
async function problemOf(name) {
  try {
    await create(name, {});
    return '';
  } catch ({ code, message }) {
    return code ?? message;
  }
}

/** A person on the left, the room on the right; see frame-samples.mjs. */
function frameOf({ format, width = 320, height = 180, upperAlpha, fourth, isUnknown, ...init }) {
  const premultiplied = !showsStraightAlpha();
  const samples = samplesOf({ format, width, height, upperAlpha, premultiplied, fourth, ...init });
  const size = { codedWidth: width, codedHeight: height };
  const frame = new VideoFrame(samples, { format, ...size, timestamp: 7, ...init });
  if (isUnknown) {
    Object.defineProperty(frame, 'format', { value: null });
    frame.copyTo = () => Promise.reject(new DOMException('no format', 'NotSupportedError'));
  }
  return frame;
}

function shownBy(frame) {
  const [width, height] = [frame.displayWidth, frame.displayHeight];
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context.drawImage(frame, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

function grid({ width, height, data }) {
  return placesOfGrid(width, height).map(([x, y]) => {
    const at = 4 * (y * width + x);
    return [...data.slice(at, at + 4)];
  });
}

/** The frame's own samples as RGBA, without regard to alpha. */
async function rgbaOf(frame) {
  const bytes = new Uint8Array(frame.allocationSize({ format: 'RGBA' }));
  await frame.copyTo(bytes, { format: 'RGBA' });
  return new Uint8ClampedArray(bytes);
}

/** How many pixels have the room's colour, whatever their alpha. YUV mixes some where the person ends. */
function pixelsOfRoom(samples, isRgb) {
  let count = 0;
  for (let i = 0; i < samples.length; i += 4) {
    const [red, , blue] = samples.subarray(i, i + 3);
    if (blue > 60 && (isRgb || blue > 2 * red)) ++count;
  }
  return count;
}

/** What a frame becomes before a colour, cut out, and without a background. */
async function processFrame(name, kind) {
  const answer = { isStraight: showsStraightAlpha() };
  const backgrounds = [{ kind: 'color', rgb: 0x00c000 }, { kind: 'transparent' }, { kind: 'none' }];
  for (const background of backgrounds) {
    const pipeline = await create(name, { background });
    const source = frameOf(kind);
    const { picture } = await pipeline.process(source, 0);
    const { format, displayWidth, displayHeight, timestamp } = picture;
    const samples = await rgbaOf(picture).catch(() => undefined);
    answer[background.kind] = {
      format,
      size: [displayWidth, displayHeight],
      timestamp,
      shown: grid(shownBy(picture)),
      room: samples && pixelsOfRoom(samples, /^(RGB|BGR)/.test(kind.format)),
    };
    answer.source = {
      size: [source.displayWidth, source.displayHeight],
      shown: grid(shownBy(frameOf({ ...kind, fourth: 255 }))),
    };
    picture.close();
    source.close();
  }
  return answer;
}

/** What the picture of a file, as the browser decodes it, becomes before each background. */
async function processFile(name, file, backgrounds) {
  const decode = async (url) => createImageBitmap(await (await fetch(url)).blob());
  const answer = {};
  for (const [key, background] of Object.entries(backgrounds)) {
    const image = background.image && (await decode(background.image));
    const pipeline = await create(name, { background: { ...background, image } });
    const source = new VideoFrame(await decode(file), { timestamp: 7 });
    const { picture } = await pipeline.process(source, 0);
    const pixels = shownBy(picture);
    answer[key] = { size: [pixels.width, pixels.height], shown: grid(pixels) };
    picture.close();
    source.close();
  }
  return answer;
}

/** A picture of four bands: opaque, white and red that are half clear, and clear. */
function bands() {
  const pixels = new ImageData(320, 180);
  const colours = [
    [192, 64, 0, 255],
    [255, 255, 255, 128],
    [255, 0, 0, 128],
    [90, 200, 30, 0],
  ];
  for (let i = 0; i < 320 * 180; ++i) pixels.data.set(colours[Math.floor((i % 320) / 80)], 4 * i);
  return pixels;
}

/** A white circle on black, as high as the picture. */
function circle(width, height) {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#fff';
  context.beginPath();
  context.arc(width / 2, height / 2, height / 2, 0, 7);
  context.fill();
  return context.canvas;
}

const pictures = {
  'ImageData with alpha': bands,
  'ImageBitmap with alpha': () => createImageBitmap(bands()),
  'straight ImageBitmap with alpha': () => createImageBitmap(bands(), { premultiplyAlpha: 'none' }),
  'VideoFrame with alpha': () => {
    const { data, width: codedWidth, height: codedHeight } = bands();
    for (let i = 0; !showsStraightAlpha() && i < data.length; ++i) {
      if ((i & 3) < 3) data[i] *= data[i | 3] / 255;
    }
    return new VideoFrame(data, { format: 'RGBA', codedWidth, codedHeight, timestamp: 0 });
  },
};

/** The four bands of a picture behind a room without a person. */
async function showBands(name, picture) {
  const image = await pictures[picture]();
  const pipeline = await create(name, { background: { kind: 'image', image } });
  const pixels = new ImageData(new Uint8ClampedArray(4 * 320 * 180).fill(255), 320);
  for (let i = 0; i < pixels.data.length; i += 4) pixels.data[i] = 0;
  const { picture: result } = await pipeline.process(pixels, 0);
  return [40, 120, 200, 280].map((x) => [...result.data.slice(4 * x, 4 * x + 4)]);
}

/** Width and height of a circle behind a frame, as the frame is displayed. */
async function showCircle(name, kind, [width, height]) {
  const image = circle(width, height).transferToImageBitmap();
  const pipeline = await create(name, { background: { kind: 'image', image } });
  const source = frameOf({ ...kind, room: 'everywhere' });
  const { picture } = await pipeline.process(source, 0);
  const shown = shownBy(picture);
  const isWhite = (x, y) => shown.data[4 * (y * shown.width + x)] > 128;
  const count = (length, test) => Array.from({ length }, (_, i) => test(i)).filter(Boolean).length;
  const across = count(shown.width, (x) => isWhite(x, shown.height >> 1));
  const down = count(shown.height, (y) => isWhite(shown.width >> 1, y));
  return [across, down];
}

/** A square picture of three quarters, the fourth of which is clear. */
function quarters() {
  const context = new OffscreenCanvas(200, 200).getContext('2d');
  [
    ['#a0a040', 0, 0],
    ['#a040a0', 100, 0],
    ['#40a0a0', 0, 100],
  ].forEach(([color, x, y]) => {
    context.fillStyle = color;
    context.fillRect(x, y, 100, 100);
  });
  return context.canvas.transferToImageBitmap();
}

/**
 * What frames of these sizes show at these shares of their sides, each with the placement for it; and how many
 * of the pictures are open when none is shown any more.
 */
async function showPlaced(name, [across, down], frames) {
  const pipeline = await create(name, { background: { kind: 'color', rgb: 0 } });
  const shown = [];
  const images = [];
  for (const [[width, height], placement] of frames) {
    if (placement) {
      images.push(quarters());
      pipeline.adjust({ background: { kind: 'image', image: images.at(-1), ...placement } });
    }
    const source = frameOf({ format: 'I420', width, height, room: 'everywhere' });
    const { picture } = await pipeline.process(source, 0);
    const { data } = shownBy(picture);
    const at = (x, y) => 4 * (Math.floor(y * height) * width + Math.floor(x * width));
    shown.push(down.map((y) => across.map((x) => [...data.slice(at(x, y), at(x, y) + 3)])));
    picture.close();
    source.close();
  }
  pipeline.adjust({ background: { kind: 'color', rgb: 0 } });
  // A closed bitmap has no size.
  return { shown, open: images.filter(({ width: side }) => side > 0).length };
}

answerCalls({ problemOf, processFile, processFrame, showBands, showCircle, showPlaced });

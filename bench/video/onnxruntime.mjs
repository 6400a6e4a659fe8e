// What `backdrop composite` does, as programs in Node.js do it: ffmpeg decodes and encodes, ONNX
// Runtime finds the person by Meet's network, sharp blurs and composites. ffmpeg works beside that, and
// sharp on several frames at once; the network, with threads of its own, holds the others up. sharp
// blurs faster at the full size than at a quarter of it, which has to be enlarged again.
//   node onnxruntime.mjs CLIP OUT SIGMA CRF WIDTHxHEIGHT
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { twinOf } from '../twins.mjs';

const installed = createRequire(new URL('../web/package.json', import.meta.url));
const { InferenceSession, Tensor } = installed('onnxruntime-node');
const sharp = installed('sharp');

const [clip, out, sigma, crf, size] = process.argv.slice(2);
const [width, height] = size.split('x').map(Number);
const [maskWidth, maskHeight] = [256, 144];
const framesUnderWay = 3;

const rate = execFileSync(
  'ffprobe',
  [
    ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=r_frame_rate'],
    ...['-of', 'csv=p=0', clip],
  ],
  { encoding: 'utf8' },
).trim();
const ffmpeg = (args, stdin, stdout) =>
  spawn('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], {
    stdio: [stdin, stdout, 'inherit'],
  });
const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24'];
const decoder = ffmpeg(['-i', clip, ...raw, '-'], 'ignore', 'pipe');
const encoder = ffmpeg(
  [
    ...[...raw, '-s', size, '-r', rate, '-i', '-'],
    ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-crf', crf, out],
  ],
  'pipe',
  'ignore',
);

const network = await InferenceSession.create(twinOf({ id: 'meet-full' }), {
  intraOpNumThreads: 2,
});
const [{ name: input, shape }] = network.inputMetadata;
const [output] = network.outputNames;
const picture = (data, width, height, channels) =>
  sharp(data, { raw: { width, height, channels } });
const whole = { fit: 'fill', kernel: 'linear' };

/** Alpha at the network's size. */
async function findPerson(frame) {
  const small = await picture(frame, width, height, 3)
    .resize(maskWidth, maskHeight, whole)
    .raw()
    .toBuffer();
  const values = Float32Array.from(small, (value) => value / 255);
  const results = await network.run({ [input]: new Tensor('float32', values, shape) });
  const logits = results[output].data;
  return Uint8Array.from({ length: maskWidth * maskHeight }, (_, pixel) => {
    const probability = 1 / (1 + Math.exp(logits[2 * pixel] - logits[2 * pixel + 1]));
    return 255 * Math.min(Math.max((probability - 0.4) / 0.4, 0), 1);
  });
}

async function composite(frame) {
  const [alpha, blurred] = await Promise.all([
    findPerson(frame).then((mask) =>
      picture(mask, maskWidth, maskHeight, 1)
        .resize(width, height, whole)
        .toColourspace('b-w')
        .raw()
        .toBuffer(),
    ),
    picture(frame, width, height, 3).blur(Number(sigma)).raw().toBuffer(),
  ]);
  const person = await picture(frame, width, height, 3)
    .joinChannel(alpha, { raw: { width, height, channels: 1 } })
    .raw()
    .toBuffer();
  return picture(blurred, width, height, 3)
    .composite([{ input: person, raw: { width, height, channels: 4 } }])
    .removeAlpha()
    .raw()
    .toBuffer();
}

async function* frames() {
  const bytes = 3 * width * height;
  let chunks = [];
  let held = 0;
  const ended = once(decoder, 'exit');
  for await (const chunk of decoder.stdout) {
    chunks.push(chunk);
    held += chunk.length;
    if (held < bytes) continue;
    let left = Buffer.concat(chunks);
    for (; left.length >= bytes; left = left.subarray(bytes)) yield left.subarray(0, bytes);
    chunks = [left];
    held = left.length;
  }
  const [status] = await ended;
  if (status !== 0) throw new Error(`${clip} is not read to its end`);
}

async function write(composited) {
  if (!encoder.stdin.write(await composited)) await once(encoder.stdin, 'drain');
}

const underWay = [];
for await (const frame of frames()) {
  underWay.push(composite(frame));
  if (underWay.length === framesUnderWay) await write(underWay.shift());
}
for (const composited of underWay) await write(composited);
encoder.stdin.end();
const [status] = await once(encoder, 'exit');
process.exitCode = status ?? 1;

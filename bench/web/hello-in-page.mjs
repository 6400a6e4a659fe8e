// What the benchmark of hello worlds runs in a page: starts one, and tells raw frames from processed
// ones by a corner of the camera's picture, which is a chessboard.

/** In pixels of a frame of 1280x720, at the upper left. */
const corner = { x: 32, y: 32, width: 64, height: 64 };

/** The standard deviation of a raw frame's chessboard is 17 of 255, and of a blurred one nearly 0. */
const leastOfRaw = 10;
/** The mean of the chessboard is 207, blurred as well. */
const leastOfPicture = 100;

const video = document.querySelector('video');

/** The corner's pixels, one number each: luma, or one of the colours. */
async function cornerOf(frame) {
  const stride = frame.format?.startsWith('I420') || frame.format === 'NV12' ? 1 : 4;
  const bytes = new Uint8Array(frame.allocationSize({ rect: corner }));
  const [{ offset }] = await frame.copyTo(bytes, { rect: corner });
  const count = corner.width * corner.height;
  return Array.from({ length: count }, (_, i) => bytes[offset + stride * i + (stride > 1 ? 1 : 0)]);
}

async function kindOf(frame) {
  const pixels = await cornerOf(frame);
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const squares = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  if (Math.sqrt(squares / pixels.length) >= leastOfRaw) return 'raw';
  return mean >= leastOfPicture ? 'processed' : 'blank';
}

/** Counts the frames of each kind until the first one of the kind awaited is there. */
async function watch(track, awaited) {
  const counts = { raw: 0, blank: 0, processed: 0 };
  const copy = track.clone();
  const reader = new MediaStreamTrackProcessor({ track: copy }).readable.getReader();
  while (counts[awaited] === 0) {
    const { done, value: frame } = await reader.read();
    if (done) throw new Error('the track has ended');
    ++counts[await kindOf(frame).finally(() => frame.close())];
  }
  copy.stop();
  return counts;
}

/**
 * Runs a hello world, whose calling SDK is there already: the milliseconds until its first frame of the
 * kind awaited has left, and the frames before it.
 */
async function start(address, sdk, awaited) {
  if (sdk) await import(sdk);
  const begin = performance.now();
  await import(address);
  const resolved = performance.now() - begin;
  const counts = await watch(video.srcObject.getVideoTracks()[0], awaited);
  return { milliseconds: performance.now() - begin, resolved, ...counts };
}

const frames = () => video.getVideoPlaybackQuality().totalVideoFrames;

globalThis.backdropHello = { start, frames };

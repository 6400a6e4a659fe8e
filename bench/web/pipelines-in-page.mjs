// What the benchmark of whole pipelines runs in a page. A pipeline is a function from the camera's
// track to a processed track that has its model and has begun to give frames.
import { Backdrop } from '../../web/package/dist/index.js';
import { cameraTrack, model, picture } from './scene.mjs';

let interval; // 3: the network runs on every third frame; peers do not tell

async function backdrop(track, options, id) {
  const running = new Backdrop({ model: await model(id), ...options });
  running.on('stats', (stats) => (interval = stats.interval));
  const ready = new Promise((resolve, reject) => {
    running.on('ready', resolve);
    running.on('error', reject);
  });
  const output = await running.process(track);
  await ready;
  return output;
}

/**
 * Runs the processor as VideoTrack.addProcessor of twilio-video 2.32 does in Chromium, with the
 * options that Twilio recommends (inputFrameBufferType 'videoframe', outputFrameBufferContextType
 * 'bitmaprenderer'), but without the hidden video element that it plays the camera in besides.
 */
async function twilio(track, processor) {
  await processor.loadModel();
  const { width, height } = track.getSettings();
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('bitmaprenderer');
  const [output] = canvas.captureStream(0).getVideoTracks();
  const frames = new MediaStreamTrackProcessor({ track }).readable;
  void frames.pipeTo(
    new WritableStream({
      async write(frame) {
        await processor.processFrame(frame, canvas);
        output.requestFrame();
      },
    }),
  );
  return output;
}

const blur = { kind: 'blur', strength: 2 };
const assetsPath = '/twilio/';
const { GaussianBlurBackgroundProcessor, VirtualBackgroundProcessor } =
  globalThis.Twilio.VideoProcessors;

const pipelines = {
  none: (track) => track,
  'engine blur': (track) => backdrop(track, { background: blur }),
  'engine picture': async (track) =>
    backdrop(track, { background: { kind: 'image', image: await picture() } }),
  'multiclass blur': (track) => backdrop(track, { background: blur }, 'selfie-multiclass'),
  'canvas2d blur': (track) => backdrop(track, { background: blur, pipeline: 'canvas2d' }),
  'twilio blur': (track) =>
    twilio(track, new GaussianBlurBackgroundProcessor({ assetsPath, blurFilterRadius: 15 })),
  'twilio picture': async (track) =>
    twilio(track, new VirtualBackgroundProcessor({ assetsPath, backgroundImage: await picture() })),
};

const video = document.querySelector('video');
let camera;

/** Plays what the pipeline makes of the camera. */
async function start(name) {
  camera = await cameraTrack();
  const track = await pipelines[name](camera);
  video.srcObject = new MediaStream([track]);
  await video.play();
}

/** How many frames the camera has taken, and how many the video element has been given. */
const frames = () => ({
  taken: camera.stats.totalFrames,
  delivered: video.getVideoPlaybackQuality().totalVideoFrames,
  interval,
});

globalThis.backdropPipelines = { start, frames };

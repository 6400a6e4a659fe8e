// MediaPipe's own segmenter in a page, for the soak: each of the camera's frames is segmented, as its
// documentation shows it. What it gives is closed by it after the callback.
import { FilesetResolver, ImageSegmenter } from '/tasks-vision/vision_bundle.mjs';
import { cameraTrack } from './scene.mjs';
import { heapKilobytes } from './soak-heap.mjs';

const video = document.querySelector('video');
const errors = [];
let segmenter;
let count = 0;

async function begin(delegate) {
  const files = await FilesetResolver.forVisionTasks('/tasks-vision/wasm');
  segmenter = await ImageSegmenter.createFromOptions(files, {
    baseOptions: { modelAssetPath: '/models/selfie_segmenter_landscape.tflite', delegate },
    runningMode: 'VIDEO',
    outputCategoryMask: true,
    outputConfidenceMasks: false,
  });
  video.srcObject = new MediaStream([await cameraTrack()]);
  await video.play();
  video.requestVideoFrameCallback(segment);
}

function segment(now) {
  if (!segmenter) return;
  try {
    segmenter.segmentForVideo(video, now, () => ++count);
  } catch ({ message }) {
    errors.push(message);
  }
  video.requestVideoFrameCallback(segment);
}

function end() {
  segmenter.close();
  segmenter = undefined;
  video.srcObject = null;
}

const frames = () => count;

globalThis.backdropSoak = { begin, end, heapKilobytes, frames, errors };

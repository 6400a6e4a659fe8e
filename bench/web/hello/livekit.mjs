import { BackgroundProcessor } from '@livekit/track-processors';
import { createLocalVideoTrack } from 'livekit-client';

const video = document.querySelector('video');
const camera = await createLocalVideoTrack({ resolution: { width: 1280, height: 720 } });
const processor = BackgroundProcessor({
  mode: 'background-blur',
  assetPaths: {
    tasksVisionFileSet: '/hosted/livekit',
    modelAssetPath: '/hosted/livekit/selfie_segmenter.tflite',
  },
});
await camera.setProcessor(processor);
camera.attach(video);

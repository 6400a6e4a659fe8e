import { GaussianBlurBackgroundProcessor } from '@twilio/video-processors';
import { createLocalVideoTrack } from 'twilio-video';

const video = document.querySelector('video');
const processor = new GaussianBlurBackgroundProcessor({ assetsPath: '/hosted/twilio/' });
await processor.loadModel();
const camera = await createLocalVideoTrack({ width: 1280, height: 720 });
camera.addProcessor(processor, {
  inputFrameBufferType: 'videoframe',
  outputFrameBufferContextType: 'bitmaprenderer',
});
camera.attach(video);

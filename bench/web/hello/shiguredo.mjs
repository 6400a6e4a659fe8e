import { VirtualBackgroundProcessor } from '@shiguredo/virtual-background';

const video = document.querySelector('video');
const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
const processor = new VirtualBackgroundProcessor('/hosted/shiguredo');
const track = await processor.startProcessing(camera.getVideoTracks()[0], { blurRadius: 15 });
video.srcObject = new MediaStream([track]);

import { Backdrop } from '@backdrop/web';

const video = document.querySelector('video');
const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
const backdrop = new Backdrop();
video.srcObject = new MediaStream([await backdrop.process(camera.getVideoTracks()[0])]);

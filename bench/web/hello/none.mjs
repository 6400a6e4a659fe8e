const video = document.querySelector('video');
const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
video.srcObject = camera;

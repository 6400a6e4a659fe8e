// What pages of benchmarks have in common: the camera, the model and a picture for the background.
import { modelOptions } from '../../web/package/dist/index.js';

export async function cameraTrack() {
  const video = { width: 1280, height: 720, frameRate: 30 };
  return (await navigator.mediaDevices.getUserMedia({ video })).getVideoTracks()[0];
}

export async function model(id = 'selfie-landscape') {
  const { models } = await (await fetch('/web/package/dist/catalogue.json')).json();
  const entry = models.find((model) => model.id === id);
  return { tflite: `/models/${entry.file}`, ...modelOptions(entry) };
}

/** A picture of the frame's size. */
export async function picture() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
  const context = canvas.getContext('2d');
  const sky = context.createLinearGradient(0, 0, 0, 720);
  sky.addColorStop(0, '#2060a0');
  sky.addColorStop(1, '#f0c890');
  context.fillStyle = sky;
  context.fillRect(0, 0, 1280, 720);
  const image = Object.assign(new Image(), { src: canvas.toDataURL() });
  await image.decode();
  return image;
}

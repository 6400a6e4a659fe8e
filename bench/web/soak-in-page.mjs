// What the soak runs in a page.
import { Backdrop } from '../../web/package/dist/index.js';
import { cameraTrack, model, picture } from './scene.mjs';
import { heapKilobytes } from './soak-heap.mjs';

const video = document.querySelector('video');
const camera = await cameraTrack();
const backgrounds = [
  { kind: 'blur', strength: 2 },
  { kind: 'color', rgb: 0x336699 },
  { kind: 'image', image: await picture() },
];
const errors = [];

/** A new Backdrop that has delivered its first processed frame to the video element. */
async function start() {
  const backdrop = new Backdrop({ model: await model() });
  backdrop.on('error', ({ message }) => errors.push(message));
  const ready = new Promise((resolve, reject) => {
    backdrop.on('ready', resolve);
    backdrop.on('error', reject);
  });
  video.srcObject = new MediaStream([await backdrop.process(camera)]);
  await video.play();
  await ready;
  return backdrop;
}

let running;

async function begin() {
  running = await start();
}

/** Changes the background, each kind in its turn. */
const change = (turn) => running.set({ background: backgrounds[turn % backgrounds.length] });

function end() {
  running.dispose();
  video.srcObject = null;
}

async function cycle() {
  await begin();
  end();
}

const frames = () => video.getVideoPlaybackQuality().totalVideoFrames;

globalThis.backdropSoak = { begin, change, end, cycle, heapKilobytes, frames, errors };

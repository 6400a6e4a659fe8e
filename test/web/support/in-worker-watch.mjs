// Reads a track's frames where only Workers can: answers whether this one can, then reports each frame.
import { readFrames } from './in-page-watch.mjs';

self.addEventListener('message', ({ data: { track } }) => {
  if (!track) self.postMessage('MediaStreamTrackProcessor' in self);
  else void readFrames(track, (frame) => self.postMessage(frame));
});

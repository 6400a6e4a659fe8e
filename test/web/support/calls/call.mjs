// A call between two peers in this page, and a Backdrop's crash.
import { Watcher } from './room.mjs';

export const colour = [0x2f, 0x6f, 0x5e];
export const background = { kind: 'color', rgb: 0x2f6f5e };

const workers = [];
globalThis.Worker = class extends Worker {
  constructor(address, options) {
    super(address, options);
    workers.push([options.name, this]);
  }
};

/** Crashes the stream's Worker, so that the Backdrop has to make another processed track. */
export function crash() {
  const [, worker] = workers.findLast(([name]) => name === 'backdrop-stream');
  worker.terminate();
  worker.dispatchEvent(new ErrorEvent('error', { message: 'it was crashed' }));
}

export const nextTrack = (backdrop) => new Promise((resolve) => backdrop.on('track', resolve));

/** Sends the track to another peer; returns the sender, and a watcher of the received track. */
export async function call(track) {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => there.addIceCandidate(candidate);
  there.onicecandidate = ({ candidate }) => here.addIceCandidate(candidate);
  const received = new Promise((resolve) => {
    there.ontrack = (event) => resolve(event.track);
  });
  const sender = here.addTrack(track);
  await here.setLocalDescription();
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription();
  await here.setRemoteDescription(there.localDescription);
  const seen = new Watcher(await received, colour);
  const close = () => [here, there].forEach((peer) => peer.close());
  return { sender, seen, close };
}

// The camera of Stream's client with a Backdrop as its filter. The call is never joined, which needs a server.
import { Backdrop } from '@backdrop/web';
import { StreamVideoClient } from '@stream-io/video-client';
import { background, call, crash } from './call.mjs';
import { roomTrack } from './room.mjs';

/** The camera of a call, and the cameras that it has opened. */
function streamCamera() {
  const opened = [];
  navigator.mediaDevices.getUserMedia = async () => {
    opened.push(roomTrack());
    return new MediaStream([opened.at(-1)]);
  };
  const options = { locationHintUrl: location.href, enableTimerWorker: false };
  const client = new StreamVideoClient({ apiKey: 'key', options });
  return { camera: client.call('default', 'id').camera, opened };
}

export async function stream(model) {
  const backdrop = new Backdrop({ model, background });
  const { camera, opened } = streamCamera();
  const { registered, unregister } = camera.registerFilter((input) => ({
    output: backdrop
      .process(input.getVideoTracks()[0])
      .then((track) => new MediaStream([track.clone()])),
    stop: () => backdrop.stop(),
  }));
  const restarted = new Promise((resolve) => {
    backdrop.on('track', async () => {
      await camera.disable({ forceStop: true });
      await camera.enable();
      resolve();
    });
  });
  const output = () => camera.state.mediaStream.getVideoTracks()[0];

  await registered;
  await camera.enable();
  const { sender, seen, close } = await call(output());
  await seen.coloured();

  await camera.disable({ forceStop: true });
  const released = opened.every(({ readyState }) => readyState === 'ended');
  await camera.enable();
  await sender.replaceTrack(output());
  await seen.coloured();

  crash();
  await restarted;
  await sender.replaceTrack(output());
  await seen.coloured();
  const { showRoom } = seen;

  await unregister();
  await sender.replaceTrack(output());
  await seen.room();
  backdrop.dispose();
  close();
  return { released, showRoom };
}

// Twilio's tracks of a Backdrop's output. The participant stands in for a room's, which needs a server.
import { Backdrop } from '@backdrop/web';
import { LocalVideoTrack } from 'twilio-video';
import { background, call, crash } from './call.mjs';
import { roomTrack } from './room.mjs';

/** Sends the published track to another peer, as a room does. */
class Participant {
  sender;
  track;

  unpublishTrack(track) {
    if (track === this.track) this.track = undefined;
  }

  async publishTrack(track) {
    this.track = track;
    await this.sender.replaceTrack(track.mediaStreamTrack);
    this.published?.();
  }
}

/** Without these, Twilio opens the camera itself on iOS when a track has ended or is blank. */
const options = { workaroundWebKitBug1208516: false, workaroundSilentLocalVideo: false };

/** Makes Twilio take the browser for one on iOS; returns the list of the cameras that it opens. */
function imitateIos() {
  const opened = [];
  Object.defineProperty(navigator, 'platform', { value: 'iPhone' });
  Object.defineProperty(navigator, 'maxTouchPoints', { value: 5 });
  Object.defineProperty(screen, 'width', { value: 390 });
  navigator.mediaDevices.getUserMedia = async () => {
    opened.push(roomTrack());
    return new MediaStream([opened.at(-1)]);
  };
  return opened;
}

export async function twilio(model) {
  const opened = imitateIos();
  const backdrop = new Backdrop({ model, background });
  const track = await backdrop.process(roomTrack());
  const participant = new Participant();
  const { sender, seen, close } = await call(track);
  participant.sender = sender;

  let local = new LocalVideoTrack(track, options);
  await participant.publishTrack(local);
  backdrop.on('track', async (next) => {
    participant.unpublishTrack(local);
    local = new LocalVideoTrack(next, options);
    await participant.publishTrack(local);
  });
  await seen.coloured();
  const isSame = local.mediaStreamTrack === track && !local.isStopped;

  local.disable();
  const isDisabled = !track.enabled;
  local.enable();
  await seen.coloured();

  const published = new Promise((resolve) => (participant.published = resolve));
  crash();
  await published;
  await seen.coloured();
  const afterCrash = local.mediaStreamTrack === backdrop.output && participant.track === local;
  const { showRoom } = seen;
  backdrop.dispose();
  document.dispatchEvent(new Event('visibilitychange'));
  await new Promise((resolve) => setTimeout(resolve, 500)); // Twilio looks after 50 ms
  const isStopped = local.isStopped;
  close();
  return { isSame, isDisabled, afterCrash, showRoom, isStopped, opened: opened.length };
}

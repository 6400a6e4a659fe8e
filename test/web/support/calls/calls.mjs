// Calls in a page whose pictures go through a Backdrop, as the recipes show.
import { Backdrop, modelOptions } from '@backdrop/web';
import { JitsiEffect } from '@backdrop/web/jitsi';
import { LiveKitProcessor } from '@backdrop/web/livekit';
import { LocalVideoTrack, Track } from 'livekit-client';
import { Device } from 'mediasoup-client';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import { background, call, colour, crash, nextTrack } from './call.mjs';
import { JitsiTrack } from './jitsi-track.mjs';
import { roomTrack, Watcher } from './room.mjs';
import { stream } from './stream.mjs';
import { twilio } from './twilio.mjs';

async function peers(model) {
  const backdrop = new Backdrop({ model, background });
  const { sender, seen, close } = await call(await backdrop.process(roomTrack()));
  backdrop.on('track', (track) => sender.replaceTrack(track));
  await seen.coloured();

  const before = sender.track;
  const otherCamera = await backdrop.process(roomTrack(256, 144));
  const isSame = otherCamera === before;
  await seen.wide(256);
  await seen.coloured();
  const { width } = seen;

  const replaced = nextTrack(backdrop);
  crash();
  const next = await replaced;
  await seen.coloured();
  const afterCrash = sender.track === next && next !== before;
  const { showRoom } = seen;

  await backdrop.set({ background: { kind: 'none' } });
  await seen.room();
  backdrop.dispose();
  close();
  return { isSame, width, afterCrash, showRoom };
}

async function livekit(model) {
  const backdrop = new Backdrop({ model, background });
  const processor = new LiveKitProcessor(backdrop);
  const track = new LocalVideoTrack(roomTrack(), undefined, true);
  const element = track.attach();
  await track.setProcessor(processor);
  const { sender, seen, close } = await call(track.mediaStreamTrack);
  track.sender = sender;
  await seen.coloured();

  const processed = track.mediaStreamTrack;
  await track.replaceTrack(roomTrack(256, 144));
  const isSame = sender.track === processed && processor.processedTrack === processed;
  await seen.wide(256);
  await seen.coloured();
  const { width } = seen;

  const replaced = nextTrack(backdrop);
  crash();
  const next = await replaced;
  await seen.coloured();
  const afterCrash = sender.track === next && element.srcObject.getVideoTracks()[0] === next;
  const { showRoom } = seen;

  await track.stopProcessor();
  const stopped = next.readyState === 'ended' && sender.track !== next;
  await seen.room();
  await track.setProcessor(processor);
  await seen.coloured();
  end([track], [backdrop], close);
  return { isSame, width, afterCrash, showRoom, stopped };
}

/** A LiveKit camera track, whose later cameras show the room, too. */
function livekitCamera() {
  navigator.mediaDevices.getUserMedia = async () => new MediaStream([roomTrack()]);
  const track = new LocalVideoTrack(roomTrack(), undefined, false);
  track.source = Track.Source.Camera;
  return track;
}

/** Ends the call of one track; returns what the other side has and has seen. */
function ended({ track, backdrop, processor }, { sender, seen, close }) {
  const isProcessed = sender.track === processor.processedTrack;
  const { showRoom } = seen;
  end([track], [backdrop], close);
  return { isProcessed, showRoom };
}

/** Ends the tracks, the Backdrops and the call. */
function end(tracks, backdrops, close) {
  for (const each of tracks) each.stop();
  for (const each of backdrops) each.dispose();
  close();
}

/** The code of the error with which the promise rejects. */
const codeOf = (promise) =>
  promise.then(
    () => 'none',
    ({ code }) => code,
  );

/** A processor is set again, and replaced by another one. */
async function livekitReplaced(model) {
  const [backdrop, other] = [0, 1].map(() => new Backdrop({ model, background }));
  const [processor, next] = [backdrop, other].map((each) => new LiveKitProcessor(each));
  const [track, second] = [livekitCamera(), livekitCamera()];
  await track.setProcessor(processor);
  const { sender, seen, close } = await call(track.mediaStreamTrack);
  track.sender = sender;
  await seen.coloured();

  const again = await codeOf(track.setProcessor(processor));
  const elsewhere = await codeOf(second.setProcessor(processor));
  const replaced = await codeOf(track.setProcessor(next));
  await seen.coloured();
  const isSame = sender.track === processor.processedTrack;

  await track.mute();
  await track.setProcessor(next);
  await track.unmute();
  await seen.coloured();
  const isNext = sender.track === next.processedTrack;

  await track.pauseUpstream();
  const made = nextTrack(other);
  crash();
  await made;
  const paused = sender.track === null;
  await track.resumeUpstream();
  await seen.coloured();
  const { showRoom } = seen;
  end([track, second], [backdrop, other], close);
  return { again, elsewhere, replaced, isSame, isNext, paused, showRoom };
}

/** A processor is set while the track is muted, which has stopped the camera. */
async function livekitMuted(model) {
  const backdrop = new Backdrop({ model, background });
  const processor = new LiveKitProcessor(backdrop);
  const track = livekitCamera();
  await track.mute();
  await track.setProcessor(processor);
  const made = await call(track.mediaStreamTrack);
  track.sender = made.sender;
  await track.unmute();
  await made.seen.coloured();
  return ended({ track, backdrop, processor }, made);
}

/** React's StrictMode mounts a component, unmounts it and mounts it again, without waiting for anything. */
async function livekitMountedTwice(model) {
  const track = livekitCamera();
  const mount = () => {
    const backdrop = new Backdrop({ model, background });
    const processor = new LiveKitProcessor(backdrop);
    const setting = codeOf(track.setProcessor(processor));
    return { backdrop, processor, setting };
  };
  const first = mount();
  first.backdrop.dispose();
  const { backdrop, processor, setting } = mount();
  const outcome = await setting;
  const made = await call(track.mediaStreamTrack);
  await made.seen.coloured();
  return { outcome, ...ended({ track, backdrop, processor }, made) };
}

/** mediasoup's Device with a handler that needs no server. */
async function sendTransport() {
  const device = await Device.factory({
    handlerFactory: FakeHandler.createFactory(fakeParameters),
  });
  await device.load({ routerRtpCapabilities: fakeParameters.generateRouterRtpCapabilities() });
  const transport = device.createSendTransport(fakeParameters.generateTransportRemoteParameters());
  transport.on('connect', (_, done) => done());
  transport.on('produce', (_, done) => done(fakeParameters.generateProducerRemoteParameters()));
  return transport;
}

async function mediasoup(model) {
  const backdrop = new Backdrop({ model, background });
  const track = await backdrop.process(roomTrack());
  const producer = await (await sendTransport()).produce({ track, stopTracks: false });
  const produced = new Promise((resolve) => {
    backdrop.on('track', async (next) => {
      await producer.replaceTrack({ track: next });
      resolve(producer.track === next);
    });
  });
  const seen = new Watcher(producer.track, colour);
  await seen.coloured();
  crash();
  const afterCrash = await produced;
  const seenAfter = new Watcher(producer.track, colour);
  await seenAfter.coloured();
  producer.close();
  await seenAfter.coloured();
  const showRoom = seen.showRoom + seenAfter.showRoom;
  await backdrop.set({ background: { kind: 'none' } });
  await seenAfter.room();
  backdrop.dispose();
  return { afterCrash, showRoom };
}

async function jitsi(model) {
  const backdrop = new Backdrop({ model, background });
  const track = new JitsiTrack(roomTrack);
  const effect = await JitsiEffect.create(backdrop, track.getTrack());
  await track.setEffect(effect);
  const { sender, seen, close } = await call(track.getTrack());
  track.sender = sender;
  await seen.coloured();
  const camera = track.original.getVideoTracks()[0];

  await track.mute();
  const released = camera.readyState === 'ended';
  await track.unmute();
  await seen.coloured();

  const replaced = nextTrack(backdrop);
  crash();
  await replaced;
  await track.setEffect(effect);
  await seen.coloured();
  const { showRoom } = seen;

  await track.setEffect(undefined);
  await seen.room();
  await track.setEffect(effect);
  await seen.coloured();

  track.getTrack().stop();
  await track.setEffect(effect);
  const revived = track.getTrack().readyState === 'live';
  await seen.coloured();
  backdrop.dispose();
  close();
  return { released, revived, showRoom };
}

/** A screen is shared and put away while the effect is on, is replaced, and the camera is muted. */
async function jitsiScreen(model) {
  const backdrop = new Backdrop({ model, background });
  const track = new JitsiTrack(roomTrack);
  await track.setEffect(await JitsiEffect.create(backdrop, track.getTrack()));
  const { sender, seen, close } = await call(track.getTrack());
  track.sender = sender;
  await seen.coloured();
  const share = () => call(roomTrack(640, 360));

  const first = await share();
  await seen.coloured();
  first.close();
  await seen.coloured();

  const second = await share();
  await track.setEffect(await JitsiEffect.create(backdrop, roomTrack()));
  await seen.coloured();
  await track.mute();
  second.close();
  await track.unmute();
  await seen.coloured();
  const { showRoom } = seen;
  end([track.getTrack()], [backdrop], close);
  return showRoom;
}

/** Effects that are made one after another leave no listeners behind. */
async function jitsiListeners(model) {
  const backdrop = new Backdrop({ model, background });
  let count = 0;
  const on = backdrop.on.bind(backdrop);
  backdrop.on = (...given) => {
    ++count;
    return on(...given);
  };
  for (let i = 0; i < 3; ++i) await JitsiEffect.create(backdrop, roomTrack());
  backdrop.dispose();
  return count;
}

const scenes = {
  peers,
  livekit,
  livekitReplaced,
  livekitMuted,
  livekitMountedTwice,
  mediasoup,
  jitsi,
  jitsiScreen,
  jitsiListeners,
  stream,
  twilio,
};

/** Plays a scene with a model of the catalogue. */
globalThis.play = (scene, model) =>
  scenes[scene]({ tflite: `/models/${model.file}`, ...modelOptions(model) });

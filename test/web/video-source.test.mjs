// A background video's first frame, and its last one. In Node, with an element and a clock that are stand-ins.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { VideoFrames } from '../../web/package/dist/video-frames.js';
import { BackgroundVideo } from '../../web/package/dist/video-source.js';

const stubbed = ['HTMLMediaElement', 'document', 'fetch'];

describe('a background video', () => {
  const own = Object.fromEntries(stubbed.map((name) => [name, globalThis[name]]));
  let video, outcome;

  const turns = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (seconds) => {
    for (let second = 0; second < seconds; ++second) {
      mock.timers.tick(1000);
      await turns();
    }
  };

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    video = Object.assign(new EventTarget(), {
      readyState: 0,
      play: () => new Promise(() => {}),
      pause() {},
      removeAttribute() {},
    });
    globalThis.HTMLMediaElement = { HAVE_CURRENT_DATA: 2 };
    globalThis.document = {
      hidden: false,
      baseURI: 'https://example.org/',
      createElement: () => video,
      addEventListener() {},
      removeEventListener() {},
    };
    globalThis.fetch = async () => new Response();
    outcome = undefined;
  });
  afterEach(() => {
    mock.timers.reset();
    Object.assign(globalThis, own);
  });

  const open = () => {
    BackgroundVideo.open('clip.webm').catch((reason) => (outcome = reason));
  };

  it('is given up after eight seconds without a frame', async () => {
    open();
    await pass(7);
    assert.equal(outcome, undefined);
    await pass(1);
    assert.match(outcome.message, /clip\.webm.*eight seconds/);
  });

  it('is waited for while the page is hidden', async () => {
    open();
    await pass(4);
    document.hidden = true;
    await pass(600);
    document.hidden = false;
    await pass(3);
    assert.equal(outcome, undefined);
    await pass(1);
    assert.match(outcome.message, /eight seconds/);
  });

  it('is waited for where the browser has paused it, and not where it may not play', async () => {
    video.play = () => Promise.reject(new DOMException('to save power', 'AbortError'));
    open();
    await pass(1);
    assert.equal(outcome, undefined);
    video.play = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    open();
    await pass(1);
    assert.match(outcome.message, /NotAllowedError/);
  });

  it('that is paused shows its frame when that is wanted again', async () => {
    const taken = [];
    let wanted = false;
    let tell;
    Object.assign(video, {
      paused: true,
      readyState: 4,
      currentTime: 7,
      requestVideoFrameCallback: (callback) => (tell = callback),
    });
    const frames = new VideoFrames(video, undefined, {
      wants: () => wanted,
      bitmapOf: async () => 'the frame',
      take: (frame) => taken.push(frame),
    });
    tell(0, { mediaTime: 7 });
    await pass(2);
    assert.deepEqual(taken, []);
    wanted = true;
    await pass(2);
    assert.deepEqual(taken, ['the frame']);
    frames.close();
  });
});

// How long a background video's first frame is waited for. In Node, with an element and a clock that are stand-ins.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { BackgroundVideo } from '../../web/package/dist/video-source.js';

const stubbed = ['HTMLMediaElement', 'document', 'fetch'];

describe('a background video without a frame', () => {
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

  it('is given up after eight seconds', async () => {
    open();
    await pass(7);
    assert.equal(outcome, undefined);
    await pass(1);
    assert.match(outcome.message, /clip\.webm.*eight seconds/);
  });

  it('is given the time while the page is hidden', async () => {
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

  it('is waited for when the browser has paused it, and not when it may not play', async () => {
    video.play = () => Promise.reject(new DOMException('to save power', 'AbortError'));
    open();
    await pass(1);
    assert.equal(outcome, undefined);
    video.play = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    open();
    await pass(1);
    assert.match(outcome.message, /NotAllowedError/);
  });
});

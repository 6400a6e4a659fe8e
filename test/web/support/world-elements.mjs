// The page's elements of a world: videos that show a track, and canvases whose picture is captured.
import { FakeTrack } from './world-tracks.mjs';

const refreshMilliseconds = 16;
/** Browsers let no timer of a hidden page fire more often. */
const hiddenMilliseconds = 1000;

/**
 * The page of a browser, of one kind out of those that there are: `callbacks` are a video's own, those of
 * the animation, or a video's that never come, as in WebKit without a compositor; a disabled camera's
 * picture is `onePixel` in Firefox.
 */
export class FakePage {
  isHidden = false;
  videos = [];
  #world;
  #listeners = new Set();
  #animations = [];

  constructor(world) {
    this.#world = world;
    this.callbacks = world.pick(['video', 'video', 'animation', 'never']);
    this.onePixel = world.chance(0.5);
    this.takesFrames = world.chance(0.5);
    this.transfersTracks = world.chance(0.3);
  }

  globals() {
    const page = this;
    return {
      document: {
        baseURI: 'https://example.org/',
        get hidden() {
          return page.isHidden;
        },
        createElement: (name) => this.#element(name),
        addEventListener: (_, listener) => this.#listeners.add(listener),
        removeEventListener: (_, listener) => this.#listeners.delete(listener),
      },
      MediaStream: class {
        constructor([track]) {
          this.track = track;
        }
      },
      requestAnimationFrame: (action) => {
        this.#animations.push(action);
        if (this.#animations.length === 1) setTimeout(() => this.#animate(), refreshMilliseconds);
      },
    };
  }

  #element(name) {
    if (name === 'canvas') return new FakeCanvas(this.#world);
    const video = new (this.callbacks === 'animation' ? FakeVideo : VideoWithCallbacks)(this);
    this.videos.push(video);
    return video;
  }

  hide(isHidden) {
    if (isHidden === this.isHidden) return;
    this.isHidden = isHidden;
    for (const listener of this.#listeners) listener();
    this.#animate();
  }

  #animate() {
    if (!this.isHidden) for (const action of this.#animations.splice(0)) action();
  }

  /** When a timer of the page fires that was set for this time. */
  timeOf(time) {
    return this.isHidden ? Math.ceil(time / hiddenMilliseconds) * hiddenMilliseconds : time;
  }
}

class FakeVideo {
  videoWidth = 0;
  paused = true;
  readyState = 0;
  /** Seconds. */
  currentTime = 0;
  page;
  #stream = null;
  #frame;

  constructor(page) {
    this.page = page;
  }

  get srcObject() {
    return this.#stream;
  }

  set srcObject(stream) {
    this.#stream?.track.readers.delete(this);
    this.#stream = stream;
    this.#frame = undefined;
    this.readyState = 0;
    stream?.track.readers.add(this);
  }

  async play() {
    this.paused = false;
  }

  pause() {
    this.paused = true;
  }

  /** The track's next frame, of which the video shows a copy. */
  give({ width, height }) {
    if (this.paused) return;
    const { enabled } = this.#stream.track;
    const [displayWidth, displayHeight] = enabled || !this.page.onePixel ? [width, height] : [1, 1];
    this.#frame = { displayWidth, displayHeight, shows: enabled ? 'raw' : 'blank' };
    this.currentTime = performance.now() / 1000;
    this.readyState = 4;
  }

  /** The latest frame stays. */
  end() {}

  /** What is drawn of the video at this moment. */
  get frame() {
    if (!this.#frame) throw new DOMException('the video has no frame', 'InvalidStateError');
    return { ...this.#frame };
  }
}

class VideoWithCallbacks extends FakeVideo {
  #callbacks = [];

  requestVideoFrameCallback(action) {
    this.#callbacks.push(action);
  }

  give(frame) {
    super.give(frame);
    if (this.page.callbacks === 'video') setTimeout(() => this.#call(), refreshMilliseconds);
  }

  #call() {
    if (this.page.isHidden || this.readyState === 0) return;
    const { currentTime: mediaTime } = this;
    for (const action of this.#callbacks.splice(0)) action(performance.now(), { mediaTime });
  }
}

/** A canvas of no pixels: `shows` is what is seen of it. */
export class FakeCanvas {
  shows = 'blank';
  #world;
  #size = { width: 300, height: 150 };
  #track;

  constructor(world) {
    this.#world = world;
  }

  get width() {
    return this.#size.width;
  }

  get height() {
    return this.#size.height;
  }

  /** A canvas whose size is set is clear. */
  set width(width) {
    this.#size.width = width;
    this.shows = 'blank';
  }

  set height(height) {
    this.#size.height = height;
    this.shows = 'blank';
  }

  captureStream() {
    this.#track = new FakeTrack(this.#world);
    return { getVideoTracks: () => [this.#track] };
  }

  getContext() {
    const context = {
      globalCompositeOperation: 'source-over',
      fillRect: () => this.#show('blank'),
      drawImage: (picture) => {
        if (picture.isClosed) throw new DOMException('the picture is closed', 'InvalidStateError');
        // What was drawn before shows through what is clear.
        const isSeen =
          picture.shows.kind !== 'transparent' || context.globalCompositeOperation === 'copy';
        this.#show(isSeen ? picture.shows : this.shows);
      },
    };
    return context;
  }

  #show(shows) {
    this.shows = shows;
    if (this.#track?.readyState !== 'live') return;
    const { width: displayWidth, height: displayHeight } = this;
    this.#world.left(this.#track, { shows, displayWidth, displayHeight }, this.#world.worker);
  }
}

// Tracks of a world, and the streams of their frames.
import { FakeFrame } from './world-pictures.mjs';

/** Frames whose memory may be open at a time, as in Chromium. */
const mostOpen = 2;

class Camera {
  tracks = new Set();
  width = 320;
  height = 180;
  time = 0;
  /** Frames that count as open for ever: lost when a stream was transferred, as at times in Chromium. */
  lost = 0;
}

/** A track whose source gives a frame at each call of `frame`. A clone is another track of the source. */
export class FakeTrack {
  kind = 'video';
  readyState = 'live';
  enabled = true;
  muted = false;
  #world;
  #source;
  readers = new Set();

  constructor(world, source = new Camera()) {
    this.#world = world;
    this.#source = source;
    source.tracks.add(this);
  }

  getSettings() {
    return { width: 320, height: 180 };
  }

  getConstraints() {
    return {};
  }

  async applyConstraints() {}

  /** The other live tracks of its source. */
  get copies() {
    return [...this.#source.tracks].filter((track) => track !== this);
  }

  clone() {
    return new FakeTrack(this.#world, this.#source);
  }

  stop() {
    this.readyState = 'ended';
    this.#source.tracks.delete(this);
    for (const reader of this.readers) reader.end();
  }

  /** The source gives a frame to each of its tracks, unless it is muted. */
  frame(timestamp = (this.#source.time += 33_333)) {
    if (this.muted) return;
    const { tracks, width, height, lost } = this.#source;
    const open = new Set(
      this.#world.openPictures.map(({ memory }) => memory?.of === this.#source && memory),
    );
    open.delete(false);
    if (open.size + lost >= mostOpen) return;
    const memory = { of: this.#source };
    for (const track of tracks) {
      for (const reader of track.readers) reader.give({ timestamp, width, height, memory });
    }
  }

  loseFrame() {
    this.#source.lost = 1;
  }

  /** The source's frames have this size from now on. */
  resize(width, height) {
    Object.assign(this.#source, { width, height });
  }
}

/** A stream with room for one frame, whose older frame gives way. */
class FrameReader {
  #world;
  #track;
  #frame;
  #waiting;
  #isDone = false;

  constructor(world, track) {
    this.#world = world;
    this.#track = track;
    ++world.readers;
    if (world.chance(world.faults.lostFrame)) track.loseFrame();
    track.readers.add(this);
  }

  getReader() {
    return this;
  }

  read() {
    const { worker } = this.#world;
    return new Promise((resolve) => {
      this.#waiting = () => this.#world.run(worker, () => resolve(this.#take()));
      if (this.#frame || this.#isDone) this.#answer();
    });
  }

  async cancel() {
    this.end();
  }

  give({ timestamp, width, height, memory }) {
    const size = { displayWidth: width, displayHeight: height };
    this.#frame = { timestamp, ...size, shows: 'raw', isNative: true, memory };
    this.#answer();
  }

  end() {
    this.#isDone = true;
    this.#track.readers.delete(this);
    this.#answer();
  }

  #answer() {
    const answer = this.#waiting;
    this.#waiting = undefined;
    answer?.();
  }

  /** The frame becomes one of the thread that reads it. */
  #take() {
    const init = this.#frame;
    this.#frame = undefined;
    return { done: !init, value: init && new FakeFrame(this.#world, {}, init) };
  }
}

/** Writes to an output track. */
class FrameWriter {
  #world;
  #track;

  constructor(world, track) {
    this.#world = world;
    this.#track = track;
  }

  getWriter() {
    return this;
  }

  async write(frame) {
    if (this.#track.readyState === 'ended') throw new TypeError('the track has ended');
    if (!this.#world.worker?.isOver) this.#world.left(this.#track, frame, this.#world.worker);
    frame.close();
    if (this.#world.chance(0.2)) await this.#world.pause(this.#world.random() * 50);
  }

  async close() {
    this.#track.readyState = 'ended';
  }
}

/** The classes of tracks and streams. */
export function tracksOf(world) {
  return {
    MediaStreamTrackProcessor: class {
      constructor({ track }) {
        if (track.readyState === 'ended') throw new TypeError('the track has ended');
        this.readable = new FrameReader(world, track);
      }
    },
    MediaStreamTrackGenerator: class extends FakeTrack {
      constructor() {
        super(world);
        this.writable = new FrameWriter(world, this);
      }
    },
    VideoTrackGenerator: class {
      constructor() {
        this.track = new FakeTrack(world);
        this.writable = new FrameWriter(world, this.track);
      }
    },
  };
}

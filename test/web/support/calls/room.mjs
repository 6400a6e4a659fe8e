// A camera's track that shows a room of one colour, and a watcher that detects the room in a track.

const magenta = [255, 0, 255];
const tolerance = 60;

/** Time limit of a wait in milliseconds. */
const patience = 60_000;

/** A track of the room, 30 frames a second. */
export function roomTrack(width = 320, height = 180) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  const [track] = canvas.captureStream().getVideoTracks();
  const clock = setInterval(() => {
    if (track.readyState === 'ended') clearInterval(clock);
    context.fillStyle = `rgb(${magenta})`;
    context.fillRect(0, 0, width, height);
  }, 1000 / 30);
  return track;
}

/** Counts what the frames of a track show. */
export class Watcher {
  /** Counts of frames: all, those with any pixel of the room, and those entirely of the colour. */
  frames = 0;
  showRoom = 0;
  showColour = 0;
  /** The latest frame's width. */
  width = 0;

  #context = new OffscreenCanvas(16, 9).getContext('2d', { willReadFrequently: true });
  #reader;
  #colour;

  /** @param {number[]} colour RGB, the background expected in place of the room */
  constructor(track, colour) {
    this.#colour = colour;
    this.#reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    this.#readAll();
  }

  /** Waits for this many more frames that are entirely of the colour. */
  coloured(count = 5) {
    return this.#more('showColour', count);
  }

  /** Waits for this many more frames that show the room. */
  room(count = 1) {
    return this.#more('showRoom', count);
  }

  /** Waits for a frame of this width. */
  wide(width) {
    return this.#until(() => this.width === width, `the width ${width}`);
  }

  #more(counter, count) {
    const wanted = this[counter] + count;
    return this.#until(() => this[counter] >= wanted, `${counter} ${wanted}`);
  }

  async #until(condition, what) {
    const deadline = performance.now() + patience;
    while (!condition()) {
      if (performance.now() > deadline) {
        const { frames, showRoom, showColour, width } = this;
        throw new Error(
          `waited for ${what}: ${JSON.stringify({ frames, showRoom, showColour, width })}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #readAll() {
    for (;;) {
      const { done, value: frame } = await this.#reader.read();
      if (done) return;
      this.#look(frame);
      frame.close();
    }
  }

  #look(frame) {
    this.width = frame.displayWidth;
    this.#context.drawImage(frame, 0, 0, 16, 9);
    const { data } = this.#context.getImageData(0, 0, 16, 9);
    const isNear = (colour) => (pixel) =>
      colour.every((value, channel) => Math.abs(data[4 * pixel + channel] - value) <= tolerance);
    const pixels = Array.from({ length: 16 * 9 }, (_, pixel) => pixel);
    ++this.frames;
    if (pixels.some(isNear(magenta))) ++this.showRoom;
    if (pixels.every(isNear(this.#colour))) ++this.showColour;
  }
}

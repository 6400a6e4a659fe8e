// A room that a test can recognize: a chequerboard, which any blur destroys, and the frame's number in
// blocks, which a slight blur keeps.
const cell = 4;
export const bits = 12;

const roomColours = ['#ff00ff', '#00ff00'];

function roomPattern(context) {
  const tile = new OffscreenCanvas(2 * cell, 2 * cell);
  const tileContext = tile.getContext('2d');
  for (const [x, y] of [0, 1, 2, 3].map((i) => [i % 2, i >> 1])) {
    tileContext.fillStyle = roomColours[x ^ y];
    tileContext.fillRect(x * cell, y * cell, cell, cell);
  }
  return context.createPattern(tile, 'repeat');
}

/** Draws the room; the number is shown modulo 2 to the power of `bits`. */
export function drawRoom(context, number) {
  const { width, height } = context.canvas;
  context.fillStyle = roomPattern(context);
  context.fillRect(0, 0, width, height);
  for (let bit = 0; bit < bits; ++bit) {
    context.fillStyle = (number >> bit) & 1 ? '#fff' : '#000';
    context.fillRect((bit * width) / bits, 0.4 * height, width / bits, 0.2 * height);
  }
}

/** A canvas's track, drawn 30 times a second unless the page is too busy. */
export class CanvasSource {
  /** The number of frames drawn. */
  drawn = 0;

  /** `captureRate`: of `captureStream`, which by default takes each frame drawn. */
  constructor({ width = 320, height = 180, fps = 30, captureRate } = {}) {
    this.canvas = document.createElement('canvas');
    Object.assign(this.canvas, { width, height });
    this.context = this.canvas.getContext('2d', { alpha: false });
    this.draw();
    this.track = this.canvas.captureStream(captureRate).getVideoTracks()[0];
    this.ticks = new Worker('/web/package/dist/transport/tick-worker.js', { type: 'module' });
    // Ticks that queue up while the page is busy would starve everything else.
    this.ticks.addEventListener('message', () => {
      if (performance.now() - this.drawnAt > 500 / fps) this.draw();
    });
    this.ticks.postMessage(1000 / fps);
  }

  draw() {
    drawRoom(this.context, this.drawn++);
    this.drawnAt = performance.now();
  }

  resize(width, height) {
    Object.assign(this.canvas, { width, height });
    this.draw();
  }

  stop() {
    this.ticks.terminate();
    this.track.stop();
  }
}

/** A track of frames that are written one by one. */
export class FrameSource {
  constructor() {
    this.track = new globalThis.MediaStreamTrackGenerator({ kind: 'video' });
    this.writer = this.track.writable.getWriter();
    this.time = 0;
    this.start = performance.now();
  }

  /** Writes this many frames, 30 a second; returns their timestamps, which go by the clock. */
  async write(make, count) {
    const times = [];
    for (let i = 0; i < count; ++i) {
      const elapsed = Math.round(1000 * (performance.now() - this.start));
      this.time = Math.max(this.time + 33_333, elapsed);
      times.push(this.time);
      await this.writer.write(make(this.time));
      await new Promise((resolve) => setTimeout(resolve, 33));
    }
    return times;
  }

  stop() {
    this.track.stop();
  }
}

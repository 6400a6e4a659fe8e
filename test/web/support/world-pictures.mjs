// Frames, images and structured clones of a world.

/** A VideoFrame of no pixels: `shows` is 'raw', 'blank', or the background of a processed frame. */
export class FakeFrame {
  #world;

  /**
   * @param picture pixels, a frame, or a video
   * @param init `isNative`: the browser makes the frame, with any time
   */
  constructor(world, picture, { timestamp, duration = null, ...init }) {
    if (!init.isNative && !Number.isSafeInteger(timestamp)) throw new TypeError('no such time');
    this.#world = world;
    const source = picture.frame ?? picture;
    if (source.isClosed) throw new TypeError('the frame is closed');
    const { codedWidth, codedHeight, displayWidth, displayHeight, visibleRect } = init;
    this.displayWidth = source.displayWidth ?? displayWidth ?? visibleRect?.width ?? codedWidth;
    this.displayHeight =
      source.displayHeight ?? displayHeight ?? visibleRect?.height ?? codedHeight;
    this.format = 'I420';
    this.visibleRect = { width: this.displayWidth, height: this.displayHeight };
    /** The camera's memory, which copies share. */
    this.memory = init.memory ?? source.memory;
    this.shows = init.shows ?? source.shows ?? 'blank';
    this.timestamp = timestamp;
    this.duration = duration ?? source.duration ?? null;
    world.opened(this);
  }

  clone() {
    const { timestamp, duration } = this;
    return new FakeFrame(this.#world, this, { timestamp, duration, isNative: true });
  }

  allocationSize() {
    return 1;
  }

  /** The engine's Worker alone reads pixels: with a format, the page tries whether it is converted to. */
  async copyTo(bytes, { format } = {}) {
    if (format) {
      bytes[0] = bytes[6] = 255;
      return [];
    }
    await this.#world.pause(this.#world.random() * 5);
    if (this.isClosed) throw new TypeError('the frame is closed');
    bytes.shows = this.shows;
    return [];
  }

  close() {
    this.isClosed = true;
    this.#world.closed(this);
  }
}

/** An ImageBitmap of no pixels; `shows` as of a frame. */
export class FakeImage {
  #world;

  constructor(world, { width = 64, height = 48, shows = 'blank' } = {}) {
    this.#world = world;
    Object.assign(this, { width, height, shows });
    world.opened(this);
  }

  copy() {
    if (this.isClosed) throw new DOMException('the image is closed', 'DataCloneError');
    return new FakeImage(this.#world, this);
  }

  close() {
    this.isClosed = true;
    this.#world.closed(this);
  }
}

export class FakeImageData {}

/**
 * A message's structured clone for the thread of `owner`. What is transferred belongs to that thread;
 * images that are not are copied.
 */
export function cloned(world, message, transfer, owner) {
  const visit = (value) => {
    if (typeof value === 'function') throw new DOMException('a function', 'DataCloneError');
    if (typeof value !== 'object' || value === null) return value;
    if (transfer.includes(value)) {
      if (value instanceof FakeFrame || value instanceof FakeImage) value.owner = owner;
      return value;
    }
    if (value instanceof FakeImage) return Object.assign(value.copy(), { owner });
    if (value instanceof FakeFrame) throw new DOMException('a frame', 'DataCloneError');
    if (Array.isArray(value)) return value.map(visit);
    if (ArrayBuffer.isView(value)) return value.slice();
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, visit(each)]));
  };
  return visit(message);
}

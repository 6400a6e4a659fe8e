// The frames of a video element, even while the page is hidden.
import type { Picture } from './engine/picture.js';
import { convertsToRgba } from './engine/probes.js';
import type { Assets } from './create-worker.js';
import { newTickWorker } from './transport/new-tick-worker.js';

const tickMilliseconds = 1000 / 60;
/** A video that has played for this long without a callback gets none. */
const callbackMilliseconds = 500;

export interface FrameListener {
  /** Whether to take a frame now; all frames are taken by default. */
  wants?: () => boolean;
  /** Takes a bitmap where a VideoFrame may be drawn wrong; createImageBitmap by default. */
  bitmapOf?: (video: HTMLVideoElement) => Promise<ImageBitmap>;
  /** Takes ownership of the frame. The next one is handed over when this has finished. */
  take: (frame: Picture) => void | Promise<void>;
}

/** Hands over each new frame of a video, one at a time. */
export class VideoFrames {
  /** Drives the frames while no callback does: a hidden page gets none, but a Worker's timer runs on. */
  private ticks: Worker | undefined;
  private readonly watchdog: ReturnType<typeof setInterval>;
  private readonly start = performance.now();
  private hasCallbacks = false;
  private lastTime = -1;
  private timeOfTick = -1;
  private busy = false;
  /** Whether the latest frame was not taken: it may be the last one. */
  private missed = false;
  private closed = false;
  private readonly chooseDriver = (): void => {
    const isPlaying = !this.video.paused && this.video.readyState >= 2;
    const isLate = performance.now() - this.start > callbackMilliseconds;
    // WebKit without a compositor has callbacks, and never calls them.
    this.drive(document.hidden || (isPlaying && isLate && !this.hasCallbacks));
    if (this.missed) this.again();
  };

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly assets: Assets,
    private readonly listener: FrameListener,
  ) {
    document.addEventListener('visibilitychange', this.chooseDriver);
    this.watchdog = setInterval(this.chooseDriver, callbackMilliseconds);
    this.chooseDriver();
    this.awaitFrame();
  }

  /** Hands the current frame over, even if it is not new. */
  again(): void {
    this.look(this.video.currentTime);
  }

  close(): void {
    this.closed = true;
    document.removeEventListener('visibilitychange', this.chooseDriver);
    clearInterval(this.watchdog);
    this.ticks?.terminate();
  }

  private drive(byTicks: boolean): void {
    if (byTicks === (this.ticks !== undefined)) return;
    this.ticks?.terminate();
    this.ticks = undefined;
    if (!byTicks) return;
    this.ticks = newTickWorker(this.assets);
    this.ticks.addEventListener('message', () => {
      const { currentTime } = this.video;
      if (currentTime === this.timeOfTick || currentTime === this.lastTime) return;
      this.timeOfTick = currentTime;
      this.look(currentTime);
    });
    this.ticks.postMessage(tickMilliseconds);
  }

  private awaitFrame(): void {
    const next = (time: number, isNew: boolean): void => {
      if (this.closed) return;
      this.hasCallbacks = true;
      if (isNew) this.look(time);
      this.awaitFrame();
    };
    if ('requestVideoFrameCallback' in this.video) {
      // Each call is of a new frame, whatever its time: that of WebKit's canvases stays 0.
      this.video.requestVideoFrameCallback((_, { mediaTime }) => {
        next(mediaTime, true);
      });
    } else {
      requestAnimationFrame(() => {
        const { currentTime } = this.video;
        next(currentTime, currentTime !== this.lastTime);
      });
    }
  }

  private look(time: number): void {
    if (this.closed || this.video.readyState < 2) return;
    this.missed = this.busy || this.listener.wants?.() === false;
    if (this.missed) return;
    this.lastTime = time;
    this.busy = true;
    this.hand(time)
      .catch(() => undefined)
      .finally(() => {
        this.busy = false;
      });
  }

  private async hand(time: number): Promise<void> {
    let frame: Picture;
    try {
      frame = await this.frameOf(time);
    } catch {
      return; // The video has no frame at this moment.
    }
    await this.listener.take(frame);
  }

  /**
   * WebKitGTK at times draws the camera's picture in place of a VideoFrame's, or of a clip's, but never in place
   * of a bitmap of the camera (findings/webkit-draws-the-camera-for-a-frame.sh). WebKit is known by a copyTo that
   * does not convert.
   */
  private async frameOf(time: number): Promise<Picture> {
    const { bitmapOf = createImageBitmap } = this.listener;
    const isDrawnRight = 'VideoFrame' in globalThis && (await convertsToRgba(null));
    return isDrawnRight
      ? new VideoFrame(this.video, { timestamp: Math.round(1e6 * time) })
      : bitmapOf(this.video);
  }
}

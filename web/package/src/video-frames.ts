// The frames of a video element, even while the page is hidden.
import type { Picture } from './engine/picture.js';
import { newTickWorker, type Assets } from './workers.js';

const tickMilliseconds = 1000 / 60;

export interface FrameListener {
  /** Whether to take a frame now; all frames are taken by default. */
  wants?: () => boolean;
  /** Takes ownership of the frame. The next one is handed over when this has finished. */
  take: (frame: Picture) => void | Promise<void>;
  /** Called 60 times a second, even while the video has no new frame. */
  tick?: () => void;
}

/** Hands over each new frame of a video, one at a time. */
export class VideoFrames {
  private readonly ticks: Worker;
  private lastTime = -1;
  private busy = false;
  private closed = false;

  constructor(
    private readonly video: HTMLVideoElement,
    assets: Assets,
    private readonly listener: FrameListener,
  ) {
    // A hidden page gets no callbacks for its video's frames, but a Worker's timer keeps running.
    this.ticks = newTickWorker(assets);
    this.ticks.addEventListener('message', () => {
      if (document.hidden) this.look(video.currentTime);
      listener.tick?.();
    });
    this.ticks.postMessage(tickMilliseconds);
    this.awaitFrame();
  }

  /** Hands the current frame over, even if it is not new. */
  again(): void {
    this.lastTime = -1;
    this.look(this.video.currentTime);
  }

  close(): void {
    this.closed = true;
    this.ticks.terminate();
  }

  private awaitFrame(): void {
    const look = (time: number): void => {
      this.look(time);
      if (!this.closed) this.awaitFrame();
    };
    if ('requestVideoFrameCallback' in this.video) {
      this.video.requestVideoFrameCallback((_, { mediaTime }) => {
        look(mediaTime);
      });
    } else {
      requestAnimationFrame(() => {
        look(this.video.currentTime);
      });
    }
  }

  private look(time: number): void {
    if (this.closed || this.busy || time === this.lastTime || this.video.readyState < 2) return;
    if (this.listener.wants?.() === false) return;
    this.lastTime = time;
    this.busy = true;
    void this.hand(time).finally(() => {
      this.busy = false;
    });
  }

  private async hand(time: number): Promise<void> {
    let frame: Picture;
    try {
      frame =
        'VideoFrame' in globalThis
          ? new VideoFrame(this.video, { timestamp: Math.round(1e6 * time) })
          : await createImageBitmap(this.video);
    } catch {
      return; // The video has no frame at this moment.
    }
    await this.listener.take(frame);
  }
}

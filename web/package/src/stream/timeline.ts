// The times of the processed frames, which rise whatever those of the sources do.
import { isVideoFrame, type Picture } from '../engine/picture.js';

/** Microseconds by which another source's times may differ from those expected. */
const tolerance = 2e6;

/**
 * Times in microseconds. The first source's times stay as they are. From where a source's times stand
 * still, go back, or begin far from where another source's have got to, they are moved by a constant, so
 * that as much time passes in them as has passed. A time that is no safe integer is replaced: WebKit
 * gives a canvas's frames -2^63.
 */
export class Timeline {
  private offset = 0;
  private isNewSource = false;
  /** The time given last, and when, by performance.now(). */
  private last: { time: number; at: number } | undefined;
  /** The time of the picture that left last. */
  private left = -Infinity;

  /** The next frame is of another source. */
  attach(): void {
    this.isNewSource = true;
  }

  /** A time for a picture that the source did not give. */
  now(): number {
    const time = this.last
      ? Math.round(this.last.time + 1000 * (performance.now() - this.last.at))
      : 0;
    // The source's first frame follows this picture.
    if (this.isNewSource) this.last = { time, at: performance.now() };
    return time;
  }

  /** The frame with the time at which it is to leave. Uses the frame up. */
  place(picture: Picture): Picture {
    if (!isVideoFrame(picture)) return picture;
    const time = this.timeFor(picture.timestamp);
    this.isNewSource = false;
    this.last = { time, at: performance.now() };
    return withTime(picture, time);
  }

  /** The picture that leaves now, later than the one before. Uses the picture up. */
  leave(picture: Picture): Picture {
    if (!isVideoFrame(picture)) return picture;
    const leaving = withTime(picture, Math.max(picture.timestamp, this.left + 1));
    this.left = leaving.timestamp;
    return leaving;
  }

  private timeFor(timestamp: number): number {
    const before = this.last?.time ?? -Infinity;
    const isTime = Number.isSafeInteger(timestamp);
    const time = timestamp + this.offset;
    const isFar = this.isNewSource && this.last && Math.abs(time - this.now()) > tolerance;
    if (isTime && time > before && !isFar) return time;
    const next = Math.max(this.now(), before + 1);
    if (isTime) this.offset = next - timestamp;
    return next;
  }
}

function withTime(frame: VideoFrame, timestamp: number): VideoFrame {
  if (frame.timestamp === timestamp) return frame;
  const moved = new VideoFrame(frame, { timestamp });
  frame.close();
  return moved;
}

// The source's latest frame, to be processed again while the source gives no other.
import { isVideoFrame, type Picture } from '../engine/picture.js';

export class HeldFrame {
  private frame: VideoFrame | undefined;

  /** Holds a copy of this frame, which shares its memory, in place of the one before. */
  hold(picture: Picture): void {
    this.close();
    if (isVideoFrame(picture)) this.frame = picture.clone();
  }

  /** A copy of the frame, with this time in microseconds. */
  again(timestamp: number): VideoFrame | undefined {
    return this.frame && new VideoFrame(this.frame, { timestamp });
  }

  close(): void {
    this.frame?.close();
    this.frame = undefined;
  }
}

// The source's latest frame, to be processed again while the source gives no other.
import {
  displaySize,
  isVideoFrame,
  orientationOf,
  timingOf,
  type Picture,
} from '../engine/picture.js';

export class HeldFrame {
  private frame: VideoFrame | undefined;
  private sharesMemory = true;

  /** Holds a copy of this frame, which shares its memory at first, in place of the one before. */
  hold(picture: Picture): void {
    this.close();
    if (!isVideoFrame(picture)) return;
    this.frame = picture.clone();
    if (!this.sharesMemory) void this.copy(this.frame);
  }

  /**
   * From now on, holds no memory of the source's: Chromium gives no frame of a camera while two are open, and
   * counts one for ever that was lost when the stream was transferred to the Worker.
   */
  stopSharing(): void {
    if (this.sharesMemory && this.frame) void this.copy(this.frame);
    this.sharesMemory = false;
  }

  private async copy(frame: VideoFrame): Promise<void> {
    // A frame without a format is a texture, and no camera's.
    const copied = await copyOf(frame).catch(() => undefined);
    if (!copied) return;
    if (this.frame === frame) {
      this.frame = copied;
      frame.close();
    } else {
      copied.close();
    }
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

/** A copy with memory of its own. */
async function copyOf(frame: VideoFrame): Promise<VideoFrame> {
  const { format, visibleRect, colorSpace } = frame;
  if (!format || !visibleRect) throw new TypeError('the frame has no format');
  const { width: codedWidth, height: codedHeight } = visibleRect;
  const orientation = orientationOf(frame);
  const init = {
    format,
    colorSpace,
    codedWidth,
    codedHeight,
    ...displaySize(frame, orientation.rotation),
    ...orientation,
    ...timingOf(frame),
  };
  const bytes = new Uint8Array(frame.allocationSize());
  const layout = await frame.copyTo(bytes);
  return new VideoFrame(bytes, { ...init, layout });
}

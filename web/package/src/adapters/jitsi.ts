// A Backdrop as the effect of a track of lib-jitsi-meet, which is no npm package: its interface is
// IStreamEffect in https://github.com/jitsi/lib-jitsi-meet/blob/master/modules/RTC/JitsiLocalTrack.ts
import type { Backdrop } from '../backdrop.js';

/** What is asked of a JitsiLocalTrack. */
interface JitsiTrack {
  isVideoTrack(): boolean;
  videoType?: string | undefined;
}

/**
 * For `JitsiLocalTrack.setEffect`. The Backdrop is its own: no other track can have it at the same
 * time, and it has to go on while the effect is in use. When the Backdrop tells of a new `track`, set
 * the effect again.
 */
export class JitsiEffect {
  private constructor(
    private readonly backdrop: Backdrop,
    private source: MediaStreamTrack,
    private output: MediaStreamTrack,
  ) {
    backdrop.on('track', (processed) => {
      this.output = processed;
    });
  }

  /**
   * lib-jitsi-meet wants the processed track the moment that it starts an effect. So the Backdrop is
   * set to work beforehand, on this track; rejects with a BackdropError where it can't be.
   */
  static async create(backdrop: Backdrop, track: MediaStreamTrack): Promise<JitsiEffect> {
    const source = track.clone();
    try {
      return new JitsiEffect(backdrop, source, await backdrop.process(source));
    } catch (reason) {
      source.stop();
      throw reason;
    }
  }

  isEnabled(track: JitsiTrack): boolean {
    return track.isVideoTrack() && track.videoType === 'camera';
  }

  /** Called at `setEffect` and at each unmuting, then with a new camera track. */
  startEffect(stream: MediaStream): MediaStream {
    this.source.stop();
    const [track] = stream.getVideoTracks();
    if (track) {
      // A copy: it can end at stopEffect, while lib-jitsi-meet goes on with the original.
      this.source = track.clone();
      // Where that fails, the Backdrop's events say why, and the output is blank.
      this.backdrop.process(this.source).catch(() => undefined);
    }
    return new MediaStream([this.output]);
  }

  /** The Backdrop stays, and can be started again at once. */
  stopEffect(): void {
    this.source.stop();
  }
}

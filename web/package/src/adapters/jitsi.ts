// A Backdrop as the effect of a track of lib-jitsi-meet, which is no npm package: its interface is
// IStreamEffect in https://github.com/jitsi/lib-jitsi-meet/blob/master/modules/RTC/JitsiLocalTrack.ts
import type { Backdrop } from '../backdrop.js';

/** The part of JitsiLocalTrack that this adapter uses. */
interface JitsiTrack {
  isVideoTrack(): boolean;
  videoType?: string | undefined;
}

/**
 * For `JitsiLocalTrack.setEffect`. The effect needs its own Backdrop: no other track can use it at the
 * same time, and it must not be stopped while the effect is in use. When the Backdrop emits `track`,
 * set the effect again.
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
   * Starts the Backdrop on this track beforehand, because lib-jitsi-meet needs the processed track as
   * soon as it starts an effect. Rejects with a BackdropError when the Backdrop can't start.
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

  /** Called by `setEffect`, and with a new camera track by each unmuting. */
  startEffect(stream: MediaStream): MediaStream {
    this.source.stop();
    const [track] = stream.getVideoTracks();
    if (track) {
      // A clone can be stopped by stopEffect while lib-jitsi-meet keeps using the original.
      this.source = track.clone();
      // When this fails, the output is blank, and the Backdrop's events give the reason.
      this.backdrop.process(this.source).catch(() => undefined);
    }
    return new MediaStream([this.output]);
  }

  /** Stops the source only: the Backdrop keeps its engine, so that it can start again at once. */
  stopEffect(): void {
    this.source.stop();
  }
}

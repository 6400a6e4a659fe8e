// A Backdrop as the effect of a track of lib-jitsi-meet, which is no npm package: its interface is
// IStreamEffect in https://github.com/jitsi/lib-jitsi-meet/blob/master/modules/RTC/JitsiLocalTrack.ts
import type { Backdrop } from '../backdrop.js';

/** The part of JitsiLocalTrack that this adapter uses. */
interface JitsiTrack {
  isVideoTrack(): boolean;
  videoType?: string | undefined;
}

/** The processed track of each Backdrop that has had an effect. */
const outputs = new WeakMap<Backdrop, MediaStreamTrack>();

/** Processes the track, and keeps the Backdrop's processed track up to date from then on. */
async function process(backdrop: Backdrop, track: MediaStreamTrack): Promise<void> {
  const processed = await backdrop.process(track);
  if (!outputs.has(backdrop)) {
    backdrop.on('track', (next) => {
      outputs.set(backdrop, next);
    });
  }
  outputs.set(backdrop, processed);
}

/**
 * For `JitsiLocalTrack.setEffect`. The effect needs its own Backdrop: no other track can use it at the
 * same time, and it must not be stopped while the effect is in use. When the Backdrop emits `track`,
 * set the effect again. After the Backdrop was stopped, create another effect.
 */
export class JitsiEffect {
  private sent: MediaStreamTrack | undefined;

  private constructor(
    private readonly backdrop: Backdrop,
    private source: MediaStreamTrack,
  ) {}

  /**
   * Starts the Backdrop on this track beforehand, because lib-jitsi-meet needs the processed track as
   * soon as it starts an effect. Rejects with a BackdropError when the Backdrop can't start.
   */
  static async create(backdrop: Backdrop, track: MediaStreamTrack): Promise<JitsiEffect> {
    const source = track.clone();
    try {
      await process(backdrop, source);
      return new JitsiEffect(backdrop, source);
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
    this.stopEffect();
    const [track] = stream.getVideoTracks();
    if (track) {
      // A clone can be stopped by stopEffect while lib-jitsi-meet keeps using the original.
      this.source = track.clone();
      // When this fails, the output is blank, and the Backdrop's events give the reason.
      process(this.backdrop, this.source).catch(() => undefined);
    }
    // Whoever stops the clone leaves the processed track live for the next start.
    this.sent = outputs.get(this.backdrop)?.clone();
    return new MediaStream(this.sent ? [this.sent] : []);
  }

  /** Stops the source only: the Backdrop keeps its engine, so that it can start again at once. */
  stopEffect(): void {
    this.source.stop();
    this.sent?.stop();
  }
}

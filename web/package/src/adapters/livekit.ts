// A Backdrop as the processor of a LiveKit track.
import type { LocalVideoTrack, Track, TrackProcessor, VideoProcessorOptions } from 'livekit-client';
import type { Backdrop } from '../backdrop.js';
import { BackdropError } from '../error.js';

/**
 * For `LocalVideoTrack.setProcessor`. The processor needs its own Backdrop: no other track can use it at
 * the same time. LiveKit destroys a processor when its track is stopped. That only stops the Backdrop,
 * so the same processor can be set on the next track.
 */
export class LiveKitProcessor implements TrackProcessor<Track.Kind.Video, VideoProcessorOptions> {
  readonly name = 'backdrop';
  /** Stays, ended, after `destroy`: LiveKit sends the camera's track for a processor without one. */
  processedTrack?: MediaStreamTrack;

  private localTrack: LocalVideoTrack | undefined;
  private stopListening: (() => void) | undefined;

  constructor(private readonly backdrop: Backdrop) {}

  /**
   * Rejects with a BackdropError when the Backdrop can't process the track, and with its code `state`
   * where LiveKit would send raw frames: when this processor is set already, or takes another's place
   * on a track that is published and not muted. LiveKit then leaves the track as it was.
   */
  async init({ track, localTrack }: VideoProcessorOptions): Promise<void> {
    const target = localTrack as LocalVideoTrack | undefined;
    this.checkIsFree(target);
    this.localTrack = target;
    this.stopListening ??= this.backdrop.on('track', (processed) => {
      void this.replace(processed);
    });
    try {
      await this.take(track);
    } catch (reason) {
      this.release();
      throw reason;
    }
  }

  /** Called when the camera was changed or unmuted; the processed track stays the same. */
  restart({ track }: VideoProcessorOptions): Promise<void> {
    return this.take(track);
  }

  destroy(): Promise<void> {
    this.release();
    this.backdrop.stop();
    return Promise.resolve();
  }

  /** LiveKit sends the camera's track between the end of the processor before and the start of this one. */
  private checkIsFree(target: LocalVideoTrack | undefined): void {
    const before = target?.getProcessor();
    if (before === this || this.localTrack?.getProcessor() === this) {
      throw new BackdropError('state', 'this processor is already set on a track');
    }
    if (before && target?.sender && !target.isMuted) {
      const remedy = 'mute the track, set the processor, and unmute the track';
      throw new BackdropError('state', `replacing a processor would send raw frames: ${remedy}`);
    }
  }

  private async take(track: MediaStreamTrack): Promise<void> {
    // LiveKit stops the camera of a muted track, and calls `restart` with another one at the unmuting.
    if (track.readyState === 'ended') return;
    this.processedTrack = await this.backdrop.process(track);
  }

  private release(): void {
    this.stopListening?.();
    this.stopListening = undefined;
    this.localTrack = undefined;
  }

  /** LiveKit reads the processed track after `init` and `restart` only; this repeats what it does then. */
  private async replace(processed: MediaStreamTrack): Promise<void> {
    this.processedTrack = processed;
    const { localTrack } = this;
    if (!localTrack) return;
    for (const element of localTrack.attachedElements) localTrack.attach(element);
    // At its resumption LiveKit reads the processed track again.
    if (localTrack.isUpstreamPaused) return;
    const senders = [localTrack, ...localTrack.simulcastCodecs.values()].map(
      ({ sender }) => sender,
    );
    await Promise.allSettled(senders.map(async (sender) => sender?.replaceTrack(processed)));
  }
}

// A Backdrop as the processor of a LiveKit track.
import type { LocalVideoTrack, Track, TrackProcessor, VideoProcessorOptions } from 'livekit-client';
import type { Backdrop } from '../backdrop.js';

/**
 * For `LocalVideoTrack.setProcessor`. The processor needs its own Backdrop: no other track can use it at
 * the same time. LiveKit destroys a processor when its track is stopped. That only stops the Backdrop,
 * so the same processor can be set on the next track.
 */
export class LiveKitProcessor implements TrackProcessor<Track.Kind.Video, VideoProcessorOptions> {
  readonly name = 'backdrop';
  processedTrack?: MediaStreamTrack;

  private localTrack: LocalVideoTrack | undefined;
  private stopListening: (() => void) | undefined;

  constructor(private readonly backdrop: Backdrop) {}

  /** Rejects with a BackdropError when the Backdrop can't process the track. */
  async init({ track, localTrack }: VideoProcessorOptions): Promise<void> {
    this.localTrack = localTrack as LocalVideoTrack | undefined;
    this.stopListening ??= this.backdrop.on('track', (processed) => {
      void this.replace(processed);
    });
    this.processedTrack = await this.backdrop.process(track);
  }

  /** Called when the camera was changed or unmuted; the processed track stays the same. */
  restart(options: VideoProcessorOptions): Promise<void> {
    return this.init(options);
  }

  destroy(): Promise<void> {
    this.stopListening?.();
    this.stopListening = undefined;
    this.localTrack = undefined;
    delete this.processedTrack;
    this.backdrop.stop();
    return Promise.resolve();
  }

  /** LiveKit reads the processed track after `init` and `restart` only; this repeats what it does then. */
  private async replace(processed: MediaStreamTrack): Promise<void> {
    this.processedTrack = processed;
    const { localTrack } = this;
    if (!localTrack) return;
    for (const element of localTrack.attachedElements) localTrack.attach(element);
    const senders = [localTrack, ...localTrack.simulcastCodecs.values()].map(
      ({ sender }) => sender,
    );
    await Promise.allSettled(senders.map(async (sender) => sender?.replaceTrack(processed)));
  }
}

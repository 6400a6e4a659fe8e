// What a source and an output tell by no event: that a script disabled or stopped them.
import type { TrackStates } from '../stream/protocol.js';

const lookMilliseconds = 100;

export interface TrackListener {
  changed: (states: TrackStates) => void;
  /** The source has ended. Called once, and nothing is watched any more. */
  ended: () => void;
  /** The source has these constraints now. */
  constrained: (constraints: MediaTrackConstraints) => void;
}

/** Whether the tracks are enabled. */
export function statesOf(source: MediaStreamTrack, output: MediaStreamTrack): TrackStates {
  return { sourceEnabled: source.enabled, outputEnabled: output.enabled };
}

/** Watches from its creation until it is closed. */
export class TrackWatch {
  private readonly timer: ReturnType<typeof setInterval>;
  private constraints: string;

  constructor(
    private readonly source: MediaStreamTrack,
    private readonly output: MediaStreamTrack,
    /** As the listener knows them. */
    private states: TrackStates,
    private readonly listener: TrackListener,
  ) {
    this.constraints = JSON.stringify(source.getConstraints());
    this.timer = setInterval(() => {
      this.look();
    }, lookMilliseconds);
    this.look();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    if (this.source.readyState === 'ended') {
      this.close();
      this.listener.ended();
      return;
    }
    const now = statesOf(this.source, this.output);
    const { sourceEnabled, outputEnabled } = this.states;
    if (now.sourceEnabled !== sourceEnabled || now.outputEnabled !== outputEnabled) {
      this.states = now;
      this.listener.changed(now);
    }
    const constraints = this.source.getConstraints();
    if (JSON.stringify(constraints) === this.constraints) return;
    this.constraints = JSON.stringify(constraints);
    this.listener.constrained(constraints);
  }
}

/** A source's size in pixels, as far as its settings tell. */
export function sizeOfTrack(track: MediaStreamTrack): { width: number; height: number } {
  const { width = 16, height = 16 } = track.getSettings();
  return { width, height };
}

// One interface over the processing of a picture and of a stream.
import type { ModelInfo, StreamStatistics } from '@backdrop/web';
import type { ProcessingOptions } from './processing-options.js';

export type Stages = StreamStatistics['stages'];

export interface State {
  kind: 'loading' | 'ready' | 'slow' | 'failed' | 'ended';
  message: string;
}

export interface ProcessingEvents {
  state: (state: State) => void;
  /** Milliseconds of each stage of a picture that was processed. */
  picture: (stages: Stages) => void;
  /** Statistics of the latest second of a stream. */
  statistics: (statistics: StreamStatistics) => void;
  error: (reason: unknown) => void;
  /** The model in use, as the engine describes it. */
  model: (info: ModelInfo) => void;
  /** A new processed track; undefined when the track has ended. */
  track: (track: MediaStreamTrack | undefined) => void;
}

export interface Processing {
  /** Shows the result. */
  readonly view: HTMLVideoElement | HTMLCanvasElement;
  update(changes: Partial<ProcessingOptions>): void;
  close(): void;
}

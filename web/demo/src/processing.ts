// What makes the result of a source, be it one picture or a stream.
import type { ModelInfo, StreamStatistics } from '@backdrop/web';
import type { ProcessingOptions } from './processing-options.js';

export type Stages = StreamStatistics['stages'];

export interface State {
  kind: 'loading' | 'ready' | 'slow' | 'failed' | 'ended';
  message: string;
}

export interface ProcessingEvents {
  state: (state: State) => void;
  /** One picture was processed, in so many milliseconds. */
  picture: (stages: Stages) => void;
  /** A second of a stream. */
  statistics: (statistics: StreamStatistics) => void;
  error: (reason: unknown) => void;
  /** What the engine made of the model that runs. */
  model: (info: ModelInfo) => void;
  /** The processed track, when there is a new one; undefined when there is none any more. */
  track: (track: MediaStreamTrack | undefined) => void;
}

export interface Processing {
  /** Shows the result. */
  readonly view: HTMLVideoElement | HTMLCanvasElement;
  update(changes: Partial<ProcessingOptions>): void;
  close(): void;
}

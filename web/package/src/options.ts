// A Backdrop's options, as applications give them.
import type { Background, Coverage, LightWrapping, Refinement } from './engine/kinds.js';
import type { Variant } from './engine/variant.js';
import type { ModelSource, PipelineName, Sampling, Settings } from './settings.js';
import type { TransportName } from './transport/detect.js';

/** A background image: its address, or anything with pixels. */
export type PictureSource = string | URL | ImageBitmapSource;

/** A background video: its address, an element that plays it, or a track. */
export type VideoSource = string | URL | HTMLVideoElement | MediaStreamTrack;

/** A background before it is loaded. A video is shown without its sound. */
export type BackgroundSource = Background<PictureSource> | { kind: 'video'; video: VideoSource };

export interface Options {
  /** The network that finds the person. */
  model: ModelSource;
  /** Default: a blur of strength 2. */
  background?: BackgroundSource;
  /** Default: 0.4 to 0.8. */
  coverage?: Coverage;
  /**
   * How the mask's edges are aligned with the frame's, in the pipelines `engine` (default: `none`) and
   * `webgl2` (default: `bilateral-separable`, 1 and 0.1).
   */
  refinement?: Refinement;
  /** Light on the person's edge, in the pipeline `webgl2`. Default: 0.3, `screen`. */
  lightWrapping?: LightWrapping;
  /** For the pipeline `webgl2`. Default: `auto`. */
  sampling?: Sampling;
  /** Temporal smoothing of the mask, 0 (off) to 1. Default: 0.9. */
  steadying?: number;
  /** Static-scene skip: whether the mask is reused while nothing moves. Default: true. */
  motionGate?: boolean;
  /** The most frames a second, 1 to 120; the network runs less often to keep them. Default: 30. */
  targetFps?: number;
  /** The build of the engine. Default: `auto`, the fastest that the browser can run. */
  variant?: Variant | 'auto';
  /** The engine's threads, 1 to 16; more than 1 only where the page is cross-origin isolated. */
  threads?: number | 'auto';
  /** Default: `engine`. */
  pipeline?: PipelineName;
  /** Smoothing of the mask in the pipeline `canvas2d`, 0 to 20 pixels of the frame. Default: 4. */
  maskBlur?: number;
}

/** Options that never change. */
export interface FixedOptions {
  /** How frames come and go. Default: `auto`, the best that the browser has. */
  transport?: TransportName | 'auto';
  /** The address of the folder with the package's `dist`, if that is not beside the script. */
  assets?: string | URL;
}

/** The options, which were checked, that need no loading. */
export function settled({ background, ...changes }: Partial<Options>): Partial<Settings> {
  const settings: Partial<Settings> = { ...changes };
  if (background && !isToBeLoaded(background)) settings.background = background;
  return settings;
}

/** Whether the background has to be loaded. */
export function isToBeLoaded(
  background: BackgroundSource,
): background is Extract<BackgroundSource, { kind: 'image' | 'video' }> {
  return background.kind === 'image' || background.kind === 'video';
}

// A Backdrop's options, as applications give them.
import type { Background, Coverage, LightWrapping, Refinement } from './engine/kinds.js';
import type { Placed, Placement } from './engine/placement.js';
import type { ModelSource, Settings } from './settings.js';
import type { TransportName } from './transport/detect.js';

/** A background image: its address, or anything with pixels. */
export type PictureSource = string | URL | ImageBitmapSource;

/** A background video: its address, an element that plays it, or a track. */
export type VideoSource = string | URL | HTMLVideoElement | MediaStreamTrack;

/** A background before it is loaded. A video is shown without its sound. */
export type LoadableBackground = Placed<
  Background<PictureSource> | { kind: 'video'; video: VideoSource }
>;

type Side = 'left' | 'right' | 'top' | 'bottom' | 'center';

/** Where a picture or video lies in the frame. */
export interface PlacementOptions extends Optional<Omit<Placement, 'position'>> {
  /** As in CSS, `top left` for instance, or shares of the frame from 0 to 1. Default: `center`. */
  position?: Side | `${Side} ${Side}` | readonly [x: number, y: number] | undefined;
}

/** A background as it can be given. */
export type BackgroundSource =
  | Exclude<LoadableBackground, { kind: 'image' | 'video' }>
  | ({ kind: 'image'; image: PictureSource } & PlacementOptions)
  | ({ kind: 'video'; video: VideoSource } & PlacementOptions)
  /** Default: a strength of 2. */
  | { kind: 'blur'; strength?: number | undefined }
  /** An opaque CSS color, for instance `#2f6f5e` or `teal`. */
  | { kind: 'color'; color: string };

/** The settings that an application gives in another form than the engine takes. */
type Rephrased = 'model' | 'background' | 'coverage' | 'refinement' | 'lightWrapping';

interface AllOptions extends Omit<Settings, Rephrased> {
  /**
   * The network that finds the person: its address, its bytes, or these and how it is fed and read.
   * Default: the one that comes with the package.
   */
  model: ModelSource | string | URL | Uint8Array;
  /**
   * Default: `blur`. A string is `none`, `blur` or `transparent`, a CSS color, or else the address of a
   * picture.
   */
  background: BackgroundSource | string | URL;
  /** Default: 0.4 to 0.8. */
  coverage: Partial<Coverage>;
  /**
   * How the mask's edges are aligned with the frame's, in the pipelines `engine` and `webgl2`. Default:
   * `auto`, which is `guided` in `engine` and `bilateral-separable` in `webgl2`; sigmas of 1 and 0.1.
   */
  refinement: 'auto' | (Pick<Refinement, 'kind'> & Partial<Refinement>);
  /** Light on the person's edge, in the pipeline `webgl2`. Default: 0.3, `screen`. */
  lightWrapping: Partial<LightWrapping>;
}

interface AllFixedOptions {
  /** How frames come and go. Default: `auto`, the best that the browser has. */
  transport: TransportName | 'auto';
  /** The address of the folder with the package's `dist`, if that is not beside the script. */
  assets: string | URL;
}

type Optional<Fields> = { [Name in keyof Fields]?: Fields[Name] | undefined };

/** What can change while frames flow. An option that is undefined has, or gets back, its default. */
export type Options = Optional<AllOptions>;

/** Options that never change. */
export type FixedOptions = Optional<AllFixedOptions>;

/** Options that were checked: in full, and with addresses that are absolute. */
export type CheckedOptions = Partial<
  Omit<Settings, 'background'> & { background: LoadableBackground }
>;

/** The options that need no loading. */
export function settled({ background, ...changes }: CheckedOptions): Partial<Settings> {
  const settings: Partial<Settings> = { ...changes };
  if (background && !isToBeLoaded(background)) settings.background = background;
  return settings;
}

/** Whether the background has to be loaded. */
export function isToBeLoaded(
  background: LoadableBackground,
): background is Extract<LoadableBackground, { kind: 'image' | 'video' }> {
  return background.kind === 'image' || background.kind === 'video';
}

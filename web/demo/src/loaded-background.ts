import type { Background } from '@backdrop/web';

/** A background that is decoded; `first` is the video's first frame. */
export type LoadedBackground =
  Background<ImageBitmap> | { kind: 'video'; video: HTMLVideoElement; first: ImageBitmap };

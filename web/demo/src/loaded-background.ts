import type { Background } from '@backdrop/web';

/** What stands behind the person, decoded; `first` is the video's first frame. */
export type LoadedBackground =
  Background<ImageBitmap> | { kind: 'video'; video: HTMLVideoElement; first: ImageBitmap };

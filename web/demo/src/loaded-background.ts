import type { Adjustments } from '@backdrop/web';

type PlacedImage = Extract<Adjustments['background'], { kind: 'image' }>;

/** A background that is decoded; `still` is a video's first frame. */
export type LoadedBackground =
  | Adjustments['background']
  | (Omit<PlacedImage, 'kind' | 'image'> & {
      kind: 'video';
      video: HTMLVideoElement;
      still: PlacedImage;
    });

// Where the picture behind the person lies in the frame.
import type { fits } from './abi.js';

export interface Placement {
  /** Whether the picture covers the frame, or all of it is seen. Default: `cover`. */
  fit: (typeof fits)[number];
  /** Which of the picture's points lies on the same one of the frame, 0 to 1. Default: the centre. */
  position: readonly [x: number, y: number];
  /** Whether it is drawn mirrored, for a view that mirrors the frame. Default: false. */
  mirror: boolean;
  /** What shows beside the picture, and where it is clear: `#rrggbb`. Default: black. */
  color: string;
}

/** A background that has a placement where it is a picture. */
export type Placed<Each> = Each extends { kind: 'image' | 'video' }
  ? Each & Partial<Placement>
  : Each;

export const usualPlacement: Placement = {
  fit: 'cover',
  position: [0.5, 0.5],
  mirror: false,
  color: '#000000',
};

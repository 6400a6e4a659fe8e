// Which colours a VideoFrame's samples mean.
import { isVideoFrame, type Picture } from './picture.js';

/** Values with which samples are mixed as if they were sRGB's: the difference does not show. */
const plain: Record<'matrix' | 'primaries' | 'transfer', readonly (string | null)[]> = {
  matrix: [null, 'rgb', 'bt709', 'bt470bg', 'smpte170m'],
  primaries: [null, 'bt709', 'bt470bg', 'smpte170m'],
  transfer: [null, 'bt709', 'smpte170m', 'iec61966-2-1'],
};

/** Whether the picture's own samples are mixed: those of a wide gamut or a high dynamic range are not. */
export function isMixedAsStored(picture: Picture): boolean {
  if (!isVideoFrame(picture)) return true;
  const { matrix, primaries, transfer } = picture.colorSpace;
  return (
    plain.matrix.includes(matrix ?? null) &&
    plain.primaries.includes(primaries ?? null) &&
    plain.transfer.includes(transfer ?? null)
  );
}

/**
 * The colour space for a copy of a frame in YUV. What the frame leaves open browsers display as BT.601
 * with limited range, but Firefox makes BT.709 of it in the copy.
 */
export function toldColorSpace(colorSpace: VideoColorSpace): VideoColorSpaceInit {
  const { matrix, fullRange, ...others } = colorSpace.toJSON();
  return { ...others, matrix: matrix ?? 'smpte170m', fullRange: fullRange ?? false };
}

import type { Stages } from './processing.js';

/** A frame's stages in their order, with their names on the page. */
export const stages = [
  ['copy', 'Copy'],
  ['sample', 'Sample'],
  ['infer', 'Infer'],
  ['matte', 'Matte'],
  ['composite', 'Compose'],
] as const;

export function totalOf(milliseconds: Stages): number {
  return stages.reduce((sum, [stage]) => sum + milliseconds[stage], 0);
}

// Files that are dropped on the page or pasted into it.
import { byId } from './dom.js';

/** Where a file was dropped or pasted: on the background's panel, or anywhere else. */
export type Place = 'background' | 'stage';

function placeOf({ target }: Event): Place {
  const isInPanel = target instanceof Node && byId('background-panel').contains(target);
  return isInPanel ? 'background' : 'stage';
}

/** Marks where a file that is dragged would go. */
function mark(place?: Place): void {
  byId('drop').hidden = place !== 'stage';
  byId('background-panel').classList.toggle('targeted', place === 'background');
}

/**
 * @param taken called with each file
 * @param failed called when what was dropped is not a file
 */
export function takeFiles(
  taken: (file: File, place: Place) => void,
  failed: (reason: unknown) => void,
): void {
  addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(placeOf(event));
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) mark();
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    mark();
    const file = event.dataTransfer?.files[0];
    if (file) taken(file, placeOf(event));
    else failed('What was dropped is not a file.');
  });
  addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (file) taken(file, placeOf(event));
  });
}

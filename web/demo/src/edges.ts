// The simple view of the mask's settings: how soft the edges are, and whether they are refined.
import { byId, byIdOf } from './dom.js';
import { refinementOf } from './processing-options.js';
import type { Settings, SettingsStore } from './settings.js';

/** The mask's probabilities between which source and background are blended. */
const softness: Record<string, Pick<Settings, 'low' | 'high'>> = {
  soft: { low: 0.2, high: 0.9 },
  medium: { low: 0.4, high: 0.8 },
  sharp: { low: 0.55, high: 0.65 },
};

export function bindEdges(store: SettingsStore): void {
  const choices = [...byId('softness').querySelectorAll('input')];
  const refined = byIdOf(HTMLInputElement, 'refined');
  const show = () => {
    const { current } = store;
    for (const choice of choices) {
      const { low, high } = softness[choice.value] ?? current;
      choice.checked = low === current.low && high === current.high;
    }
    refined.checked = refinementOf(current).kind !== 'none';
    byId('refined-field').hidden = current.pipeline === 'canvas2d';
  };
  for (const choice of choices) {
    choice.addEventListener('input', () => store.set(softness[choice.value] ?? {}));
  }
  refined.addEventListener('input', () => {
    store.set({ refinement: refined.checked ? 'auto' : 'none' });
  });
  store.on(show);
  show();
}

// The stage: the source on the left of the divider, the result on the right.
import { byId } from './dom.js';
import { Divider } from './divider.js';
import type { SettingsStore } from './settings.js';

type View = HTMLVideoElement | HTMLCanvasElement;

function sizeOf(view: View): [width: number, height: number] {
  if (view instanceof HTMLVideoElement) return [view.videoWidth, view.videoHeight];
  return [view.width, view.height];
}

export class Stage {
  private readonly frame = byId('frame');
  private readonly divider: Divider;

  constructor(private readonly store: SettingsStore) {
    this.divider = new Divider(this.frame, byId('divider'), (split) => store.set({ split }));
    store.on(() => this.arrange());
    this.arrange();
  }

  /** Shows the source and its name; without a view, removes the source before. */
  setSource(view?: View, name = ''): void {
    byId('source-view').replaceChildren(...(view ? [view] : []));
    byId('source-name').textContent = name;
    if (!view) return;
    view.ariaLabel = 'Source';
    const fit = () => this.fit(view, name);
    view.onresize = fit;
    fit();
  }

  setResult(view?: View): void {
    if (view) view.ariaLabel = 'Result';
    byId('result').replaceChildren(...(view ? [view] : []));
  }

  /** Covers the result with the text; an empty text uncovers the result. */
  note(text: string): void {
    byId('result-note').textContent = text;
  }

  private fit(view: View, name: string): void {
    const [width, height] = sizeOf(view);
    if (width === 0) return;
    this.frame.style.setProperty('--ratio', String(width / height));
    byId('source-name').textContent = `${name} · ${width} × ${height}`;
  }

  private arrange(): void {
    const { view, split, background } = this.store.current;
    this.divider.set(split);
    byId('divider').hidden = view === 'result';
    this.frame.dataset.view = view;
    byId('result-pane').classList.toggle('checkered', background === 'transparent');
  }
}

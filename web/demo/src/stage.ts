// The stage: the source on the left of the divider, the result on the right.
import { byId } from './dom.js';
import { Divider } from './divider.js';
import type { SettingsStore } from './settings.js';
import type { Source } from './source/source.js';

type View = HTMLVideoElement | HTMLCanvasElement;

export function sizeOf(view: View): [width: number, height: number] {
  if (view instanceof HTMLVideoElement) return [view.videoWidth, view.videoHeight];
  return [view.width, view.height];
}

export class Stage {
  /** Shows the result. */
  result: View | undefined;

  private source: Source | undefined;
  private readonly frame = byId('frame');
  private readonly divider: Divider;

  constructor(private readonly store: SettingsStore) {
    this.divider = new Divider(this.frame, byId('divider'), (split) => store.set({ split }));
    store.on(() => this.arrange());
    this.arrange();
  }

  /** Shows the source and its name; without one, removes the source before. */
  setSource(source?: Source): void {
    this.source = source;
    this.arrange();
    byId('source-view').replaceChildren(...(source ? [source.view] : []));
    byId('source-name').textContent = source?.name ?? '';
    if (!source) return;
    const { view, name } = source;
    view.ariaLabel = 'Source';
    const fit = () => this.fit(view, name);
    view.onresize = fit;
    fit();
  }

  setResult(view?: View): void {
    this.result = view;
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
    byId('stage').style.setProperty('--ratio', String(width / height));
    byId('source-name').textContent = `${name} · ${width} × ${height}`;
  }

  private arrange(): void {
    const { view, split, background, mirror } = this.store.current;
    this.divider.set(split);
    byId('divider').hidden = view === 'result';
    this.frame.dataset.view = view;
    this.frame.classList.toggle('mirrored', mirror && this.source?.facesUser === true);
    byId('result-pane').classList.toggle('checkered', background === 'transparent');
  }
}

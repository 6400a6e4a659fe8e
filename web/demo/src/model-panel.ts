// The page's panel with the model, and the overrides of how it is planned, fed and read.
import type { ModelInfo } from '@backdrop/web';
import { byId, byIdOf, chooser } from './dom.js';
import type { ModelChoice } from './model-choice.js';
import { ownId } from './models.js';
import { openModel, tryModel } from './own-model.js';
import { messageOf } from './picture-file.js';
import { asTheModelHasIt, modelKeys, type Settings, type SettingsStore } from './settings.js';

/** The overrides that the engine may reject for a network: each is tried before it is set. */
const tried = ['size', 'output'] as const;
type Tried = (typeof tried)[number];

export class ModelPanel {
  private readonly panel = byIdOf(HTMLDetailsElement, 'engine');
  private readonly problem = byId('model-problem');
  private readonly classes = byIdOf(HTMLFieldSetElement, 'classes');
  private names: readonly string[] = [];
  /** Counts the tries, so that one that takes longer does not undo a later one. */
  private turn = 0;

  /** @param changed called when another model from a file has replaced the one before */
  constructor(
    private readonly store: SettingsStore,
    private readonly models: ModelChoice,
    private readonly changed: () => void,
  ) {
    const choose = chooser(byIdOf(HTMLInputElement, 'model-file'), (file) => void this.open(file));
    byId('own-model').addEventListener('click', choose);
    for (const key of tried) {
      const select = byIdOf(HTMLSelectElement, key);
      select.addEventListener('input', () => void this.tryChange(key, select.value));
    }
    store.on((changes) => {
      if (!modelKeys.some((key) => changes.has(key))) return;
      this.say('');
      this.showTried();
    });
    this.showTried();
    if (tried.some((key) => store.current[key] !== asTheModelHasIt[key])) void this.checkLink();
  }

  /** Loads the model from the file; an error changes no setting. */
  async open(file: File): Promise<void> {
    const turn = ++this.turn;
    this.say('');
    this.panel.open = true;
    this.describe(`Loading ${file.name}…`);
    try {
      const model = await openModel(file);
      const info = await tryModel(model.source);
      if (turn !== this.turn) return;
      this.models.own = model;
      this.showOwn(model.title);
      const wasOwn = this.store.current.model === ownId;
      this.store.set({ ...asTheModelHasIt, model: ownId });
      if (wasOwn) this.changed();
      this.show(info);
    } catch (reason) {
      if (turn !== this.turn) return;
      this.describe(this.description);
      this.say(`“${file.name}” can’t be used: ${messageOf(reason)}`);
    }
  }

  /** Shows the chosen model's description and classes. */
  show(info: ModelInfo): void {
    this.description = info.description;
    this.describe(info.description);
    const { classNames } = this.models.chosen(this.store.current);
    this.showClasses(
      info.classNames.map((name, i) => classNames[i] ?? (name || `Class ${i}`)),
      info.classes,
    );
  }

  private description = '';

  private describe(text: string): void {
    const line = byId('model-description');
    if (line.textContent !== text) line.textContent = text;
  }

  private async tryChange(key: Tried, value: string): Promise<void> {
    const turn = ++this.turn;
    const change = { [key]: value } as Partial<Settings>;
    this.say('');
    try {
      await tryModel(this.models.source({ ...this.store.current, ...change }));
      if (turn === this.turn) this.store.set(change);
    } catch (reason) {
      if (turn !== this.turn) return;
      this.showTried();
      this.say(messageOf(reason));
    }
  }

  /** Drops a link's overrides when the engine rejects them. */
  private async checkLink(): Promise<void> {
    const turn = ++this.turn;
    try {
      await tryModel(this.models.source(this.store.current));
    } catch (reason) {
      if (turn !== this.turn) return;
      this.store.set(asTheModelHasIt);
      this.say(messageOf(reason));
    }
  }

  private showTried(): void {
    for (const key of tried) {
      const select = byIdOf(HTMLSelectElement, key);
      const value = this.store.current[key];
      const isThere = [...select.options].some((option) => option.value === value);
      if (!isThere) select.add(new Option(value.replace('x', ' × '), value));
      select.value = value;
    }
  }

  private showOwn(title: string): void {
    const select = byIdOf(HTMLSelectElement, 'model');
    select.querySelector(`[value=${ownId}]`)?.remove();
    select.add(new Option(title, ownId));
  }

  /** @param kept the classes that are kept by default */
  private showClasses(names: readonly string[], kept: readonly number[]): void {
    if (names.join() !== this.names.join()) {
      this.names = names;
      this.classes.querySelector('div')?.replaceChildren(...names.map((name) => this.boxOf(name)));
    }
    this.classes.hidden = names.length === 0;
    const { classes } = this.store.current;
    const wanted = classes === '' ? kept : classes.split(',').map(Number);
    this.boxes().forEach((box, i) => (box.checked = wanted.includes(i)));
  }

  private boxes(): HTMLInputElement[] {
    return [...this.classes.querySelectorAll('input')];
  }

  private boxOf(name: string): HTMLElement {
    const label = Object.assign(document.createElement('label'), { className: 'field check' });
    const box = Object.assign(document.createElement('input'), { type: 'checkbox' });
    const title = document.createElement('span');
    title.textContent = name;
    label.append(box, title);
    box.addEventListener('input', () => {
      const kept = this.boxes().flatMap(({ checked }, i) => (checked ? [i] : []));
      if (kept.length > 0) {
        this.store.set({ classes: kept.join() });
      } else {
        box.checked = true;
        this.say('At least one class has to be kept.');
      }
    });
    return label;
  }

  private say(problem: string): void {
    this.problem.textContent = problem;
    this.problem.hidden = problem === '';
    if (!problem) return;
    this.panel.open = true;
    this.problem.scrollIntoView({ block: 'nearest' });
  }
}

// The settings that are wanted, and the only rule for changes that fail.
import { close } from './engine/picture.js';
import type { Settings } from './settings.js';

/** One change, from its request until it has succeeded. A change that fails is dropped. */
export interface SettingsChange {
  /** What of these changes no later change has asked for. */
  latestOf(changes: Partial<Settings>): Partial<Settings>;
  /** The change has succeeded: from here on these settings are wanted, and an image before theirs is closed. */
  commit(changes: Partial<Settings>): void;
}

/**
 * A change that fails changes nothing, and the background is stricter. The raw frame shows the room,
 * so `none` is wanted from the moment that its change has succeeded, unless another background was
 * asked for meanwhile; any other background replaces `none` as soon as it is asked for, and stays
 * wanted if its change fails.
 */
export class WantedSettings {
  private settings: Partial<Settings>;
  private turn = 0;
  /** Whether the latest background that was asked for is `none`. */
  private asksForNone = false;
  /** The latest change that asked for another background than `none`. */
  private hiding = 0;
  /** The latest change that asked for a setting, and that succeeded. */
  private readonly asked = new Map<string, number>();
  private readonly committed = new Map<string, number>();

  /** These are wanted whatever comes of them. */
  constructor(initial: Partial<Settings>) {
    this.settings = { ...initial };
  }

  get current(): Readonly<Partial<Settings>> {
    return this.settings;
  }

  /** Whether raw frames may leave. */
  get showsRoom(): boolean {
    return isNone(this.settings.background);
  }

  /** Whether raw frames may leave now, or as soon as a change that is under way succeeds. */
  get mayShowRoom(): boolean {
    return this.showsRoom || this.asksForNone;
  }

  /** Begins a change. A background that has yet to be loaded is asked for by another in its place. */
  ask(changes: Partial<Settings>): SettingsChange {
    const turn = ++this.turn;
    for (const key of Object.keys(changes)) this.asked.set(key, turn);
    const { background } = changes;
    if (background) this.asksForNone = isNone(background);
    if (background && !isNone(background)) {
      this.hiding = turn;
      if (this.showsRoom) this.settings = { ...this.settings, background };
    }
    return {
      latestOf: (all) =>
        Object.fromEntries(Object.entries(all).filter(([key]) => this.asked.get(key) === turn)),
      commit: (made) => {
        this.commit(made, turn);
      },
    };
  }

  private commit(changes: Partial<Settings>, turn: number): void {
    const isOvertaken = (key: string) =>
      (this.committed.get(key) ?? 0) > turn ||
      (key === 'background' && isNone(changes.background) && this.hiding > turn);
    const made = Object.entries(changes).filter(([key]) => !isOvertaken(key));
    for (const [key] of made) this.committed.set(key, turn);
    const before = this.settings.background;
    this.settings = { ...this.settings, ...(Object.fromEntries(made) as Partial<Settings>) };
    if (before !== this.settings.background) closeImage(before);
  }

  /** Frees the background's image. */
  close(): void {
    closeImage(this.settings.background);
  }
}

export function closeImage(background: Settings['background'] | undefined): void {
  if (background?.kind === 'image') close(background.image);
}

export function isNone(background: Settings['background'] | undefined): boolean {
  return background?.kind === 'none';
}

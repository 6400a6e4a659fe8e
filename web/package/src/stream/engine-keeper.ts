// Keeps an engine with the settings wanted: loads, adjusts and replaces it.
import { EngineClient, transferable } from '../engine/client.js';
import { close, type Picture } from '../engine/picture.js';
import type { Adjustments, Setup } from '../engine/protocol.js';
import { BackdropError, type ErrorCode } from '../error.js';
import type { Ready } from '../events.js';
import { defaults, type Settings } from '../settings.js';
import { closeImage, isNone, WantedSettings, type SettingsChange } from '../wanted-settings.js';

/** What only another engine can change. */
const setupKeys: readonly string[] = [
  'model',
  'variant',
  'threads',
  'pipeline',
] satisfies (keyof Setup)[];

/**
 * How often an engine is loaded anew after failures that may not occur the next time, until a frame has
 * come out of one. All other failures last until the settings change.
 */
const mostRetries: Partial<Record<ErrorCode, number>> = {
  fetch: Infinity,
  memory: Infinity,
  crash: 5,
  assets: 5,
};

const firstRetryMilliseconds = 500;
const lastRetryMilliseconds = 30_000;

export interface EngineListener {
  /** An engine is at work that was not before, or has other settings. */
  changed: () => void;
  /** This makes the engine unusable. */
  failed: (reason: BackdropError) => void;
}

export class EngineKeeper {
  /** The engine at work; undefined while it is being loaded, or if it failed. */
  current: EngineClient | undefined;
  /** Why there is no engine, unless it is being loaded. */
  failure: BackdropError | undefined;

  private wanted: WantedSettings | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private retries = 0;
  private readonly closing = new AbortController();

  constructor(
    private readonly newWorker: () => Worker,
    private readonly listener: EngineListener,
  ) {}

  /** What runs. */
  get ready(): Ready | undefined {
    const { pipeline = defaults.pipeline } = this.settings;
    return this.current && { ...this.current.started, pipeline };
  }

  /** Whether raw frames may leave. */
  get showsRoom(): boolean {
    return this.wanted?.showsRoom ?? false;
  }

  get targetFps(): number {
    return this.settings.targetFps ?? defaults.targetFps;
  }

  /**
   * The first call starts with its settings, and keeps trying if they fail. Changes that need another
   * engine are made one after the other, and the engine at work goes on until the next one is ready; it
   * takes all other changes at once. See WantedSettings for what becomes of them. The keeper owns the
   * background's image.
   */
  async configure(changes: Partial<Settings>): Promise<void> {
    this.wanted ??= new WantedSettings(changes);
    const showedRoom = this.wanted.showsRoom;
    const change = this.wanted.ask(changes);
    const leavesNone = showedRoom && !this.wanted.showsRoom;
    try {
      if (needsEngine(changes)) await this.make(change, changes, leavesNone);
      else change.commit(changes);
    } finally {
      if (changes.background !== this.settings.background) closeImage(changes.background);
    }
    this.listener.changed();
  }

  /** The next frame of a background video, which is used up. The settings have the first frame. */
  async showBehind(image: Picture): Promise<void> {
    if (this.current) {
      const background = { ...this.settings.background, kind: 'image', image } as const;
      await this.current.adjust({ background }, [transferable(image)]);
    } else {
      close(image);
    }
  }

  /** The next frame is of another source. */
  reset(): void {
    this.current?.reset().catch(() => undefined);
  }

  /** A frame came out of the engine. */
  succeeded(): void {
    this.failure = undefined;
    this.retries = 0;
  }

  /** A frame did not come out of this engine. */
  failed(engine: EngineClient, reason: BackdropError): void {
    if (engine !== this.current || reason.code === 'closed') return;
    if (reason.code === 'crash') this.lose(engine, reason);
    else if (this.failure?.message !== reason.message) {
      this.failure = reason;
      this.listener.failed(reason);
    }
  }

  close(): void {
    this.closing.abort();
    clearTimeout(this.retry);
    this.current?.close();
    this.current = undefined;
    this.wanted?.close();
  }

  private get settings(): Readonly<Partial<Settings>> {
    return this.wanted?.current ?? {};
  }

  private async make(
    change: SettingsChange,
    changes: Partial<Settings>,
    leavesNone: boolean,
  ): Promise<void> {
    const { current } = this;
    const isAdjustment = !Object.keys(changes).some(isSetup);
    // The engine at work still has the background before `none`, and stays if the next one fails.
    const { background } = changes;
    if (current && !isAdjustment && leavesNone && background) {
      await current.adjust({ background }).catch((reason: unknown) => {
        // One that died meanwhile makes way all the same.
        if (current === this.current) throw reason;
      });
    }
    if (current && isAdjustment) await this.adjust(change, changes);
    else {
      await this.inTurn(() =>
        this.current && isAdjustment
          ? this.adjust(change, changes)
          : this.replace(change.latestOf(changes), change),
      );
    }
    this.failure = undefined;
  }

  private async adjust(change: SettingsChange, changes: Partial<Settings>): Promise<void> {
    const latest = change.latestOf(changes);
    let adjusted: EngineClient | undefined;
    while (this.current && this.current !== adjusted) {
      adjusted = this.current;
      await adjusted.adjust(adjustments(latest));
    }
    change.commit(latest);
  }

  /** Begins when everything before has ended. */
  private inTurn(action: () => Promise<void>): Promise<void> {
    const made = this.turn.then(action);
    this.turn = made.catch(() => undefined);
    return made;
  }

  /** Loads an engine with these changes, which are wanted from then on, and puts it to work. */
  private async replace(changes: Partial<Settings>, change?: SettingsChange): Promise<void> {
    let next: EngineClient | undefined;
    try {
      const before = this.settings;
      const { background, ...others } = changes;
      next = await this.start({ ...before, ...(isNone(background) ? others : changes) });
      await this.catchUp(next, before, changes, change);
      this.checkOpen();
      change?.commit(changes);
      clearTimeout(this.retry);
      this.putToWork(next);
    } catch (reason) {
      next?.close();
      const error = BackdropError.from(reason);
      if (!this.current && !this.isClosed) {
        this.failure = error;
        this.tryAgainLater(error);
        this.listener.failed(error);
      }
      throw error;
    }
  }

  /** Gives a new engine what was changed while it was loaded. */
  private async catchUp(
    next: EngineClient,
    before: Readonly<Partial<Settings>>,
    changes: Partial<Settings>,
    change?: SettingsChange,
  ): Promise<void> {
    let given: Partial<Settings> = { ...before, ...changes };
    for (let seen = before; seen !== this.settings;) {
      seen = this.settings;
      const own = change?.latestOf(changes) ?? {};
      const missed = Object.fromEntries(
        Object.entries(adjustments(seen)).filter(
          ([key, value]) => given[key as keyof Settings] !== value && !(key in own),
        ),
      );
      given = { ...given, ...missed };
      if (Object.keys(missed).length > 0) await next.adjust(missed);
    }
  }

  private putToWork(next: EngineClient): void {
    const before = this.current;
    this.current = next;
    // Its calls are answered in turn: the frame at work comes out first.
    const close = (): void => before?.close();
    before?.reset().then(close, close);
  }

  private async start(settings: Partial<Settings>): Promise<EngineClient> {
    const { model } = settings;
    if (!model) throw new BackdropError('state', 'there is no model');
    const { variant, threads, pipeline } = { ...defaults, ...settings };
    const setup = { model, variant, threads, pipeline, ...adjustments(settings) };
    let engine: EngineClient | undefined = undefined;
    const died = (reason: BackdropError): void => {
      this.lose(engine, reason);
    };
    this.checkOpen();
    engine = await EngineClient.start(this.newWorker(), setup, died, this.closing.signal);
    return engine;
  }

  private lose(engine: EngineClient | undefined, reason: BackdropError): void {
    if (!engine || engine !== this.current) return;
    engine.close();
    this.current = undefined;
    this.failure = reason;
    this.tryAgainLater(reason);
    this.listener.failed(reason);
  }

  private tryAgainLater({ code }: BackdropError): void {
    clearTimeout(this.retry);
    if (this.retries >= (mostRetries[code] ?? 0)) return;
    const milliseconds = firstRetryMilliseconds * 2 ** this.retries++;
    this.retry = setTimeout(
      () => {
        this.inTurn(() => this.reload()).catch(() => undefined);
      },
      Math.min(milliseconds, lastRetryMilliseconds),
    );
  }

  private async reload(): Promise<void> {
    if (this.current || this.isClosed) return;
    await this.replace(this.settings);
    this.failure = undefined;
    this.listener.changed();
  }

  private get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  private checkOpen(): void {
    if (this.isClosed) throw new BackdropError('closed', 'the stream was closed');
  }
}

/** The settings of an engine at work, which never has the background `none`. */
function adjustments(settings: Partial<Settings>): Partial<Adjustments> {
  const told = Object.entries(settings).filter(
    ([key, value]) =>
      !isSetup(key) &&
      key !== 'targetFps' &&
      !(key === 'background' && isNone(value as Settings['background'])),
  );
  return Object.fromEntries(told);
}

function needsEngine(changes: Partial<Settings>): boolean {
  return Object.keys(changes).some(isSetup) || Object.keys(adjustments(changes)).length > 0;
}

function isSetup(key: string): boolean {
  return setupKeys.includes(key);
}

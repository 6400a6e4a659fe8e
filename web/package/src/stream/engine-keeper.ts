// Keeps an engine with the settings wanted: loads, adjusts and replaces it.
import { EngineClient, transferable } from '../engine/client.js';
import { close, type Picture } from '../engine/picture.js';
import type { Adjustments, Setup } from '../engine/protocol.js';
import { BackdropError } from '../error.js';
import type { Ready } from '../events.js';
import { defaults, type Settings } from '../settings.js';
import { isNone, WantedSettings, type SettingsChange } from '../wanted-settings.js';

/** What only another engine can change. */
const setupKeys: readonly string[] = [
  'model',
  'variant',
  'threads',
  'pipeline',
] satisfies (keyof Setup)[];

/** Errors that may not occur the next time; all others last until the settings change. */
const passing: readonly string[] = ['fetch', 'crash', 'memory'];

const firstRetryMilliseconds = 500;
const lastRetryMilliseconds = 30_000;

export class EngineKeeper {
  /** The engine at work; undefined while it is being loaded, or if it failed. */
  current: EngineClient | undefined;
  /** Why there is no engine, unless it is being loaded. */
  failure: BackdropError | undefined;

  private wanted: WantedSettings | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private retryMilliseconds = firstRetryMilliseconds;
  private closed = false;

  /** @param report called with what makes the engine unusable */
  constructor(
    private readonly newWorker: () => Worker,
    private readonly report: (reason: BackdropError) => void,
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
   * The first call starts with its settings, and keeps trying if they fail. Changes are made one after
   * the other; see WantedSettings for what becomes of them. An engine that has to be replaced goes on
   * until the next one is ready.
   */
  configure(changes: Partial<Settings>): Promise<void> {
    this.wanted ??= new WantedSettings(changes);
    const showedRoom = this.wanted.showsRoom;
    const change = this.wanted.ask(changes);
    if (!needsEngine(changes)) {
      change.commit(changes);
      return Promise.resolve();
    }
    const leavesNone = showedRoom && !this.wanted.showsRoom;
    return this.inTurn(() => this.make(change, changes, leavesNone));
  }

  /** The next frame of a background video, which is used up. The settings have the first frame. */
  async showBehind(image: Picture): Promise<void> {
    if (this.current) {
      await this.current.adjust({ background: { kind: 'image', image } }, [transferable(image)]);
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
    this.retryMilliseconds = firstRetryMilliseconds;
  }

  /** A frame did not come out of this engine. */
  failed(engine: EngineClient, reason: BackdropError): void {
    if (engine !== this.current || reason.code === 'closed') return;
    if (reason.code === 'crash') this.lose(engine, reason);
    else if (this.failure?.message !== reason.message) {
      this.failure = reason;
      this.report(reason);
    }
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.current?.close();
    this.current = undefined;
  }

  private get settings(): Readonly<Partial<Settings>> {
    return this.wanted?.current ?? {};
  }

  /** Begins when everything before has ended. */
  private inTurn(action: () => Promise<void>): Promise<void> {
    const made = this.turn.then(action);
    this.turn = made.catch(() => undefined);
    return made;
  }

  private async make(
    change: SettingsChange,
    changes: Partial<Settings>,
    leavesNone: boolean,
  ): Promise<void> {
    const { current } = this;
    const { background } = changes;
    if (current && !Object.keys(changes).some(isSetup)) {
      await current.adjust(adjustments(changes));
    } else {
      // The engine at work still has the background before `none`, and stays if the next one fails.
      if (current && leavesNone && background) await current.adjust({ background });
      await this.replace({
        ...this.settings,
        ...(isNone(background) ? withoutBackground(changes) : changes),
      });
    }
    change.commit(changes);
    this.failure = undefined;
  }

  private async replace(settings: Partial<Settings>): Promise<void> {
    try {
      const next = await this.start(settings);
      clearTimeout(this.retry);
      const before = this.current;
      this.current = next;
      // Its calls are answered in turn: the frame at work comes out first.
      const close = (): void => before?.close();
      before?.reset().then(close, close);
    } catch (reason) {
      const error = BackdropError.from(reason);
      if (!this.current && !this.closed) {
        this.failure = error;
        this.report(error);
        if (passing.includes(error.code)) this.tryAgainLater();
      }
      throw error;
    }
  }

  private async start(settings: Partial<Settings>): Promise<EngineClient> {
    const { model } = settings;
    if (!model) throw new BackdropError('state', 'there is no model');
    const { variant, threads, pipeline } = { ...defaults, ...settings };
    const setup = { model, variant, threads, pipeline, ...adjustments(settings) };
    let engine: EngineClient | undefined = undefined;
    engine = await EngineClient.start(this.newWorker(), setup, (reason) => {
      this.lose(engine, reason);
    });
    if (this.closed) {
      engine.close();
      throw new BackdropError('closed', 'the stream was closed');
    }
    return engine;
  }

  private lose(engine: EngineClient | undefined, reason: BackdropError): void {
    if (!engine || engine !== this.current) return;
    engine.close();
    this.current = undefined;
    this.failure = reason;
    this.report(reason);
    this.tryAgainLater();
  }

  private tryAgainLater(): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      this.inTurn(() => this.reload()).catch(() => undefined);
    }, this.retryMilliseconds);
    this.retryMilliseconds = Math.min(2 * this.retryMilliseconds, lastRetryMilliseconds);
  }

  private async reload(): Promise<void> {
    if (this.current || this.closed) return;
    await this.replace(this.settings);
    this.failure = undefined;
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

function withoutBackground(settings: Partial<Settings>): Partial<Settings> {
  const others = { ...settings };
  delete others.background;
  return others;
}

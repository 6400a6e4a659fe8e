// Keeps an engine with the settings wanted: loads it, changes it, and replaces it when it fails.
import { EngineClient, transferable } from '../engine/client.js';
import { close, type Picture } from '../engine/picture.js';
import type { Adjustments, Setup } from '../engine/protocol.js';
import { BackdropError } from '../error.js';
import type { Ready } from '../events.js';
import { defaults, type Settings } from '../settings.js';

type EngineSettings = Omit<Settings, 'targetFps'>;

/** What only another engine can change. */
const setupKeys: readonly (keyof Setup)[] = ['model', 'variant', 'threads', 'pipeline'];

/** What may be better the next time; all else stays wrong until it is changed. */
const passing: readonly string[] = ['fetch', 'crash', 'memory'];

const firstRetryMilliseconds = 500;
const lastRetryMilliseconds = 30_000;

export class EngineKeeper {
  /** The engine at work; none while it is being loaded, or when it failed. */
  current: EngineClient | undefined;
  /** Why there is no engine, if not because it is being loaded. */
  failure: BackdropError | undefined;
  /** Whether the raw picture may be shown. */
  showsRoom = false;

  private settings: Partial<EngineSettings> = {};
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

  /**
   * Changes are made one after the other. An engine that has to be replaced goes on until the next
   * one is ready. What fails changes nothing, unless there is nothing to go on with.
   */
  configure(changes: Partial<EngineSettings>): Promise<void> {
    if (changes.background) this.showsRoom = changes.background.kind === 'none';
    const made = this.turn.then(() => this.change(changes));
    this.turn = made.catch(() => undefined);
    return made;
  }

  /** The next picture of a background that moves, which is used up. The settings have its first one. */
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

  private async change(changes: Partial<EngineSettings>): Promise<void> {
    const settings = { ...this.settings, ...changes };
    if (!this.current || Object.keys(changes).some(isSetup)) {
      await this.replace(settings);
    } else {
      await this.current.adjust(adjustments(changes));
      this.settings = settings;
    }
    this.failure = undefined;
  }

  private async replace(settings: Partial<EngineSettings>): Promise<void> {
    clearTimeout(this.retry);
    try {
      const next = await this.start(settings);
      const before = this.current;
      this.current = next;
      // It answers in turn: the frame that it is at comes out first.
      void before?.reset().finally(() => {
        before.close();
      });
      this.settings = settings;
    } catch (reason) {
      const error = BackdropError.from(reason);
      if (!this.current && !this.closed) {
        // There is nothing to go on with but what was asked for.
        this.settings = settings;
        this.failure = error;
        this.report(error);
        if (passing.includes(error.code)) this.tryAgainLater();
      }
      throw error;
    }
  }

  private async start(settings: Partial<EngineSettings>): Promise<EngineClient> {
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
      if (!this.current) this.configure({}).catch(() => undefined);
    }, this.retryMilliseconds);
    this.retryMilliseconds = Math.min(2 * this.retryMilliseconds, lastRetryMilliseconds);
  }
}

/** What the engine itself is told; that it may show the room is never one of it. */
function adjustments(settings: Partial<EngineSettings>): Partial<Adjustments> {
  const told = Object.entries(settings).filter(
    ([key, value]) => !isSetup(key) && !(key === 'background' && isNone(value)),
  );
  return Object.fromEntries(told);
}

function isSetup(key: string): boolean {
  return (setupKeys as readonly string[]).includes(key);
}

function isNone(background: unknown): boolean {
  return (background as Settings['background']).kind === 'none';
}

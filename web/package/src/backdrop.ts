import { close, type Picture } from './engine/picture.js';
import { AnimatedPicture } from './animated-picture.js';
import { checkChanges, checkOptions } from './check-options.js';
import { BackdropError } from './error.js';
import type { Degraded, Events, State } from './events.js';
import {
  isToBeLoaded,
  settled,
  type FixedOptions,
  type LoadableBackground,
  type Options,
} from './options.js';
import { noteSource } from './mixed-pictures.js';
import { decodePicture, fetchPicture } from './picture-source.js';
import { defaults, type Settings } from './settings.js';
import type { StreamEvent } from './stream/protocol.js';
import { openCanvas } from './transport/canvas.js';
import { transports, type TransportName } from './transport/detect.js';
import { openWindowStreams, openWorkerStreams } from './transport/streams.js';
import { sizeOfTrack } from './transport/track-watch.js';
import type { OpenTransport, Transport, TransportContext } from './transport/transport.js';
import { TypedEventTarget } from './typed-event-target.js';
import { BackgroundVideo } from './video-source.js';
import { closeImage, WantedSettings, type SettingsChange } from './wanted-settings.js';
import type { Assets } from './create-worker.js';

const openers: Record<TransportName, OpenTransport> = {
  'window-streams': openWindowStreams,
  'worker-streams': openWorkerStreams,
  canvas: openCanvas,
};

type MovingPicture = BackgroundVideo | AnimatedPicture;

/** Who waits for `ready`. */
interface Waiting {
  resolve: () => void;
  reject: (reason: BackdropError) => void;
}

const firstRetryMilliseconds = 500;
const lastRetryMilliseconds = 30_000;

/** A transport from the beginning of its opening until it is let go. */
interface Connection {
  transport: Promise<Transport>;
  opening: AbortController;
}

/**
 * A camera track in, a processed track out. Until there is a processed frame, and whenever none can
 * be made, what leaves is a black one: the camera's own picture is seen with the background `none`
 * only. Methods throw, or reject with, a BackdropError. Errors that nobody listens for are written to the
 * console.
 */
export class Backdrop extends TypedEventTarget<Events> {
  private readonly assets: Assets;
  private readonly wanted: WantedSettings;
  /** The transports that may work, the first of which is in use. */
  private readonly transportNames: TransportName[];
  /** The background in effect, if it moves. */
  private video: MovingPicture | undefined;
  private connection: Connection | undefined;
  private from: MediaStreamTrack | undefined;
  private to: MediaStreamTrack | undefined;
  private told: State = 'idle';
  private waiting: Waiting[] = [];
  /** What a background in effect was loaded from. */
  private readonly loadedFrom = new WeakMap<object, LoadableBackground>();
  private turn: Promise<unknown> = Promise.resolve();
  private retry: ReturnType<typeof setTimeout> | undefined;
  /** Counts the calls of `stop`. */
  private run = 0;
  private disposed = false;

  /** Whether this is a browser that can process a track; false in Node, where a page is rendered. */
  static isSupported(): boolean {
    return 'WebAssembly' in globalThis && transports().length > 0;
  }

  /** Loading begins with `process`; what goes wrong then is told as an event. */
  constructor(options: Options & FixedOptions = {}) {
    super();
    const { transport, assets, ...rest } = checkOptions(options);
    this.transportNames = transport === 'auto' ? transports() : [transport];
    if (this.transportNames.length === 0) {
      throw new BackdropError('unsupported', 'this is no browser that can process a track');
    }
    this.assets = assets;
    this.wanted = new WantedSettings({ ...defaults, ...settled(rest) });
    if (isToBeLoaded(rest.background)) {
      this.set({ background: rest.background }).catch((reason: unknown) => {
        this.emit('error', BackdropError.from(reason));
      });
    }
  }

  /** How frames come and go. With `auto`, `process` may find that it has to be another way. */
  get transportName(): TransportName {
    return this.transportNames[0] ?? 'canvas';
  }

  /** The track that is processed. */
  get source(): MediaStreamTrack | undefined {
    return this.from;
  }

  /** The processed track, from the first `process` until `stop`. */
  get output(): MediaStreamTrack | undefined {
    return this.to;
  }

  get state(): State {
    return this.disposed ? 'disposed' : this.told;
  }

  /** The options in effect, defaults included. While a background is loading, it is the one before. */
  get options(): Readonly<Options> {
    const { background, ...others } = this.wanted.current;
    const given = background && (this.loadedFrom.get(background) ?? background);
    return { ...others, background: given };
  }

  /** Resolves when every frame is a new, processed one. Rejects at the next failure, or at `stop`. */
  get ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.state === 'ready') resolve();
      else this.waiting.push({ resolve, reject });
    });
  }

  /** Whether the operating system blurs the source's background already, if the browser tells. */
  get isSourceBlurred(): boolean {
    const { backgroundBlur = false } = (this.from?.getSettings() ?? {}) as {
      backgroundBlur?: boolean;
    };
    return backgroundBlur;
  }

  /**
   * Processes this track from now on. Resolves when a picture has left, which is blank until the engine is
   * loaded. The answer is the processed track; while there is one it stays the same, whatever source
   * takes the place of the one before. The source stays the caller's. A track that has ended is rejected.
   * `null` lets the source go: the processed track, if there is one, stays and is blank.
   */
  async process(track: MediaStreamTrack): Promise<MediaStreamTrack>;
  async process(track: MediaStreamTrack | null): Promise<MediaStreamTrack | undefined>;
  async process(track: MediaStreamTrack | null): Promise<MediaStreamTrack | undefined> {
    this.checkLife();
    if (track === null) return this.inTurn(() => this.detach());
    const { kind } = (track as Partial<MediaStreamTrack> | undefined) ?? {};
    if (kind !== 'video') {
      throw new BackdropError('argument', `the track is ${kind}, where video is allowed`);
    }
    noteSource(track);
    const { run } = this;
    return this.inTurn(() => this.connect(track, run));
  }

  /**
   * Changes options while frames flow. When the promise resolves, they are in effect, or a later change
   * has overtaken them. If it rejects, nothing has changed, with one exception: `none` ends as soon as
   * another background is asked for.
   */
  async set(changes: Options): Promise<void> {
    this.checkLife();
    const checked = checkChanges(changes);
    const { background } = checked;
    const settings = settled(checked);
    if (!background || !isToBeLoaded(background)) {
      return this.change(this.wanted.ask(settings), settings);
    }
    const { mayShowRoom } = this.wanted;
    const change = this.wanted.ask({ ...settings, background: defaults.background });
    // A `none` that the stream has yet to answer would show the room while the picture loads.
    if (mayShowRoom) this.configureStream(backgroundOf(this.wanted.current)).catch(() => undefined);
    const { shown, video } = await loadBackground(background);
    settings.background = shown;
    this.loadedFrom.set(shown, background);
    await this.change(change, settings, video);
  }

  /** Lets the source go and ends the processed track. `process` starts again. */
  stop(): void {
    ++this.run;
    clearTimeout(this.retry);
    this.from = undefined;
    this.disconnect();
    this.tell('idle', 'the backdrop was stopped');
  }

  /** Stops, for good, and frees everything. */
  dispose(): void {
    this.disposed = true;
    this.stop();
    this.video?.close();
    this.wanted.close();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  private checkLife(): void {
    if (this.disposed) throw new BackdropError('state', 'the backdrop was disposed of');
  }

  private async configureStream(settings: Partial<Settings>): Promise<void> {
    await (await this.connection?.transport)?.configure(settings);
  }

  /** Configures the stream, and the one that has taken its place meanwhile, with what is not overtaken. */
  private async configureStreams(
    change: SettingsChange,
    changes: Partial<Settings>,
  ): Promise<void> {
    for (let configured: Connection | undefined; configured !== this.connection;) {
      configured = this.connection;
      const settings = change.latestOf(changes);
      if (Object.keys(settings).length > 0) await this.configureStream(settings);
    }
  }

  /**
   * What later changes have asked for meanwhile is left to them.
   * @param changes the background's image is used up
   * @param video whose first frame is the background's image
   */
  private async change(
    change: SettingsChange,
    changes: Partial<Settings>,
    video?: MovingPicture,
  ): Promise<void> {
    const settings = change.latestOf(changes);
    const { background } = settings;
    const videoBefore = this.video;
    // From here on none of its frames may come after another background.
    if (background) this.video = undefined;
    try {
      await this.configureStreams(change, settings);
      change.commit(settings);
    } catch (reason) {
      video?.close();
      if (background && change.latestOf({ background }).background) this.video = videoBefore;
      else if (background) videoBefore?.close();
      throw reason;
    } finally {
      if (changes.background !== this.wanted.current.background) closeImage(changes.background);
    }
    if (background) videoBefore?.close();
    if (this.disposed) this.wanted.close();
    if (background && video && change.latestOf({ background }).background) this.play(video);
    else video?.close();
  }

  /** Whether frames are processed, as far as the page is told. */
  private get isShown(): boolean {
    return (this.from?.enabled && this.to?.enabled) ?? false;
  }

  /** Shows the video's frames behind the person. */
  private play(video: MovingPicture): void {
    if (this.disposed) {
      video.close();
      return;
    }
    this.video = video;
    const framesPerSecond = () =>
      this.isShown ? (this.wanted.current.targetFps ?? defaults.targetFps) : 0;
    const show = async (frame: Picture): Promise<void> => {
      const transport =
        this.video === video ? await this.connection?.transport.catch(() => undefined) : undefined;
      if (transport && this.video === video) {
        await transport.showBehind(frame).catch(() => undefined);
      } else {
        close(frame);
      }
    };
    video.play(this.assets, framesPerSecond, show, (reason) => {
      if (this.video !== video) return;
      this.emit('error', reason);
      // The stream's own event tells why this rejects.
      this.set({ background: defaults.background }).catch(() => undefined);
    });
  }

  /** Begins when everything before has ended. */
  private inTurn<Value>(action: () => Promise<Value>): Promise<Value> {
    const made = this.turn.then(action);
    this.turn = made.catch(() => undefined);
    return made;
  }

  /** Attaches the track to a transport that takes it. @param run in which that was asked for */
  private async connect(track: MediaStreamTrack, run: number): Promise<MediaStreamTrack> {
    for (;;) {
      this.checkRun(run);
      if (track.readyState === 'ended') throw new BackdropError('state', 'the track has ended');
      try {
        const transport = await this.live(track, run);
        await transport.attach(track);
        this.checkRun(run);
        this.from = track;
        return (this.to = transport.output);
      } catch (reason) {
        const { code } = BackdropError.from(reason);
        if (run === this.run && (code !== 'unsupported' || !this.takeNextTransport())) throw reason;
      }
    }
  }

  private checkRun(run: number): void {
    if (run !== this.run) throw new BackdropError('closed', 'the backdrop was stopped meanwhile');
  }

  private async detach(): Promise<MediaStreamTrack | undefined> {
    this.from = undefined;
    clearTimeout(this.retry);
    await (await this.connection?.transport)?.detach();
    return this.to;
  }

  /** @returns whether there is another one */
  private takeNextTransport(): boolean {
    if (this.transportNames.length === 1) return false;
    this.transportNames.shift();
    this.disconnect();
    return true;
  }

  /** A transport whose track is live: one that its owner stopped can't be used again. @param run see connect */
  private async live(track: MediaStreamTrack, run: number): Promise<Transport> {
    const before = await this.connection?.transport;
    this.checkRun(run);
    if (before && before.output.readyState !== 'live') this.disconnect();
    const transport = await (this.connection ??= this.open(track)).transport;
    this.checkRun(run);
    return transport;
  }

  /** @param track the first source */
  private open(track: MediaStreamTrack): Connection {
    const opening = new AbortController();
    const context: TransportContext = {
      assets: this.assets,
      size: sizeOfTrack(track),
      signal: opening.signal,
      emit: (event) => {
        if (this.connection === connection) this.receive(event);
      },
      died: (reason) => {
        if (this.connection === connection) this.loseConnection(reason);
      },
    };
    const begin = async (): Promise<Transport> => {
      const transport = await openers[this.transportName](context);
      // An event tells why this rejects.
      transport.configure(this.wanted.current).catch(() => undefined);
      return transport;
    };
    const connection: Connection = { opening, transport: begin() };
    // What fails to open is not kept.
    connection.transport.catch(() => {
      if (this.connection === connection) this.connection = undefined;
    });
    return connection;
  }

  private disconnect(): void {
    const { connection } = this;
    this.connection = this.to = undefined;
    connection?.opening.abort();
    connection?.transport.then(
      (transport) => {
        transport.close();
      },
      () => undefined,
    );
  }

  /** The stream's own Worker has died, and the processed track with it. */
  private loseConnection(reason: BackdropError): void {
    this.disconnect();
    this.emit('error', reason);
    this.emit('degraded', { reason: 'failed', message: reason.message });
    if (this.from) this.reopen(this.from, firstRetryMilliseconds);
  }

  /** @param milliseconds after which it is tried again if it fails */
  private reopen(source: MediaStreamTrack, milliseconds: number): void {
    const { run } = this;
    const open = async (): Promise<void> => {
      if (run !== this.run || source !== this.from || this.connection) return;
      try {
        this.emit('track', await this.connect(source, run));
      } catch (reason) {
        if (run !== this.run) return;
        this.emit('error', BackdropError.from(reason));
        if (source.readyState === 'ended') return;
        this.retry = setTimeout(() => {
          this.reopen(source, Math.min(2 * milliseconds, lastRetryMilliseconds));
        }, milliseconds);
      }
    };
    void this.inTurn(open);
  }

  private receive(event: StreamEvent): void {
    switch (event.type) {
      case 'ready':
        // It may be another engine, which has seen none but the first frame.
        if (this.video instanceof BackgroundVideo) this.video.again();
        return this.emit('ready', { ...event.detail, transport: this.transportName });
      case 'error':
        return this.emit('error', new BackdropError(event.detail.code, event.detail.message));
      default:
        return this.emit(event.type, event.detail);
    }
  }

  protected override emit<Type extends keyof Events>(type: Type, detail: Events[Type]): void {
    if (this.disposed) return;
    if (type === 'error' && !this.isHeard('error')) {
      const { code, message } = detail as BackdropError;
      console.warn(`Backdrop: ${code}: ${message}`);
    }
    if (type === 'ready') this.tell('ready', '');
    if (type === 'degraded') {
      const { reason, message } = detail as Degraded;
      this.tell(reason, message);
    }
    super.emit(type, detail);
  }

  /** Whoever waits for `ready` is told, unless it may still come by itself. */
  private tell(state: State, message: string): void {
    this.told = state;
    const isOver = state === 'failed' || state === 'ended' || state === 'idle';
    if (state !== 'ready' && !isOver) return;
    for (const { resolve, reject } of this.waiting.splice(0)) {
      if (isOver) reject(new BackdropError('state', message));
      else resolve();
    }
  }
}

function backgroundOf({ background }: Partial<Settings>): Partial<Settings> {
  return background ? { background } : {};
}

type ShownPicture = Extract<Settings['background'], { kind: 'image' }>;

async function loadBackground(
  background: Extract<LoadableBackground, { kind: 'image' | 'video' }>,
): Promise<{ shown: ShownPicture; video: MovingPicture | undefined }> {
  if (background.kind === 'image') {
    const file = await fetchPicture(background.image);
    const image = await decodePicture(file);
    return { shown: { ...background, image }, video: await AnimatedPicture.open(file.pixels) };
  }
  const { video: source, ...placement } = background;
  const video = await BackgroundVideo.open(source);
  return { shown: { ...placement, kind: 'image', image: video.first }, video };
}

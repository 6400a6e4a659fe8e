import { close } from './engine/picture.js';
import { checkChanges, checkOptions } from './check-options.js';
import { BackdropError } from './error.js';
import type { Events } from './events.js';
import {
  isToBeLoaded,
  settled,
  type BackgroundSource,
  type FixedOptions,
  type Options,
} from './options.js';
import { loadPicture } from './picture-source.js';
import { defaults, type Settings } from './settings.js';
import type { StreamEvent } from './stream/protocol.js';
import { openCanvas } from './transport/canvas.js';
import { transports, type TransportName } from './transport/detect.js';
import { openWindowStreams, openWorkerStreams } from './transport/streams.js';
import type { OpenTransport, Transport } from './transport/transport.js';
import { BackgroundVideo } from './video-source.js';
import { WantedSettings, type SettingsChange } from './wanted-settings.js';
import type { Assets } from './workers.js';

const openers: Record<TransportName, OpenTransport> = {
  'window-streams': openWindowStreams,
  'worker-streams': openWorkerStreams,
  canvas: openCanvas,
};

type Listener<Detail> = (detail: Detail) => void;

/**
 * A camera track in, a processed track out. Until there is a processed frame, and whenever none can
 * be made, what leaves is a black one: the camera's own picture is seen with the background `none`
 * only. Methods throw, or reject with, a BackdropError.
 */
export class Backdrop {
  /** How frames come and go. */
  readonly transportName: TransportName;

  private readonly assets: Assets;
  private readonly listeners = new Map<keyof Events, Set<Listener<never>>>();
  private readonly wanted: WantedSettings;
  /** The background in effect, if it is a video. */
  private video: BackgroundVideo | undefined;
  private transport: Promise<Transport> | undefined;
  private source: MediaStreamTrack | undefined;
  private disposed = false;

  /** Loading begins with `process`; what goes wrong then is told as an event. */
  constructor(options: Options & FixedOptions) {
    const { transport = 'auto', assets, ...rest } = checkOptions(options);
    const name = transport === 'auto' ? transports()[0] : transport;
    if (!name) throw new BackdropError('unsupported', 'this browser can’t process a track');
    this.transportName = name;
    this.assets = assets;
    this.wanted = new WantedSettings({ ...defaults, ...settled(rest) });
    if (rest.background && isToBeLoaded(rest.background)) {
      this.set({ background: rest.background }).catch((reason: unknown) => {
        this.emit('error', BackdropError.from(reason));
      });
    }
  }

  /** Calls the listener at each event of this type; returns what ends that. */
  on<Type extends keyof Events>(type: Type, listener: Listener<Events[Type]>): () => void {
    const listeners = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, listeners.add(listener));
    return () => {
      listeners.delete(listener);
    };
  }

  /**
   * Processes this track from now on. The answer is the processed track; while there is one it stays
   * the same, whatever source takes the place of the one before. The source stays the caller's.
   */
  async process(track: MediaStreamTrack): Promise<MediaStreamTrack> {
    if (this.disposed) throw new BackdropError('state', 'the backdrop was disposed of');
    if (track.kind !== 'video') {
      throw new BackdropError('argument', `the track is ${track.kind}, where video is allowed`);
    }
    const transport = await this.opened();
    this.source = track;
    await transport.attach(track);
    return transport.output;
  }

  /**
   * Changes options while frames flow. They are in effect when the promise resolves. If it rejects,
   * nothing has changed, with one exception: `none` ends as soon as another background is asked for.
   */
  async set(changes: Partial<Options>): Promise<void> {
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
    const { image, video } = await loadBackground(background);
    settings.background = { kind: 'image', image };
    await this.change(change, settings, video);
  }

  /** Lets the source go and ends the processed track. `process` starts again. */
  stop(): void {
    this.source = undefined;
    this.transport?.then(
      (transport) => {
        transport.close();
      },
      () => undefined,
    );
    this.transport = undefined;
  }

  /** Stops, for good, and frees everything. */
  dispose(): void {
    this.disposed = true;
    this.stop();
    this.video?.close();
    this.listeners.clear();
  }

  private async configureStream(settings: Partial<Settings>): Promise<void> {
    await (await this.transport)?.configure(settings);
  }

  /**
   * What later changes have asked for meanwhile is left to them.
   * @param video whose first frame is the background's image
   */
  private async change(
    change: SettingsChange,
    changes: Partial<Settings>,
    video?: BackgroundVideo,
  ): Promise<void> {
    const settings = latestOf(change, changes);
    const { background } = settings;
    if (Object.keys(settings).length === 0) return video?.close();
    const videoBefore = this.video;
    // From here on none of its frames may come after another background.
    if (background) this.video = undefined;
    try {
      await this.configureStream(settings);
    } catch (reason) {
      video?.close();
      if (background && change.isLatest('background')) this.video = videoBefore;
      else if (background) videoBefore?.close();
      throw reason;
    }
    change.commit(settings);
    if (!background) return video?.close();
    videoBefore?.close();
    if (video) this.play(video, change);
  }

  /** Shows the video's frames behind the person, unless another background was asked for. */
  private play(video: BackgroundVideo, change: SettingsChange): void {
    if (!change.isLatest('background') || this.disposed) {
      video.close();
      return;
    }
    this.video = video;
    const framesPerSecond = () => this.wanted.current.targetFps ?? defaults.targetFps;
    video.play(this.assets, framesPerSecond, async (frame) => {
      const transport =
        this.video === video ? await this.transport?.catch(() => undefined) : undefined;
      if (transport && this.video === video) {
        await transport.showBehind(frame).catch(() => undefined);
      } else {
        close(frame);
      }
    });
  }

  /** A transport whose track is live: one that its owner stopped can't be used again. */
  private async opened(): Promise<Transport> {
    const transport = await (this.transport ??= this.openAgain());
    if (transport.output.readyState === 'live') return transport;
    this.stop();
    return (this.transport = this.openAgain());
  }

  /** What fails to open is not kept. */
  private openAgain(): Promise<Transport> {
    const opening = this.open();
    opening.catch(() => {
      if (this.transport === opening) this.transport = undefined;
    });
    return opening;
  }

  private async open(): Promise<Transport> {
    let isOpen = false;
    const transport = await openers[this.transportName]({
      assets: this.assets,
      emit: (event) => {
        this.receive(event);
      },
      died: (reason) => {
        if (!isOpen) return;
        this.emit('error', reason);
        this.emit('degraded', { reason: 'failed', message: reason.message });
        void this.reopen();
      },
    });
    isOpen = true;
    // An event tells why this rejects.
    transport.configure(this.wanted.current).catch(() => undefined);
    return transport;
  }

  /** The stream's own Worker has gone, and the processed track with it. */
  private async reopen(): Promise<void> {
    const { source } = this;
    this.stop();
    if (!source || this.disposed) return;
    try {
      this.emit('track', await this.process(source));
    } catch (reason) {
      this.emit('error', BackdropError.from(reason));
    }
  }

  private receive(event: StreamEvent): void {
    switch (event.type) {
      case 'ready':
        // It may be another engine, which has seen none but the first frame.
        this.video?.again();
        return this.emit('ready', { ...event.detail, transport: this.transportName });
      case 'error':
        return this.emit('error', new BackdropError(event.detail.code, event.detail.message));
      default:
        return this.emit(event.type, event.detail);
    }
  }

  private emit<Type extends keyof Events>(type: Type, detail: Events[Type]): void {
    for (const listener of this.listeners.get(type) ?? []) listener(detail as never);
  }
}

function backgroundOf({ background }: Partial<Settings>): Partial<Settings> {
  return background ? { background } : {};
}

/** What of the changes no later change has asked for. */
function latestOf(change: SettingsChange, changes: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(changes).filter(([key]) => change.isLatest(key as keyof Settings)),
  );
}

async function loadBackground(
  background: Extract<BackgroundSource, { kind: 'image' | 'video' }>,
): Promise<{ image: ImageBitmap; video?: BackgroundVideo }> {
  if (background.kind === 'image') return { image: await loadPicture(background.image) };
  const video = await BackgroundVideo.open(background.video);
  return { image: video.first, video };
}

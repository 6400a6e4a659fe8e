// Loads and plays a background video.
import type { Picture } from './engine/picture.js';
import { BackdropError } from './error.js';
import { fetchFile, nameOf } from './fetch-file.js';
import { takeUnmixed } from './mixed-pictures.js';
import type { VideoSource } from './options.js';
import { loadPicture } from './picture-source.js';
import { Pacer } from './stream/pacer.js';
import { VideoFrames } from './video-frames.js';
import { isUrl, isVideoElement, isVideoTrack } from './recognize.js';
import type { Assets } from './create-worker.js';

/** A video that has no frame after so many seconds in a page that is not hidden is given up. */
const limitSeconds = 8;
const pauseMilliseconds = 500;

/** A video to show behind the person. */
export class BackgroundVideo {
  private frames: VideoFrames | undefined;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private readonly goOnSoon = (): void => {
    this.pause = setTimeout(() => {
      this.goOn().catch(() => undefined);
    }, pauseMilliseconds);
  };

  private constructor(
    private readonly video: HTMLVideoElement,
    /** Whether this object created the element, and so has to release it. */
    private readonly isOwn: boolean,
    /** Its first frame. */
    readonly first: ImageBitmap,
  ) {
    if (!isOwn) return;
    video.addEventListener('pause', this.goOnSoon);
    if (video.paused) this.goOnSoon();
  }

  /**
   * Resolves when the first frame is there, and rejects when there is none for eight seconds in which the page is not
   * hidden. The caller controls the playback of an element; an address plays in a loop, and an address or a track
   * without its sound. Rejects with a BackdropError of code `fetch`, `picture` or `unsupported`.
   */
  static async open(source: VideoSource): Promise<BackgroundVideo> {
    const isOwn = !isVideoElement(source);
    const video = isOwn ? elementFor(source) : source;
    try {
      if (isVideoTrack(source) && source.readyState === 'ended') throw new Error('it has ended');
      await hasFrame(video, isOwn ? video.play() : undefined);
      return new BackgroundVideo(video, isOwn, await takeUnmixed(() => loadPicture(video)));
    } catch (reason) {
      if (isOwn) release(video);
      throw isMixUp(reason) ? reason : await problemOf(source, reason);
    }
  }

  /**
   * Calls `show` with each new frame, at most `framesPerSecond()` times a second, or never while that is 0.
   * @param show takes ownership of the picture
   * @param mixedUp is told when the browser draws other pictures in place of the video's
   */
  play(
    assets: Assets,
    framesPerSecond: () => number,
    show: (picture: Picture) => Promise<void>,
    mixedUp: (reason: BackdropError) => void,
  ): void {
    const pacer = new Pacer();
    this.frames = new VideoFrames(this.video, assets, {
      wants: () => pacer.wants(performance.now(), framesPerSecond()),
      bitmapOf: (video) =>
        takeUnmixed(() => createImageBitmap(video)).catch((reason: unknown) => {
          if (isMixUp(reason)) mixedUp(reason);
          throw reason;
        }),
      take: show,
    });
  }

  /** Hands the current frame over again, after a restart of the engine has lost it. */
  again(): void {
    this.frames?.again();
  }

  close(): void {
    this.frames?.close();
    clearTimeout(this.pause);
    this.video.removeEventListener('pause', this.goOnSoon);
    if (this.isOwn) release(this.video);
  }

  /** Chromium pauses a silent video of a hidden page, unless one of its frames was taken a few seconds ago. */
  private async goOn(): Promise<void> {
    (await createImageBitmap(this.video)).close();
    await this.video.play();
  }
}

function isMixUp(reason: unknown): reason is BackdropError {
  return reason instanceof BackdropError && reason.code === 'unsupported';
}

function elementFor(source: Exclude<VideoSource, HTMLVideoElement>): HTMLVideoElement {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, loop: true, playsInline: true, crossOrigin: 'anonymous' });
  if (typeof source === 'string' || isUrl(source))
    video.src = new URL(source, document.baseURI).href;
  else video.srcObject = new MediaStream([source]);
  return video;
}

/** @param playing which may reject, or wait for ever */
async function hasFrame(video: HTMLVideoElement, playing?: Promise<void>): Promise<void> {
  if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) return;
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    await new Promise<unknown>((resolve, reject) => {
      const fail = (): void => {
        reject(new Error(video.error?.message ?? 'it has no frames'));
      };
      if (video.error) fail();
      playing?.catch((reason: unknown) => {
        const error = reason as DOMException;
        // Chromium has paused it, see goOn. Its first frame comes all the same.
        if (error.name !== 'AbortError') reject(error);
      });
      video.addEventListener('loadeddata', resolve, { signal });
      video.addEventListener('error', fail, { signal });
      let seconds = 0;
      const limit = setInterval(() => {
        // Chromium loads no video of a hidden page that has played none before.
        if (document.hidden || ++seconds < limitSeconds) return;
        reject(new Error('it has given no frame for eight seconds'));
      }, 1000);
      signal.addEventListener('abort', () => {
        clearInterval(limit);
      });
    });
  } finally {
    waiting.abort();
  }
}

function release(video: HTMLVideoElement): void {
  video.pause();
  video.srcObject = null;
  video.removeAttribute('src');
}

/** The reason why a video can't be used: a video element's error is the same for a missing file. */
async function problemOf(source: VideoSource, reason: unknown): Promise<BackdropError> {
  let name = 'the background video';
  if (typeof source === 'string' || isUrl(source)) {
    const address = new URL(source, document.baseURI);
    name = nameOf(address);
    try {
      await fetchFile(address, async ({ body }) => body?.cancel());
    } catch (missing) {
      return BackdropError.from(missing);
    }
  }
  return new BackdropError('picture', `${name} can’t be used as a video: ${String(reason)}`);
}

// Plays a background picture that has several frames.
import type { Assets } from './create-worker.js';
import type { Picture } from './engine/picture.js';
import { isBlob } from './recognize.js';
import { Pacer } from './stream/pacer.js';
import { newTickWorker } from './transport/new-tick-worker.js';

/** Types of files that may hold several frames. */
const animated = /^image\/(gif|png|apng|webp|avif)$/;

/** What browsers show in place of frames that are to stand for 10 milliseconds or less. */
const shortMilliseconds = 10;
const usualMilliseconds = 100;

/** How often it is looked whether frames are wanted again. */
const idleMilliseconds = 100;

/** A delay that is not made up for, as after the computer's sleep. */
const lateMilliseconds = 1000;

async function decoderFor(file: Blob, type: string): Promise<ImageDecoder> {
  const decoder = new ImageDecoder({ data: file.stream(), type, preferAnimation: true });
  try {
    await decoder.completed;
    return decoder;
  } catch (reason) {
    decoder.close();
    throw reason;
  }
}

const countOf = ({ tracks }: ImageDecoder): number => tracks.selectedTrack?.frameCount ?? 1;

/** A picture with several frames, of which one at a time is decoded. */
export class AnimatedPicture {
  private ticks: Worker | undefined;
  private closed = false;

  private constructor(
    private readonly file: Blob,
    private readonly type: string,
    private decoder: ImageDecoder,
  ) {}

  /** Undefined where the file has one frame, or where this browser can't decode the others. */
  static async open(file: unknown): Promise<AnimatedPicture | undefined> {
    if (!isBlob(file) || !('ImageDecoder' in globalThis)) return undefined;
    const type = file.type.split(';')[0] ?? '';
    if (!animated.test(type) || !(await ImageDecoder.isTypeSupported(type))) return undefined;
    const decoder = await decoderFor(file, type).catch(() => undefined);
    if (decoder && countOf(decoder) > 1) return new AnimatedPicture(file, type, decoder);
    decoder?.close();
    return undefined;
  }

  /**
   * Calls `show` with the frames, in a loop, for as long as each is to stand, at most `framesPerSecond()` of
   * them a second; while that is 0, it stands still. A frame that can't be decoded ends it.
   * @param show takes ownership of the picture
   */
  play(
    assets: Assets,
    framesPerSecond: () => number,
    show: (picture: Picture) => Promise<void>,
  ): void {
    // A hidden page's own timers are throttled.
    this.ticks = newTickWorker(assets);
    this.run(framesPerSecond, show).catch(() => undefined);
  }

  close(): void {
    this.closed = true;
    this.ticks?.terminate();
    this.decoder.close();
  }

  private async run(
    framesPerSecond: () => number,
    show: (picture: Picture) => Promise<void>,
  ): Promise<void> {
    const pacer = new Pacer();
    let due = performance.now();
    while (!this.closed) {
      for (let frameIndex = 0; frameIndex < countOf(this.decoder); ++frameIndex) {
        const { image } = await this.decoder.decode({ frameIndex });
        due += millisecondsOf(image);
        if (pacer.wants(performance.now(), framesPerSecond())) await show(image);
        else image.close();
        due = Math.max(due, performance.now() - lateMilliseconds);
        await this.wait(due - performance.now());
        while (framesPerSecond() === 0) await this.wait(idleMilliseconds);
      }
      await this.rewind();
    }
  }

  /** Firefox’s decoder gives a frame that was closed no second time (findings/firefox-image-decoder-again.sh). */
  private async rewind(): Promise<void> {
    this.decoder.close();
    this.decoder = await decoderFor(this.file, this.type);
    if (this.closed) this.decoder.close();
  }

  private async wait(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    await new Promise((resolve) => {
      this.ticks?.addEventListener('message', resolve, { once: true });
      this.ticks?.postMessage(milliseconds);
    });
  }
}

function millisecondsOf({ duration }: VideoFrame): number {
  const milliseconds = (duration ?? 0) / 1000;
  return milliseconds > shortMilliseconds ? milliseconds : usualMilliseconds;
}

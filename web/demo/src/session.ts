// The engine as the page uses it: settings may change at any time, and are the same after it was
// made anew.
import {
  Backdrop,
  modelOptions,
  type CatalogueEntry,
  type FrameStatistics,
  type Variant,
  type WorkerBackground,
} from '@backdrop/web';

export interface Settings {
  model: CatalogueEntry;
  variant: Variant;
  /** Makes the background anew: its picture is handed over to the engine. */
  background: () => Promise<WorkerBackground>;
}

export interface Result {
  picture: VideoFrame | ImageBitmap;
  statistics: FrameStatistics;
}

export class Session {
  private engine: Promise<Backdrop> | undefined;

  constructor(private settings: Settings) {}

  get variant(): Variant {
    return this.settings.variant;
  }

  /** Another engine, made when the next picture comes. */
  restart(settings: Pick<Settings, 'model' | 'variant'>): void {
    this.close();
    Object.assign(this.settings, settings);
  }

  async setBackground(background: Settings['background']): Promise<void> {
    this.settings.background = background;
    const engine = await this.engine;
    const made = await background();
    const isLatest = this.settings.background === background;
    if (engine && isLatest) await engine.setBackground(made);
  }

  /** Processes a picture, which is the session's from here on. */
  async process(picture: VideoFrame | ImageBitmap): Promise<Result> {
    try {
      this.engine ??= this.start();
      const engine = await this.engine;
      return await engine.process(picture);
    } catch (reason) {
      this.close();
      throw reason;
    } finally {
      // Transferred by now, unless it never got that far.
      picture.close();
    }
  }

  close(): void {
    this.engine?.then(
      (engine) => {
        engine.close();
      },
      () => undefined,
    );
    this.engine = undefined;
  }

  private async start(): Promise<Backdrop> {
    const { model, variant, background } = this.settings;
    const tflite = new URL(`models/${model.file}`, document.baseURI).href;
    const engine = await Backdrop.start({ tflite, ...modelOptions(model) }, variant);
    await engine.setBackground(await background());
    return engine;
  }
}

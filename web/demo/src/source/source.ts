/** One picture, or a track of a camera or a clip. */
export type Source = StillSource | LiveSource;

interface Common {
  readonly name: string;
  stop(): void;
}

export interface StillSource extends Common {
  readonly kind: 'still';
  readonly view: HTMLCanvasElement;
  readonly picture: ImageBitmap;
  readonly facesUser: false;
}

export interface LiveSource extends Common {
  readonly kind: 'live';
  readonly view: HTMLVideoElement;
  readonly track: MediaStreamTrack;
  /** Whether it shows the user, who expects a mirror. */
  readonly facesUser: boolean;
}

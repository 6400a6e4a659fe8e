// Where pictures come from: a camera, a clip or a photo.
import { context2d } from './dom.js';
import { decodePicture, PageError } from './picture-file.js';

export interface Source {
  readonly name: string;
  /** Shows the source; goes onto the page. */
  readonly view: HTMLElement;
  /** The next picture, or this one again where there is only one. It is the caller's to close. */
  next(): Promise<VideoFrame | ImageBitmap>;
  /** Whether more than one picture comes. */
  readonly live: boolean;
  readonly width: number;
  readonly height: number;
  stop(): void;
}

export async function openCamera(lost: () => void): Promise<Source> {
  const stream = await askForCamera();
  const track = stream.getVideoTracks()[0];
  track?.addEventListener('ended', lost);
  const video = await play(stream, 'The camera does not deliver a picture.');
  return videoSource(video, track?.label ?? 'Camera', () => {
    for (const each of stream.getTracks()) each.stop();
  });
}

async function askForCamera(): Promise<MediaStream> {
  if (!('mediaDevices' in navigator)) {
    throw new PageError('The camera can only be used over https or on this computer itself.');
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (reason) {
    throw new PageError(cameraProblem(reason));
  }
}

function cameraProblem(reason: unknown): string {
  switch (reason instanceof DOMException ? reason.name : '') {
    case 'NotAllowedError':
      return 'The camera may not be used: allow it in the browser’s settings for this page.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'No camera was found. Connect one, or try a photo, a clip or the portrait.';
    case 'NotReadableError':
      return 'The camera is in use by another program.';
    default:
      return `The camera can’t be used: ${String(reason)}`;
  }
}

export async function openClip(file: File): Promise<Source> {
  const address = URL.createObjectURL(file);
  try {
    const video = await play(
      address,
      `“${file.name}” can’t be played: it is damaged, or of a kind that this browser does not know.`,
    );
    return videoSource(video, file.name, () => {
      URL.revokeObjectURL(address);
    });
  } catch (reason) {
    URL.revokeObjectURL(address);
    throw reason;
  }
}

export async function openPhoto(file: Blob, name: string): Promise<Source> {
  const picture = await decodePicture(file, name);
  const { width, height } = picture;
  const view = Object.assign(document.createElement('canvas'), { width, height });
  context2d(view).drawImage(picture, 0, 0);
  return {
    name,
    view,
    live: false,
    width,
    height,
    next: () => createImageBitmap(picture),
    stop: () => {
      picture.close();
    },
  };
}

async function play(from: MediaStream | string, problem: string): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, loop: true, playsInline: true });
  if (typeof from === 'string') video.src = from;
  else video.srcObject = from;
  try {
    await video.play();
  } catch {
    throw new PageError(problem);
  }
  return video;
}

function videoSource(video: HTMLVideoElement, name: string, release: () => void): Source {
  let giveUp: ((reason: unknown) => void) | undefined;
  return {
    name,
    view: video,
    live: true,
    get width() {
      return video.videoWidth;
    },
    get height() {
      return video.videoHeight;
    },
    next: async () => {
      await new Promise((resolve, reject) => {
        giveUp = reject;
        if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(resolve);
        else requestAnimationFrame(resolve);
      });
      return 'VideoFrame' in window ? new VideoFrame(video) : createImageBitmap(video);
    },
    stop: () => {
      giveUp?.(new PageError('The source was closed.'));
      video.pause();
      video.srcObject = null;
      video.removeAttribute('src');
      release();
    },
  };
}

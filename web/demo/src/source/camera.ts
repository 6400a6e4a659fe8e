import { PageError } from '../picture-file.js';
import type { LiveSource } from './source.js';
import { play, release } from './video.js';

export interface CameraChoice {
  /** A device's id; any camera when the id is empty or its device is not connected. */
  device: string;
  /** WIDTHxHEIGHT; the camera delivers the nearest size that it has. */
  resolution: string;
}

/** @param lost called when the camera's track ends by itself, most likely because it was unplugged */
export async function openCamera(choice: CameraChoice, lost: () => void): Promise<LiveSource> {
  const stream = await askForCamera(choice);
  const [track] = stream.getVideoTracks();
  if (!track) throw new PageError('The camera does not deliver a picture.');
  try {
    const view = await play(stream, 'The camera does not deliver a picture.');
    track.addEventListener('ended', lost);
    return {
      kind: 'live',
      name: track.label || 'Camera',
      view,
      track,
      facesUser: track.getSettings().facingMode !== 'environment',
      stop: () => {
        track.removeEventListener('ended', lost);
        track.stop();
        release(view);
      },
    };
  } catch (reason) {
    track.stop();
    throw reason;
  }
}

/** The connected cameras; without names until the user has allowed one. */
export async function listCameras(): Promise<MediaDeviceInfo[]> {
  if (!('mediaDevices' in navigator)) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === 'videoinput');
}

async function askForCamera({ device, resolution }: CameraChoice): Promise<MediaStream> {
  if (!('mediaDevices' in navigator)) {
    throw new PageError('The camera can only be used over https or on this computer itself.');
  }
  const [width, height] = resolution.split('x').map(Number);
  const size = { width: { ideal: width ?? 1280 }, height: { ideal: height ?? 720 } };
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { ...size, ...(device && { deviceId: { ideal: device } }) },
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
      return 'No camera was found. Connect one, or try a photo, a clip or the sample.';
    case 'NotReadableError':
      return 'The camera is in use by another program.';
    default:
      return `The camera can’t be used: ${String(reason)}`;
  }
}

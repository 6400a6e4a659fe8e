import { PageError } from '../picture-file.js';

/** Plays a stream, or the file at an address in a loop, without sound. */
export async function play(from: MediaStream | string, problem: string): Promise<HTMLVideoElement> {
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

export function release(video: HTMLVideoElement): void {
  video.pause();
  video.srcObject = null;
  video.removeAttribute('src');
}

import { context2d } from '../dom.js';
import { PageError } from '../picture-file.js';
import type { LiveSource } from './source.js';
import { play, release } from './video.js';

/** Firefox prefixes `captureStream`, and Safari has none for video elements. */
interface Capturing {
  captureStream?: () => MediaStream;
  mozCaptureStream?: () => MediaStream;
}

export async function openClip(file: File): Promise<LiveSource> {
  const address = URL.createObjectURL(file);
  const problem = `“${file.name}” can’t be played: it is damaged, or of a kind that this browser does not know.`;
  try {
    const video = await play(address, problem);
    const track = trackOf(video);
    if (!track) throw new PageError(problem);
    return {
      kind: 'live',
      name: file.name,
      view: video,
      track,
      facesUser: false,
      stop: () => {
        track.stop();
        release(video);
        URL.revokeObjectURL(address);
      },
    };
  } catch (reason) {
    URL.revokeObjectURL(address);
    throw reason;
  }
}

function trackOf(video: HTMLVideoElement & Capturing): MediaStreamTrack | undefined {
  const stream =
    video.captureStream?.() ?? video.mozCaptureStream?.() ?? copyOf(video).captureStream();
  return stream.getVideoTracks()[0];
}

/** A canvas onto which each of the video's frames is drawn. */
function copyOf(video: HTMLVideoElement): HTMLCanvasElement {
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = context2d(canvas);
  const draw = () => {
    context.drawImage(video, 0, 0, width, height);
    if (!video.paused) video.requestVideoFrameCallback(draw);
  };
  draw();
  return canvas;
}

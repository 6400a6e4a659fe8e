// The transports, and which of them the browser supports.

/**
 * - `window-streams`: MediaStreamTrackProcessor and MediaStreamTrackGenerator in the window, their
 *   streams transferred to the Worker (Chromium)
 * - `worker-streams`: the track transferred to the Worker, with MediaStreamTrackProcessor and
 *   VideoTrackGenerator there (Safari; the standard)
 * - `canvas`: a video element's frames, and a canvas's captureStream (Firefox; all browsers)
 */
export type TransportName = 'window-streams' | 'worker-streams' | 'canvas';

/**
 * The transports that this browser seems to support, best first; none outside of a page. Only its first
 * use shows whether a transport works: see Backdrop.process.
 */
export function transports(): TransportName[] {
  const found: TransportName[] = [];
  if (!('document' in globalThis)) return found;
  if ('MediaStreamTrackProcessor' in globalThis && 'MediaStreamTrackGenerator' in globalThis) {
    found.push('window-streams');
  } else if (tracksAreTransferable()) {
    found.push('worker-streams');
  }
  if ('captureStream' in HTMLCanvasElement.prototype) found.push('canvas');
  return found;
}

/** Where tracks are transferable, a Worker may have MediaStreamTrackProcessor and VideoTrackGenerator. */
function tracksAreTransferable(): boolean {
  const { port1, port2 } = new MessageChannel();
  try {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d'); // Firefox captures no canvas without a context.
    const track = canvas.captureStream().getVideoTracks()[0];
    if (!track) return false;
    port1.postMessage(track, [track]);
    return true;
  } catch {
    return false;
  } finally {
    port1.close();
    port2.close();
  }
}

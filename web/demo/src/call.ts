// A call from the page to itself, which shows what the other side of a call sees.
import { byId, byIdOf } from './dom.js';

const statisticsMilliseconds = 1000;

class LoopbackCall {
  private readonly near = new RTCPeerConnection();
  private readonly far = new RTCPeerConnection();
  private readonly sender: RTCRtpSender;

  /** @param seen called with what arrives on the other side */
  constructor(track: MediaStreamTrack, seen: (stream: MediaStream) => void) {
    connect(this.near, this.far);
    connect(this.far, this.near);
    this.far.addEventListener('track', ({ track: received }) => {
      seen(new MediaStream([received]));
    });
    this.sender = this.near.addTrack(track, new MediaStream([track]));
  }

  async start(): Promise<void> {
    const { near, far } = this;
    await near.setLocalDescription();
    if (near.localDescription) await far.setRemoteDescription(near.localDescription);
    await far.setLocalDescription();
    if (far.localDescription) await near.setRemoteDescription(far.localDescription);
  }

  replace(track: MediaStreamTrack): Promise<void> {
    return this.sender.replaceTrack(track);
  }

  /** The size and rate of the received frames, in words; empty before the first frame. */
  async describe(): Promise<string> {
    const reports = [...(await this.far.getStats()).values()] as RTCInboundRtpStreamStats[];
    const received = reports.find(({ type }) => type === 'inbound-rtp');
    if (!received?.frameWidth || !received.frameHeight) return '';
    const { frameWidth, frameHeight, framesPerSecond = 0 } = received;
    return `${frameWidth} × ${frameHeight} · ${framesPerSecond} frames a second`;
  }

  close(): void {
    this.near.close();
    this.far.close();
  }
}

function connect(from: RTCPeerConnection, to: RTCPeerConnection): void {
  from.addEventListener('icecandidate', ({ candidate }) => {
    // The other side may be closed.
    if (candidate) to.addIceCandidate(candidate).catch(() => undefined);
  });
}

/** The page's panel with the call. */
export class CallPanel {
  private readonly button = byIdOf(HTMLButtonElement, 'call');
  private readonly video = byIdOf(HTMLVideoElement, 'far');
  private call: LoopbackCall | undefined;
  private clock: ReturnType<typeof setInterval> | undefined;
  private track: MediaStreamTrack | undefined;

  constructor(private readonly failed: (reason: unknown) => void) {
    this.button.addEventListener('click', () => {
      if (this.call) this.hangUp();
      else this.start().catch(failed);
    });
    this.setTrack(undefined);
  }

  /** Sends this track from now on; undefined ends the call. */
  setTrack(track: MediaStreamTrack | undefined): void {
    this.track = track;
    this.button.disabled = !track;
    byId('call-hint').hidden = Boolean(track);
    if (!track) this.hangUp();
    else this.call?.replace(track).catch(this.failed);
  }

  private async start(): Promise<void> {
    if (!this.track) return;
    const call = new LoopbackCall(this.track, (stream) => {
      this.video.srcObject = stream;
      this.video.play().catch(() => undefined);
    });
    this.call = call;
    this.show('Connecting…');
    this.clock = setInterval(() => {
      void call.describe().then((text) => {
        if (call === this.call && text) byId('call-state').textContent = text;
      });
    }, statisticsMilliseconds);
    try {
      await call.start();
    } catch (reason) {
      if (call === this.call) this.hangUp();
      throw reason;
    }
  }

  private hangUp(): void {
    clearInterval(this.clock);
    this.call?.close();
    this.call = undefined;
    this.video.srcObject = null;
    this.show('');
  }

  private show(text: string): void {
    byId('call-state').textContent = text;
    byId('far-view').hidden = !this.call;
    this.button.textContent = this.call ? 'Hang up' : 'Start the call';
  }
}

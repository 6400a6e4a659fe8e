/**
 * Imitates how a camera's JitsiLocalTrack uses its effect, in the same order:
 * https://github.com/jitsi/lib-jitsi-meet/blob/master/modules/RTC/JitsiLocalTrack.ts
 */
export class JitsiTrack {
  videoType = 'camera';
  /** The track's sender in a call. */
  sender;
  /** The camera's stream, while an effect uses it. */
  original;

  #getCamera;
  #stream;
  #effect;

  constructor(getCamera) {
    this.#getCamera = getCamera;
    this.#stream = new MediaStream([getCamera()]);
  }

  isVideoTrack() {
    return true;
  }

  getTrack() {
    return this.#stream.getTracks()[0];
  }

  /** Takes the track out of the call, changes the effect, and puts it back. */
  async setEffect(effect) {
    if (effect && !effect.isEnabled(this)) throw new Error('Incompatible effect instance!');
    await this.sender?.replaceTrack(null);
    if (this.#effect) this.#stop();
    this.#effect = effect;
    if (effect) this.#start();
    await this.sender?.replaceTrack(this.getTrack());
  }

  /** Mutes: stops the camera. */
  async mute() {
    await this.sender?.replaceTrack(null);
    if (this.#effect) this.#stop();
    this.#stream.getTracks().forEach((track) => track.stop());
    this.#stream = undefined;
  }

  async unmute() {
    this.#stream = new MediaStream([this.#getCamera()]);
    if (this.#effect) this.#start();
    await this.sender?.replaceTrack(this.getTrack());
  }

  #start() {
    this.original = this.#stream;
    this.#stream = this.#effect.startEffect(this.original);
  }

  #stop() {
    this.#effect.stopEffect();
    this.#stream = this.original;
    this.original = undefined;
  }
}

// Tells on a channel how many VideoFrames are open in this thread, of those that it made or looked at.
const seen = new Set();

const { get } = Object.getOwnPropertyDescriptor(VideoFrame.prototype, 'displayWidth');
Object.defineProperty(VideoFrame.prototype, 'displayWidth', {
  get() {
    seen.add(this);
    return get.call(this);
  },
});

globalThis.VideoFrame = class extends VideoFrame {
  constructor(...given) {
    super(...given);
    seen.add(this);
  }
};

const channel = new BroadcastChannel('open frames');
setInterval(() => {
  for (const frame of seen) {
    if (frame.codedWidth === 0) seen.delete(frame);
  }
  channel.postMessage(seen.size);
}, 200);

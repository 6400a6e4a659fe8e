// Reports on a channel how many of the VideoFrames that this thread made or read are still open.
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

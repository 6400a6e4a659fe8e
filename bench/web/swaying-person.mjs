// A film that a page draws: somebody sways before a wall while the camera stands still, as the engine
// needs it to learn the room.

const sway = 0.03; // of the frame's width, to either side
const noise = 3; // standard deviation, in levels

/** The portrait without what is behind it. */
async function cutOut(engine) {
  const file = await fetch('/build/media/grace_hopper.jpg');
  const portrait = await createImageBitmap(await file.blob());
  const { width, height } = portrait;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(portrait, 0, 0);
  const frame = engine.frame('RGBA', width, height);
  frame.bytes.set(context.getImageData(0, 0, width, height).data);
  engine.setBackground({ kind: 'transparent' });
  engine.process(frame);
  return createImageBitmap(new ImageData(new Uint8ClampedArray(frame.bytes), width, height));
}

/** Shelves: what a blur changes, and a room that can be told from another. */
function drawWall(context, width, height) {
  context.fillStyle = '#b8b0a0';
  context.fillRect(0, 0, width, height);
  for (let i = 0; i < 60; ++i) {
    context.fillStyle = `hsl(${(i * 67) % 360} 35% ${25 + ((i * 29) % 50)}%)`;
    const [column, row] = [i % 20, Math.floor(i / 20)];
    const [x, y] = [(column * width) / 20, (row * height) / 3];
    context.fillRect(x, y, width / 26, height / 4 - ((i * 13) % 5) * (height / 80));
  }
}

/** One turn of swaying in `count` frames in I420. */
export async function drawSwayingPerson(engine, { width, height }, count) {
  const person = await cutOut(engine);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  const grain = drawGrain();
  const shown = (height * person.width) / person.height;
  return Array.from({ length: count }, (_, i) => {
    drawWall(context, width, height);
    const x = (width - shown) / 2 + sway * width * Math.sin((2 * Math.PI * i) / count);
    context.drawImage(person, x, 0, shown, height);
    return addGrain(toI420(context.getImageData(0, 0, width, height)), grain);
  });
}

/** The sum of four equal distributions is close to a normal one. */
function drawGrain() {
  const { random } = Math;
  const scale = noise * Math.sqrt(3);
  const draw = () => scale * (random() + random() + random() + random() - 2);
  return Int8Array.from({ length: 1 << 16 }, () => Math.round(draw()));
}

function addGrain(samples, grain) {
  const begin = Math.floor(Math.random() * grain.length);
  return samples.map((value, i) =>
    Math.min(Math.max(value + grain[(begin + i * 7919) % grain.length], 0), 255),
  );
}

/** BT.601 of limited range, one pixel of four for the colour. */
function toI420({ width, height, data }) {
  const samples = new Uint8Array((width * height * 3) / 2);
  const mix = (i, offset, r, g, b) =>
    offset + (r * data[4 * i] + g * data[4 * i + 1] + b * data[4 * i + 2]) / 256;
  for (let i = 0; i < width * height; ++i) samples[i] = mix(i, 16, 66, 129, 25);
  const chroma = (width * height) / 4;
  for (let i = 0; i < chroma; ++i) {
    const [x, y] = [i % (width / 2), Math.floor(i / (width / 2))];
    const corner = 2 * (y * width + x);
    samples[4 * chroma + i] = mix(corner, 128, -38, -74, 112);
    samples[5 * chroma + i] = mix(corner, 128, 112, -94, -18);
  }
  return samples;
}

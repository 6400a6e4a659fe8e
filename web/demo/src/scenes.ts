// Background pictures that are painted by code when they are first needed.

type Context = OffscreenCanvasRenderingContext2D;

export interface Scene {
  id: string;
  title: string;
  paint(context: Context, width: number, height: number): void;
}

export const scenes = [
  { id: 'loft', title: 'Loft', paint: paintLoft },
  { id: 'dunes', title: 'Dunes', paint: paintDunes },
  { id: 'lights', title: 'City lights', paint: paintLights },
  { id: 'mist', title: 'Mist', paint: paintMist },
  { id: 'paper', title: 'Paper', paint: paintPaper },
] as const satisfies readonly Scene[];

export type SceneId = (typeof scenes)[number]['id'];

/** A pseudo-random generator of numbers in 0 to 1 (mulberry32): equal seeds give equal numbers. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Stops = readonly (readonly [number, string])[];

function withStops(gradient: CanvasGradient, stops: Stops): CanvasGradient {
  for (const [at, color] of stops) gradient.addColorStop(at, color);
  return gradient;
}

function fillSky(context: Context, width: number, height: number, stops: Stops): void {
  context.fillStyle = withStops(context.createLinearGradient(0, 0, 0, height), stops);
  context.fillRect(0, 0, width, height);
}

function glow(context: Context, x: number, y: number, radius: number, stops: Stops): void {
  context.fillStyle = withStops(context.createRadialGradient(x, y, 0, x, y, radius), stops);
  context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
}

/** Fills everything below a line; `line` gives its height for each x, both in 0 to 1. */
function fillBelow(
  context: Context,
  width: number,
  height: number,
  line: (x: number) => number,
  fill: CanvasGradient | string,
): void {
  context.beginPath();
  context.moveTo(0, height);
  for (let x = 0; x <= 1.0001; x += 1 / 160) context.lineTo(x * width, line(x) * height);
  context.lineTo(width, height);
  context.closePath();
  context.fillStyle = fill;
  context.fill();
}

function paintDunes(context: Context, width: number, height: number): void {
  fillSky(context, width, height, [
    [0, '#38476b'],
    [0.3, '#8a6f88'],
    [0.52, '#e9a98a'],
    [0.62, '#f8d3a3'],
  ]);
  glow(context, 0.7 * width, 0.5 * height, 0.5 * width, [
    [0, '#fff0c8f0'],
    [0.09, '#ffe7b5c0'],
    [0.11, '#ffdca860'],
    [1, '#ffdca800'],
  ]);
  const dunes = [
    { top: 0.57, swell: 0.03, pace: 5, shift: 0.4, light: '#d99a78', shade: '#b97a66' },
    { top: 0.66, swell: 0.05, pace: 3.6, shift: 2.2, light: '#c9825f', shade: '#8f5650' },
    { top: 0.77, swell: 0.06, pace: 2.7, shift: 4.4, light: '#b06a50', shade: '#663e44' },
    { top: 0.9, swell: 0.07, pace: 2.1, shift: 0.6, light: '#864a42', shade: '#3a2733' },
  ];
  for (const { top, swell, pace, shift, light, shade } of dunes) {
    const fill = context.createLinearGradient(width, (top - swell) * height, 0.2 * width, height);
    fillBelow(
      context,
      width,
      height,
      (x) => top + swell * (Math.sin(pace * x + shift) + 0.3 * Math.sin(2.3 * pace * x + shift)),
      withStops(fill, [
        [0, light],
        [1, shade],
      ]),
    );
  }
}

function paintLights(context: Context, width: number, height: number): void {
  const random = randomNumbers(11);
  fillSky(context, width, height, [
    [0, '#0d1224'],
    [0.55, '#2a1f3d'],
    [1, '#120d18'],
  ]);
  context.globalCompositeOperation = 'lighter';
  glow(context, 0.25 * width, 0.7 * height, 0.6 * width, [
    [0, '#7a3a2c80'],
    [1, '#7a3a2c00'],
  ]);
  glow(context, 0.85 * width, 0.45 * height, 0.5 * width, [
    [0, '#1e4a6680'],
    [1, '#1e4a6600'],
  ]);
  const colors = ['#ffb457', '#ff8a4c', '#ffd9a0', '#f2668b', '#58b7d6', '#9c8cff'];
  for (let disc = 0; disc < 90; ++disc) {
    const near = random() ** 2;
    const radius = (0.012 + 0.05 * near) * width;
    const x = random() * width;
    const y = (0.52 + 0.42 * (random() + random() - 1)) * height;
    const color = colors[Math.floor(random() * colors.length)] ?? '#ffffff';
    const alpha = (opacity: number) =>
      color +
      Math.round(opacity * (1 - 0.6 * near) * 255)
        .toString(16)
        .padStart(2, '0');
    glow(context, x, y, radius, [
      [0, alpha(0.28)],
      [0.82, alpha(0.36)],
      [0.93, alpha(0.5)],
      [1, alpha(0)],
    ]);
  }
  context.globalCompositeOperation = 'source-over';
}

function paintMist(context: Context, width: number, height: number): void {
  fillSky(context, width, height, [
    [0, '#bfd3d6'],
    [0.45, '#e8e6da'],
    [1, '#d5dcd7'],
  ]);
  glow(context, 0.34 * width, 0.27 * height, 0.42 * width, [
    [0, '#fffaeaff'],
    [0.12, '#fff6e0d0'],
    [1, '#fff6e000'],
  ]);
  const ridges = 6;
  for (let ridge = 0; ridge < ridges; ++ridge) {
    const random = randomNumbers(70 + ridge);
    const nearness = ridge / (ridges - 1);
    const waves = [2.1, 4.7, 9.5, 19, 41].map((pace, octave) => ({
      pace: pace * (0.8 + 0.4 * random()),
      shift: 6.3 * random(),
      height: (0.06 + 0.03 * nearness) / 1.9 ** octave,
    }));
    const top = 0.42 + 0.44 * nearness;
    const lightness = 76 - 52 * nearness;
    const fill = context.createLinearGradient(0, (top - 0.1) * height, 0, (top + 0.3) * height);
    fillBelow(
      context,
      width,
      height,
      (x) => waves.reduce((y, wave) => y + wave.height * Math.sin(wave.pace * x + wave.shift), top),
      withStops(fill, [
        [0, `hsl(178 ${16 + 10 * nearness}% ${lightness}%)`],
        [1, `hsl(165 14% ${lightness + 14}%)`],
      ]),
    );
  }
}

function paintPaper(context: Context, width: number, height: number): void {
  const sheets = ['#f3e7d3', '#eccfae', '#e2ad85', '#cd8068', '#9c5560', '#5d3f59', '#33304a'];
  context.fillStyle = '#f8f1e4';
  context.fillRect(0, 0, width, height);
  context.save();
  context.shadowColor = '#3a221840';
  context.shadowBlur = 0.03 * width;
  context.shadowOffsetY = -0.006 * width;
  sheets.forEach((color, sheet) => {
    const top = 0.2 + 0.125 * sheet;
    fillBelow(
      context,
      width,
      height,
      (x) =>
        top +
        0.1 * Math.sin(2.6 * x + 1.7 * sheet) +
        0.035 * Math.sin(6.1 * x - 1.1 * sheet) -
        0.12 * (x - 0.5),
      color,
    );
  });
  context.restore();
}

function paintLoft(context: Context, width: number, height: number): void {
  context.save();
  context.scale(width / 1280, height / 720);
  paintWall(context);
  paintWindowLight(context);
  paintShelf(context);
  paintPlant(context);
  context.restore();
}

function paintWall(context: Context): void {
  context.fillStyle = withStops(context.createLinearGradient(0, 0, 1280, 500), [
    [0, '#ddd3c4'],
    [0.55, '#cfc2b0'],
    [1, '#a99b8a'],
  ]);
  context.fillRect(0, 0, 1280, 720);
  context.fillStyle = withStops(context.createLinearGradient(0, 600, 0, 720), [
    [0, '#8d6f55'],
    [1, '#5f4838'],
  ]);
  context.fillRect(0, 640, 1280, 80);
  context.fillStyle = '#efe8dc';
  context.fillRect(0, 618, 1280, 22);
  context.fillStyle = '#0000001c';
  context.fillRect(0, 640, 1280, 5);
}

function paintWindowLight(context: Context): void {
  context.save();
  context.filter = 'blur(7px)';
  context.transform(1, -0.16, -0.22, 1, 330, 130);
  context.fillStyle = withStops(context.createLinearGradient(0, 0, 480, 420), [
    [0, '#fff3d8d8'],
    [1, '#ffe4b87a'],
  ]);
  for (const x of [0, 150, 300]) {
    for (const y of [0, 205]) context.fillRect(x, y, 132, 187);
  }
  context.restore();
}

function paintShelf(context: Context): void {
  const random = randomNumbers(5);
  const colors = ['#3f5d5a', '#b5654a', '#d8b26a', '#6d7f8d', '#e9e1d2', '#8a4b45', '#2f3c4a'];
  for (const y of [210, 372]) {
    context.fillStyle = '#00000026';
    context.fillRect(934, y + 14, 330, 16);
    context.fillStyle = '#7c5c43';
    context.fillRect(930, y, 350, 15);
    let x = y === 210 ? 946 : 1048;
    while (x < 1200) {
      const thickness = 13 + 15 * random();
      const tall = 74 + 40 * random();
      context.fillStyle = colors[Math.floor(random() * colors.length)] ?? '#3f5d5a';
      context.fillRect(x, y - tall, thickness, tall);
      context.fillStyle = '#ffffff2e';
      context.fillRect(x, y - tall, 2.5, tall);
      context.fillStyle = '#0000001c';
      context.fillRect(x, y - tall + 14, thickness, 4);
      x += thickness + (random() < 0.16 ? 26 : 2);
    }
  }
  paintVase(context, 985, 372);
}

function paintVase(context: Context, x: number, bottom: number): void {
  context.fillStyle = withStops(context.createLinearGradient(x - 32, 0, x + 32, 0), [
    [0, '#f2ebe0'],
    [0.6, '#d9cdbd'],
    [1, '#a89a89'],
  ]);
  context.beginPath();
  context.moveTo(x - 11, bottom - 92);
  context.bezierCurveTo(x - 14, bottom - 66, x - 34, bottom - 60, x - 32, bottom - 32);
  context.bezierCurveTo(x - 31, bottom - 10, x - 20, bottom, x - 16, bottom);
  context.lineTo(x + 16, bottom);
  context.bezierCurveTo(x + 20, bottom, x + 31, bottom - 10, x + 32, bottom - 32);
  context.bezierCurveTo(x + 34, bottom - 60, x + 14, bottom - 66, x + 11, bottom - 92);
  context.closePath();
  context.fill();
}

function paintPlant(context: Context): void {
  const random = randomNumbers(23);
  const [x, y] = [138, 500];
  for (let leaf = 0; leaf < 17; ++leaf) {
    const angle = -Math.PI / 2 + (leaf / 16 - 0.5) * 2.7 + 0.2 * (random() - 0.5);
    const length = 190 + 130 * random();
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.fillStyle = withStops(context.createLinearGradient(0, 0, length, 0), [
      [0, '#24392f'],
      [1, `hsl(${140 + 20 * random()} 22% ${30 + 16 * random()}%)`],
    ]);
    context.beginPath();
    context.moveTo(0, 0);
    context.bezierCurveTo(0.3 * length, -0.16 * length, 0.75 * length, -0.14 * length, length, 0);
    context.bezierCurveTo(0.75 * length, 0.1 * length, 0.3 * length, 0.07 * length, 0, 0);
    context.fill();
    context.restore();
  }
  context.fillStyle = withStops(context.createLinearGradient(70, 0, 210, 0), [
    [0, '#d9d2c6'],
    [0.5, '#b9b0a2'],
    [1, '#857c70'],
  ]);
  context.beginPath();
  context.moveTo(66, 486);
  context.lineTo(212, 486);
  context.lineTo(190, 660);
  context.lineTo(88, 660);
  context.closePath();
  context.fill();
}

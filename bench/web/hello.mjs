// Measures hello worlds of virtual backgrounds in one run of headless Chromium, from a fresh context to
// the first processed frame and on: our package as it is packed, and peers as npm has them.
// HELLO_ROUNDS and HELLO_SECONDS change what it does.
import { setTimeout as sleep } from 'node:timers/promises';
import { launchWithMarkedCamera } from './camera.mjs';
import { addressOf, buildSite, hellos, linesOf, sdkAddressOf, titleOf } from './hello-site.mjs';
import { HelloServer } from './hello-server.mjs';
import { policyOf } from './hello-policy.mjs';
import { cpuMilliseconds } from './processes.mjs';
import { printTable, quantile } from '../report.mjs';

const rounds = Number(process.env.HELLO_ROUNDS ?? 7);
const seconds = Number(process.env.HELLO_SECONDS ?? 8);
const warmUpSeconds = 3;
const longestStartSeconds = 90;
const baseline = 'none';
const ours = 'backdrop';

function withinLimit(promise) {
  const late = sleep(1000 * longestStartSeconds, undefined, { ref: false }).then(() => {
    throw new Error(`no frame within ${longestStartSeconds} seconds`);
  });
  return Promise.race([promise, late]);
}

const call = (page, name, ...args) =>
  page.evaluate(([name, args]) => globalThis.backdropHello[name](...args), [name, args]);

/** Runs the hello world in a fresh context: its start, then what `use` makes of the page. */
async function run(browser, server, name, use = () => undefined) {
  const context = await browser.newContext({ permissions: ['camera'] });
  try {
    const page = await context.newPage();
    server.forget();
    await page.goto(`${server.address}/hello.html`);
    await page.waitForFunction(() => globalThis.backdropHello);
    const awaited = name === baseline ? 'raw' : 'processed';
    const start = await withinLimit(
      call(page, 'start', addressOf(name), sdkAddressOf(name), awaited),
    );
    return { ...start, served: server.served.filter(isOfPackage), used: await use(page) };
  } finally {
    await context.close();
  }
}

const isOfPackage = ({ path }) => /^\/(app|hosted)\//.test(path);

async function read(page) {
  return { frames: await call(page, 'frames'), cpu: cpuMilliseconds() };
}

/** CPU and frames in some seconds, after some others. */
async function watchFrames(page) {
  await sleep(1000 * warmUpSeconds);
  const before = await read(page);
  await sleep(1000 * seconds);
  const after = await read(page);
  return { frames: after.frames - before.frames, cpu: after.cpu - before.cpu };
}

/** The first round is not counted: the server compresses in it, and the browser starts. */
async function measureStarts(browser, server) {
  const starts = Object.fromEntries(Object.keys(hellos).map((name) => [name, []]));
  for (let round = 0; round <= rounds; ++round) {
    for (const name of Object.keys(hellos)) {
      const start = await run(browser, server, name);
      if (round > 0) starts[name].push(start);
    }
  }
  return starts;
}

async function inTurn(measure) {
  const results = {};
  for (const name of Object.keys(hellos)) results[name] = await measure(name);
  return results;
}

function quartiles(values, digits) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(values, q).toFixed(digits));
  return `${middle} (${low}–${high})`;
}

const bytesOf = ([{ served }]) => served.reduce((sum, { bytes }) => sum + bytes, 0);
const hostedBy = ([{ served }]) =>
  new Set(served.map(({ path }) => path).filter((path) => path.startsWith('/hosted/'))).size;

function rowOf(name, starts, { frames, cpu }, policy) {
  return [
    titleOf(name),
    linesOf(name),
    `${(bytesOf(starts) / 1000).toFixed(0)} KB`,
    hostedBy(starts),
    quartiles(
      starts.map(({ resolved }) => resolved),
      0,
    ),
    quartiles(
      starts.map(({ milliseconds }) => milliseconds),
      0,
    ),
    Math.max(...starts.map(({ raw }) => raw)),
    Math.max(...starts.map(({ blank }) => blank)),
    (cpu / frames).toFixed(1),
    (frames / seconds).toFixed(1),
    policy,
  ];
}

/** Ours to the peer's, start by start in the same round. */
function ratioRow(name, starts, loads) {
  const ratios = starts[name].map(
    ({ milliseconds }, round) => starts[ours][round].milliseconds / milliseconds,
  );
  const cost = ({ cpu, frames }) => cpu / frames;
  return [
    titleOf(name),
    quartiles(ratios, 2),
    (bytesOf(starts[ours]) / bytesOf(starts[name])).toFixed(3),
    (cost(loads[ours]) / cost(loads[name])).toFixed(2),
  ];
}

const server = new HelloServer(await buildSite());
await server.listen();
const browser = await launchWithMarkedCamera();
try {
  const starts = await measureStarts(browser, server);
  const loads = await inTurn(async (name) => (await run(browser, server, name, watchFrames)).used);
  const policies = await inTurn((name) =>
    policyOf(server, () => run(browser, server, name, () => sleep(1000))),
  );
  const peers = Object.keys(hellos).filter((name) => ![ours, baseline].includes(name));
  console.log(`\nChromium ${browser.version()} headless, WebGL in software`);
  printTable(
    'Hello worlds: ours to the peer’s, of the same round; medians (quartiles)',
    ['peer', 'first processed frame', 'bytes', 'CPU a frame'],
    peers.map((name) => ratioRow(name, starts, loads)),
  );
  printTable(
    `Hello worlds: medians (quartiles) of ${rounds} starts; CPU over ${seconds} s`,
    [
      'package',
      'lines',
      'fetched, brotli',
      'files to host',
      'ms to the track',
      'ms to the first processed frame',
      'raw frames before',
      'blank frames before',
      'CPU ms a frame',
      'fps',
      'Content Security Policy',
    ],
    Object.keys(hellos).map((name) => rowOf(name, starts[name], loads[name], policies[name])),
  );
} finally {
  await browser.close();
  server.close();
}

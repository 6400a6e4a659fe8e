// Everything that `./run bench` measures, in order: the comparisons first, as they are what is
// written to a file.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from '../test/web/support/folders.mjs';
import { models, pathOf } from '../web/package/bin/models.mjs';
import { printMemory } from './memory.mjs';
import { compareWithXnnpack, profileNatively } from './native.mjs';
import { compareWithOnnxRuntime } from './onnx.mjs';
import { jsonOf, printComparisons, writeWhole } from './report.mjs';
import { plotRatios } from './plot-ratios.mjs';
import { plotProfile, printProfile } from './roofline.mjs';
import { missingTwins } from './twins.mjs';
import { BenchBrowser } from './web/bench-browser.mjs';
import { bundlePackage } from './web/bundle.mjs';
import { printColdStart } from './web/cold-start.mjs';
import { compareInBrowser } from './web/inference.mjs';
import { profileInBrowser } from './web/profile.mjs';
import { printSizes } from './web/sizes.mjs';
import { printStages } from './web/stages.mjs';

const plots = join(folders.root, 'build/bench');

/** The models told that are installed. */
function installed(ids) {
  const chosen = ids.map((id) => models.find((model) => model.id === id));
  for (const { id } of chosen.filter((model) => !pathOf(model))) {
    console.log(`${id} is not installed: skipped`);
  }
  return chosen.filter(pathOf);
}

function plot(name, svg) {
  writeWhole(join(plots, name), svg);
  console.log(`\nPlotted in build/bench/${name}`);
}

/** Says on the error stream what is being measured. */
function progress(what) {
  console.error(`run: bench: ${what}`);
}

async function compareAll(browser, measured, { rounds, json, all }) {
  const limits = { rounds, mostMilliseconds: all ? 40_000 : 10_000 };
  const inBrowser = [];
  for (const [i, model] of measured.entries()) {
    progress(`${model.id} in Chromium, network ${i + 1} of ${measured.length}`);
    inBrowser.push(...(await compareInBrowser(browser, model, limits)));
  }
  printComparisons(
    'One inference in Chromium: medians, and the median ratio (quartiles)',
    inBrowser,
  );
  progress('the networks natively');
  const natively = [
    ...compareWithXnnpack(measured, rounds),
    ...(await compareWithOnnxRuntime(measured, rounds)),
  ];
  if (natively.length > 0) {
    printComparisons('One inference natively: medians, and the median ratio (quartiles)', natively);
  }
  const comparisons = [...inBrowser, ...natively];
  if (json) writeWhole(json, jsonOf(comparisons));
  plot('ratios.svg', plotRatios(comparisons));
}

async function profileAll(browser, measured, rounds) {
  for (const model of measured) {
    progress(`each operation of ${model.id}`);
    for (const variant of ['simd', 'relaxed']) {
      const profile = await profileInBrowser(browser, model, variant, rounds);
      printProfile(`${model.id}, ${variant} in Chromium`, profile);
      if (variant === 'relaxed')
        plot(`roofline-${model.id}.svg`, plotProfile(model.title, profile));
    }
    printProfile(`${model.id}, natively`, profileNatively(model, rounds));
  }
}

/** What has programs of its own. */
function runOthers() {
  const run = (program, ...args) => {
    progress([program === process.execPath ? 'node' : program, ...args].join(' '));
    execFileSync(program, args, { cwd: folders.root, stdio: 'inherit' });
  };
  run(process.execPath, 'bench/web/pipelines.mjs');
  run(process.execPath, 'bench/web/page-rate.mjs');
  run(process.execPath, 'bench/web/hello.mjs');
  run('build/native/bench/backdrop_benchmarks');
}

/** @param {{ models: string[], rounds: number, all: boolean, json?: string }} told */
export async function measureAll(told) {
  mkdirSync(plots, { recursive: true });
  const measured = installed(told.models);
  const missing = missingTwins(measured);
  if (missing) console.log(missing);
  await bundlePackage();
  const browser = await BenchBrowser.launch();
  try {
    await compareAll(browser, measured, told);
    printSizes();
    await printMemory(measured);
    if (!told.all) return;
    progress('cold starts');
    await printColdStart(browser, measured);
    progress('each stage of a frame');
    await printStages(browser, told.rounds);
    await profileAll(browser, measured, told.rounds);
  } finally {
    await browser.close();
  }
  runOthers();
}

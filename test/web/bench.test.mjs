// The benchmark's statistics of its samples, and the policies that it finds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { checkAgreement } from '../../bench/onnx.mjs';
import { parseOptions } from '../../bench/options.mjs';
import { plotRatios } from '../../bench/plot-ratios.mjs';
import { jsonOf, quantile, resultOf, writeWhole } from '../../bench/report.mjs';
import { plotProfile } from '../../bench/roofline.mjs';
import { policyOf } from '../../bench/web/hello-policy.mjs';
import { folders } from './support/folders.mjs';

const comparison = {
  model: 'mlkit',
  variant: 'simd',
  threads: 2,
  peer: 'a <peer>',
  ours: [1, 3, 10],
  theirs: [2, 4, 8],
};

test('a quantile lies between the values beside it', () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([1, 2, 3], 0), 1);
  assert.equal(quantile([1, 2, 3], 1), 3);
});

test('a result has medians, and the median of the ratios round by round', () => {
  assert.deepEqual(resultOf(comparison), {
    model: 'mlkit',
    variant: 'simd',
    threads: 2,
    peer: 'a <peer>',
    ours_ms: 3,
    peer_ms: 4,
    ratio: 0.75,
  });
  const uneven = resultOf({ ...comparison, ours: [1, 2, 9], theirs: [4, 1, 3] });
  assert.equal(uneven.ratio, 2);
  assert.equal(uneven.peer_ms, 3);
});

test('the file is an array of results', () => {
  assert.deepEqual(JSON.parse(jsonOf([comparison])), [resultOf(comparison)]);
  assert.deepEqual(JSON.parse(jsonOf([])), []);
});

test('a file is written whole or not at all', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backdrop-bench-'));
  try {
    const path = join(folder, 'ratios.json');
    writeWhole(path, 'first');
    writeWhole(path, 'second');
    assert.equal(readFileSync(path, 'utf8'), 'second');
    mkdirSync(join(folder, 'in-the-way'));
    assert.throws(() => writeWhole(join(folder, 'in-the-way'), 'text'));
    assert.deepEqual(readdirSync(folder).sort(), ['in-the-way', 'ratios.json']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('options are read, each model once', () => {
  const { json, models, rounds } = parseOptions(['--models', 'mlkit,bodypix,mlkit', '--rounds=7']);
  assert.deepEqual([json, models, rounds], [undefined, ['mlkit', 'bodypix'], 7]);
});

test('outputs agree within a thousandth of the largest value', () => {
  checkAgreement([20, 0.01], [20, 0]);
  assert.throws(() => checkAgreement([20, 0.03], [20, 0]), /differs from ours by 0.0015/);
  assert.throws(() => checkAgreement([20, NaN], [20, 0]));
  assert.throws(() => checkAgreement([20], [20, 0]));
});

test('another file is no twin of a network, and a line says where the twin is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backdrop-bench-'));
  try {
    writeFileSync(join(folder, 'mediapipe.onnx'), 'another');
    const script = `
      const { missingTwins, twinOf } = await import('./bench/twins.mjs');
      console.log(twinOf({ id: 'meet-full' }), missingTwins([{ id: 'meet-full' }, { id: 'bodypix' }]));
      console.log(missingTwins([{ id: 'bodypix' }]));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folders.root,
      env: { ...process.env, BACKDROP_MODELS: folder },
      encoding: 'utf8',
    });
    assert.match(said, /^undefined not compared .* meet-full; put mediapipe.onnx of https:.*\n/);
    assert.match(said, /\nundefined\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const barsOf = (svg) => [...svg.matchAll(/<rect .*?width="([\d.]+)" height="([\d.]+)"/g)];

test('a plot of ratios has a bar for each, and its text is escaped', () => {
  const svg = plotRatios([comparison, { ...comparison, ours: [1, 2, 4] }]);
  const [first, second] = barsOf(svg).map(([, width]) => Number(width));
  assert.ok(Math.abs(second / first - 0.5 / 0.75) < 0.01);
  assert.ok(!svg.includes('<peer>'));
});

test('a plot of a profile has a bar for each operation, as wide as its time and as high as its share', () => {
  const step = { operation: 'conv 1x1', input: [1, 1, 1], output: [1, 1, 1] };
  const steps = [
    { ...step, multiply_accumulates: 1e6, milliseconds: 1, share: 0.5 },
    { ...step, multiply_accumulates: 1e6, milliseconds: 3, share: 1 },
  ];
  const [first, second] = barsOf(plotProfile('title', { peak: 20, steps }));
  assert.ok(Math.abs(second[1] / first[1] - 3) < 0.05);
  assert.ok(Math.abs(second[2] / first[2] - 2) < 0.05);
});

describe('the policy that a page needs', () => {
  const address = 'http://127.0.0.1:8';
  const violation = (directive, blocked) => ({
    'effective-directive': directive,
    'blocked-uri': blocked,
  });
  const pageOf = (reports, worksUnder) => {
    const server = { address, reports, policy: undefined, isReportOnly: false };
    const run = async () => assert.ok(server.isReportOnly || worksUnder(server.policy));
    return policyOf(server, run).then((policy) => ({ policy, server }));
  };

  it('has each source that was missed once, by directive', async () => {
    const reports = [
      violation('worker-src', 'blob'),
      violation('script-src-elem', `${address}/a.js`),
      violation('script-src', 'wasm-eval'),
      violation('connect-src', `${address}/a.wasm`),
      violation('connect-src', 'https://elsewhere.example/a.tflite'),
    ];
    const { policy, server } = await pageOf(reports, () => true);
    assert.equal(
      policy,
      "connect-src 'self' https://elsewhere.example; " +
        "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
    );
    assert.equal(server.policy, undefined);
  });

  it('has eval only where the page fails without it', async () => {
    const reports = [violation('script-src', 'eval')];
    const { policy: without } = await pageOf(reports, () => true);
    assert.equal(without, "script-src 'self'");
    const { policy: withEval } = await pageOf(reports, (policy) => policy.includes('unsafe-eval'));
    assert.equal(withEval, "script-src 'self' 'unsafe-eval'");
  });

  it('says so where the page fails under it', async () => {
    const { policy } = await pageOf([violation('script-src', 'eval')], () => false);
    assert.match(policy, /^script-src 'self' 'unsafe-eval': does not work/);
  });
});

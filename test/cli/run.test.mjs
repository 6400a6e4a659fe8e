// The script `run`: its help and its answers to wrong calls; and the check of includes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../run', import.meta.url));
const run = (...args) => spawnSync(script, args, { cwd: '/', encoding: 'utf8' });

for (const args of [[], ['help'], ['--help']]) {
  test(`run ${args.join(' ')} prints the commands`, () => {
    const result = run(...args);
    assert.equal(result.status, 0);
    for (const command of ['demo', 'test', 'build', 'bench', 'lint', 'backdrop', 'wasm']) {
      assert.match(result.stdout, new RegExp(`^  ${command} `, 'm'));
    }
  });
}

for (const args of [['nonsense'], ['wasm'], ['wasm', 'infer'], ['wasm', '--variant', 'mmx']]) {
  test(`run ${args.join(' ')} is a wrong call`, () => {
    const result = run(...args);
    assert.equal(result.status, 2);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /^run: [^\n]+\n$/);
  });
}

test('run bench --help says what it takes', () => {
  const result = run('bench', '--help');
  assert.equal(result.status, 0);
  for (const option of ['--json', '--models', '--rounds']) {
    assert.match(result.stdout, new RegExp(`^  ${option} `, 'm'));
  }
});

for (const args of [
  ['nonsense'],
  ['--nonsense'],
  ['--json'],
  ['--json', '/nowhere/ratios.json'],
  ['--json', '/tmp'],
  ['--models', 'nonsense'],
  ['--models', ''],
  ['--rounds', '0'],
  ['--rounds', '1e3'],
]) {
  test(`run bench ${args.join(' ')} is a wrong call`, () => {
    const result = run('bench', ...args);
    assert.equal(result.status, 2);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /^run: bench: [^\n]+\n$/);
  });
}

const checkIncludes = fileURLToPath(new URL('../../scripts/check-includes.sh', import.meta.url));

test('the includes of the engine point one way', () => {
  const result = spawnSync(checkIncludes, [], { encoding: 'utf8' });
  assert.equal(result.stderr, '');
  assert.equal(result.status, 0);
});

for (const [file, include] of [
  ['engine/image/wrong.h', 'net/network.h'],
  ['engine/net/graph/wrong.cpp', 'net/kernels/kernel.h'],
  ['engine/segment/wrong.cpp', 'render/renderer.h'],
  ['apps/cli/wrong.cpp', 'pipeline/pipeline.h'],
]) {
  test(`${file} must not include ${include}`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'backdrop-includes-'));
    t.after(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, file, '..'), { recursive: true });
    mkdirSync(join(folder, 'engine/pipeline'), { recursive: true });
    writeFileSync(join(folder, file), `#include "${include}"\n`);
    const result = spawnSync(checkIncludes, [folder], { encoding: 'utf8' });
    assert.equal(result.status, 1);
    assert.match(result.stderr, new RegExp(`^${file} includes ${include}, but [^\n]*\n$`));
  });
}

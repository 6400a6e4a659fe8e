// The script `run`: its help and its answers to wrong calls; and the check of includes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
    for (const command of [
      'demo',
      'test',
      'build',
      'bench',
      'lint',
      'package',
      'release',
      'backdrop',
      'wasm',
    ]) {
      assert.match(result.stdout, new RegExp(`^  ${command} `, 'm'));
    }
  });
}

for (const args of [
  ['nonsense'],
  ['package', '--all'],
  ['wasm'],
  ['wasm', 'infer'],
  ['wasm', '--variant', 'mmx'],
]) {
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

/** A clone of no more than the script and what it reads, with a few programs and those that `programs` makes. */
function bareClone(t, programs) {
  const folder = mkdtempSync(join(tmpdir(), 'backdrop-run-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(script, join(folder, 'run'));
  for (const name of ['packages.txt', 'steps.sh']) {
    const file = `scripts/${name}`;
    cpSync(new URL(`../../${file}`, import.meta.url), join(folder, file));
  }
  const path = join(folder, 'bin');
  mkdirSync(path);
  for (const name of ['bash', 'dirname', 'sed', 'tr', 'sort', 'comm', 'xargs', 'rm']) {
    const found = spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim();
    symlinkSync(found, join(path, name));
  }
  for (const [name, lines] of Object.entries(programs)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  }
  const call = (...args) =>
    spawnSync('/bin/bash', ['run', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: path },
    });
  return { folder, call };
}

for (const command of ['demo', 'build', 'test']) {
  test(`run ${command} checks Node before it builds`, (t) => {
    const { call } = bareClone(t, { node: 'echo v18.19.0', npm: '' });
    const result = call(command);
    assert.equal(result.status, 1);
    assert.equal(result.stdout, '');
    assert.equal(result.stderr, 'run: Node.js 20 or newer is needed; this is 18.19.0\n');
  });
}

test('without apt-get, run names the programs that are missing', (t) => {
  const { call } = bareClone(t, { ninja: '', 'g++': '', flatc: '', 'pkg-config': '' });
  const result = call('native');
  assert.equal(result.status, 1);
  assert.match(result.stderr, /^run: this system has no apt-get, and lacks .*: cmake \(cmake\)\n$/);
});

test('without apt-get, run goes on when the programs are there', (t) => {
  const { call } = bareClone(t, {
    cmake: 'exit 7',
    ninja: '',
    'g++': '',
    flatc: '',
    'pkg-config': '',
  });
  assert.equal(call('native').status, 7);
});

for (const [home, kept] of [
  ['/elsewhere', false],
  ['.', true],
]) {
  test(`a build that was configured in ${home} is ${kept ? 'kept' : 'configured anew'}`, (t) => {
    const { folder, call } = bareClone(t, {
      cmake: 'exit 7',
      ninja: '',
      'g++': '',
      flatc: '',
      'pkg-config': '',
    });
    mkdirSync(join(folder, 'build/native'), { recursive: true });
    const cache = join(folder, 'build/native/CMakeCache.txt');
    writeFileSync(cache, `CMAKE_HOME_DIRECTORY:INTERNAL=${home === '.' ? folder : home}\n`);
    assert.equal(call('native').status, 7);
    assert.equal(existsSync(cache), kept);
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

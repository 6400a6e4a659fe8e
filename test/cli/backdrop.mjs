// Runs the built command line in a folder of the test's own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { withoutGpu } from './gpu.mjs';

const binary = process.env.BACKDROP_BINARY;
assert.ok(binary, 'BACKDROP_BINARY names the command line to test');

export const needsGpu = { skip: withoutGpu };
// They leave memory behind when they are unloaded, which a sanitized build would tell.
export const withDrivers = { ASAN_OPTIONS: 'detect_leaks=0' };

export class Workplace {
  folder = mkdtempSync(join(tmpdir(), 'backdrop-cli-'));

  remove() {
    rmSync(this.folder, { recursive: true });
  }

  path(name) {
    return join(this.folder, name);
  }

  write(name, bytes) {
    writeFileSync(this.path(name), bytes);
    return name;
  }

  read(name) {
    return readFileSync(this.path(name));
  }

  list(folder = '.') {
    return readdirSync(this.path(folder)).sort();
  }

  run(args, environment = {}) {
    return spawnSync(binary, args, this.options(environment));
  }

  // As `run`, while the test goes on: a promise of the same result.
  start(args, environment = {}) {
    return this.startProgram(binary, args, environment);
  }

  runOnFullDisk(args) {
    return spawnSync('bash', onFullDisk(args), this.options({}));
  }

  // What the command prints goes to a device that is full.
  runIntoFullDevice(args) {
    return spawnSync('bash', ['-c', '"$@" >/dev/full', '-', binary, ...args], this.options({}));
  }

  startOnFullDisk(args, environment = {}) {
    return this.startProgram('bash', onFullDisk(args), environment);
  }

  async startProgram(program, args, environment) {
    const child = spawn(program, args, this.options(environment));
    const texts = [child.stdout, child.stderr].map((stream) =>
      stream.setEncoding('utf8').toArray(),
    );
    const [status, signal] = await once(child, 'close');
    const [stdout, stderr] = (await Promise.all(texts)).map((chunks) => chunks.join(''));
    return { status, signal, stdout, stderr };
  }

  // No model of the user's own is found.
  options(environment) {
    return {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, XDG_DATA_HOME: this.path('data'), ...environment },
    };
  }
}

// Runs the command line with files limited to one block, so that writing fails in the middle.
function onFullDisk(args) {
  return ['-c', 'trap "" XFSZ; ulimit -f 1; exec "$@"', '-', binary, ...args];
}

export function assertSucceeds(result) {
  assert.equal(result.stderr, '');
  assert.equal(result.status, 0);
}

// A failure is one line that says whose fault it is.
export function assertFails(result, { status = 1, names, says = /./ }) {
  assert.equal(result.signal, null, result.stderr);
  assert.equal(result.status, status, result.stderr);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, /^backdrop: [^\n]+\n$/);
  assert.ok(result.stderr.includes(names), `${result.stderr} does not name ${names}`);
  assert.match(result.stderr, says);
}

export function assertNear(actual, expected, tolerance = 3) {
  expected.forEach((value, channel) => {
    assert.ok(Math.abs(actual[channel] - value) <= tolerance, `${actual} is not ${expected}`);
  });
}

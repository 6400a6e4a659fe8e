// Runs the built command line in a folder of the test's own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = process.env.BACKDROP_BINARY;
assert.ok(binary, 'BACKDROP_BINARY names the command line to test');

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

  list() {
    return readdirSync(this.folder).sort();
  }

  run(args, environment = {}) {
    return this.spawn(binary, args, environment);
  }

  // Runs the command line with files limited to one block, so that writing fails in the middle.
  runOnFullDisk(args) {
    return this.spawn('bash', ['-c', 'trap "" XFSZ; ulimit -f 1; exec "$@"', '-', binary, ...args]);
  }

  spawn(program, args, environment = {}) {
    const options = {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    };
    return spawnSync(program, args, options);
  }
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

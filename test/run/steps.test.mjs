// The stages of `./run test`, in scripts/steps.sh: they all run, and the last line says what happened.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const steps = fileURLToPath(new URL('../../scripts/steps.sh', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'backdrop-steps-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function run(...commands) {
  const script = ['set -euo pipefail', `source '${steps}'`, 'open_steps', ...commands];
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT; // by which the test runner knows its own files
  const input = [...script, 'close_steps'].join('\n');
  const { status, stdout, stderr } = spawnSync('bash', [], {
    cwd: folder,
    encoding: 'utf8',
    env,
    input,
  });
  return { status, stdout, stderr, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

test('a stage that fails does not hide the next', () => {
  const { status, stdout, stderr, lastLine } = run(
    'fails() { false; echo unreached; }',
    'step One fails',
    'step Two echo reached',
  );
  assert.equal(status, 1);
  assert.equal(lastLine, '1 passed, 1 failed; skipped: none');
  assert.match(stdout, /^== One \(\d+ s\)$/m);
  assert.match(stdout, /^reached$/m);
  assert.doesNotMatch(stdout, /unreached/);
  assert.equal(stderr, 'run: failed: One\n');
});

test('a stage that is skipped neither passes nor fails', () => {
  const { status, lastLine } = run('step One true', "step Two skip 'no moon'");
  assert.equal(status, 0);
  assert.equal(lastLine, '1 passed, 0 failed; skipped: no moon (1 in Two)');
});

test('an earlier run does not count', () => {
  run("step One skip 'no moon'");
  assert.match(run('step Two true').lastLine, /skipped: none$/);
});

test("GoogleTest's skips count by their reasons", () => {
  writeFileSync(
    join(folder, 'log'),
    `[ RUN      ] One.Test
../one_test.cpp:7: Skipped
no photos

[  SKIPPED ] One.Test (0 ms)
[ RUN      ] Two.Test
../two_test.cpp:9: Skipped
no photos

[  SKIPPED ] Two.Test (0 ms)
[       OK ] Two.Skipped (0 ms)
[  SKIPPED ] 2 tests, listed below:
`,
  );
  const { lastLine } = run('step One cat log', 'step Two cat log');
  assert.match(lastLine, /skipped: no photos \(2 in One, 2 in Two\)$/);
});

for (const reporter of ['tap', 'spec']) {
  test(`those of node --test count, as ${reporter}`, () => {
    writeFileSync(
      join(folder, 'skips.test.mjs'),
      `import { describe, test } from 'node:test';
       describe('a group', { skip: 'no #1' }, () => test('inside', () => {}));
       describe('another', () => {
         test('without a reason', { skip: true }, () => {});
         test('while it runs', (context) => context.skip('no #1'));
         test('marked as a todo, which is no skip', { todo: 'no #2' }, () => {});
         test('now', () => {});
       });`,
    );
    const { lastLine } = run(`step Node node --test --test-reporter=${reporter} skips.test.mjs`);
    assert.match(lastLine, /skipped: no #1 \(2 in Node\); without a reason \(1 in Node\)$/);
  });
}

test('a long reason is cut', () => {
  const { lastLine } = run(`step One skip '${'x'.repeat(500)}'`);
  assert.match(lastLine, /skipped: x{99}… \(1 in One\)$/);
});

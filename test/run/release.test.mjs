// What `npm publish` asks before it publishes the package.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { folders } from '../web/support/folders.mjs';

const manifest = JSON.parse(readFileSync(join(folders.package, 'package.json'), 'utf8'));
const repository = 'https://example.org/backdrop';

describe('a release', () => {
  const work = mkdtempSync(join(tmpdir(), 'backdrop-release-'));
  after(() => rmSync(work, { recursive: true }));

  /** The answer about a package with these fields, the changelog as it is and these changesets. */
  function answer(fields, changesets = []) {
    const copy = mkdtempSync(join(work, 'copy-'));
    const at = (...path) => join(copy, 'web/package', ...path);
    for (const file of ['CHANGELOG.md', 'bin/check-release.mjs']) {
      cpSync(join(folders.package, file), at(file));
    }
    writeFileSync(at('package.json'), JSON.stringify({ ...manifest, ...fields }));
    mkdirSync(join(copy, '.changeset'));
    for (const name of ['config.json', ...changesets]) {
      writeFileSync(join(copy, '.changeset', name), '');
    }
    const { status, stderr } = spawnSync('node', [at('bin/check-release.mjs')], {
      encoding: 'utf8',
    });
    return { status, stderr };
  }

  it('has a repository, a section of the changelog, and no change without a version', () => {
    assert.deepEqual(answer({ repository }), { status: 0, stderr: '' });
  });

  for (const [what, fields, changesets, reason] of [
    ['a repository', { repository: undefined }, [], /no "repository"/],
    ['a version for its changes', { repository }, ['new-option.md'], /new-option\.md/],
    ['a section of the changelog', { repository, version: '0.1.1' }, [], /no section 0\.1\.1/],
  ]) {
    it(`is refused in one line where it lacks ${what}`, () => {
      const { status, stderr } = answer(fields, changesets);
      assert.equal(status, 1);
      assert.match(stderr, /^not published: [^\n]+\n$/);
      assert.match(stderr, reason);
    });
  }

  it('is checked by npm, and published with provenance', () => {
    assert.equal(manifest.scripts.prepublishOnly, 'node bin/check-release.mjs');
    assert.equal(manifest.publishConfig.provenance, true);
  });
});

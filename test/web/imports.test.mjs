// What each entry of the package makes a browser load.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { folders } from './support/folders.mjs';

const dist = join(folders.package, 'dist');

/** The files that `file` imports, as paths from dist; a Worker's script is not among them. */
function importsOf(file) {
  const text = readFileSync(join(dist, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export) (?:[^;]*? from )?'(\.[^']+)';/gm);
  return [...statements].map(([, path]) => join(file, '..', path));
}

/** All files that are loaded with `entry`, itself included. */
function reachableFrom(entry) {
  const found = new Set([entry]);
  for (const file of found) for (const imported of importsOf(file)) found.add(imported);
  return [...found].sort();
}

/** They are the engine, and need its own Worker. */
const engineCode = ['engine.js', 'gl.js', 'structs.js', 'threads.js'].map((f) => `engine/${f}`);

describe('the package', () => {
  for (const entry of ['backdrop.js', 'stream/worker.js', 'engine/client.js']) {
    it(`does not load the engine's code with ${entry}`, () => {
      const reachable = reachableFrom(entry);
      assert.deepEqual(
        engineCode.filter((file) => reachable.includes(file)),
        [],
      );
    });
  }

  it("loads the engine's code with the engine's Worker", () => {
    const reachable = reachableFrom('engine/worker.js');
    assert.deepEqual(
      engineCode.filter((file) => !reachable.includes(file)),
      [],
    );
  });

  it('loads the checks of options with the page only', () => {
    assert.ok(reachableFrom('backdrop.js').includes('check-options.js'));
    assert.ok(!reachableFrom('stream/worker.js').includes('check-options.js'));
  });

  it('has streams that know nothing of transports', () => {
    const source = join(folders.package, 'src');
    for (const name of readdirSync(join(source, 'stream'))) {
      const text = readFileSync(join(source, 'stream', name), 'utf8');
      assert.doesNotMatch(text, /'\.\.\/transport\//, relative(folders.root, name));
    }
  });

  it('has no circles of imports', () => {
    const done = new Set();
    const visit = (file, path) => {
      assert.ok(!path.includes(file), `${[...path, file].join(' -> ')}`);
      if (done.has(file)) return;
      for (const imported of importsOf(file)) visit(imported, [...path, file]);
      done.add(file);
    };
    for (const entry of ['index.js', 'engine/worker.js', 'stream/worker.js']) visit(entry, []);
  });
});

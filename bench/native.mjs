// The programs that measure networks natively, one thread.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from '../test/web/support/folders.mjs';
import { pathOf } from '../web/package/bin/models.mjs';

const build = join(folders.root, 'build/native/bench');
const xnnpack = join(build, 'xnnpack/backdrop_xnnpack');

/** Those whose operations XNNPACK has all of. */
const comparable = ['meet-full', 'meet-lite', 'mlkit', 'selfie-landscape'];

/** What a program says of a model in JSON. */
function ask(program, model, rounds) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  return JSON.parse(execFileSync(program, [pathOf(model), `${rounds}`], { stdio }));
}

/** Ours and XNNPACK in turn; nothing where it is not installed. */
export function compareWithXnnpack(models, rounds) {
  if (!existsSync(xnnpack)) {
    console.log('\nnot compared with XNNPACK, which is not installed: libxnnpack-dev');
    return [];
  }
  return models
    .filter(({ id }) => comparable.includes(id))
    .map((model) => {
      const { ours, theirs } = ask(xnnpack, model, rounds);
      return { model: model.id, variant: 'native', threads: 1, peer: 'XNNPACK', ours, theirs };
    });
}

/** As bench/profile/profile.h has it. */
export function profileNatively(model, rounds) {
  return ask(join(build, 'profile/backdrop_profile'), model, rounds);
}

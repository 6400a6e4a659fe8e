// What the package knows of the C header is what the compiler makes of the header.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { abiSource, target } from '../../web/package/bin/abi.mjs';

it('has the enumerators, struct layouts, ranges and defaults of backdrop.h', async () => {
  assert.equal(
    readFileSync(target, 'utf8'),
    await abiSource(),
    'run `npm run abi -w @backdrop/web`',
  );
});

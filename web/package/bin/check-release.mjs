// Refuses to publish what is not ready to be: npm runs it before `npm publish`.
import { readdirSync, readFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const { version, repository } = JSON.parse(read('../package.json'));
const isReleased = read('../CHANGELOG.md').includes(`\n## ${version}\n`);
const changesets = readdirSync(new URL('../../../.changeset/', import.meta.url)).filter((name) =>
  name.endsWith('.md'),
);

const reasons = [
  [
    !repository,
    'web/package/package.json has no "repository", without which npm attests no provenance',
  ],
  [
    changesets.length > 0,
    `these changesets have no version yet: ${changesets.join(', ')}; run npm run bump`,
  ],
  [!isReleased, `web/package/CHANGELOG.md has no section ${version}`],
];

const [, reason] = reasons.find(([applies]) => applies) ?? [];
if (reason) {
  console.error(`not published: ${reason}`);
  process.exitCode = 1;
}

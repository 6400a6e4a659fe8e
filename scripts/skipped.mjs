// Sums up in one line what tests skipped: each reason once, with how often each stage gave it.
// Arguments: the stages' logs, each named after its stage.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const longestReason = 100;

const patterns = [
  /^skipped: (.*)$/gm, // a shell command
  /: Skipped\n(.*)$/gm, // GoogleTest
  /^ *ok \d+ - (?:.* # SKIP *(.+)|(.*) # SKIP *)$/gm, // node --test: a test without a reason by its name
  /^ *﹣ (?:.* \([\d.]+ms\) # (?!SKIP$)(.+)|(.*) \([\d.]+ms\) # SKIP)$/gm, // the same, for people
];

/** The reasons in a stage's log, one for each skip. */
function reasonsIn(log) {
  return patterns.flatMap((pattern) =>
    [...log.matchAll(pattern)].map((match) =>
      shorten((match[1] ?? match[2]).replaceAll('\\#', '#')),
    ),
  );
}

function shorten(reason) {
  const text = reason.trim();
  return text.length > longestReason ? `${text.slice(0, longestReason - 1)}…` : text;
}

/** From reasons to how often each stage gave them. */
function countReasons(stages) {
  const counts = new Map();
  for (const { title, log } of stages) {
    for (const reason of reasonsIn(log)) {
      if (!counts.has(reason)) counts.set(reason, new Map());
      const ofStages = counts.get(reason);
      ofStages.set(title, (ofStages.get(title) ?? 0) + 1);
    }
  }
  return counts;
}

const stages = process.argv.slice(2).map((file) => ({
  title: basename(file, '.log'),
  log: readFileSync(file, 'utf8'),
}));
const parts = [...countReasons(stages)].map(([reason, counts]) => {
  const where = [...counts].map(([title, count]) => `${count} in ${title}`);
  return `${reason} (${where.join(', ')})`;
});
console.log(parts.length === 0 ? 'none' : parts.join('; '));

// What the processes of a browser use, from Linux's /proc (see proc(5)).
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The fields of a `stat` file from the third on; undefined when the process has gone. */
function statOf(path) {
  try {
    // The second field, the name, may hold anything: it ends with the last parenthesis.
    const [, name, rest] = /\((.*)\) (.*)/s.exec(readFileSync(`${path}/stat`, 'utf8'));
    return { name, fields: rest.split(' ') };
  } catch {
    return undefined;
  }
}

const parentOf = ({ fields }) => Number(fields[1]);
const milliseconds = (ticks) => (1000 * ticks.reduce((a, b) => a + Number(b), 0)) / ticksPerSecond;

/** This process's descendants: the browser's processes, where nothing else was started. */
function descendants() {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), ...statOf(`/proc/${pid}`) }))
    .filter(({ fields }) => fields);
  const found = [];
  const collect = (parent) => {
    for (const each of all.filter((other) => parentOf(other) === parent)) {
      found.push(each);
      collect(each.pid);
    }
  };
  collect(process.pid);
  return found;
}

/** Milliseconds of CPU that all descendants have used, those that have ended among them. */
export function cpuMilliseconds() {
  return descendants().reduce((sum, { fields }) => sum + milliseconds(fields.slice(11, 15)), 0);
}

function roleOf(pid) {
  const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  const type = /--type=([\w-]+)/.exec(line)?.[1] ?? 'browser';
  return /--utility-sub-type=([\w.]+)/.exec(line)?.[1].split('.').at(-1) ?? type;
}

/** Milliseconds of CPU by 'process: thread', of the threads that are alive. */
export function cpuByThread() {
  const found = new Map();
  for (const { pid } of descendants()) {
    try {
      const role = roleOf(pid);
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const stat = statOf(`/proc/${pid}/task/${thread}`);
        if (!stat) continue;
        const key = `${role}: ${stat.name}`;
        found.set(key, (found.get(key) ?? 0) + milliseconds(stat.fields.slice(11, 13)));
      }
    } catch {
      // The process has ended meanwhile.
    }
  }
  return found;
}

/** Megabytes of memory that all descendants have: what they share is counted by its share (PSS). */
export function memoryMegabytes() {
  let kilobytes = 0;
  for (const { pid } of descendants()) {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      kilobytes += Number(/^Pss: *(\d+)/m.exec(rollup)[1]);
    } catch {
      // The process has ended meanwhile.
    }
  }
  return kilobytes / 1024;
}

// A desktop session without a desktop: a bus, PipeWire and WirePlumber of the test's own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const has = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
const needed = {
  'dbus-daemon': ['--version'],
  pipewire: ['--version'],
  wireplumber: ['--version'],
  wpctl: ['--help'],
  'gst-launch-1.0': ['--version'],
};
const missing = Object.entries(needed).find(([program, args]) => !has(program, ...args));
/** Why there can be no session; false if there can be one. */
export const withoutSession = missing
  ? `there is no ${missing[0]}`
  : spawnSync('gst-inspect-1.0', ['pipewiresrc'], { stdio: 'ignore' }).status !== 0 &&
    'GStreamer has no pipewiresrc';

/** Waits until `happens()` is true, which may take ten seconds. */
export async function until(happens, what) {
  const end = Date.now() + 10_000;
  while (!(await happens())) {
    assert.ok(Date.now() < end, `${what} did not happen`);
    await wait(50);
  }
}

/** Ends a process that the test has started. */
export async function end(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

// A bus that starts nothing by itself: no document portal, which would mount a file system.
const busOf = (folder) => `<busconfig><type>session</type><listen>unix:dir=${folder}</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>`;

export class Session {
  folder = mkdtempSync(join(tmpdir(), 'backdrop-session-'));
  children = [];

  async begin() {
    const [runtime, home] = ['runtime', 'home'].map((name) => join(this.folder, name));
    for (const folder of [runtime, home]) mkdirSync(folder);
    chmodSync(runtime, 0o700);
    writeFileSync(join(this.folder, 'bus.conf'), busOf(runtime));
    this.env = { ...process.env, XDG_RUNTIME_DIR: runtime, HOME: home };
    for (const display of ['DISPLAY', 'WAYLAND_DISPLAY']) delete this.env[display];
    const bus = this.start('dbus-daemon', [
      `--config-file=${join(this.folder, 'bus.conf')}`,
      ...['--nofork', '--print-address'],
    ]);
    const [address] = await once(bus.stdout.setEncoding('utf8'), 'data');
    this.env.DBUS_SESSION_BUS_ADDRESS = address.trim();
    await this.beginPipeWire();
  }

  async beginPipeWire() {
    this.pipewire = this.start('pipewire', []);
    const socket = join(this.env.XDG_RUNTIME_DIR, 'pipewire-0');
    await until(() => existsSync(socket), 'the start of PipeWire');
    this.wireplumber = this.start('wireplumber', []);
    await until(() => this.run('wpctl', ['status']).stdout.includes('WirePlumber'), 'its policy');
  }

  async endPipeWire(signal) {
    await end(this.pipewire, signal);
    await end(this.wireplumber, signal);
  }

  start(program, args, { env = {}, ...options } = {}) {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
      env: { ...this.env, ...env },
    });
    child.errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => (child.errors += text));
    this.children.push(child);
    return child;
  }

  run(program, args, { env = {}, ...options } = {}) {
    const all = { timeout: 30_000, encoding: 'utf8', maxBuffer: 1 << 28, ...options };
    return spawnSync(program, args, { ...all, env: { ...this.env, ...env } });
  }

  async finish() {
    for (const child of this.children.reverse()) await end(child, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// What `cmake --install` lays out beside the library, component by component; the manual pages and the
// completion, which are made of the command line, against its --help.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const build = process.env.BACKDROP_BUILD;
const binary = process.env.BACKDROP_BINARY;
const components = process.env.BACKDROP_COMPONENTS.split(',');
const work = mkdtempSync(join(tmpdir(), 'backdrop-components-'));
after(() => rmSync(work, { recursive: true, force: true }));

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  const line = [command, ...args].join(' ');
  assert.equal(result.status, 0, `${line}\n${result.error ?? ''}${result.stdout}${result.stderr}`);
  return result.stdout;
}

const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const needs = (program) => ({ skip: has(program) ? false : `there is no ${program}` });

function install(component) {
  const prefix = join(work, component);
  run('cmake', ['--install', build, '--component', component, '--prefix', prefix]);
  return prefix;
}

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();

const pages = ['', '-models', '-infer', '-matte', '-composite', '-camera'];
const expected = {
  development: [
    'include/backdrop/backdrop.h',
    'lib/cmake/backdrop/backdropConfig.cmake',
    'lib/cmake/backdrop/backdropConfigVersion.cmake',
    'lib/cmake/backdrop/backdropTargets-release.cmake',
    'lib/cmake/backdrop/backdropTargets.cmake',
    'lib/libbackdrop.a',
    'lib/pkgconfig/backdrop.pc',
  ],
  command: [
    'bin/backdrop',
    'lib/systemd/user/backdrop-camera.service',
    ...pages.map((page) => `share/man/man1/backdrop${page}.1`),
    'share/bash-completion/completions/backdrop',
    'share/fish/vendor_completions.d/backdrop.fish',
    'share/metainfo/org.backdrop.backdrop.metainfo.xml',
    'share/zsh/site-functions/_backdrop',
  ],
  gstreamer: ['lib/gstreamer-1.0/libgstbackdrop.so'],
  obs: [
    'lib/obs-plugins/backdrop.so',
    'share/metainfo/com.obsproject.Studio.Plugin.Backdrop.metainfo.xml',
    'share/obs/obs-plugins/backdrop/locale/en-US.ini',
  ],
};

for (const [component, files] of Object.entries(expected)) {
  const skip = components.includes(component) ? false : `${component} is not built`;
  test(`the component ${component} has its files and no other`, { skip }, () =>
    assert.deepEqual(filesBelow(install(component)), files.toSorted()),
  );
}

const help = (command) => run(binary, [...command, '--help']);
const section = (text, title) => text.split(`\n${title}:\n`)[1]?.split('\n\n')[0] ?? '';

// Every command, from the help's own lists.
function commandsBelow(command) {
  const names = [...section(help(command), 'Subcommands').matchAll(/^ {2}(\S+)/gm)];
  return [command, ...names.flatMap((name) => commandsBelow([...command, name[1]]))];
}

const optionsOf = (command) =>
  [...help(command).matchAll(/^ {2}(?:-\w,)?(--[\w-]+)/gm)].map((m) => m[1]);

describe('the command', { skip: components.includes('command') ? false : 'is not built' }, () => {
  const share = join(install('command'), 'share');
  const commands = commandsBelow([]);
  const models = [...run(binary, ['models']).matchAll(/^(\S+)$/gm)].map((match) => match[1]);

  test('has commands, options and models to look for', () => {
    assert.ok(commands.length > 8 && models.length > 8);
    assert.ok(optionsOf(['composite']).includes('--background-video'));
  });

  test('has each option in the manual page of its command', () => {
    for (const command of commands) {
      const name = ['backdrop', ...command.slice(0, 1)].join('-');
      const page = readFileSync(join(share, `man/man1/${name}.1`), 'utf8').replaceAll('\\-', '-');
      for (const option of optionsOf(command)) {
        assert.ok(page.includes(`\\fB${option}\\fR`), `${name}.1 lacks ${option}`);
      }
    }
  });

  test('has manual pages that man takes without a warning', needs('groff'), () => {
    for (const page of pages) {
      const file = join(share, `man/man1/backdrop${page}.1`);
      const args = ['-man', '-ww', '-Tutf8', '-K', 'utf8', '-z', file];
      assert.equal(spawnSync('groff', args, { encoding: 'utf8' }).stderr, '');
    }
  });

  // What is completed after `words`, of which the last is the one that is typed.
  const shells = {
    bash(words) {
      const script = `source "$1"; shift; compopt() { :; }
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _backdrop; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const file = join(share, 'bash-completion/completions/backdrop');
      return run('bash', ['--norc', '-c', script, 'bash', file, ...words], { cwd: work });
    },
    fish(words) {
      const file = join(share, 'fish/vendor_completions.d/backdrop.fish');
      const script = `source ${file}; complete -C "${words.join(' ')}"`;
      const env = { ...process.env, HOME: work };
      return run('fish', ['--no-config', '-c', script], { cwd: work, env }).replace(/\t.*/g, '');
    },
  };

  // It completes on a terminal only.
  describe('in zsh', needs('zsh'), () => {
    const file = join(share, 'zsh/site-functions/_backdrop');
    test('has a file that zsh can read', () => run('zsh', ['-f', '-n', file]));
    test('has each option of each command', () => {
      const text = readFileSync(file, 'utf8');
      for (const command of commands) {
        const name = ['_backdrop', ...command].join('_');
        const body = text.split(`\n${name}() {\n`)[1].split('\n}\n')[0];
        for (const option of optionsOf(command)) {
          assert.ok(body.includes(`${option}[`), `${name} lacks ${option}`);
        }
      }
    });
  });

  for (const shell of ['bash', 'fish']) {
    const complete = (...words) => shells[shell](words).split('\n').filter(Boolean).sort();
    describe(`in ${shell}`, needs(shell), () => {
      test('completes each option of each command', () => {
        for (const command of commands) {
          const found = complete('backdrop', ...command, '--');
          for (const option of optionsOf(command)) {
            assert.ok(found.includes(option), `${command.join(' ')} lacks ${option}`);
          }
        }
      });
      test('completes commands, models and the values of options', () => {
        assert.deepEqual(complete('backdrop', 'comp'), ['composite']);
        assert.deepEqual(complete('backdrop', 'camera', 'st'), ['status', 'stop']);
        assert.deepEqual(complete('backdrop', 'models', 'get', ''), models.toSorted());
        assert.deepEqual(complete('backdrop', 'composite', '--fit', 'c'), ['contain', 'cover']);
        assert.deepEqual(complete('backdrop', 'camera', 'set', '--mirror', ''), ['off', 'on']);
      });
      test('completes files', () => {
        writeFileSync(join(work, 'photo.jpg'), '');
        assert.deepEqual(complete('backdrop', 'matte', 'pho'), ['photo.jpg']);
        assert.deepEqual(complete('backdrop', 'composite', '--image', 'pho'), ['photo.jpg']);
        assert.deepEqual(complete('backdrop', 'composite', '--blur', 'pho'), []);
      });
    });
  }

  test('has a unit that systemd takes', needs('systemd-analyze'), () => {
    const unit = join(share, '../lib/systemd/user/backdrop-camera.service');
    // It looks for the command in the folders of the system.
    const text = readFileSync(unit, 'utf8').replace('=backdrop ', `=${binary} `);
    const copy = join(work, 'backdrop-camera.service');
    writeFileSync(copy, text);
    const env = { ...process.env, XDG_RUNTIME_DIR: work, SYSTEMD_LOG_LEVEL: 'warning' };
    const result = spawnSync('systemd-analyze', ['--user', '--man=no', 'verify', copy], {
      encoding: 'utf8',
      env,
    });
    assert.doesNotMatch(result.stderr, /backdrop-camera/);
    assert.equal(result.status, 0, result.stderr);
  });
});

test('AppStream takes what is said of the command and the filter', needs('appstreamcli'), () => {
  const names = ['org.backdrop.backdrop', 'com.obsproject.Studio.Plugin.Backdrop'];
  const folder = fileURLToPath(new URL('../../packaging', import.meta.url));
  run('appstreamcli', [
    'validate',
    '--no-net',
    ...names.map((name) => join(folder, `${name}.metainfo.xml`)),
  ]);
});

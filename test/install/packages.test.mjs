// The Debian packages that `./run package` has built: BACKDROP_DEBS is their folder.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const folder = process.env.BACKDROP_DEBS;

function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  assert.equal(
    result.status,
    0,
    `${command}\n${result.error ?? ''}${result.stdout}${result.stderr}`,
  );
  return result.stdout;
}

const files = Object.fromEntries(
  readdirSync(folder).map((name) => [name.split('_')[0], join(folder, name)]),
);
const field = (name, wanted) => run('dpkg-deb', ['--field', files[name], wanted]).trim();
const version = field('backdrop', 'Version');
const soversion = version.split('.').slice(0, 2).join('.');
const library = `libbackdrop${soversion}`;
const system = run('sh', ['-c', '. /etc/os-release; printf %s "$ID $VERSION_ID"']);

// The files of a package below /usr, with an asterisk for the folder of an architecture.
const listed = (name) =>
  run('dpkg-deb', ['--contents', files[name]])
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('d'))
    .map((line) => line.split(/\s+/)[5].slice('./usr/'.length))
    .map((path) => path.replace(/^lib\/[^/]*-linux-[^/]*/, 'lib/*'))
    .sort();

// The names of the packages that it depends on.
const dependencies = (name) =>
  field(name, 'Depends')
    .split(', ')
    .map((dependency) => dependency.split(' ')[0])
    .sort();

const man = (page) => `share/man/man1/backdrop${page}.1.gz`;
const ofCompiler = ['libc6', 'libgcc-s1', 'libstdc++6'];
const ofPictures = ['libexif12', 'libjpeg62-turbo', 'liblcms2-2', 'libpng16-16'];
const expected = {
  [library]: {
    contents: [`lib/*/libbackdrop.so.${soversion}`, `lib/*/libbackdrop.so.${version}`],
    needs: ['libhwy1', ...ofCompiler],
  },
  'libbackdrop-dev': {
    contents: [
      'include/backdrop/backdrop.h',
      'lib/*/cmake/backdrop/backdropConfig.cmake',
      'lib/*/cmake/backdrop/backdropConfigVersion.cmake',
      'lib/*/cmake/backdrop/backdropTargets-release.cmake',
      'lib/*/cmake/backdrop/backdropTargets.cmake',
      'lib/*/libbackdrop.so',
      'lib/*/pkgconfig/backdrop.pc',
    ],
    needs: [library],
  },
  backdrop: {
    contents: [
      'bin/backdrop',
      'lib/systemd/user/backdrop-camera.service',
      'share/bash-completion/completions/backdrop',
      'share/fish/vendor_completions.d/backdrop.fish',
      ...['', '-camera', '-composite', '-infer', '-matte', '-models'].map(man),
      'share/metainfo/org.backdrop.backdrop.metainfo.xml',
      'share/zsh/site-functions/_backdrop',
    ],
    needs: [
      library,
      ...['libavcodec59', 'libavdevice59', 'libavformat59', 'libavutil57', 'libswscale6'],
      ...['libcurl4', 'libegl1', 'libgles2', 'libpipewire-0.3-0'],
      ...ofCompiler,
      ...ofPictures,
    ],
  },
  'gstreamer1.0-backdrop': {
    contents: ['lib/*/gstreamer-1.0/libgstbackdrop.so'],
    needs: [
      library,
      ...['libglib2.0-0', 'libgstreamer-plugins-base1.0-0', 'libgstreamer1.0-0'],
      ...ofCompiler,
      ...ofPictures,
    ],
  },
  'obs-backdrop': {
    contents: [
      'lib/*/obs-plugins/backdrop.so',
      'share/metainfo/com.obsproject.Studio.Plugin.Backdrop.metainfo.xml',
      'share/obs/obs-plugins/backdrop/locale/en-US.ini',
    ],
    needs: ['libobs0', ...ofCompiler], // the engine is within it
  },
};

test('they are the library, its development files, the command, the element and the filter', () =>
  assert.deepEqual(Object.keys(files).sort(), Object.keys(expected).sort()));

for (const [name, { contents, needs }] of Object.entries(expected)) {
  describe(name, () => {
    test('has its files and no other', () => {
      const documents = ['changelog.gz', 'copyright'].map((file) => `share/doc/${name}/${file}`);
      assert.deepEqual(listed(name), [...contents, ...documents].sort());
    });
    const skip = system === 'debian 12' ? false : 'packages have the names that Debian 12 has';
    test('depends on what it is linked with', { skip }, () =>
      assert.deepEqual(dependencies(name), needs.toSorted()),
    );
    if (!needs.includes(library)) return;
    test('wants the library of its own version', () =>
      assert.ok(field(name, 'Depends').split(', ').includes(`${library} (= ${version})`)));
  });
}

// A packager's address is theirs to give, and CPack writes the scripts that call ldconfig.
test('lintian finds neither errors nor warnings', () => {
  const known = 'bogus-mail-host,bogus-mail-host-in-debian-changelog,maintscript-calls-ldconfig';
  const args = ['--no-cfg', '--suppress-tags', known, '--fail-on', 'error,warning'];
  assert.equal(run('lintian', [...args, ...Object.values(files)]), '');
});

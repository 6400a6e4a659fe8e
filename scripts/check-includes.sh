#!/usr/bin/env bash
# Keeps the order of dependence of docs/architecture.md: reads the includes of engine/ (or of the
# folder named on the command line), and prints a line for each that points the wrong way.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

# What a folder may include, besides itself.
allowed_in() {
  case $1 in
    engine/base | engine/simd) echo 'base simd' ;;
    engine/platform) echo 'base platform' ;;
    engine/image) echo 'base simd platform' ;;
    engine/net/graph) echo 'base' ;;
    engine/net/tflite) echo 'base net/graph' ;;
    engine/net/passes) echo 'base simd net/graph' ;;
    engine/net/kernels) echo 'base simd net/graph' ;;
    engine/net/plan) echo 'base simd net/graph net/kernels' ;;
    engine/net) echo 'base simd image platform net/graph net/tflite net/passes net/kernels net/plan' ;;
    engine/segment) echo 'base simd image platform net net/graph net/tflite' ;;
    engine/render) echo 'base simd image platform' ;;
    engine/pipeline) echo 'base simd image platform net segment render' ;;
    engine/api) echo 'backdrop base image platform net segment render pipeline' ;;
    *) echo 'backdrop' ;;
  esac
}

# The folder of engine/ that a path belongs to: net/graph, render.
room_of() {
  local path=$1
  case $path in
    net/*/*) path=${path#net/} && echo "net/${path%%/*}" ;;
    */*) echo "${path%%/*}" ;;
  esac
}

status=0
while IFS=: read -r file include; do
  case $file in
    engine/*) from=engine/$(room_of "${file#engine/}") ;;
    *) from=$file ;;
  esac
  to=$(room_of "$include")
  # A header beside the file, and libraries.
  [[ -z $to || $to == hwy || $to == flatbuffers ]] && continue
  [[ $from == "engine/$to" || " $(allowed_in "$from") " == *" $to "* ]] && continue
  [[ $from != engine/* && ! -d engine/$to ]] && continue
  printf '%s includes %s, but %s may include only: %s\n' \
    "$file" "$include" "${from%/*.*}" "$(allowed_in "$from")" >&2
  status=1
done < <(find engine apps web/wasm -name '*.h' -o -name '*.cpp' 2>/dev/null | sort |
  xargs grep -oHE '^#include "[^"]+"' | sed 's/#include "\(.*\)"/\1/')
exit $status

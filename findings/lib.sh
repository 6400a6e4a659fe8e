# What the findings share: `source` it.
set -euo pipefail

# Runs the script of the standard input in a page of the browser named; prints its answer as JSON.
in_page() {
  local here temporary
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  temporary=$(mktemp -d)
  if [[ $1 != webkit ]]; then
    npm install --silent --no-audit --no-fund --prefix "$temporary" puppeteer-core@24.43.1 >/dev/null
  fi
  CHROMIUM=${CHROMIUM:-$(command -v chromium || true)} FIREFOX=${FIREFOX:-$(command -v firefox-esr || true)} \
    bash -c 'cd "$1" && exec node "$2/in-page.mjs" "$3"' - "$temporary" "$here" "$1"
  rm -rf "$temporary"
}

# Fails when the answer is another one than when this was written.
still() {
  printf '%s\n' "$2"
  if [[ ! $2 =~ ^$1$ ]]; then
    printf 'It behaves otherwise now: this was seen before: %s\n' "$1" >&2
    return 1
  fi
}

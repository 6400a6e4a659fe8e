# The stages of a long run, for `source`: one that fails does not hide the next, headings say when each
# began, and the last line says what passed, what failed and what was skipped.

readonly skip_status=77
declare -i passed=0
failures=()

# Prints a heading, with the seconds since the run began.
say() { printf '\n== %s (%d s)\n' "$*" "$SECONDS"; }

open_steps() { rm -rf build/stages; }

# step TITLE COMMAND...: runs a stage. Its output is kept in build/stages/TITLE.log.
step() {
  local title=$1 status
  shift
  say "$title"
  mkdir -p build/stages
  stage_log=$PWD/build/stages/$title.log
  set +e
  (set -e && "$@") 2>&1 | tee -a "$stage_log"
  status=${PIPESTATUS[0]}
  set -e
  case $status in
    0) passed+=1 ;;
    "$skip_status") ;;
    *) failures+=("$title") ;;
  esac
}

# Ends a stage that can't be run here.
skip() {
  printf 'skipped: %s\n' "$*"
  exit "$skip_status"
}

close_steps() {
  local title
  for title in "${failures[@]}"; do
    printf 'run: failed: %s\n' "$title" >&2
  done
  printf '\n%d passed, %d failed; skipped: %s\n' "$passed" "${#failures[@]}" \
    "$(node "$(dirname "${BASH_SOURCE[0]}")/skipped.mjs" build/stages/*.log)"
  ((${#failures[@]} == 0))
}

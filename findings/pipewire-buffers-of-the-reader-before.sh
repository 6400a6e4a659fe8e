#!/usr/bin/env bash
# Expected: buffers are agreed on between an output stream and its reader: when the reader goes, the stream has its
# buffers removed, and the next reader gets as many as it asks for.
# Behaviour: the stream keeps format and buffers when its only reader goes, without an event but that of the state. The
# next reader gets these, however few it asks for. Whoever counts buffers, or keeps something for each, has to expect
# those of the reader before.
# Seen with PipeWire 0.3.65 (Debian 12: libpipewire-0.3-0 0.3.65-3+deb12u1), readers that ask for exactly 2 and 4, of
# streams that take 2 to 16:
#   first reader: asks for 2, gets 2
#   first reader: asks for 4, gets 4
#   it has gone: the stream is paused, 4 buffers added, 0 removed, format set 1 times
#   second reader: asks for 2, gets 4
set -euo pipefail
folder=$(mktemp -d)
# shellcheck source=findings/packages.bash
source "$(dirname "$0")/packages.bash"
take_pipewire
compile streams "${pipewire[@]}" <<'C'
#include <pipewire-streams.h>
struct end {
  struct pw_stream *stream;
  struct spa_hook hook;
  int least, most;
  int formats, added, removed;
};
static void answer(void *data, uint32_t id, const struct spa_pod *param) {
  struct end *end = data;
  if (id != SPA_PARAM_Format) return;
  ++end->formats;
  if (param) ask_for_buffers(end->stream, end->least, end->most);
}
static void add(void *data, struct pw_buffer *buffer) { ++((struct end *)data)->added; }
static void remove_buffer(void *data, struct pw_buffer *buffer) { ++((struct end *)data)->removed; }
static const struct pw_stream_events events = {
    PW_VERSION_STREAM_EVENTS, .param_changed = answer, .add_buffer = add, .remove_buffer = remove_buffer};
static void make(struct end *maker, const char *name) {
  *maker = (struct end){.least = 2, .most = 16};
  maker->stream =
      connect_stream(name, PW_DIRECTION_OUTPUT, PW_STREAM_FLAG_DRIVER, &maker->hook, &events, maker);
}
static void read_from(struct end *maker, const char *name, int wanted) {
  struct end reader = {.least = wanted, .most = wanted};
  reader.stream = connect_stream("reader", PW_DIRECTION_INPUT, 0, &reader.hook, &events, &reader);
  link_streams(maker->stream, reader.stream);
  printf("%s: asks for %d, gets %d\n", name, wanted, reader.added);
  pw_stream_destroy(reader.stream);
  run_for(500);
}
int main(void) {
  struct end other, maker;
  start();
  make(&other, "other");
  read_from(&other, "first reader", 2);
  make(&maker, "maker");
  read_from(&maker, "first reader", 4);
  printf("it has gone: the stream is %s, %d buffers added, %d removed, format set %d times\n",
         pw_stream_state_as_string(pw_stream_get_state(maker.stream, NULL)), maker.added, maker.removed, maker.formats);
  read_from(&maker, "second reader", 2);
}
C
hold "$(timeout 60 ./streams)" 'first reader: asks for 2, gets 2' 'first reader: asks for 4, gets 4' \
  'it has gone: the stream is paused, 4 buffers added, 0 removed, format set 1 times' \
  'second reader: asks for 2, gets 4'

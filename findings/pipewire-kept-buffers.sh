#!/usr/bin/env bash
# Expected: an output stream that drives has its `process` called at each pw_stream_trigger_process that succeeds. The
# stream may have dequeued all buffers before, and hold the pictures to queue then.
# Behaviour: once it has dequeued all, `process` is not called any more, though the calls succeed. It is called again
# after one of the buffers was queued from outside of `process`, for as long as that one comes back.
# Seen with PipeWire 0.3.65 (Debian 12: libpipewire-0.3-0 0.3.65-3+deb12u1), with a reader that gives all back:
#   none dequeued: 20 triggers succeed, 20 calls
#   4 dequeued: 20 triggers succeed, 0 calls
#   3 dequeued: 20 triggers succeed, 19 calls
set -euo pipefail
folder=$(mktemp -d)
# shellcheck source=findings/packages.bash
source "$(dirname "$0")/packages.bash"
take_pipewire
compile streams "${pipewire[@]}" <<'C'
#include <pipewire-streams.h>
static struct pw_stream *maker, *reader;
static int calls;
static void queue(struct pw_buffer *buffer) {
  if (!buffer) return;
  *buffer->buffer->datas[0].chunk = (struct spa_chunk){.size = 256, .stride = 16};
  pw_stream_queue_buffer(maker, buffer);
}
static void make(void *data) {
  ++calls;
  queue(pw_stream_dequeue_buffer(maker));
}
static void take(void *data) {
  struct pw_buffer *buffer = pw_stream_dequeue_buffer(reader);
  if (buffer) pw_stream_queue_buffer(reader, buffer);
}
static void answer(void *stream, uint32_t id, const struct spa_pod *param) {
  if (id == SPA_PARAM_Format && param) ask_for_buffers(*(struct pw_stream **)stream, 4, 4);
}
static void trigger(const char *name) {
  int succeeded = 0;
  calls = 0;
  for (int i = 0; i < 20; ++i) {
    succeeded += pw_stream_trigger_process(maker) >= 0;
    run_for(20);
  }
  printf("%s dequeued: %d triggers succeed, %d calls\n", name, succeeded, calls);
}
int main(void) {
  static const struct pw_stream_events makes = {PW_VERSION_STREAM_EVENTS, .param_changed = answer, .process = make};
  static const struct pw_stream_events takes = {PW_VERSION_STREAM_EVENTS, .param_changed = answer, .process = take};
  struct spa_hook hooks[2] = {0};
  start();
  maker = connect_stream("maker", PW_DIRECTION_OUTPUT, PW_STREAM_FLAG_DRIVER, &hooks[0], &makes, &maker);
  reader = connect_stream("reader", PW_DIRECTION_INPUT, 0, &hooks[1], &takes, &reader);
  link_streams(maker, reader);
  trigger("none");
  struct pw_buffer *last = NULL, *buffer;
  int count = 0;
  while ((buffer = pw_stream_dequeue_buffer(maker))) last = buffer, ++count;
  char name[16];
  snprintf(name, sizeof name, "%d", count);
  trigger(name);
  queue(last);
  trigger("3");
}
C
hold "$(timeout 60 ./streams)" 'none dequeued: 20 triggers succeed, (1.|20) calls' \
  '4 dequeued: 20 triggers succeed, 0 calls' '3 dequeued: 20 triggers succeed, (1.|20) calls'

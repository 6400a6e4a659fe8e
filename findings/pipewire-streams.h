// Streams of 16x16 GRAY8, and links between them, without a session manager.
#include <pipewire/pipewire.h>
#include <spa/param/video/format-utils.h>
#include <stdio.h>
#include <time.h>

static struct pw_loop* loop;
static struct pw_core* core;

static void start(void) {
  pw_init(NULL, NULL);
  loop = pw_loop_new(NULL);
  core = pw_context_connect(pw_context_new(loop, NULL, 0), NULL, 0);
  pw_loop_enter(loop);
}

static void run_for(int milliseconds) {
  struct timespec now, end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += (end.tv_nsec / 1000000 + milliseconds) / 1000;
  end.tv_nsec = (end.tv_nsec / 1000000 + milliseconds) % 1000 * 1000000;
  do {
    pw_loop_iterate(loop, 5);
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

static struct pw_stream* connect_stream(const char* name, enum pw_direction direction,
                                        enum pw_stream_flags flags, struct spa_hook* hook,
                                        const struct pw_stream_events* events, void* data) {
  struct pw_stream* stream =
      pw_stream_new(core, name, pw_properties_new(PW_KEY_NODE_NAME, name, NULL));
  pw_stream_add_listener(stream, hook, events, data);
  uint8_t memory[1024];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory, sizeof memory);
  const struct spa_pod* format = spa_pod_builder_add_object(
      &builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat, SPA_FORMAT_mediaType,
      SPA_POD_Id(SPA_MEDIA_TYPE_video), SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw),
      SPA_FORMAT_VIDEO_format, SPA_POD_Id(SPA_VIDEO_FORMAT_GRAY8), SPA_FORMAT_VIDEO_size,
      SPA_POD_Rectangle(&SPA_RECTANGLE(16, 16)), SPA_FORMAT_VIDEO_framerate,
      SPA_POD_Fraction(&SPA_FRACTION(30, 1)));
  pw_stream_connect(stream, direction, PW_ID_ANY, flags | PW_STREAM_FLAG_MAP_BUFFERS, &format, 1);
  for (int i = 0; i < 100 && pw_stream_get_state(stream, NULL) < PW_STREAM_STATE_PAUSED; ++i)
    run_for(20);
  return stream;
}

// Returns when both stream, or after two seconds.
static void link_streams(struct pw_stream* from, struct pw_stream* to) {
  struct pw_properties* ends = pw_properties_new(NULL, NULL);
  pw_properties_setf(ends, PW_KEY_LINK_OUTPUT_NODE, "%u", pw_stream_get_node_id(from));
  pw_properties_setf(ends, PW_KEY_LINK_INPUT_NODE, "%u", pw_stream_get_node_id(to));
  pw_core_create_object(core, "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &ends->dict,
                        0);
  for (int i = 0; i < 100 && (pw_stream_get_state(from, NULL) != PW_STREAM_STATE_STREAMING ||
                              pw_stream_get_state(to, NULL) != PW_STREAM_STATE_STREAMING);
       ++i)
    run_for(20);
}

// Answers a format with the number of buffers that is wanted.
static void ask_for_buffers(struct pw_stream* stream, int least, int most) {
  uint8_t memory[1024];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory, sizeof memory);
  const struct spa_pod* buffers = spa_pod_builder_add_object(
      &builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
      SPA_POD_CHOICE_RANGE_Int(most, least, most), SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1),
      SPA_PARAM_BUFFERS_size, SPA_POD_Int(256), SPA_PARAM_BUFFERS_stride, SPA_POD_Int(16),
      SPA_PARAM_BUFFERS_dataType, SPA_POD_CHOICE_FLAGS_Int(1 << SPA_DATA_MemFd));
  pw_stream_update_params(stream, &buffers, 1);
}

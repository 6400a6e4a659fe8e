// What a stream does: sizes, seeks, flushes, tags, lateness, states.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "lateness.h"
#include "orientation.h"
#include "picture.h"
#include "stream.h"

namespace backdrop::gstreamer::test {
namespace {

constexpr int kWidth = 160, kHeight = 96;
const GstVideoInfo kInfo = info_of(GST_VIDEO_FORMAT_I420, kWidth, kHeight);
const Scene kLeft{10, 20, 60, 96}, kRight{90, 10, 150, 96};

std::vector<std::uint8_t> take_samples(const GstVideoInfo& info, GstBuffer* buffer) {
  EXPECT_NE(buffer, nullptr);
  if (!buffer) return {};
  std::vector<std::uint8_t> samples = samples_of(info, buffer);
  gst_buffer_unref(buffer);
  return samples;
}

// Of kRight, by an element that has seen nothing before.
std::vector<std::uint8_t> first_samples() {
  Stream stream;
  stream.set_caps(kInfo);
  return take_samples(kInfo, stream.process(kInfo, kRight));
}

void see_left(Stream& stream) {
  stream.set_caps(kInfo);
  for (int i = 0; i < 4; ++i) gst_buffer_unref(stream.process(kInfo, kLeft));
}

TEST(GstreamerStream, FramesFollowEachOther) {
  Stream stream;
  see_left(stream);
  EXPECT_NE(take_samples(kInfo, stream.process(kInfo, kRight)), first_samples());
}

TEST(GstreamerStream, AFlushForgetsTheFramesBefore) {
  Stream stream;
  see_left(stream);
  gst_harness_push_event(stream.harness(), gst_event_new_flush_start());
  gst_harness_push_event(stream.harness(), gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(stream.harness(), gst_event_new_segment(&segment));
  EXPECT_EQ(take_samples(kInfo, stream.process(kInfo, kRight)), first_samples());
}

TEST(GstreamerStream, ADiscontinuityForgetsTheFramesBefore) {
  Stream stream;
  see_left(stream);
  GstBuffer* in = make_buffer(kInfo, kRight);
  GST_BUFFER_FLAG_SET(in, GST_BUFFER_FLAG_DISCONT);
  stream.push(in);
  GstBuffer* out = stream.pull();
  EXPECT_TRUE(GST_BUFFER_IS_DISCONT(out));
  EXPECT_EQ(take_samples(kInfo, out), first_samples());
}

TEST(GstreamerStream, AnotherStreamForgetsTheFramesBefore) {
  Stream stream;
  see_left(stream);
  gst_harness_push_event(stream.harness(), gst_event_new_stream_start("another"));
  stream.set_caps(kInfo);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(stream.harness(), gst_event_new_segment(&segment));
  EXPECT_EQ(take_samples(kInfo, stream.process(kInfo, kRight)), first_samples());
}

TEST(GstreamerStream, OtherCapsForgetTheFramesBefore) {
  Stream stream;
  see_left(stream);
  stream.set_caps(caps_of(GST_VIDEO_FORMAT_I420, kWidth, kHeight, ",pixel-aspect-ratio=4/3"));
  EXPECT_EQ(take_samples(kInfo, stream.process(kInfo, kRight)), first_samples());
}

TEST(GstreamerStream, NoneForgetsTheFramesBefore) {
  Stream stream;
  see_left(stream);
  stream.set("background", 0);
  gst_buffer_unref(stream.process(kInfo, kLeft));
  stream.set("background", 1);
  EXPECT_EQ(take_samples(kInfo, stream.process(kInfo, kRight)), first_samples());
}

TEST(GstreamerStream, SizesMayChangeInMidStream) {
  Stream stream;
  for (const auto& [width, height] : {std::pair{160, 96}, {321, 181}, {96, 160}, {160, 96}}) {
    const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_NV12, width, height);
    stream.set_caps(info);
    for (int i = 0; i < 3; ++i) {
      GstBuffer* out = stream.process(info, Scene::in_the_middle(width, height));
      ASSERT_NE(out, nullptr);
      EXPECT_GE(gst_buffer_get_size(out), info.size);
      gst_buffer_unref(out);
    }
  }
  EXPECT_EQ(stream.count("frames"), 12U);
  EXPECT_EQ(stream.count("blank"), 0U);
}

TEST(GstreamerStream, TheEndComesAfterTheLastFrame) {
  Stream stream;
  stream.set_caps(kInfo);
  stream.push(make_buffer(kInfo, kLeft));
  EXPECT_TRUE(gst_harness_push_event(stream.harness(), gst_event_new_eos()));
  EXPECT_EQ(gst_harness_buffers_received(stream.harness()), 1U);
  bool ended = false;
  while (GstEvent* event = gst_harness_try_pull_event(stream.harness())) {
    ended = GST_EVENT_TYPE(event) == GST_EVENT_EOS;
    gst_event_unref(event);
  }
  EXPECT_TRUE(ended);
  EXPECT_EQ(stream.push(make_buffer(kInfo, kLeft)), GST_FLOW_EOS);
}

void report_lateness(Stream& stream, GstClockTimeDiff jitter) {
  gst_harness_push_upstream_event(
      stream.harness(),
      gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, jitter > 0 ? 2.0 : 0.5, jitter, GST_SECOND));
}

guint64 inferences_of(Stream& stream, int frames) {
  const guint64 before = stream.count("inferences");
  for (int i = 0; i < frames; ++i) {
    GstBuffer* out = stream.process(kInfo, kLeft);
    EXPECT_NE(out, nullptr);  // not one is dropped
    if (out) gst_buffer_unref(out);
  }
  return stream.count("inferences") - before;
}

TEST(GstreamerStream, LateFramesRestTheNetworkAndAllLeave) {
  Stream stream;
  stream.set_caps(kInfo);
  EXPECT_EQ(inferences_of(stream, 12), 12U);
  report_lateness(stream, 100 * GST_SECOND);
  const guint64 late = inferences_of(stream, 30);
  EXPECT_GE(late, 10U);  // a mask is two frames old at most
  EXPECT_LE(late, 11U);
  report_lateness(stream, -GST_SECOND / 2);
  EXPECT_EQ(inferences_of(stream, 12), 12U);
  EXPECT_EQ(stream.count("blank"), 0U);
}

TEST(GstreamerStream, AFlushForgetsThatFramesWereLate) {
  Stream stream;
  stream.set_caps(kInfo);
  inferences_of(stream, 12);
  report_lateness(stream, 100 * GST_SECOND);
  EXPECT_LE(inferences_of(stream, 12), 5U);
  gst_harness_push_event(stream.harness(), gst_event_new_flush_start());
  gst_harness_push_event(stream.harness(), gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(stream.harness(), gst_event_new_segment(&segment));
  EXPECT_EQ(inferences_of(stream, 12), 12U);
}

TEST(GstreamerStream, LatenessIsOfTheTimeThatTheSinkHasReached) {
  Lateness lateness;
  EXPECT_FALSE(lateness.is_late(0));
  lateness.report(GST_SECOND, GST_SECOND);
  EXPECT_TRUE(lateness.is_late(2 * GST_SECOND - 1));
  EXPECT_FALSE(lateness.is_late(2 * GST_SECOND));
  EXPECT_FALSE(lateness.is_late(GST_CLOCK_TIME_NONE));
  lateness.report(GST_SECOND, -2 * GST_SECOND);
  EXPECT_FALSE(lateness.is_late(0));
}

TEST(GstreamerOrientation, TagsAreReadAsViewersTurn) {
  EXPECT_EQ(parse_orientation("rotate-0"), (Orientation{0, 0}));
  EXPECT_EQ(parse_orientation("rotate-90"), (Orientation{90, 0}));
  EXPECT_EQ(parse_orientation("rotate-270"), (Orientation{270, 0}));
  EXPECT_EQ(parse_orientation("flip-rotate-0"), (Orientation{0, 1}));
  EXPECT_EQ(parse_orientation("flip-rotate-90"), (Orientation{270, 1}));
  EXPECT_EQ(parse_orientation("flip-rotate-180"), (Orientation{180, 1}));
  EXPECT_EQ(parse_orientation("flip-rotate-270"), (Orientation{90, 1}));
  for (const char* text : {"", "rotate", "rotate-45", "flip-90", "flip-rotate-900"}) {
    EXPECT_EQ(parse_orientation(text), std::nullopt) << text;
  }
}

void push_orientation(Stream& stream, const char* text, GstTagScope scope = GST_TAG_SCOPE_STREAM) {
  GstTagList* tags = gst_tag_list_new(GST_TAG_IMAGE_ORIENTATION, text, nullptr);
  gst_tag_list_set_scope(tags, scope);
  gst_harness_push_event(stream.harness(), gst_event_new_tag(tags));
}

// A picture whose quarters are red, green, blue and white.
std::string quarters() {
  cli::Picture picture;
  picture.resize(64, 64);
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    const bool right = i / 4 % 64 >= 32, below = i / 4 / 64 >= 32;
    picture.rgba[i] = right == below ? 255 : 0;
    picture.rgba[i + 1] = right ? 255 : 0;
    picture.rgba[i + 2] = below ? 255 : 0;
    picture.rgba[i + 3] = 255;
  }
  const std::string path = temporary_path("quarters.png");
  cli::write_picture(path, picture);
  return path;
}

// The colours of the frame's corners, from the top left, row by row: r, g, b or w.
std::string corners_of(const GstVideoInfo& info, GstBuffer* buffer) {
  const std::vector<std::uint8_t> samples = take_samples(info, buffer);
  const int width = info.width, height = info.height;
  std::string corners;
  for (const auto& [x, y] :
       {std::pair{1, 1}, {width - 2, 1}, {1, height - 2}, {width - 2, height - 2}}) {
    const auto at = [&](int c) {
      return samples[static_cast<std::size_t>((c * height + y) * width + x)];
    };
    corners += at(0) > 128 && at(1) > 128 ? 'w' : at(0) > 128 ? 'r' : at(1) > 128 ? 'g' : 'b';
  }
  return corners;
}

// The background is upright for whoever turns the frame as the tag says.
TEST(GstreamerOrientation, TheBackgroundIsTurnedAsTheFrameIs) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_RGBA, 96, 96);
  const auto corners = [&](const char* tag) {
    Stream stream;
    stream.set("background", 3);
    stream.set("image", quarters().c_str());
    stream.set_caps(info);
    if (tag) push_orientation(stream, tag);
    return corners_of(info, stream.process(info, {}));
  };
  EXPECT_EQ(corners(nullptr), "rgbw");
  EXPECT_EQ(corners("rotate-0"), "rgbw");
  EXPECT_EQ(corners("rotate-90"), "gwrb");  // turned clockwise: rgbw
  EXPECT_EQ(corners("rotate-180"), "wbgr");
  EXPECT_EQ(corners("flip-rotate-0"), "grwb");
}

TEST(GstreamerOrientation, AStreamsOwnTagCountsMoreAndEndsWithIt) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_RGBA, 96, 96);
  Stream stream;
  stream.set("background", 3);
  stream.set("image", quarters().c_str());
  stream.set_caps(info);
  push_orientation(stream, "rotate-180", GST_TAG_SCOPE_GLOBAL);
  EXPECT_EQ(corners_of(info, stream.process(info, {})), "wbgr");
  push_orientation(stream, "rotate-90");
  push_orientation(stream, "rotate-180", GST_TAG_SCOPE_GLOBAL);
  EXPECT_EQ(corners_of(info, stream.process(info, {})), "gwrb");
  gst_harness_push_event(stream.harness(), gst_event_new_stream_start("another"));
  stream.set_caps(info);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(stream.harness(), gst_event_new_segment(&segment));
  EXPECT_EQ(corners_of(info, stream.process(info, {})), "rgbw");
}

// Waits until the pipeline's end, and gives whether it came without an error.
bool ends_well(GstElement* pipeline) {
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, 30 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  const bool well = message && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  if (message) gst_message_unref(message);
  gst_object_unref(bus);
  return well;
}

GstElement* make_pipeline(const std::string& before, const std::string& after) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(
      (before + " ! backdrop name=b threads=2 model=" + model_path() + " ! " + after).c_str(),
      &error);
  // Without an element all that the tests wait for would time out, one after the other.
  if (error) throw std::runtime_error(error->message);
  return pipeline;
}

TEST(GstreamerStream, ASeekGoesThrough) {
  GstElement* pipeline = make_pipeline(
      "videotestsrc num-buffers=200 ! video/x-raw,width=160,height=96", "fakesink sync=false");
  gst_element_set_state(pipeline, GST_STATE_PAUSED);
  EXPECT_EQ(gst_element_get_state(pipeline, nullptr, nullptr, 30 * GST_SECOND),
            GST_STATE_CHANGE_SUCCESS);
  for (const gint64 second : {3, 1, 5}) {
    EXPECT_TRUE(gst_element_seek_simple(
        pipeline, GST_FORMAT_TIME,
        static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE),
        second * gint64{GST_SECOND}));
    EXPECT_EQ(gst_element_get_state(pipeline, nullptr, nullptr, 30 * GST_SECOND),
              GST_STATE_CHANGE_SUCCESS);
    gint64 position = 0;
    EXPECT_TRUE(gst_element_query_position(pipeline, GST_FORMAT_TIME, &position));
    EXPECT_EQ(position, second * gint64{GST_SECOND});
  }
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  EXPECT_TRUE(ends_well(pipeline));
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
}

// Calls on the leaks tracer to log what is alive, and gives the types of these objects, but for
// what lives as long as the process: caps of templates, factories. (The tracer's get-live-objects
// of GStreamer 1.22 gives objects without holding them, and releases them with its answer.)
std::vector<std::string> types_alive() {
  std::vector<std::string> types;
  const GstLogFunction read = [](GstDebugCategory*, GstDebugLevel, const char*, const char*, int,
                                 GObject*, GstDebugMessage* message, gpointer result) {
    const std::string line = gst_debug_message_get(message);
    for (const char* type : {"GstBackdrop", "GstBuffer", "GstEvent", "GstMessage",
                             "GstVideoBufferPool", "GstPad", "GstPipeline"}) {
      if (line.starts_with("object-alive, type-name=(string)" + std::string(type) + ",")) {
        static_cast<std::vector<std::string>*>(result)->emplace_back(type);
      }
    }
  };
  gst_debug_remove_log_function(gst_debug_log_default);
  gst_debug_add_log_function(read, &types, nullptr);
  gst_debug_set_threshold_from_string("GST_TRACER:7", /*reset=*/FALSE);
  GList* tracers = gst_tracing_get_active_tracers();
  for (GList* each = tracers; each; each = each->next) {
    g_signal_emit_by_name(each->data, "log-live-objects");
  }
  g_list_free_full(tracers, gst_object_unref);
  gst_debug_remove_log_function_by_data(&types);
  return types;
}

TEST(GstreamerStream, AHundredStatesLeaveNothing) {
  GstElement* pipeline = make_pipeline(
      "videotestsrc num-buffers=3 ! video/x-raw,width=160,height=96", "fakesink sync=false");
  for (int i = 0; i < 100; ++i) {
    gst_element_set_state(pipeline, i % 3 == 0 ? GST_STATE_PAUSED : GST_STATE_PLAYING);
    if (i % 3 == 2) {
      EXPECT_TRUE(ends_well(pipeline));
    }
    gst_element_set_state(pipeline, i % 2 == 0 ? GST_STATE_READY : GST_STATE_NULL);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  EXPECT_NE(types_alive(), std::vector<std::string>{});  // the tracer is at work
  gst_object_unref(pipeline);
  EXPECT_EQ(types_alive(), std::vector<std::string>{});
}

}  // namespace
}  // namespace backdrop::gstreamer::test

// Not one raw frame: whatever fails, what leaves is processed or blank.
#include <gtest/gtest.h>

#include <random>

#include "stream.h"
#include "unmappable.h"

namespace backdrop::gstreamer::test {
namespace {

constexpr int kWidth = 160, kHeight = 96;
constexpr int kNone = 0, kBlur = 1, kColor = 2, kTransparent = 4;

void expect_no_room(const GstVideoInfo& info, const Scene& scene, GstBuffer* out) {
  ASSERT_NE(out, nullptr);
  const auto [shown, room] = count_room(info, scene, out);
  EXPECT_LE(shown * 50, room) << shown << " of " << room << " pixels of the room";
}

// The measure sees a raw frame.
TEST(GstreamerClosed, TheRoomIsFoundWhereItIsAskedFor) {
  for (const GstVideoFormat format : kFormats) {
    const GstVideoInfo info = info_of(format, kWidth, kHeight);
    const Scene scene = Scene::in_the_middle(kWidth, kHeight);
    Stream stream;
    stream.set("background", kNone);
    stream.set_caps(info);
    GstBuffer* in = make_buffer(info, scene);
    stream.push(gst_buffer_ref(in));
    GstBuffer* out = stream.pull();
    EXPECT_EQ(out, in);  // not even copied
    const auto [shown, room] = count_room(info, scene, out);
    EXPECT_EQ(shown, room);
    EXPECT_GT(room, 1000);
    gst_buffer_unref(out);
    gst_buffer_unref(in);
  }
}

TEST(GstreamerClosed, WithoutAModelNothingLeaves) {
  for (const char* model : {"/nowhere/person.tflite", "no-such-id", "mlkit"}) {
    GstElement* element = gst_element_factory_make_full("backdrop", "model", model, nullptr);
    gst_object_ref_sink(element);
    GstBus* bus = gst_bus_new();
    gst_element_set_bus(element, bus);
    const std::string folders = g_getenv("BACKDROP_MODELS") ? g_getenv("BACKDROP_MODELS") : "";
    g_setenv("BACKDROP_MODELS", "/nowhere", TRUE);
    g_setenv("XDG_DATA_HOME", "/nowhere", TRUE);
    EXPECT_EQ(gst_element_set_state(element, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    g_setenv("BACKDROP_MODELS", folders.c_str(), TRUE);
    GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    ASSERT_NE(message, nullptr) << model;
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    EXPECT_TRUE(g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND)) << model;
    EXPECT_NE(std::string(error->message).find(model), std::string::npos) << error->message;
    if (std::string(model) == "mlkit") {
      EXPECT_NE(std::string(error->message).find("backdrop models get mlkit"), std::string::npos);
    }
    g_error_free(error);
    gst_message_unref(message);
    gst_element_set_state(element, GST_STATE_NULL);
    gst_element_set_bus(element, nullptr);
    gst_object_unref(bus);
    gst_object_unref(element);
  }
}

// Of what `spoil` makes of a good frame.
void expect_blank_for(const char* name, GstBuffer* (*spoil)(const GstVideoInfo&, GstBuffer*)) {
  for (const GstVideoFormat format : kFormats) {
    SCOPED_TRACE(std::string(name) + " " + gst_video_format_to_string(format));
    const GstVideoInfo info = info_of(format, kWidth, kHeight);
    const Scene scene = Scene::in_the_middle(kWidth, kHeight);
    Stream stream;
    stream.set_caps(info);
    gst_buffer_unref(stream.process(info, scene));
    for (guint64 i = 1; i <= 2; ++i) {
      EXPECT_EQ(stream.push(spoil(info, make_buffer(info, scene))), GST_FLOW_OK);
      GstBuffer* out = stream.pull();
      ASSERT_NE(out, nullptr);
      EXPECT_TRUE(is_blank(info, out));
      EXPECT_EQ(stream.count("blank"), i);
      gst_buffer_unref(out);
    }
    const std::string warning = stream.messages(GST_MESSAGE_WARNING);
    EXPECT_NE(warning, "");
    EXPECT_EQ(warning.find('\n'), warning.size() - 1) << warning;  // once
    GstBuffer* out = stream.process(info, scene);
    expect_no_room(info, scene, out);
    EXPECT_FALSE(is_blank(info, out));
    EXPECT_EQ(stream.count("frames"), 4U);
    gst_buffer_unref(out);
  }
}

TEST(GstreamerClosed, ABufferThatCannotBeMappedGivesABlankFrame) {
  expect_blank_for("unmappable", [](const GstVideoInfo& info, GstBuffer* buffer) {
    gst_buffer_unref(buffer);
    return make_unmappable_buffer(info.size);
  });
}

TEST(GstreamerClosed, ABufferThatIsTooSmallGivesABlankFrame) {
  expect_blank_for("too small", [](const GstVideoInfo& info, GstBuffer* buffer) {
    gst_buffer_set_size(buffer, static_cast<gssize>(info.size - 1));
    return buffer;
  });
  expect_blank_for("empty", [](const GstVideoInfo&, GstBuffer* buffer) {
    gst_buffer_unref(buffer);
    return gst_buffer_new();
  });
}

GstVideoMeta* add_meta(const GstVideoInfo& info, GstBuffer* buffer) {
  return gst_buffer_add_video_meta(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(&info),
                                   static_cast<guint>(info.width), static_cast<guint>(info.height));
}

TEST(GstreamerClosed, AMetaThatDoesNotFitGivesABlankFrame) {
  expect_blank_for("lower", [](const GstVideoInfo& info, GstBuffer* buffer) {
    add_meta(info, buffer)->height -= 2;
    return buffer;
  });
  expect_blank_for("rows beyond the memory", [](const GstVideoInfo& info, GstBuffer* buffer) {
    add_meta(info, buffer)->stride[0] *= 2;
    return buffer;
  });
  expect_blank_for("rows that overlap", [](const GstVideoInfo& info, GstBuffer* buffer) {
    add_meta(info, buffer)->stride[0] /= 2;
    return buffer;
  });
  expect_blank_for("upside down", [](const GstVideoInfo& info, GstBuffer* buffer) {
    add_meta(info, buffer)->stride[0] *= -1;
    return buffer;
  });
  expect_blank_for("another format", [](const GstVideoInfo& info, GstBuffer* buffer) {
    const bool is_i420 = GST_VIDEO_INFO_FORMAT(&info) == GST_VIDEO_FORMAT_I420;
    add_meta(info, buffer)->format = is_i420 ? GST_VIDEO_FORMAT_YV12 : GST_VIDEO_FORMAT_I420;
    return buffer;
  });
}

TEST(GstreamerClosed, AMetaMayBeOfALargerPicture) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_NV12, kWidth, kHeight);
  const Scene scene = Scene::in_the_middle(kWidth, kHeight);
  Stream stream;
  stream.set_caps(info);
  GstBuffer* in = make_buffer(info, scene, 16);
  gst_buffer_get_video_meta(in)->width += 16;
  stream.push(in);
  GstBuffer* out = stream.pull();
  expect_no_room(info, scene, out);
  EXPECT_EQ(stream.count("blank"), 0U);
  gst_buffer_unref(out);
}

TEST(GstreamerClosed, ABlankFrameIsClearWhereTheBackgroundIsTransparent) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_RGBA, kWidth, kHeight);
  Stream stream;
  stream.set("background", kTransparent);
  stream.set_caps(info);
  stream.push(gst_buffer_new());
  GstBuffer* out = stream.pull();
  ASSERT_NE(out, nullptr);
  EXPECT_TRUE(is_blank(info, out, /*alpha=*/0));
  gst_buffer_unref(out);
}

TEST(GstreamerClosed, AFrameLargerThanTheEngineTakesIsBlank) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_I420, 32770, 2);
  Stream stream;
  stream.set_caps(info);
  GstBuffer* out = stream.process(info, {});
  ASSERT_NE(out, nullptr);
  EXPECT_TRUE(is_blank(info, out));
  gst_buffer_unref(out);
}

TEST(GstreamerClosed, AnOutputThatCannotBeMappedIsAnError) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_I420, kWidth, kHeight);
  Stream stream;
  stream.set_caps(info);
  gst_buffer_unref(stream.process(info, {}));
  GstBuffer* in = make_buffer(info, {});
  GstBuffer* out = make_unmappable_buffer(info.size);
  GstBaseTransform* transform = GST_BASE_TRANSFORM(stream.element());
  EXPECT_EQ(GST_BASE_TRANSFORM_GET_CLASS(transform)->transform(transform, in, out), GST_FLOW_ERROR);
  EXPECT_EQ(stream.messages(GST_MESSAGE_ERROR), "there is no memory for a frame\n");
  gst_buffer_unref(in);
  gst_buffer_unref(out);
}

TEST(GstreamerClosed, FramesAreCopied) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_I420, kWidth, kHeight);
  Stream stream;
  stream.set_caps(info);
  for (int i = 0; i < 2; ++i) {
    GstBuffer* in = make_buffer(info, {});  // and nobody else's: it may be written to
    stream.push(in);
    GstBuffer* out = stream.pull();
    EXPECT_NE(out, in);
    gst_buffer_unref(out);
  }
  EXPECT_EQ(GST_BASE_TRANSFORM_GET_CLASS(stream.element())->transform_ip, nullptr);
}

// In passthrough GStreamer's base class lets buffers through that were never negotiated; an element
// upstream that pushes through its pad is held up earlier.
TEST(GstreamerClosed, RefusedCapsAfterNoneLetNothingThrough) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_I420, kWidth, kHeight);
  Stream stream;
  stream.set("background", kNone);
  stream.set_caps(info);
  gst_buffer_unref(stream.process(info, {}));
  stream.set("background", kBlur);
  stream.set_caps(caps_of(GST_VIDEO_FORMAT_I420, kWidth, kHeight, ",interlace-mode=interleaved"));
  EXPECT_EQ(stream.push(make_buffer(info, {})), GST_FLOW_NOT_NEGOTIATED);
  GstPad* sink = GST_PAD_PEER(stream.harness()->srcpad);
  EXPECT_EQ(gst_pad_chain(sink, make_buffer(info, {})), GST_FLOW_NOT_NEGOTIATED);
  EXPECT_EQ(stream.pull(), nullptr);
}

TEST(GstreamerClosed, NothingLeavesBeforeCaps) {
  Stream stream;
  gst_harness_push_event(stream.harness(), gst_event_new_stream_start("without-caps"));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(stream.harness(), gst_event_new_segment(&segment));
  EXPECT_NE(gst_pad_push(stream.harness()->srcpad, gst_buffer_new()), GST_FLOW_OK);
  EXPECT_EQ(stream.pull(), nullptr);
}

// What came in could hang on the buffer that came of it.
TEST(GstreamerClosed, TheParentOfABufferStays) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_I420, kWidth, kHeight);
  Stream stream;
  stream.set_caps(info);
  GstBuffer* parent = make_buffer(info, {});
  GstBuffer* in = make_buffer(info, {});
  gst_buffer_add_parent_buffer_meta(in, parent);
  stream.push(in);
  GstBuffer* out = stream.pull();
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(gst_buffer_get_parent_buffer_meta(out), nullptr);
  gst_buffer_unref(out);
  gst_buffer_unref(parent);
}

void set_any_property(Stream& stream, std::mt19937& random, bool has_alpha) {
  switch (random() % 10) {
    case 0:
      return stream.set("background", has_alpha && random() % 2 ? kTransparent : kBlur);
    case 1:
      return stream.set("background", kColor);
    case 2:
      return stream.set("background", 3);  // without an image: the color takes its place
    case 3:
      return stream.set("blur", 2 + static_cast<double>(random() % 18));
    case 4:
      return stream.set("color", static_cast<guint>(random() & 0xff00U));
    case 5:
      return stream.set("steadying", static_cast<double>(random() % 2));
    case 6:
      return stream.set("person-crop", static_cast<int>(random() % 2));
    case 7:
      return stream.set("learned-room", static_cast<int>(random() % 2));
    case 8:
      return stream.set("only-front", static_cast<int>(random() % 2));
    default:
      return stream.set("refinement", static_cast<int>(random() % 2));
  }
}

TEST(GstreamerClosed, PropertiesAndSizesThatChangeShowNothing) {
  std::mt19937 random(1);
  for (const GstVideoFormat format : kFormats) {
    Stream stream;
    GstVideoInfo info = info_of(format, kWidth, kHeight);
    const bool has_alpha = GST_VIDEO_INFO_HAS_ALPHA(&info);
    for (int i = 0; i < 60; ++i) {
      SCOPED_TRACE(std::string(gst_video_format_to_string(format)) + " " + std::to_string(i));
      if (i % 8 == 0) {
        info = info_of(format, 96 + static_cast<int>(random() % 100),
                       80 + static_cast<int>(random() % 60));
        stream.set_caps(info);
      }
      set_any_property(stream, random, has_alpha);
      const Scene scene = Scene::in_the_middle(info.width, info.height);
      GstBuffer* out = stream.process(info, scene, i % 3 == 0 ? 24 : 0);
      expect_no_room(info, scene, out);
      if (out) gst_buffer_unref(out);
    }
    EXPECT_EQ(stream.count("blank"), 0U);
  }
}

// None shows the room, and the frame after it does not.
TEST(GstreamerClosed, NoneIsLeftWithTheNextFrame) {
  for (const GstVideoFormat format : kFormats) {
    const GstVideoInfo info = info_of(format, kWidth, kHeight);
    const Scene scene = Scene::in_the_middle(kWidth, kHeight);
    Stream stream;
    stream.set_caps(info);
    for (int i = 0; i < 6; ++i) {
      stream.set("background", kNone);
      GstBuffer* raw = stream.process(info, scene);
      EXPECT_EQ(count_room(info, scene, raw).shown, count_room(info, scene, raw).room);
      gst_buffer_unref(raw);
      stream.set("background", i % 2 == 0 ? kBlur : kColor);
      GstBuffer* out = stream.process(info, scene);
      expect_no_room(info, scene, out);
      gst_buffer_unref(out);
    }
  }
}

}  // namespace
}  // namespace backdrop::gstreamer::test

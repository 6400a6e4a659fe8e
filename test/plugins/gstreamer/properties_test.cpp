// Properties, which take effect on the next frame.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>

#include "picture.h"
#include "stream.h"

namespace backdrop::gstreamer::test {
namespace {

constexpr int kWidth = 160, kHeight = 96;
constexpr int kNone = 0, kBlur = 1, kColor = 2, kImage = 3, kTransparent = 4;
const GstVideoInfo kInfo = info_of(GST_VIDEO_FORMAT_RGBA, kWidth, kHeight);
const Scene kScene = Scene::in_the_middle(kWidth, kHeight);

using Pixel = std::array<int, 4>;

// The pixel of the room at the top left.
Pixel corner(Stream& stream, const Scene& scene = kScene) {
  GstBuffer* out = stream.process(kInfo, scene);
  EXPECT_NE(out, nullptr);
  if (!out) return {};
  const std::vector<std::uint8_t> samples = samples_of(kInfo, out);
  gst_buffer_unref(out);
  Pixel pixel{};
  for (std::size_t c = 0; c < 4; ++c) pixel[c] = samples[c * kWidth * kHeight];
  return pixel;
}

std::string write_picture(std::uint8_t red, std::uint8_t green) {
  cli::Picture picture;
  picture.resize(kWidth, kHeight);
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    picture.rgba[i] = red;
    picture.rgba[i + 1] = green;
    picture.rgba[i + 3] = 255;
  }
  std::string path =
      temporary_path("plain" + std::to_string(red) + "-" + std::to_string(green) + ".png");
  cli::write_picture(path, picture);
  return path;
}

TEST(GstreamerProperties, BackgroundsChangeWithTheNextFrame) {
  Stream stream;
  stream.set_caps(kInfo);
  const Pixel blurred = corner(stream);
  EXPECT_GT(blurred[2], 120);
  EXPECT_LT(blurred[2], 255);
  stream.set("background", kColor);
  stream.set("color", 0x30a060U);
  EXPECT_EQ(corner(stream), (Pixel{0x30, 0xa0, 0x60, 255}));
  stream.set("color", 0x102030U);
  EXPECT_EQ(corner(stream), (Pixel{0x10, 0x20, 0x30, 255}));
  stream.set("image", write_picture(200, 10).c_str());
  EXPECT_EQ(corner(stream), (Pixel{0x10, 0x20, 0x30, 255}));
  stream.set("background", kImage);
  EXPECT_EQ(corner(stream), (Pixel{200, 10, 0, 255}));
  stream.set("image", write_picture(20, 110).c_str());
  EXPECT_EQ(corner(stream), (Pixel{20, 110, 0, 255}));
  stream.set("background", kTransparent);
  EXPECT_EQ(corner(stream), (Pixel{0, 0, 0, 0}));
  stream.set("background", kBlur);
  EXPECT_EQ(corner(stream)[3], 255);
  EXPECT_EQ(stream.messages(GST_MESSAGE_WARNING), "");
}

TEST(GstreamerProperties, APictureLiesAsItsPropertiesSay) {
  cli::Picture wide;
  wide.resize(400, 96);
  for (std::size_t i = 0; i < wide.rgba.size(); i += 4) {
    wide.rgba[i] = i / 4 % 400 < 200 ? 250 : 0;
    wide.rgba[i + 1] = i / 4 % 400 < 200 ? 0 : 250;
    wide.rgba[i + 3] = 255;
  }
  const std::string path = temporary_path("wide.png");
  cli::write_picture(path, wide);
  Stream stream;
  stream.set("background", kImage);
  stream.set("image", path.c_str());
  stream.set("color", 0x0000ffU);
  stream.set("position-x", 0.0);
  stream.set_caps(kInfo);
  EXPECT_EQ(corner(stream), (Pixel{250, 0, 0, 255}));
  stream.set("position-x", 1.0);
  EXPECT_EQ(corner(stream), (Pixel{0, 250, 0, 255}));
  stream.set("fit", 1);
  EXPECT_EQ(corner(stream), (Pixel{0, 0, 255, 255}));  // beside the picture
  stream.set("position-y", 0.0);
  EXPECT_EQ(corner(stream), (Pixel{250, 0, 0, 255}));
}

TEST(GstreamerProperties, APictureThatCannotBeReadGivesItsColorAndAWarning) {
  Stream stream;
  stream.set_caps(kInfo);
  corner(stream);
  stream.set("color", 0x102030U);
  stream.set("image", "/nowhere/beach.png");
  stream.set("background", kImage);
  EXPECT_EQ(corner(stream), (Pixel{0x10, 0x20, 0x30, 255}));
  EXPECT_EQ(corner(stream), (Pixel{0x10, 0x20, 0x30, 255}));
  const std::string warning = stream.messages(GST_MESSAGE_WARNING);
  EXPECT_NE(warning.find("/nowhere/beach.png"), std::string::npos) << warning;
  EXPECT_EQ(warning.find('\n'), warning.size() - 1) << warning;
  stream.set("image", write_picture(200, 10).c_str());
  EXPECT_EQ(corner(stream), (Pixel{200, 10, 0, 255}));
  stream.set("image", "/nowhere/lake.png");
  EXPECT_EQ(corner(stream), (Pixel{0x10, 0x20, 0x30, 255}));
  EXPECT_NE(stream.messages(GST_MESSAGE_WARNING).find("lake"), std::string::npos);
}

TEST(GstreamerProperties, APictureThatCannotBeReadAtTheStartIsAnError) {
  GstElement* element =
      gst_element_factory_make_full("backdrop", "model", model_path().c_str(), "background", kImage,
                                    "image", "/nowhere/beach.png", nullptr);
  gst_object_ref_sink(element);
  EXPECT_EQ(gst_element_set_state(element, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_object_unref(element);
}

// Since the last call.
bool asks_for_other_caps(Stream& stream) {
  bool asks = false;
  while (GstEvent* event = gst_harness_try_pull_upstream_event(stream.harness())) {
    asks = asks || GST_EVENT_TYPE(event) == GST_EVENT_RECONFIGURE;
    gst_event_unref(event);
  }
  return asks;
}

TEST(GstreamerProperties, TransparentIsAColorUntilTheFramesHaveAlpha) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_RGBx, kWidth, kHeight);
  Stream stream;
  stream.set_caps(info);
  gst_buffer_unref(stream.process(info, kScene));
  stream.set("color", 0x102030U);
  asks_for_other_caps(stream);  // at the start
  stream.set("background", kTransparent);
  EXPECT_TRUE(asks_for_other_caps(stream));
  GstBuffer* out = stream.process(info, kScene);
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(samples_of(info, out)[0], 0x10);
  gst_buffer_unref(out);
  EXPECT_NE(stream.messages(GST_MESSAGE_WARNING).find("RGBA"), std::string::npos);
  stream.set("background", kNone);  // after which the element negotiates anew
  gst_buffer_unref(stream.process(info, kScene));
  stream.set("background", kTransparent);
  out = stream.process(info, kScene);
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(samples_of(info, out)[0], 0x10);
  gst_buffer_unref(out);
  stream.set_caps(kInfo);
  EXPECT_EQ(corner(stream), (Pixel{0, 0, 0, 0}));
}

TEST(GstreamerProperties, OnlyFrontKeepsOnePerson) {
  const auto small_person = [](Stream& stream) {
    GstBuffer* in = make_buffer(kInfo, {50, 20, 120, 96});
    GstVideoFrame frame;
    EXPECT_TRUE(gst_video_frame_map(&frame, &kInfo, in, GST_MAP_READWRITE));
    for (int y = 30; y < 60; ++y) {
      for (int x = 4; x < 24; ++x) {
        std::uint8_t* pixel = GST_VIDEO_FRAME_COMP_DATA(&frame, 0) +
                              y * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0) + 4 * x;
        pixel[0] = 255;
        pixel[2] = 0;
      }
    }
    gst_video_frame_unmap(&frame);
    stream.push(in);
    GstBuffer* out = stream.pull();
    const std::vector<std::uint8_t> samples = samples_of(kInfo, out);
    gst_buffer_unref(out);
    return int{samples[45 * kWidth + 14]};  // red
  };
  Stream stream;
  stream.set("background", kColor);
  stream.set_caps(kInfo);
  EXPECT_EQ(small_person(stream), 255);
  stream.set("only-front", TRUE);
  EXPECT_EQ(small_person(stream), 0);
}

TEST(GstreamerProperties, SettingsOfTheMatteReachTheEngine) {
  const auto moved = [](const char* property, auto value) {
    Stream stream;
    stream.set("background", kColor);
    if (property) stream.set(property, value);
    stream.set_caps(kInfo);
    for (int i = 0; i < 3; ++i) corner(stream);
    GstBuffer* out = stream.process(kInfo, {40, 30, 100, 96});
    std::vector<std::uint8_t> samples = samples_of(kInfo, out);
    gst_buffer_unref(out);
    return samples;
  };
  const auto defaults = moved(nullptr, 0);
  EXPECT_NE(moved("refinement", 0), defaults);
  EXPECT_NE(moved("person-crop", FALSE), defaults);
}

// Of a frame of which the network is not sure, after one that is a little less of a person.
TEST(GstreamerProperties, SteadyingKeepsOfTheMaskBefore) {
  const auto process = [](Stream& stream, std::uint8_t red) {
    GstBuffer* in = make_empty_buffer(kInfo, 0);
    GstMapInfo map;
    EXPECT_TRUE(gst_buffer_map(in, &map, GST_MAP_WRITE));
    for (gsize i = 0; i < map.size; i += 4) {
      map.data[i] = red;
      map.data[i + 1] = 0;
      map.data[i + 2] = 100;
      map.data[i + 3] = 255;
    }
    gst_buffer_unmap(in, &map);
    stream.push(in);
    GstBuffer* out = stream.pull();
    const int result = samples_of(kInfo, out)[kWidth * kHeight / 2];
    gst_buffer_unref(out);
    return result;
  };
  const auto after_less = [&](double steadying) {
    Stream stream;
    stream.set("background", kColor);
    stream.set("steadying", steadying);
    stream.set_caps(kInfo);
    for (int i = 0; i < 3; ++i) process(stream, 99);
    return process(stream, 103);
  };
  EXPECT_LT(after_less(1.0), after_less(0.0));
}

TEST(GstreamerProperties, TheyFollowAController) {
  Stream stream;
  stream.set("background", kColor);
  GstControlSource* source = gst_interpolation_control_source_new();
  g_object_set(source, "mode", GST_INTERPOLATION_MODE_NONE, nullptr);
  auto* values = GST_TIMED_VALUE_CONTROL_SOURCE(source);
  gst_timed_value_control_source_set(values, 0, 0x0000ff);
  gst_timed_value_control_source_set(values, GST_SECOND / 20, 0x00ff00);
  gst_object_add_control_binding(
      GST_OBJECT(stream.element()),
      gst_direct_control_binding_new_absolute(GST_OBJECT(stream.element()), "color", source));
  gst_object_unref(source);
  stream.set_caps(kInfo);
  EXPECT_EQ(corner(stream), (Pixel{0, 0, 255, 255}));
  EXPECT_EQ(corner(stream), (Pixel{0, 0, 255, 255}));
  EXPECT_EQ(corner(stream), (Pixel{0, 255, 0, 255}));
}

TEST(GstreamerProperties, TheyAreReadAsTheyWereSet) {
  Stream stream;
  stream.set("image", "a.png");
  stream.set("blur", 3.5);
  stream.set("threads", 3);
  char* image = nullptr;
  float blur = 0;
  int threads = 0;
  g_object_get(stream.element(), "image", &image, "blur", &blur, "threads", &threads, nullptr);
  EXPECT_STREQ(image, "a.png");
  EXPECT_EQ(blur, 3.5f);
  EXPECT_EQ(threads, 3);
  g_free(image);
  stream.set("image", static_cast<const char*>(nullptr));
  g_object_get(stream.element(), "image", &image, nullptr);
  EXPECT_EQ(image, nullptr);
}

TEST(GstreamerProperties, AnotherThreadMaySetThem) {
  const std::string one = write_picture(200, 10), other = write_picture(20, 110);
  Stream stream;
  stream.set_caps(kInfo);
  std::atomic<bool> ends = false;
  std::thread setter([&] {
    for (int i = 0; !ends; ++i) {
      stream.set("image", (i % 2 == 0 ? one : other).c_str());
      stream.set("background", kBlur + i % 4);
      stream.set("blur", 1.0 + i % 5);
      stream.set("only-front", i % 2);
      stream.count("frames");
    }
  });
  for (int i = 0; i < 60; ++i) {
    GstBuffer* out = stream.process(kInfo, kScene);
    ASSERT_NE(out, nullptr);
    const auto [shown, room] = count_room(kInfo, kScene, out);
    EXPECT_LE(shown * 50, room);
    gst_buffer_unref(out);
  }
  ends = true;
  setter.join();
}

}  // namespace
}  // namespace backdrop::gstreamer::test

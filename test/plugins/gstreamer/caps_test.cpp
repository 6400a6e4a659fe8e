// Which caps are taken, and what their colours mean.
#include <gtest/gtest.h>

#include "frame.h"
#include "stream.h"

namespace backdrop::gstreamer::test {
namespace {

GstVideoInfo parse(const std::string& caps_text) {
  GstCaps* caps = gst_caps_from_string(caps_text.c_str());
  GstVideoInfo info;
  EXPECT_TRUE(gst_video_info_from_caps(&info, caps)) << caps_text;
  gst_caps_unref(caps);
  return info;
}

GstVideoInfo colored(GstVideoFormat format, int height, const std::string& colorimetry) {
  return parse(
      caps_of(format, 320, height, colorimetry.empty() ? "" : ",colorimetry=" + colorimetry));
}

TEST(GstreamerCaps, ColorSpaceIsThatOfTheCapsOrOfTheSize) {
  const struct {
    int height;
    const char* colorimetry;
    backdrop_color_space expected;
  } cases[] = {
      {576, "", BACKDROP_BT601_LIMITED},        {577, "", BACKDROP_BT709_LIMITED},
      {180, "bt601", BACKDROP_BT601_LIMITED},   {180, "bt709", BACKDROP_BT709_LIMITED},
      {720, "bt601", BACKDROP_BT601_LIMITED},   {180, "smpte240m", BACKDROP_BT709_LIMITED},
      {180, "1:4:0:0", BACKDROP_BT601_FULL},    {180, "1:3:0:0", BACKDROP_BT709_FULL},
      {180, "2:0:0:0", BACKDROP_BT601_LIMITED}, {720, "2:0:0:0", BACKDROP_BT709_LIMITED},
      {720, "0:3:0:0", BACKDROP_BT709_LIMITED}, {180, "2:4:7:1", BACKDROP_BT601_LIMITED},
      {720, "0:0:0:0", BACKDROP_BT709_LIMITED}, {180, "sRGB", BACKDROP_BT601_LIMITED},
  };
  for (const auto& [height, colorimetry, expected] : cases) {
    const GstVideoInfo info = colored(GST_VIDEO_FORMAT_I420, height, colorimetry);
    EXPECT_EQ(color_space_of(info), expected) << height << " " << colorimetry;
    EXPECT_EQ(find_refusal(info), "") << height << " " << colorimetry;
  }
}

// Each has a word of the line that says why.
const struct {
  const char* name;
  GstVideoFormat format;
  const char* more;
  const char* word;
} kRefused[] = {
    {"interleaved", GST_VIDEO_FORMAT_I420, ",interlace-mode=interleaved", "interlaced"},
    {"mixed", GST_VIDEO_FORMAT_NV12, ",interlace-mode=mixed", "interlaced"},
    {"separated", GST_VIDEO_FORMAT_I420, ",views=2,multiview-mode=separated", "views"},
    {"side by side", GST_VIDEO_FORMAT_I420, ",views=2,multiview-mode=side-by-side", "views"},
    {"BT.2020", GST_VIDEO_FORMAT_I420, ",colorimetry=bt2020", "BT.2020"},
    {"PQ", GST_VIDEO_FORMAT_I420, ",colorimetry=bt2100-pq", "HDR"},
    {"HLG", GST_VIDEO_FORMAT_YUY2, ",colorimetry=bt2100-hlg", "HDR"},
    {"BT.2020 of RGB", GST_VIDEO_FORMAT_RGBA, ",colorimetry=1:1:13:7", "BT.2020"},
    {"RGB of 16 to 235", GST_VIDEO_FORMAT_BGRx, ",colorimetry=bt709", "16 to 235"},
};

TEST(GstreamerCaps, OddOnesAreRefusedInOneLineAndNothingLeaves) {
  for (const auto& [name, format, more, word] : kRefused) {
    Stream stream;
    stream.set_caps(caps_of(format, 64, 48, more));
    const GstVideoInfo info = info_of(format, 64, 48);
    EXPECT_EQ(stream.push(make_buffer(info, {})), GST_FLOW_NOT_NEGOTIATED) << name;
    EXPECT_EQ(stream.push(make_buffer(info, {})), GST_FLOW_NOT_NEGOTIATED) << name;
    EXPECT_EQ(stream.pull(), nullptr) << name;
    const std::string line = stream.messages(GST_MESSAGE_ERROR);
    EXPECT_NE(line.find(word), std::string::npos) << name << ": " << line;
    EXPECT_EQ(line.find('\n'), line.size() - 1) << name << ": " << line;
  }
}

TEST(GstreamerCaps, OthersAreTakenAfterRefusedOnes) {
  Stream stream;
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_I420, 64, 48);
  const std::string refused = caps_of(GST_VIDEO_FORMAT_I420, 64, 48, ",interlace-mode=interleaved");
  stream.set_caps(refused);
  EXPECT_NE(stream.messages(GST_MESSAGE_ERROR), "");
  stream.set_caps(info);
  GstBuffer* out = stream.process(info, {});
  ASSERT_NE(out, nullptr);
  gst_buffer_unref(out);
  stream.set_caps(refused);
  EXPECT_NE(stream.messages(GST_MESSAGE_ERROR), "");
}

TEST(GstreamerCaps, OneViewMayBeNamed) {
  for (const char* mode : {"mono", "left", "right"}) {
    Stream stream;
    stream.set_caps(caps_of(GST_VIDEO_FORMAT_I420, 64, 48, std::string(",multiview-mode=") + mode));
    GstBuffer* out = stream.process(info_of(GST_VIDEO_FORMAT_I420, 64, 48), {});
    ASSERT_NE(out, nullptr) << mode;
    gst_buffer_unref(out);
  }
}

std::string sink_caps(const Stream& stream) {
  GstPad* pad = gst_element_get_static_pad(stream.element(), "sink");
  GstCaps* caps = gst_pad_query_caps(pad, nullptr);
  gst_object_unref(pad);
  char* text = gst_caps_to_string(caps);
  std::string result = text;
  g_free(text);
  gst_caps_unref(caps);
  return result;
}

TEST(GstreamerCaps, ATransparentBackgroundLeavesFormatsWithAlpha) {
  Stream stream;
  EXPECT_NE(sink_caps(stream).find("YUY2"), std::string::npos);
  stream.set("background", 4);
  const std::string caps = sink_caps(stream);
  EXPECT_NE(caps.find("RGBA"), std::string::npos) << caps;
  EXPECT_NE(caps.find("BGRA"), std::string::npos) << caps;
  for (const char* format : {"I420", "NV12", "YUY2", "RGBx", "BGRx"}) {
    EXPECT_EQ(caps.find(format), std::string::npos) << caps;
  }
}

TEST(GstreamerCaps, ATransparentBackgroundRefusesOthers) {
  Stream stream;
  stream.set("background", 4);
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_I420, 64, 48);
  stream.set_caps(info);
  EXPECT_EQ(stream.push(make_buffer(info, {})), GST_FLOW_NOT_NEGOTIATED);
  EXPECT_EQ(stream.pull(), nullptr);
}

}  // namespace
}  // namespace backdrop::gstreamer::test

// Every format, odd sizes, strides: the same bytes as by the engine's own interface.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "backdrop/backdrop.h"
#include "frame.h"
#include "stream.h"

namespace backdrop::gstreamer::test {
namespace {

constexpr std::pair<int, int> kSizes[] = {{320, 180}, {321, 181}, {17, 9}, {2, 2},
                                          {1, 1},     {3, 121},   {322, 7}};

int engine_format(GstVideoFormat format) {
  constexpr int kOfEngine[] = {BACKDROP_I420, BACKDROP_NV12, BACKDROP_YUY2, BACKDROP_RGBA,
                               BACKDROP_BGRA, BACKDROP_RGBX, BACKDROP_BGRX};
  return kOfEngine[std::find(std::begin(kFormats), std::end(kFormats), format) - kFormats];
}

// A frame in the layout that the caps stand for.
backdrop_image image_of(const GstVideoInfo& info, std::uint8_t* bytes) {
  backdrop_image image{};
  image.format = engine_format(GST_VIDEO_INFO_FORMAT(&info));
  image.width = info.width;
  image.height = info.height;
  for (guint p = 0; p < GST_VIDEO_INFO_N_PLANES(&info); ++p) {
    image.planes[p] = bytes + GST_VIDEO_INFO_PLANE_OFFSET(&info, p);
    image.strides[p] = GST_VIDEO_INFO_PLANE_STRIDE(&info, p);
  }
  return image;
}

// The first frame of a new engine with the default settings.
GstBuffer* process_by_engine(const GstVideoInfo& info, const Scene& scene) {
  std::ifstream file(model_path(), std::ios::binary);
  const std::vector<char> model{std::istreambuf_iterator<char>(file), {}};
  const std::unique_ptr<backdrop_engine, decltype(&backdrop_destroy)> engine(backdrop_create(1),
                                                                             backdrop_destroy);
  EXPECT_EQ(backdrop_load_model(engine.get(), reinterpret_cast<const std::uint8_t*>(model.data()),
                                model.size(), nullptr),
            BACKDROP_OK);
  GstBuffer* buffer = make_buffer(info, scene);
  GstMapInfo map;
  EXPECT_TRUE(gst_buffer_map(buffer, &map, GST_MAP_READWRITE));
  const backdrop_image image = image_of(info, map.data);
  EXPECT_EQ(backdrop_process(engine.get(), &image, &image), BACKDROP_OK);
  gst_buffer_unmap(buffer, &map);
  return buffer;
}

std::string name_of(const GstVideoInfo& info) {
  return std::string(gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info))) + " " +
         std::to_string(info.width) + "x" + std::to_string(info.height);
}

template <typename Check>
void for_all_frames(const Check& check) {
  for (const GstVideoFormat format : kFormats) {
    for (const auto& [width, height] : kSizes) {
      const GstVideoInfo info = info_of(format, width, height);
      SCOPED_TRACE(name_of(info));
      check(info, Scene::in_the_middle(width, height));
    }
  }
}

TEST(GstreamerFormats, AllGiveWhatTheEngineGives) {
  for_all_frames([](const GstVideoInfo& info, const Scene& scene) {
    Stream stream;
    stream.set_caps(info);
    GstBuffer* out = stream.process(info, scene);
    ASSERT_NE(out, nullptr);
    GstBuffer* expected = process_by_engine(info, scene);
    EXPECT_TRUE(samples_of(info, out) == samples_of(info, expected));
    EXPECT_EQ(stream.count("blank"), 0U);
    EXPECT_EQ(GST_BUFFER_PTS(out), 0U);
    EXPECT_EQ(GST_BUFFER_DURATION(out), GST_SECOND / 30);
    gst_buffer_unref(expected);
    gst_buffer_unref(out);
  });
}

TEST(GstreamerFormats, InputsMayHaveAnyStrides) {
  for_all_frames([](const GstVideoInfo& info, const Scene& scene) {
    Stream stream;
    stream.set_caps(info);
    GstBuffer* out = stream.process(info, scene, /*padding=*/52);
    ASSERT_NE(out, nullptr);
    GstBuffer* expected = process_by_engine(info, scene);
    EXPECT_TRUE(samples_of(info, out) == samples_of(info, expected));
    EXPECT_EQ(stream.count("blank"), 0U);
    gst_buffer_unref(expected);
    gst_buffer_unref(out);
  });
}

// Calls the element as its base class does, with an output buffer of a pool of downstream's.
TEST(GstreamerFormats, OutputsMayHaveAnyStrides) {
  for_all_frames([](const GstVideoInfo& info, const Scene& scene) {
    Stream stream;
    stream.set_caps(info);
    gst_buffer_unref(stream.process(info, scene));  // negotiates
    Stream other;
    other.set_caps(info);
    gst_buffer_unref(other.process(info, scene));
    GstBuffer* expected = other.process(info, scene);

    GstBuffer* in = make_buffer(info, scene);
    GstBuffer* out = make_empty_buffer(info, 36);
    GstBaseTransform* transform = GST_BASE_TRANSFORM(stream.element());
    EXPECT_EQ(GST_BASE_TRANSFORM_GET_CLASS(transform)->transform(transform, in, out), GST_FLOW_OK);
    EXPECT_TRUE(samples_of(info, out) == samples_of(info, expected));
    EXPECT_TRUE(is_padding_untouched(info, out));
    for (GstBuffer* buffer : {in, out, expected}) gst_buffer_unref(buffer);
  });
}

TEST(GstreamerFormats, BlankFramesAreBlackToTheLastSample) {
  for_all_frames([](const GstVideoInfo& info, const Scene&) {
    GstVideoInfo full = info;
    full.colorimetry.range = GST_VIDEO_COLOR_RANGE_0_255;
    for (const GstVideoInfo& each : {info, full}) {
      for (const int padding : {0, 20}) {
        GstBuffer* buffer = make_empty_buffer(each, padding);
        {
          const MappedFrame frame(each, buffer, GST_MAP_WRITE);
          ASSERT_TRUE(frame.is_whole());
          frame.blank(/*clear=*/false);
        }
        EXPECT_TRUE(is_blank(each, buffer));
        if (padding != 0) {
          EXPECT_TRUE(is_padding_untouched(each, buffer));
        }
        gst_buffer_unref(buffer);
      }
    }
  });
}

// Where downstream does not know GstVideoMeta, rows lie as the caps say.
TEST(GstreamerFormats, BuffersUpstreamMayHaveGstVideoMeta) {
  Stream stream;
  stream.set_caps(info_of(GST_VIDEO_FORMAT_I420, 322, 182));
  GstCaps* caps = gst_caps_from_string(caps_of(GST_VIDEO_FORMAT_I420, 322, 182).c_str());
  GstQuery* query = gst_query_new_allocation(caps, TRUE);
  ASSERT_TRUE(gst_pad_peer_query(stream.harness()->srcpad, query));
  EXPECT_TRUE(gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr));
  gst_query_unref(query);
  gst_caps_unref(caps);
}

}  // namespace
}  // namespace backdrop::gstreamer::test

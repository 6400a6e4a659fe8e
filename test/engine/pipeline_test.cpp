// The whole engine through its C header, with networks so small that what they see is known: red is
// person, blue is background.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backdrop/backdrop.h"
#include "image/color.h"
#include "test_picture.h"
#include "hwy/targets.h"
#include "metadata_builder.h"
#include "net/kernels/kernel.h"
#include "person_network.h"
#include "support.h"
#include "tflite_builder.h"

namespace backdrop::test {
namespace {

constexpr int kNetworkWidth = 48;
constexpr int kNetworkHeight = 32;

// A pointwise convolution to `channels` values, the last of them 40 * (red - blue).
std::vector<std::uint8_t> redness(int channels, bool sigmoid, int input_channels = 3) {
  TfliteBuilder b;
  const int input = b.tensor({1, kNetworkHeight, kNetworkWidth, input_channels});
  const int output = b.tensor({1, kNetworkHeight, kNetworkWidth, channels});
  std::vector<float> filter(static_cast<std::size_t>(channels * input_channels));
  filter[filter.size() - static_cast<std::size_t>(input_channels)] = 40;
  filter.back() = -40;
  b.convolution(input, b.floats({channels, 1, 1, input_channels}, filter),
                b.floats({channels}, std::vector<float>(static_cast<std::size_t>(channels))),
                output);
  if (!sigmoid) return b.finish({input}, {output});
  const int probability = b.tensor({1, kNetworkHeight, kNetworkWidth, channels});
  b.operation(fb::BuiltinOperator::LOGISTIC, {output}, probability);
  return b.finish({input}, {probability});
}

using Engine = std::unique_ptr<backdrop_engine, decltype(&backdrop_destroy)>;

Engine make_engine(int threads = 1) { return {backdrop_create(threads), &backdrop_destroy}; }

backdrop_status load(const Engine& engine, const std::vector<std::uint8_t>& model,
                     const backdrop_model_options* options = nullptr) {
  return backdrop_load_model(engine.get(), model.data(), model.size(), options);
}

Engine make_loaded_engine(int threads = 1) {
  Engine engine = make_engine(threads);
  EXPECT_EQ(load(engine, redness(1, true)), BACKDROP_OK) << backdrop_last_error(engine.get());
  return engine;
}

backdrop_image image_of(const TestPicture& picture) {
  const Frame& frame = picture.frame();
  backdrop_image image{};
  image.format = static_cast<std::int32_t>(frame.format);
  image.width = frame.width;
  image.height = frame.height;
  image.color_space = static_cast<std::int32_t>(frame.color_space);
  image.rotation = frame.orientation.rotation;
  image.flip = frame.orientation.flip ? 1 : 0;
  for (std::size_t p = 0; p < 3; ++p) {
    image.strides[p] = static_cast<std::int32_t>(frame.strides[p]);
    image.planes[p] = frame.planes[p];
  }
  return image;
}

backdrop_status process(const Engine& engine, const TestPicture& in, const TestPicture& out) {
  const backdrop_image input = image_of(in);
  const backdrop_image output = image_of(out);
  return backdrop_process(engine.get(), &input, &output);
}

bool is_person(int x, int y, int width, int height) {
  return std::abs(2 * x - width) < width / 2 && 2 * y > height / 2;
}

TestPicture converted(const TestPicture& rgba, PixelFormat format, int padding = 0,
                      ColorSpace space = ColorSpace::kBt601Limited) {
  const bool is_packed = traits_of(format).is_packed;
  TestPicture picture(is_packed ? PixelFormat::kI420 : format, rgba.frame().width,
                      rgba.frame().height, padding);
  convert_rgba(rgba.view(), picture.in_space(space).frame());
  return is_packed ? packed(picture, padding) : picture;
}

// A red person before a blue room.
TestPicture scene(PixelFormat format, int width, int height, int padding = 0,
                  ColorSpace space = ColorSpace::kBt601Limited) {
  TestPicture rgba(PixelFormat::kRgba, width, height, padding);
  rgba.fill([&](int, int x, int y, int c) {
    return c == 3 ? 255 : c == (is_person(x, y, width, height) ? 0 : 2) ? 220 : 20;
  });
  return converted(rgba, format, padding, space);
}

using Colour = std::array<int, 3>;

Colour colour_at(const TestPicture& picture, int x, int y) {
  const Frame& frame = picture.frame();
  if (!is_yuv(frame.format)) {
    const std::uint8_t* pixel = frame.row(0, y) + 4 * x;
    const int red = traits_of(frame.format).blue_first ? 2 : 0;
    return {pixel[red], pixel[1], pixel[2 - red]};
  }
  if (frame.format == PixelFormat::kYuy2) {
    const std::uint8_t* group = frame.row(0, y) + x / 2 * 4;
    return {group[x % 2 * 2], group[1], group[3]};
  }
  if (frame.format == PixelFormat::kNv12) {
    const std::uint8_t* pair = frame.row(1, y / 2) + x / 2 * 2;
    return {frame.row(0, y)[x], pair[0], pair[1]};
  }
  return {frame.row(0, y)[x], frame.row(1, y / 2)[x / 2], frame.row(2, y / 2)[x / 2]};
}

Colour in_format(const Frame& frame, Colour rgb) {
  if (!is_yuv(frame.format)) return rgb;
  const auto yuv = RgbToYuv(frame.color_space)(
      static_cast<float>(rgb[0]), static_cast<float>(rgb[1]), static_cast<float>(rgb[2]));
  return {yuv[0], yuv[1], yuv[2]};
}

void expect_colour(const TestPicture& picture, int x, int y, Colour rgb, int tolerance) {
  const Colour got = colour_at(picture, x, y);
  const Colour expected = in_format(picture.frame(), rgb);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(got[c], expected[c], tolerance) << x << "," << y << " channel " << c;
  }
}

constexpr Colour kRed{220, 20, 20};
constexpr Colour kBlue{20, 20, 220};
constexpr Colour kGreen{0x10, 0xc0, 0x30};

TEST(Engine, FailsClosedUntilThereIsAModel) {
  const Engine engine = make_engine();
  const TestPicture in = scene(PixelFormat::kRgba, 40, 30);
  TestPicture out = TestPicture(PixelFormat::kRgba, 40, 30).fill_noise(1);
  const TestPicture before = out;
  EXPECT_EQ(process(engine, in, out), BACKDROP_ERROR_STATE);
  EXPECT_EQ(out.difference(before), 0);
  EXPECT_STREQ(backdrop_last_error(engine.get()), "no model is loaded");

  backdrop_model_info info;
  EXPECT_EQ(backdrop_get_model_info(engine.get(), &info), BACKDROP_ERROR_STATE);
  float* input = nullptr;
  const float* output = nullptr;
  EXPECT_EQ(backdrop_get_tensors(engine.get(), &input, &output), BACKDROP_ERROR_STATE);
  EXPECT_EQ(backdrop_infer(engine.get()), BACKDROP_ERROR_STATE);
}

TEST(Engine, NoBackgroundPassesTheFrameAndNeedsNoModel) {
  for (const PixelFormat format : kFormats) {
    const Engine engine = make_engine();
    ASSERT_EQ(backdrop_set_background_none(engine.get()), BACKDROP_OK);
    const TestPicture in = TestPicture(format, 33, 21, 7).fill_noise(2);
    const TestPicture out(format, 33, 21, 3);
    ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
    EXPECT_EQ(out.difference(in), 0);
    EXPECT_TRUE(out.padding_is_untouched());
    std::vector<std::uint8_t> alpha(33 * 21);
    EXPECT_EQ(backdrop_get_matte(engine.get(), 33, 21, alpha.data(), 33), BACKDROP_ERROR_STATE);
  }
}

TEST(Engine, ColourBehindThePerson) {
  for (const PixelFormat format : kFormats) {
    const Engine engine = make_loaded_engine();
    ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
    for (const auto& [width, height] :
         std::vector<std::pair<int, int>>{{64, 64}, {131, 77}, {320, 180}, {64, 64}}) {
      const TestPicture in = scene(format, width, height, 9);
      const TestPicture out(format, width, height, 5);
      ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
      EXPECT_TRUE(out.padding_is_untouched());
      expect_colour(out, width / 2, 3 * height / 4, kRed, 0);
      expect_colour(out, 2, 2, kGreen, 0);
      expect_colour(out, width - 1, height - 1, kGreen, 0);

      const TestPicture same = in;
      ASSERT_EQ(process(engine, same, same), BACKDROP_OK);
      EXPECT_EQ(same.difference(out), 0);
    }
  }
}

TEST(Engine, ColourSpacesAreKept) {
  for (const PixelFormat format : kFormats) {
    for (const ColorSpace space : kColorSpaces) {
      const Engine engine = make_loaded_engine();
      ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
      const TestPicture in = scene(format, 64, 48, 0, space);
      TestPicture out(format, 64, 48);
      ASSERT_EQ(process(engine, in, out.in_space(space)), BACKDROP_OK);
      expect_colour(out, 32, 40, kRed, 0);
      expect_colour(out, 2, 2, kGreen, 0);
    }
  }
}

// What may stand behind the person; the picture reads differently whichever way it is turned.
constexpr int kBackgrounds = 4;
void choose_background(const Engine& engine, int which) {
  TestPicture picture(PixelFormat::kRgba, 90, 70);
  picture.fill([](int, int x, int y, int c) { return c == 0 ? 20 : c == 1 ? 2 * x : 250 - 3 * y; });
  const backdrop_image image = image_of(picture);
  const backdrop_status status = which == 0 ? backdrop_set_background_none(engine.get())
                                 : which == 1
                                     ? backdrop_set_background_color(engine.get(), 0x10c030)
                                 : which == 2 ? backdrop_set_background_image(engine.get(), &image)
                                              : backdrop_set_background_blur(engine.get(), 5);
  EXPECT_EQ(status, BACKDROP_OK);
}

TEST(Engine, SisterFormatsAgree) {
  for (const auto& [format, sister] : kSisters) {
    const Engine engine = make_loaded_engine();
    for (int background = 0; background < kBackgrounds; ++background) {
      choose_background(engine, background);
      for (const auto& [width, height] :
           std::vector<std::pair<int, int>>{{1, 1}, {2, 3}, {321, 183}, {64, 48}}) {
        const TestPicture in = TestPicture(format, width, height).fill_noise(5);
        const TestPicture out(format, width, height), same(sister, width, height);
        ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
        ASSERT_EQ(process(engine, relaid(in, sister), same), BACKDROP_OK);
        EXPECT_EQ(relaid(same, format).difference(out), 0)
            << width << "x" << height << ", background " << background;
      }
    }
  }
}

// Padding, chroma's means and the background's are as in I420 of the same samples.
TEST(Engine, PackedFramesAgreeWithPlanarOnes) {
  const Engine engine = make_loaded_engine();
  for (int background = 0; background < kBackgrounds; ++background) {
    choose_background(engine, background);
    for (const auto& [width, height] :
         std::vector<std::pair<int, int>>{{1, 1}, {2, 3}, {321, 183}, {64, 48}}) {
      for (const Orientation& orientation : {Orientation{}, Orientation{90, true}}) {
        TestPicture in = TestPicture(PixelFormat::kI420, width, height).fill_noise(5);
        TestPicture planar(PixelFormat::kI420, width, height);
        TestPicture out(PixelFormat::kYuy2, width, height, 7);
        in.turned_by(orientation);
        ASSERT_EQ(process(engine, in, planar.turned_by(orientation)), BACKDROP_OK);
        const TestPicture both = packed(in);
        ASSERT_EQ(process(engine, both, out.turned_by(orientation)), BACKDROP_OK);
        EXPECT_EQ(out.difference(packed(planar)), 0)
            << width << "x" << height << ", background " << background;
        EXPECT_TRUE(out.padding_is_untouched());
        ASSERT_EQ(process(engine, both, both), BACKDROP_OK);
        EXPECT_EQ(both.difference(out), 0) << "in place";
      }
    }
  }
}

TEST(Engine, PackedFramesKeepThePersonsChromaOfEveryRow) {
  const Engine engine = make_loaded_engine();
  ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
  TestPicture in = scene(PixelFormat::kYuy2, 96, 66);
  const auto change = [](int y) { return y % 2 == 0 ? 9 : -9; };
  for (int y = 0; y < 66; ++y) {
    for (int x = 0; x < 96; ++x) {
      std::uint8_t& chroma = in.frame().row(0, y)[2 * x + 1];
      chroma = static_cast<std::uint8_t>(chroma + change(y));
    }
  }
  const TestPicture out(PixelFormat::kYuy2, 96, 66);
  ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
  std::vector<std::uint8_t> alpha(96 * 66);
  ASSERT_EQ(backdrop_get_matte(engine.get(), 96, 66, alpha.data(), 96), BACKDROP_OK);
  int person = 0, room = 0;
  for (int y = 2; y < 64; ++y) {
    for (int x = 2; x < 92; x += 2) {
      int least = 255, most = 0;
      for (const int at : {x, x + 1}) {
        for (const int row : {y / 2 * 2, y / 2 * 2 + 1}) {
          const int value = alpha[static_cast<std::size_t>(96 * row + at)];
          least = std::min(least, value);
          most = std::max(most, value);
        }
      }
      if (least == 255) {
        EXPECT_EQ(colour_at(out, x, y), colour_at(in, x, y));
        ++person;
      } else if (most == 0) {
        expect_colour(out, x, y, kGreen, 0);
        ++room;
      }
    }
  }
  EXPECT_GT(person, 200);
  EXPECT_GT(room, 200);
}

// What is padding may say anything, and stays.
TEST(Engine, PaddingBesideColoursIsNoAlpha) {
  for (const auto& [format, sister] : {std::pair{PixelFormat::kRgbx, PixelFormat::kRgba},
                                       std::pair{PixelFormat::kBgrx, PixelFormat::kBgra}}) {
    for (int background = 1; background < kBackgrounds; ++background) {
      const Engine engine = make_loaded_engine();
      choose_background(engine, background);
      const TestPicture opaque = scene(sister, 131, 77);
      TestPicture in(format, 131, 77);
      const auto padding = [](int x, int y) { return (7 * x + 13 * y) % 256; };
      in.fill([&](int, int x, int y, int c) -> int {
        return c == 3 ? padding(x, y) : opaque.frame().row(0, y)[4 * x + c];
      });
      const TestPicture expected(sister, 131, 77), out(format, 131, 77);
      ASSERT_EQ(process(engine, opaque, expected), BACKDROP_OK);
      ASSERT_EQ(backdrop_reset(engine.get()), BACKDROP_OK);
      ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
      ASSERT_EQ(backdrop_reset(engine.get()), BACKDROP_OK);
      const TestPicture same = in;
      ASSERT_EQ(process(engine, same, same), BACKDROP_OK);
      EXPECT_EQ(same.difference(out), 0) << "in place";
      TestPicture padded(format, 131, 77);
      padded.fill([&](int, int x, int y, int c) -> int {
        return c == 3 ? padding(x, y) : expected.frame().row(0, y)[4 * x + c];
      });
      EXPECT_EQ(out.difference(padded), 0) << "background " << background;
    }
  }
}

// The picture as it has to be stored for a viewer to see `seen`; YUV has even sides.
TestPicture stored_for(const TestPicture& seen, const Orientation& orientation) {
  const Frame& frame = seen.frame();
  const bool swap = orientation.swaps_sides();
  TestPicture stored(frame.format, swap ? frame.height : frame.width,
                     swap ? frame.width : frame.height);
  stored.turned_by(orientation).fill([&](int plane, int x, int y, int c) {
    // Where the viewer sees the stored x,y.
    const int width = seen.plane_width(plane);
    const int height = seen.plane_height(plane);
    int column = x, row = y;
    if (orientation.rotation == 90) column = width - 1 - y, row = x;
    if (orientation.rotation == 180) column = width - 1 - x, row = height - 1 - y;
    if (orientation.rotation == 270) column = y, row = height - 1 - x;
    if (orientation.flip) column = width - 1 - column;
    return frame.row(plane, row)[column * seen.samples_per_pixel(plane) + c];
  });
  return stored;
}

// A person to the right of the middle, in a room that is brighter at the top left.
TestPicture lopsided_scene(PixelFormat format, int width, int height) {
  TestPicture rgba(PixelFormat::kRgba, width, height);
  rgba.fill([&](int, int x, int y, int c) {
    const bool person = 4 * x > 2 * width && 4 * x < 3 * width && 3 * y > height;
    if (c == 0) return person ? 220 : 20;
    return c == 1 ? 120 - 100 * x / width : c == 2 ? (person ? 20 : 240 - 100 * y / height) : 255;
  });
  return converted(rgba, format);
}

struct Turned {
  TestPicture out, matte;  // the matte as the red of an RGBA picture
};

Turned process_turned(const Engine& engine, const TestPicture& in) {
  const Frame& frame = in.frame();
  TestPicture out(frame.format, frame.width, frame.height);
  out.turned_by(frame.orientation);
  EXPECT_EQ(process(engine, in, out), BACKDROP_OK);
  TestPicture matte(PixelFormat::kRgba, frame.width, frame.height);
  std::vector<std::uint8_t> alpha(static_cast<std::size_t>(frame.width * frame.height));
  EXPECT_EQ(backdrop_get_matte(engine.get(), frame.width, frame.height, alpha.data(), frame.width),
            BACKDROP_OK);
  matte.fill(
      [&](int, int x, int y, int) { return alpha[static_cast<std::size_t>(y * frame.width + x)]; });
  return {out, matte};
}

TEST(Engine, TurnedFramesGiveTheUprightResultTurned) {
  for (const PixelFormat format : kKernelFormats) {
    const Engine engine = make_loaded_engine();
    for (int background = 1; background < kBackgrounds; ++background) {
      choose_background(engine, background);
      for (const auto& [width, height] : std::vector<std::pair<int, int>>{{160, 96}, {97, 131}}) {
        if (is_yuv(format) && width % 2 != 0) continue;
        const TestPicture upright = lopsided_scene(format, width, height);
        const Turned expected = process_turned(engine, upright);
        for (const int rotation : {0, 90, 180, 270}) {
          for (const bool flip : {false, true}) {
            const Orientation orientation{rotation, flip};
            const Turned got = process_turned(engine, stored_for(upright, orientation));
            const bool blurred = background == 3;
            EXPECT_LE(got.matte.difference(stored_for(expected.matte, orientation)), 1);
            EXPECT_LE(got.out.difference(stored_for(expected.out, orientation)), blurred ? 4 : 1)
                << "format " << static_cast<int>(format) << ", background " << background << ", "
                << rotation << (flip ? " flipped, " : ", ") << width << "x" << height;
          }
        }
      }
    }
  }
}

// The matte is the mask's alone.
void switch_refinement_off(const Engine& engine) {
  ASSERT_EQ(backdrop_set_refinement(engine.get(), BACKDROP_REFINEMENT_NONE,
                                    BACKDROP_SIGMA_SPACE_DEFAULT, BACKDROP_SIGMA_COLOR_DEFAULT),
            BACKDROP_OK);
}

TEST(Engine, ANewEngineBlursAndThePersonDoesNotBleed) {
  for (const PixelFormat format : kFormats) {
    const Engine engine = make_loaded_engine();
    // The person's edges are between pixels of the mask of a frame that is seen whole.
    ASSERT_EQ(backdrop_set_person_crop(engine.get(), 0), BACKDROP_OK);
    switch_refinement_off(engine);
    const TestPicture in = scene(format, 320, 180);
    const TestPicture out(format, 320, 180);
    ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
    std::vector<std::uint8_t> alpha(320 * 180);
    ASSERT_EQ(backdrop_get_matte(engine.get(), 320, 180, alpha.data(), 320), BACKDROP_OK);
    expect_colour(out, 160, 135, kRed, 0);
    int checked = 0;
    for (int y = 0; y < 180; y += 2) {
      for (int x = 0; x < 320; x += 2) {
        // Background by the matte's word and by the scene's.
        if (alpha[static_cast<std::size_t>(y * 320 + x)] > 0) continue;
        if (is_person(x, y, 320, 180) || is_person(x + 1, y + 1, 320, 180)) continue;
        expect_colour(out, x, y, kBlue, 12);
        ++checked;
      }
    }
    EXPECT_GT(checked, 5000);
  }
}

TEST(Engine, TransparentBackgroundIsForRgbOnly) {
  const Engine engine = make_loaded_engine();
  ASSERT_EQ(backdrop_set_background_transparent(engine.get()), BACKDROP_OK);
  for (const PixelFormat format : {PixelFormat::kRgba, PixelFormat::kBgra}) {
    const TestPicture in = scene(format, 61, 47);
    const TestPicture out(format, 61, 47);
    ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
    std::vector<std::uint8_t> alpha(64 * 47);
    ASSERT_EQ(backdrop_get_matte(engine.get(), 61, 47, alpha.data(), 64), BACKDROP_OK);
    for (int y = 0; y < 47; ++y) {
      for (int x = 0; x < 61; ++x) {
        const int here = alpha[static_cast<std::size_t>(y * 64 + x)];
        ASSERT_EQ(out.frame().row(0, y)[4 * x + 3], here);
        ASSERT_TRUE(here > 0 || colour_at(out, x, y) == Colour{});
        ASSERT_TRUE(here < 255 || colour_at(out, x, y) == colour_at(in, x, y));
      }
    }
    EXPECT_EQ(alpha[0], 0);
    EXPECT_EQ(alpha[35 * 64 + 30], 255);
  }
  for (const PixelFormat format : kFormats) {
    if (traits_of(format).has_alpha) continue;
    const TestPicture opaque = scene(format, 61, 47);
    TestPicture out = TestPicture(format, 61, 47).fill_noise(3);
    const TestPicture before = out;
    EXPECT_EQ(process(engine, opaque, out), BACKDROP_ERROR_ARGUMENT);
    EXPECT_EQ(out.difference(before), 0);
  }
}

TEST(Engine, RefusesAnOutputThatOverlapsTheInput) {
  const Engine engine = make_loaded_engine();
  std::vector<std::uint8_t> memory(4 * 4 * 64 * 64, 90);
  const auto at = [&](std::size_t offset, std::int32_t stride) {
    backdrop_image image{};
    image.format = BACKDROP_RGBA;
    image.width = 32;
    image.height = 16;
    image.planes[0] = memory.data() + offset;
    image.strides[0] = stride;
    return image;
  };
  const std::size_t rows = 16 * 256;
  const auto status = [&](const backdrop_image& in, const backdrop_image& out) {
    return backdrop_process(engine.get(), &in, &out);
  };
  const backdrop_image in = at(rows, 256);
  for (const std::size_t offset : {rows + 4, rows - 4, rows + 124, rows - 124, rows + 256,
                                   rows - 256, rows + 256 * 15, rows + 256 * 15 + 124}) {
    const std::vector<std::uint8_t> before = memory;
    EXPECT_EQ(status(in, at(offset, 256)), BACKDROP_ERROR_ARGUMENT) << offset;
    EXPECT_EQ(memory, before);
  }
  EXPECT_EQ(status(in, at(rows, 128)), BACKDROP_ERROR_ARGUMENT) << "another stride";
  for (const std::size_t offset : {rows, rows + 128, rows - 128, 2 * rows, std::size_t{0}}) {
    EXPECT_EQ(status(in, at(offset, 256)), BACKDROP_OK) << offset;
  }

  std::vector<std::uint8_t> luma(32 * 16), chroma(32 * 8);
  const auto nv12 = [&](std::uint8_t* y, std::uint8_t* uv) {
    backdrop_image image{};
    image.format = BACKDROP_NV12;
    image.width = 32;
    image.height = 16;
    image.planes[0] = y;
    image.planes[1] = uv;
    image.strides[0] = image.strides[1] = 32;
    return image;
  };
  std::vector<std::uint8_t> other(32 * 16);
  EXPECT_EQ(status(nv12(luma.data(), chroma.data()), nv12(luma.data(), chroma.data())),
            BACKDROP_OK);
  EXPECT_EQ(status(nv12(luma.data(), chroma.data()), nv12(other.data(), luma.data())),
            BACKDROP_ERROR_ARGUMENT);
}

TEST(Engine, PictureIsCopiedAndCoversEveryFrame) {
  for (const PixelFormat format : kFormats) {
    const Engine engine = make_loaded_engine();
    {
      // Its sides, of another colour, lie outside of a square frame.
      TestPicture wide(PixelFormat::kRgba, 300, 100);
      wide.fill([](int, int x, int, int c) {
        return x < 90 || x >= 210 || c == 3 ? 255 : kGreen[static_cast<std::size_t>(c)];
      });
      const backdrop_image image = image_of(wide);
      ASSERT_EQ(backdrop_set_background_image(engine.get(), &image), BACKDROP_OK);
      wide.fill_noise(1);
    }
    for (const int size : {100, 37, 100}) {
      const TestPicture out(format, size, size);
      ASSERT_EQ(process(engine, scene(format, size, size), out), BACKDROP_OK);
      expect_colour(out, 0, 0, kGreen, 1);
      expect_colour(out, size - 1, size - 1, kGreen, 1);
      expect_colour(out, size / 2, size - 1, kRed, 0);
    }
  }
}

TEST(Engine, ABackgroundsTransparentPartsAreBlack) {
  for (const auto& [alpha, expected] : {std::pair{0, 0}, {128, 100}, {255, 200}}) {
    const Engine engine = make_loaded_engine();
    TestPicture behind(PixelFormat::kRgba, 40, 40);
    behind.fill([&](int, int, int, int c) { return c == 3 ? alpha : 200; });
    const backdrop_image image = image_of(behind);
    ASSERT_EQ(backdrop_set_background_image(engine.get(), &image), BACKDROP_OK);
    const TestPicture out(PixelFormat::kRgba, 40, 40);
    ASSERT_EQ(process(engine, scene(PixelFormat::kRgba, 40, 40), out), BACKDROP_OK);
    EXPECT_NEAR(out.frame().row(0, 0)[0], expected, 1);
    EXPECT_EQ(out.frame().row(0, 0)[3], 255);
  }
}

// A wide image that is red, green and blue from left to right, in a square as it is seen.
TEST(Engine, PlacesTheImageInTheFrameAsSeen) {
  TestPicture image(PixelFormat::kRgba, 300, 100);
  image.fill([](int, int x, int, int c) { return c == 3 || x / 100 == c ? 255 : 0; });
  const backdrop_image view = image_of(image);
  struct Case {
    backdrop_fit fit;
    float x, y;
    int mirror;
    Colour top_left, bottom_left;
  };
  const Colour red{255, 0, 0}, blue{0, 0, 255}, grey{0x40, 0x40, 0x40};
  const TestPicture upright = scene(PixelFormat::kRgba, 90, 90);
  for (const Case& each : std::vector<Case>{{BACKDROP_FIT_COVER, 0, 0, 0, red, red},
                                            {BACKDROP_FIT_COVER, 1, 0, 0, blue, blue},
                                            {BACKDROP_FIT_COVER, 0, 0, 1, red, red},
                                            {BACKDROP_FIT_CONTAIN, 0, 0, 0, red, grey},
                                            {BACKDROP_FIT_CONTAIN, 0, 1, 0, grey, red},
                                            {BACKDROP_FIT_CONTAIN, 0, 1, 1, grey, blue}}) {
    const Engine engine = make_loaded_engine();
    ASSERT_EQ(backdrop_set_placement(engine.get(), each.fit, each.x, each.y, each.mirror, 0x404040),
              BACKDROP_OK);
    ASSERT_EQ(backdrop_set_background_image(engine.get(), &view), BACKDROP_OK);
    const TestPicture seen = process_turned(engine, upright).out;
    expect_colour(seen, 0, 2, each.top_left, 1);
    expect_colour(seen, 0, 87, each.bottom_left, 1);
    for (const int rotation : {0, 90, 180, 270}) {
      for (const bool flip : {false, true}) {
        const Orientation orientation{rotation, flip};
        const Turned got = process_turned(engine, stored_for(upright, orientation));
        EXPECT_LE(got.out.difference(stored_for(seen, orientation)), 1);
      }
    }
  }
}

TEST(Engine, APlacementIsOfTheNextImage) {
  const Engine engine = make_loaded_engine();
  TestPicture image(PixelFormat::kRgba, 300, 100);
  image.fill([](int, int x, int, int c) { return c == 3 || x / 100 == c ? 255 : 0; });
  const backdrop_image view = image_of(image);
  ASSERT_EQ(backdrop_set_background_image(engine.get(), &view), BACKDROP_OK);
  ASSERT_EQ(backdrop_set_placement(engine.get(), BACKDROP_FIT_COVER, 0, 0, 0, 0), BACKDROP_OK);
  const TestPicture in = scene(PixelFormat::kRgba, 90, 90), out(PixelFormat::kRgba, 90, 90);
  ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
  expect_colour(out, 0, 0, {0, 255, 0}, 1);
  ASSERT_EQ(backdrop_set_background_image(engine.get(), &view), BACKDROP_OK);
  ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
  expect_colour(out, 0, 0, {255, 0, 0}, 1);
}

TEST(Engine, OnePixelAndOtherExtremeSizes) {
  for (const PixelFormat format : kFormats) {
    const Engine engine = make_loaded_engine();
    for (const auto& [width, height] : std::vector<std::pair<int, int>>{
             {1, 1}, {2, 1}, {1, 7}, {20000, 1}, {1, 20000}, {3, 999}}) {
      TestPicture in(format, width, height);
      in.fill([](int plane, int, int, int c) {
        return c == 3 ? 255 : plane == 2 ? 110 : c == 2 ? 220 : 60;
      });
      for (const float strength : {0.1f, 2.0f, 20.0f}) {
        ASSERT_EQ(backdrop_set_background_blur(engine.get(), strength), BACKDROP_OK);
        const TestPicture out(format, width, height, 3);
        ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
        EXPECT_LE(std::abs(out.frame().row(0, 0)[0] - in.frame().row(0, 0)[0]), 1);
        EXPECT_TRUE(out.padding_is_untouched());
      }
    }
  }
}

TEST(Engine, ThreadsDoNotChangeTheResult) {
  for (const PixelFormat format : kFormats) {
    const TestPicture in = TestPicture(format, 203, 117).fill_noise(4);
    const TestPicture one(format, 203, 117), three(format, 203, 117);
    ASSERT_EQ(process(make_loaded_engine(1), in, one), BACKDROP_OK);
    ASSERT_EQ(process(make_loaded_engine(3), in, three), BACKDROP_OK);
    EXPECT_EQ(one.difference(three), 0);
  }
}

// A cut-out has clear pixels, whose colours nobody may see again, not even blurred.
TEST(Engine, KeepsClearWhatIsClearInTheFrame) {
  for (const PixelFormat format : {PixelFormat::kRgba, PixelFormat::kBgra}) {
    const Engine engine = make_loaded_engine();
    const TestPicture opaque = scene(format, 64, 48);
    TestPicture in(format, 64, 48);
    // The right half is clear, and all of its colours say "a person".
    in.fill([&](int, int x, int y, int c) {
      if (x >= 32) return c == 3 ? 0 : c == (format == PixelFormat::kRgba ? 0 : 2) ? 220 : 20;
      return c == 3 ? 255 : int{opaque.frame().row(0, y)[4 * x + c]};
    });
    const TestPicture out(format, 64, 48);
    const auto is_red = [&](int x) { return colour_at(out, x, 40)[0] > 60; };
    ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
    ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
    expect_colour(out, 50, 40, kGreen, 0);
    ASSERT_EQ(backdrop_set_background_blur(engine.get(), 5), BACKDROP_OK);
    ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
    for (int x = 40; x < 64; ++x) EXPECT_FALSE(is_red(x)) << x;
    ASSERT_EQ(backdrop_set_background_transparent(engine.get()), BACKDROP_OK);
    ASSERT_EQ(process(engine, in, in), BACKDROP_OK);
    for (int x = 32; x < 64; ++x) EXPECT_EQ(in.frame().row(0, 40)[4 * x + 3], 0) << x;
    // The matte of a frame with clear pixels is not used for an opaque one.
    ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
    ASSERT_EQ(process(engine, opaque, out), BACKDROP_OK);
    expect_colour(out, 32, 36, kRed, 0);
  }
}

// The network sees no alpha: a frame of the same colours has the same mask, and another matte.
TEST(Engine, ForgetsTheHoleOfTheFrameBefore) {
  for (const bool is_cut_out : {false, true}) {
    const Engine engine = make_loaded_engine();
    ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 1), BACKDROP_OK);
    ASSERT_EQ(is_cut_out ? backdrop_set_background_transparent(engine.get())
                         : backdrop_set_background_color(engine.get(), 0x10c030),
              BACKDROP_OK);
    const TestPicture opaque = scene(PixelFormat::kRgba, 64, 48);
    TestPicture in = opaque;
    for (int y = 0; y < 48; ++y) in.frame().row(0, y)[4 * 32 + 3] = 0;
    const TestPicture out(PixelFormat::kRgba, 64, 48);
    ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
    expect_colour(out, 32, 36, is_cut_out ? Colour{} : kGreen, 0);
    ASSERT_EQ(process(engine, opaque, out), BACKDROP_OK);
    expect_colour(out, 32, 36, kRed, 0);
    backdrop_statistics statistics;
    ASSERT_EQ(backdrop_get_statistics(engine.get(), &statistics), BACKDROP_OK);
    EXPECT_EQ(statistics.inferences, 1);
  }
}

// --- the learned room ---

Engine make_engine_that_learns() {
  Engine engine = make_engine();
  const std::vector<std::uint8_t> model = person_network(40, 30);
  EXPECT_EQ(backdrop_load_model(engine.get(), model.data(), model.size(), nullptr), BACKDROP_OK);
  EXPECT_EQ(backdrop_set_steadying(engine.get(), 0), BACKDROP_OK);
  EXPECT_EQ(backdrop_set_learned_room(engine.get(), 1), BACKDROP_OK);
  return engine;
}

// A red bar before a blue room with patterns.
TestPicture frame_with_bar(int width, int left) {
  TestPicture frame(PixelFormat::kRgba, width, 240);
  frame.fill([&](int, int x, int y, int c) {
    if (c == 3) return 255;
    if (y > 60 && x >= left && x < left + 83) return c == 0 ? 220 : 20;
    return c == 2 ? 180 + (x / 4 + y / 4) % 2 * 50 : 30 + x / 4 % 3 * 10;
  });
  return frame;
}

std::vector<std::uint8_t> matte_of(const Engine& engine, const TestPicture& frame) {
  const int width = frame.frame().width, height = frame.frame().height;
  const TestPicture out(PixelFormat::kRgba, width, height);
  EXPECT_EQ(process(engine, frame, out), BACKDROP_OK);
  std::vector<std::uint8_t> alpha(static_cast<std::size_t>(width * height));
  EXPECT_EQ(backdrop_get_matte(engine.get(), width, height, alpha.data(), width), BACKDROP_OK);
  return alpha;
}

TEST(Engine, ForgetsTheRoomWithTheFramesBefore) {
  const std::vector<std::uint8_t> model = person_network(40, 30);
  const TestPicture last = frame_with_bar(320, 101), narrow = frame_with_bar(318, 101);
  const TestPicture passed(PixelFormat::kRgba, 320, 240);
  const std::function<void(const Engine&)> breaks[] = {
      [](const Engine& e) { EXPECT_EQ(backdrop_reset(e.get()), BACKDROP_OK); },
      [&](const Engine& e) {
        EXPECT_EQ(backdrop_load_model(e.get(), model.data(), model.size(), nullptr), BACKDROP_OK);
      },
      [&](const Engine& e) { matte_of(e, narrow); },
      [&](const Engine& e) {
        EXPECT_EQ(backdrop_set_background_none(e.get()), BACKDROP_OK);
        EXPECT_EQ(process(e, last, passed), BACKDROP_OK);
        EXPECT_EQ(backdrop_set_background_blur(e.get(), 2), BACKDROP_OK);
      },
      [&](const Engine& e) {
        EXPECT_EQ(backdrop_set_learned_room(e.get(), 0), BACKDROP_OK);
        matte_of(e, last);
        EXPECT_EQ(backdrop_set_learned_room(e.get(), 1), BACKDROP_OK);
      },
      [](const Engine&) {}};
  const std::vector<std::uint8_t> first = matte_of(make_engine_that_learns(), last);
  for (std::size_t i = 0; i < std::size(breaks); ++i) {
    const Engine engine = make_engine_that_learns();
    for (int frame = 0; frame < 40; ++frame) {
      matte_of(engine, frame_with_bar(320, 101 + (frame % 20 - 10) * 4));
    }
    breaks[i](engine);
    const bool forgets = i + 1 < std::size(breaks);
    EXPECT_EQ(matte_of(engine, last) == first, forgets) << "break " << i;
  }
}

TEST(Engine, CoverageDecidesWhatIsPerson) {
  const Engine engine = make_loaded_engine();
  TestPicture grey(PixelFormat::kRgba, 20, 20);  // of red as of blue: a probability of one half
  grey.fill([](int, int, int, int c) { return c == 3 ? 255 : 100; });
  const TestPicture out(PixelFormat::kRgba, 20, 20);
  std::uint8_t alpha[400];
  const auto alpha_with = [&](float low, float high) {
    EXPECT_EQ(backdrop_set_coverage(engine.get(), low, high), BACKDROP_OK);
    EXPECT_EQ(process(engine, grey, out), BACKDROP_OK);
    EXPECT_EQ(backdrop_get_matte(engine.get(), 20, 20, alpha, 20), BACKDROP_OK);
    return alpha[210];
  };
  EXPECT_EQ(alpha_with(0, 0.4f), 255);
  EXPECT_EQ(alpha_with(0.6f, 1), 0);
  EXPECT_NEAR(alpha_with(0, 1), 128, 1);
  EXPECT_EQ(alpha_with(0.3f, 0.300001f), 255);
  EXPECT_EQ(alpha_with(0.7f, 0.700001f), 0);
}

TEST(Engine, TellsTheOutputKind) {
  const auto kind = [](const std::vector<std::uint8_t>& model) {
    const Engine engine = make_engine();
    EXPECT_EQ(load(engine, model), BACKDROP_OK) << backdrop_last_error(engine.get());
    backdrop_model_info info{};
    EXPECT_EQ(backdrop_get_model_info(engine.get(), &info), BACKDROP_OK);
    EXPECT_EQ(info.input_width, kNetworkWidth);
    EXPECT_EQ(info.input_height, kNetworkHeight);
    EXPECT_EQ(info.input_channels, 3);
    EXPECT_EQ(info.input_max, 1);
    return info.output;
  };
  EXPECT_EQ(kind(redness(1, true)), BACKDROP_OUTPUT_PROBABILITY);
  EXPECT_EQ(kind(redness(1, false)), BACKDROP_OUTPUT_LOGIT);
  EXPECT_EQ(kind(redness(2, false)), BACKDROP_OUTPUT_LOGITS);
  EXPECT_EQ(kind(redness(6, true)), BACKDROP_OUTPUT_PROBABILITIES);
}

backdrop_classes classes(const std::vector<unsigned>& kept) {
  backdrop_classes set{};
  for (const unsigned c : kept) set.bits[c / 32] |= 1U << c % 32;
  return set;
}

TEST(Engine, SaysHowANetworkIsFedAndRead) {
  const Engine engine = make_engine();
  EXPECT_STREQ(backdrop_describe_model(engine.get()), "");
  EXPECT_STREQ(backdrop_get_class_name(engine.get(), 0), "");
  EXPECT_STREQ(backdrop_describe_model(nullptr), "");
  EXPECT_STREQ(backdrop_get_class_name(nullptr, 0), "");

  backdrop_model_options options{};
  options.input_min = -1;
  options.input_max = 1;
  options.output = BACKDROP_OUTPUT_ARG_MAX;
  options.channel_order = BACKDROP_CHANNELS_BGR;
  options.classes = classes({1, 39});
  ASSERT_EQ(load(engine, redness(40, false), &options), BACKDROP_OK)
      << backdrop_last_error(engine.get());
  backdrop_model_info info{};
  ASSERT_EQ(backdrop_get_model_info(engine.get(), &info), BACKDROP_OK);
  EXPECT_EQ(info.output_width, kNetworkWidth);
  EXPECT_EQ(info.output_height, kNetworkHeight);
  EXPECT_EQ(info.output_channels, 40);
  EXPECT_EQ(info.output, BACKDROP_OUTPUT_ARG_MAX);
  EXPECT_EQ(info.channel_order, BACKDROP_CHANNELS_BGR);
  EXPECT_EQ(info.class_count, 40);
  EXPECT_EQ(std::memcmp(&info.classes, &options.classes, sizeof info.classes), 0);
  EXPECT_STREQ(backdrop_describe_model(engine.get()),
               "input 48x32, BGR, -1 to 1; output 48x32, 40 values a pixel, the largest its class; "
               "kept: class 1, class 39");
  for (const int index : {-1, 0, 39, 40, 256}) {
    EXPECT_STREQ(backdrop_get_class_name(engine.get(), index), "");
  }
}

TEST(Engine, EveryOutputKindGivesTheSameMatte) {
  const TestPicture in = scene(PixelFormat::kRgba, 90, 60);
  const TestPicture expected(PixelFormat::kRgba, 90, 60), out(PixelFormat::kRgba, 90, 60);
  ASSERT_EQ(process(make_loaded_engine(), in, expected), BACKDROP_OK);
  for (const int channels : {1, 2}) {
    const Engine engine = make_engine();
    ASSERT_EQ(load(engine, redness(channels, false)), BACKDROP_OK);
    ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
    EXPECT_LE(out.difference(expected), 1);
  }
}

TEST(Engine, EveryOutputKindHoldsForTurnedFrames) {
  struct Case {
    std::vector<std::uint8_t> model;
    backdrop_output output;
    std::vector<unsigned> kept;
  };
  // The last channel is large and positive at the person, large and negative elsewhere; the others
  // are 0, or 0.5 after a sigmoid.
  for (const Case& c : {Case{redness(1, false), BACKDROP_OUTPUT_LOGIT, {}},
                        Case{redness(2, false), BACKDROP_OUTPUT_LOGITS, {1}},
                        Case{redness(21, false), BACKDROP_OUTPUT_LOGITS, {20}},
                        Case{redness(6, true), BACKDROP_OUTPUT_PROBABILITIES, {5}},
                        Case{redness(6, false), BACKDROP_OUTPUT_ARG_MAX, {3, 5}},
                        Case{redness(1, true), BACKDROP_OUTPUT_LABEL, {1}}}) {
    const Engine engine = make_engine();
    backdrop_model_options options{};
    options.output = c.output;
    options.classes = classes(c.kept);
    ASSERT_EQ(load(engine, c.model, &options), BACKDROP_OK) << backdrop_last_error(engine.get());
    ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
    ASSERT_EQ(backdrop_set_steadying(engine.get(), 0), BACKDROP_OK);
    const TestPicture upright = lopsided_scene(PixelFormat::kRgba, 160, 96);
    for (const int rotation : {0, 90, 180, 270}) {
      const Orientation orientation{rotation, false};
      const Turned got = process_turned(engine, stored_for(upright, orientation));
      const TestPicture seen = stored_for(got.matte, orientation.inverse());
      EXPECT_EQ(seen.frame().row(0, 70)[4 * 100], 255) << c.output << ", " << rotation;
      EXPECT_EQ(seen.frame().row(0, 70)[4 * 40], 0) << c.output << ", " << rotation;
      EXPECT_EQ(seen.frame().row(0, 10)[4 * 100], 0) << c.output << ", " << rotation;
    }
  }
}

TEST(Engine, ChannelsCanBeBlueFirst) {
  // Where blue comes first, the network that finds what is red finds the room.
  for (const PixelFormat format : kFormats) {
    const Engine engine = make_engine();
    backdrop_model_options options{};
    options.channel_order = BACKDROP_CHANNELS_BGR;
    ASSERT_EQ(load(engine, redness(1, true), &options), BACKDROP_OK);
    ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
    const TestPicture in = scene(format, 64, 48);
    const TestPicture out(format, 64, 48);
    ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
    expect_colour(out, 32, 40, kGreen, 0);
    expect_colour(out, 2, 2, kBlue, 0);
  }
}

TEST(Engine, RefusesModelsThatDoNotFitAndKeepsTheOneBefore) {
  const Engine engine = make_loaded_engine();
  const auto refused = [&](const std::vector<std::uint8_t>& model, backdrop_status status,
                           const std::string& part, const backdrop_model_options* options) {
    EXPECT_EQ(load(engine, model, options), status);
    const std::string error = backdrop_last_error(engine.get());
    EXPECT_NE(error.find(part), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos);
    const TestPicture in = scene(PixelFormat::kRgba, 40, 40);
    EXPECT_EQ(process(engine, in, in), BACKDROP_OK);
    expect_colour(in, 20, 35, kRed, 0);
  };
  const auto with = [](auto member, auto value) {
    backdrop_model_options options{};
    options.*member = value;
    return options;
  };
  using Options = backdrop_model_options;
  const Options backwards = with(&Options::input_min, 1.0F);
  const Options endless = with(&Options::input_max, INFINITY);
  const Options flat = with(&Options::input_width, 320);
  Options wide = with(&Options::input_width, 4097);
  wide.input_height = 16;
  Options negative = with(&Options::input_width, 16);
  negative.input_height = -16;
  const Options two = with(&Options::output, BACKDROP_OUTPUT_LOGITS);
  const Options one = with(&Options::output, BACKDROP_OUTPUT_LABEL);
  const Options missing = with(&Options::classes, classes({2, 255}));
  const auto network = redness(2, false);
  refused({1, 2, 3}, BACKDROP_ERROR_MODEL, "", nullptr);
  refused(redness(257, false), BACKDROP_ERROR_UNSUPPORTED, "32x48x257", nullptr);
  refused(redness(1, false, 5), BACKDROP_ERROR_UNSUPPORTED, "32x48x5", nullptr);
  refused(redness(1, true), BACKDROP_ERROR_ARGUMENT, "32x48x1", &two);
  refused(network, BACKDROP_ERROR_ARGUMENT, "32x48x2", &one);
  refused(network, BACKDROP_ERROR_ARGUMENT, "no class 2", &missing);
  refused(network, BACKDROP_ERROR_ARGUMENT, "input_min", &backwards);
  refused(network, BACKDROP_ERROR_ARGUMENT, "input_min", &endless);
  refused(network, BACKDROP_ERROR_ARGUMENT, "320x0", &flat);
  refused(network, BACKDROP_ERROR_ARGUMENT, "4097x16", &wide);
  refused(network, BACKDROP_ERROR_ARGUMENT, "16x-16", &negative);
  for (const int unknown : {-1, 7}) {
    const Options kind = with(&Options::output, unknown);
    const Options order = with(&Options::channel_order, unknown);
    refused(network, BACKDROP_ERROR_ARGUMENT, "output kind", &kind);
    const Options precision = with(&Options::precision, unknown);
    refused(network, BACKDROP_ERROR_ARGUMENT, "channel order", &order);
    refused(network, BACKDROP_ERROR_ARGUMENT, "precision", &precision);
  }
}

TEST(Engine, InfersTheBareNetwork) {
  const Engine engine = make_engine();
  ASSERT_EQ(load(engine, redness(1, false)), BACKDROP_OK);
  std::vector<float> values(kNetworkWidth * kNetworkHeight * 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 11) / 10;
  float* input = nullptr;
  const float* output = nullptr;
  ASSERT_EQ(backdrop_get_tensors(engine.get(), &input, &output), BACKDROP_OK);
  for (int run = 0; run < 2; ++run) {
    std::ranges::copy(values, input);
    ASSERT_EQ(backdrop_infer(engine.get()), BACKDROP_OK);
    for (std::size_t i = 0; i < values.size() / 3; ++i) {
      ASSERT_NEAR(output[i], 40 * (values[3 * i] - values[3 * i + 2]), 1e-4);
    }
  }
}

// Pointwise convolutions to 64, 64 and 1 channels with a ReLU after each, without which they would
// become one.
std::vector<std::uint8_t> wide_network() {
  TfliteBuilder b;
  const int input = b.tensor({1, kNetworkHeight, kNetworkWidth, 3});
  int last = input;
  int depth = 3;
  for (const int channels : {64, 64, 1}) {
    const auto weights = noise(static_cast<std::size_t>(channels * depth), 1);
    const int sums = b.tensor({1, kNetworkHeight, kNetworkWidth, channels});
    b.convolution(last, b.floats({channels, 1, 1, depth}, weights),
                  b.floats({channels}, std::vector<float>(static_cast<std::size_t>(channels), 1)),
                  sums);
    last = b.tensor({1, kNetworkHeight, kNetworkWidth, channels});
    b.operation(fb::BuiltinOperator::RELU, {sums}, last);
    depth = channels;
  }
  return b.finish({input}, {last});
}

std::vector<float> infer_in(backdrop_precision precision) {
  const Engine engine = make_engine();
  backdrop_model_options options{};
  options.precision = precision;
  options.output = BACKDROP_OUTPUT_PROBABILITY;
  EXPECT_EQ(load(engine, wide_network(), &options), BACKDROP_OK)
      << backdrop_last_error(engine.get());
  float* input = nullptr;
  const float* output = nullptr;
  EXPECT_EQ(backdrop_get_tensors(engine.get(), &input, &output), BACKDROP_OK);
  constexpr std::size_t kPixels = std::size_t{kNetworkWidth} * kNetworkHeight;
  std::ranges::copy(noise(3 * kPixels, 2), input);
  EXPECT_EQ(backdrop_infer(engine.get()), BACKDROP_OK);
  return {output, output + kPixels};
}

TEST(Engine, ComputesInThePrecisionThatTheCallerChose) {
  if (!has_integer_kernels()) GTEST_SKIP() << "this processor has no integer products";
  EXPECT_NE(infer_in(BACKDROP_PRECISION_AUTO), infer_in(BACKDROP_PRECISION_FLOAT));
}

TEST(Engine, ScalesTheInputToTheModelsRange) {
  const Engine engine = make_engine();
  backdrop_model_options options{};
  options.input_min = -1;
  options.input_max = 1;
  ASSERT_EQ(load(engine, redness(1, true), &options), BACKDROP_OK);
  backdrop_model_info info{};
  ASSERT_EQ(backdrop_get_model_info(engine.get(), &info), BACKDROP_OK);
  EXPECT_EQ(info.input_min, -1);
  EXPECT_EQ(info.input_max, 1);
  // One level of red above blue: 2 / 255 * 40 on that range makes a probability of 0.578.
  TestPicture in(PixelFormat::kRgba, 32, 32);
  in.fill([](int, int, int, int c) { return c == 3 ? 255 : c == 0 ? 101 : 100; });
  ASSERT_EQ(backdrop_set_coverage(engine.get(), 0, 1), BACKDROP_OK);
  ASSERT_EQ(process(engine, in, in), BACKDROP_OK);
  std::uint8_t alpha[32 * 32];
  ASSERT_EQ(backdrop_get_matte(engine.get(), 32, 32, alpha, 32), BACKDROP_OK);
  EXPECT_NEAR(alpha[500], 255 * 0.578 * 0.578 * (3 - 2 * 0.578), 1.5);
}

TEST(Engine, PlansANetworkForAnotherInputSize) {
  const Engine engine = make_engine();
  backdrop_model_options options{};
  options.input_width = 60;
  options.input_height = 20;
  ASSERT_EQ(load(engine, redness(1, true), &options), BACKDROP_OK)
      << backdrop_last_error(engine.get());
  backdrop_model_info info{};
  ASSERT_EQ(backdrop_get_model_info(engine.get(), &info), BACKDROP_OK);
  EXPECT_EQ(info.input_width, 60);
  EXPECT_EQ(info.input_height, 20);
  EXPECT_EQ(info.output_width, 60);
  EXPECT_EQ(info.output_height, 20);
  ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
  for (const int rotation : {0, 90}) {
    TestPicture in = scene(PixelFormat::kI420, 64, 48), out(PixelFormat::kI420, 64, 48);
    in.turned_by({rotation, false});
    ASSERT_EQ(process(engine, in, out.turned_by({rotation, false})), BACKDROP_OK);
    expect_colour(out, 32, 40, kRed, 0);
    expect_colour(out, 2, 2, kGreen, 0);
  }
}

TEST(Engine, CountsFramesAndTime) {
  const Engine engine = make_loaded_engine();
  const TestPicture in = scene(PixelFormat::kRgba, 640, 360);
  const TestPicture out(PixelFormat::kRgba, 640, 360);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
  backdrop_statistics statistics{};
  ASSERT_EQ(backdrop_get_statistics(engine.get(), &statistics), BACKDROP_OK);
  EXPECT_EQ(statistics.frames, 3);
  EXPECT_GT(statistics.network_bytes, 2 * 4 * kNetworkWidth * kNetworkHeight);
  EXPECT_GT(statistics.sample, 0);
  EXPECT_GT(statistics.infer, 0);
  EXPECT_GT(statistics.matte, 0);
  EXPECT_GT(statistics.composite, 0);

  ASSERT_EQ(backdrop_set_background_none(engine.get()), BACKDROP_OK);
  ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
  ASSERT_EQ(backdrop_get_statistics(engine.get(), &statistics), BACKDROP_OK);
  EXPECT_EQ(statistics.frames, 4);
  EXPECT_EQ(statistics.infer, 0);
}

backdrop_statistics statistics_of(const Engine& engine) {
  backdrop_statistics statistics{};
  EXPECT_EQ(backdrop_get_statistics(engine.get(), &statistics), BACKDROP_OK);
  return statistics;
}

// Processes a frame and says why its matte was kept.
double kept(const Engine& engine, const TestPicture& in) {
  const TestPicture out(in.frame().format, in.frame().width, in.frame().height);
  EXPECT_EQ(process(engine, in, out), BACKDROP_OK) << backdrop_last_error(engine.get());
  return statistics_of(engine).kept;
}

// The scene with this much more light on everything.
TestPicture brighter_scene(int levels) {
  TestPicture picture = scene(PixelFormat::kRgba, 64, 64);
  const TestPicture dark = picture;
  picture.fill(
      [&](int, int x, int y, int c) { return dark.frame().row(0, y)[4 * x + c] + levels; });
  return picture;
}

constexpr double kNew = 0, kStill = 1, kForBudget = 2;

TEST(Engine, KeepsTheMatteWhileNothingMoves) {
  for (const PixelFormat format : kFormats) {
    const Engine engine = make_loaded_engine();
    ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 1), BACKDROP_OK);
    // In noise the crop moves, and the network has to run again.
    ASSERT_EQ(backdrop_set_person_crop(engine.get(), 0), BACKDROP_OK);
    // What is learned, and the frame's edges, change the matte of the same mask.
    ASSERT_EQ(backdrop_set_learned_room(engine.get(), 0), BACKDROP_OK);
    switch_refinement_off(engine);
    const TestPicture in = scene(format, 64, 48);
    const TestPicture first(format, 64, 48), later(format, 64, 48);
    ASSERT_EQ(process(engine, in, first), BACKDROP_OK);
    EXPECT_EQ(statistics_of(engine).kept, kNew);
    ASSERT_EQ(process(engine, in, later), BACKDROP_OK);
    EXPECT_EQ(later.difference(first), 0);
    const backdrop_statistics still = statistics_of(engine);
    EXPECT_EQ(still.kept, kStill);
    EXPECT_GT(still.sample, 0);
    EXPECT_EQ(still.infer, 0);
    EXPECT_EQ(still.matte, 0);
    EXPECT_GT(still.composite, 0);

    const TestPicture other = TestPicture(format, 64, 48).fill_noise(6);
    EXPECT_EQ(kept(engine, other), kNew);
    EXPECT_EQ(kept(engine, other), kStill);
    EXPECT_EQ(kept(engine, in), kNew);
    EXPECT_EQ(statistics_of(engine).inferences, 3);
    EXPECT_EQ(statistics_of(engine).frames, 5);

    ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 0), BACKDROP_OK);
    EXPECT_EQ(kept(engine, in), kNew);
    EXPECT_EQ(kept(engine, in), kNew);
  }
}

TEST(Engine, RenewsTheMatteOfAPictureAtRestEveryThirtyFrames) {
  const Engine engine = make_loaded_engine();
  ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 1), BACKDROP_OK);
  const TestPicture in = scene(PixelFormat::kRgba, 64, 48);
  for (int frame = 0; frame < 61; ++frame) {
    EXPECT_EQ(kept(engine, in), frame % 30 == 0 ? kNew : kStill) << frame;
  }
}

TEST(Engine, SlowChangesAddUp) {
  const Engine engine = make_loaded_engine();
  ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 1), BACKDROP_OK);
  int renewed = 0;
  for (int frame = 0; frame < 29; ++frame) renewed += kept(engine, brighter_scene(frame)) == kNew;
  EXPECT_GE(renewed, 4);
  EXPECT_LE(renewed, 6);
}

TEST(Engine, KeepsNoMatteThatIsNotTheFrames) {
  const TestPicture in = scene(PixelFormat::kRgba, 64, 48);
  const auto renews = [&](const char* what, const TestPicture& then, const auto& change) {
    for (const float budget : {0.0f, 1e-6f}) {
      const Engine engine = make_loaded_engine();
      ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 1), BACKDROP_OK);
      ASSERT_EQ(backdrop_set_budget(engine.get(), budget), BACKDROP_OK);
      kept(engine, in);
      ASSERT_NE(kept(engine, in), kNew);
      change(engine);
      EXPECT_EQ(kept(engine, then), kNew) << what;
    }
  };
  const auto nothing = [](const Engine&) {};
  renews("format", scene(PixelFormat::kI420, 64, 48), nothing);
  renews("width", scene(PixelFormat::kRgba, 66, 48), nothing);
  renews("height", scene(PixelFormat::kRgba, 64, 49), nothing);
  renews("model", in, [](const Engine& engine) { load(engine, redness(2, false)); });
  renews("reset", in, [](const Engine& engine) { backdrop_reset(engine.get()); });
  renews("none", in, [&](const Engine& engine) {
    backdrop_set_background_none(engine.get());
    EXPECT_EQ(kept(engine, in), kNew);
    backdrop_set_background_color(engine.get(), 0);
  });
  renews("error", in, [&](const Engine& engine) {
    const TestPicture small(PixelFormat::kRgba, 8, 8);
    EXPECT_EQ(process(engine, in, small), BACKDROP_ERROR_ARGUMENT);
  });
}

TEST(Engine, AnotherCoverageIsInEffectThoughTheMaskIsKept) {
  const TestPicture in = TestPicture(PixelFormat::kRgba, 64, 48).fill_noise(6);
  const TestPicture before(PixelFormat::kRgba, 64, 48), later = before, expected = before;
  const Engine engine = make_loaded_engine(), other = make_loaded_engine();
  ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 1), BACKDROP_OK);
  for (const Engine* each : {&engine, &other}) {
    ASSERT_EQ(backdrop_set_background_color(each->get(), 0x10c030), BACKDROP_OK);
  }
  ASSERT_EQ(process(engine, in, before), BACKDROP_OK);
  for (const Engine* each : {&engine, &other}) {
    ASSERT_EQ(backdrop_set_coverage(each->get(), 0.1f, 0.2f), BACKDROP_OK);
  }
  ASSERT_EQ(process(engine, in, later), BACKDROP_OK);
  ASSERT_EQ(process(other, in, expected), BACKDROP_OK);
  EXPECT_EQ(statistics_of(engine).kept, kStill);
  EXPECT_GT(later.difference(before), 0);
  EXPECT_EQ(later.difference(expected), 0);
}

TEST(Engine, KeepsTheMatteWhenTheBackgroundChanges) {
  const Engine engine = make_loaded_engine();
  ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 1), BACKDROP_OK);
  const TestPicture in = scene(PixelFormat::kRgba, 64, 48);
  kept(engine, in);
  ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
  const TestPicture out(PixelFormat::kRgba, 64, 48);
  ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
  EXPECT_EQ(statistics_of(engine).kept, kStill);
  expect_colour(out, 2, 2, kGreen, 0);
  expect_colour(out, 32, 40, kRed, 0);
}

TEST(Engine, RunsTheNetworkOnEveryThirdFrameWhenTheBudgetIsTooSmall) {
  const Engine engine = make_loaded_engine();
  ASSERT_EQ(backdrop_set_learned_room(engine.get(), 0), BACKDROP_OK);
  switch_refinement_off(engine);
  ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x10c030), BACKDROP_OK);
  const TestPicture in = scene(PixelFormat::kRgba, 64, 48);
  for (int frame = 0; frame < 5; ++frame) EXPECT_EQ(kept(engine, in), kNew);
  EXPECT_EQ(statistics_of(engine).interval, 1);
  ASSERT_EQ(backdrop_set_budget(engine.get(), 1e-6f), BACKDROP_OK);
  EXPECT_EQ(kept(engine, in), kNew);
  for (int frame = 1; frame < 9; ++frame) {
    EXPECT_EQ(kept(engine, in), frame % 3 == 0 ? kNew : kForBudget) << frame;
    EXPECT_EQ(statistics_of(engine).interval, 3);
  }
  const backdrop_statistics between = statistics_of(engine);
  EXPECT_EQ(between.inferences, 8);
  EXPECT_EQ(between.sample, 0);
  EXPECT_EQ(between.infer, 0);
  EXPECT_EQ(between.matte, 0);
  EXPECT_GT(between.composite, 0);

  // A frame between has the matte before, whatever it shows.
  TestPicture other(PixelFormat::kRgba, 64, 48);
  other.fill(
      [](int, int x, int y, int c) { return c == 3 ? 255 : (x * 7 + y * 13 + c * 29) % 256; });
  EXPECT_EQ(kept(engine, in), kNew);
  const TestPicture out(PixelFormat::kRgba, 64, 48);
  ASSERT_EQ(process(engine, other, out), BACKDROP_OK);
  expect_colour(out, 2, 2, kGreen, 0);
  expect_colour(out, 32, 40, colour_at(other, 32, 40), 0);

  ASSERT_EQ(backdrop_set_budget(engine.get(), 0), BACKDROP_OK);
  EXPECT_EQ(kept(engine, in), kNew);
  EXPECT_EQ(statistics_of(engine).interval, 1);
}

TEST(Engine, SteadiesByDefaultAndForgetsOnReset) {
  // Greys with a little red: the probability is that of 40 * the difference of red and other.
  const auto reddish = [](int levels) {
    TestPicture picture(PixelFormat::kRgba, 40, 40);
    picture.fill([=](int, int, int, int c) { return c == 0 ? 100 + levels : 100; });
    return picture;
  };
  const auto alpha_of = [](const Engine& engine, const TestPicture& in) {
    std::uint8_t alpha[40 * 40];
    kept(engine, in);
    EXPECT_EQ(backdrop_get_matte(engine.get(), 40, 40, alpha, 40), BACKDROP_OK);
    return alpha[820];
  };
  const TestPicture before = reddish(1), after = reddish(2);
  const Engine engine = make_loaded_engine();
  const int alpha_before = alpha_of(engine, before);
  const int alpha_after = alpha_of(make_loaded_engine(), after);
  ASSERT_GT(alpha_after, alpha_before + 10);

  const int steadied = alpha_of(engine, after);
  EXPECT_LT(steadied, alpha_after - 5);
  ASSERT_EQ(backdrop_reset(engine.get()), BACKDROP_OK);
  EXPECT_EQ(alpha_of(engine, after), alpha_after);

  ASSERT_EQ(backdrop_set_steadying(engine.get(), 0), BACKDROP_OK);
  EXPECT_EQ(alpha_of(engine, before), alpha_before);
  EXPECT_EQ(alpha_of(engine, after), alpha_after);

  // Nothing is steadied across a frame without a matte.
  ASSERT_EQ(backdrop_set_steadying(engine.get(), 1), BACKDROP_OK);
  ASSERT_EQ(backdrop_set_background_none(engine.get()), BACKDROP_OK);
  kept(engine, after);
  ASSERT_EQ(backdrop_set_background_blur(engine.get(), 1), BACKDROP_OK);
  EXPECT_EQ(alpha_of(engine, before), alpha_before);
}

TEST(Engine, RefusesFramesThatMakeNoSense) {
  for (const PixelFormat format : kFormats) {
    const Engine engine = make_loaded_engine();
    const TestPicture in = scene(format, 20, 10);
    TestPicture out = TestPicture(format, 20, 10).fill_noise(5);
    const TestPicture before = out;
    const backdrop_image good = image_of(in);
    const auto last = static_cast<std::size_t>(in.planes() - 1);
    std::vector<backdrop_image> wrong(19, good);
    wrong[0].format = kFormatCount;
    wrong[1].format = -1;
    wrong[2].width = 0;
    wrong[3].height = -5;
    wrong[4].width = 32769;
    wrong[5].planes[last] = nullptr;
    wrong[6].strides[last] = in.row_samples(in.planes() - 1) - 1;
    wrong[7].strides[0] = -wrong[7].strides[0];
    wrong[8].color_space = 4;
    wrong[9].color_space = -1;
    wrong[10].rotation = 45;
    wrong[11].rotation = -90;
    wrong[12].rotation = 360;
    wrong[13].flip = 2;
    // Each may be so, but not other than the other picture.
    wrong[14].height = 9;
    wrong[15].color_space = BACKDROP_BT709_FULL;
    wrong[16].rotation = 180;
    wrong[17].flip = 1;
    // More than 32 bits can address.
    wrong[18].strides[0] = sizeof(std::size_t) == 4 ? std::numeric_limits<std::int32_t>::max() : 0;
    for (std::size_t i = 0; i < wrong.size(); ++i) {
      const backdrop_image target = image_of(out);
      EXPECT_EQ(backdrop_process(engine.get(), &wrong[i], &target), BACKDROP_ERROR_ARGUMENT) << i;
      const std::string error = backdrop_last_error(engine.get());
      EXPECT_FALSE(error.empty());
      EXPECT_EQ(error.find('\n'), std::string::npos);
      backdrop_image wrong_target = wrong[i];
      for (std::size_t p = 0; p < 3; ++p) {
        if (wrong_target.planes[p]) wrong_target.planes[p] = target.planes[p];
      }
      EXPECT_EQ(backdrop_process(engine.get(), &good, &wrong_target), BACKDROP_ERROR_ARGUMENT) << i;
    }
    const backdrop_image target = image_of(out);
    EXPECT_EQ(backdrop_process(engine.get(), nullptr, &target), BACKDROP_ERROR_ARGUMENT);
    EXPECT_EQ(backdrop_process(engine.get(), &good, nullptr), BACKDROP_ERROR_ARGUMENT);
    EXPECT_EQ(backdrop_process(nullptr, &good, &target), BACKDROP_ERROR_ARGUMENT);
    EXPECT_EQ(out.difference(before), 0);
  }
}

TEST(Engine, RefusesSettingsOutOfRange) {
  const Engine engine = make_loaded_engine();
  backdrop_engine* e = engine.get();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float strength : {0.0f, 0.09f, 20.5f, -1.0f, nan}) {
    EXPECT_EQ(backdrop_set_background_blur(e, strength), BACKDROP_ERROR_ARGUMENT) << strength;
  }
  EXPECT_EQ(backdrop_set_background_color(e, 0x1000000), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_set_coverage(e, 0.5f, 0.5f), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_set_coverage(e, -0.1f, 0.5f), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_set_coverage(e, 0.5f, 1.1f), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_set_coverage(e, nan, 1), BACKDROP_ERROR_ARGUMENT);
  for (const float value : {-0.1f, nan, std::numeric_limits<float>::infinity()}) {
    EXPECT_EQ(backdrop_set_steadying(e, value), BACKDROP_ERROR_ARGUMENT) << value;
    EXPECT_EQ(backdrop_set_budget(e, value), BACKDROP_ERROR_ARGUMENT) << value;
  }
  EXPECT_EQ(backdrop_set_steadying(e, 1.1f), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_set_background_image(e, nullptr), BACKDROP_ERROR_ARGUMENT);
  for (const int fit : {-1, 2}) {
    EXPECT_EQ(backdrop_set_placement(e, fit, 0, 0, 0, 0), BACKDROP_ERROR_ARGUMENT) << fit;
  }
  for (const float share : {-0.1f, 1.1f, nan}) {
    EXPECT_EQ(backdrop_set_placement(e, 0, share, 0, 0, 0), BACKDROP_ERROR_ARGUMENT) << share;
    EXPECT_EQ(backdrop_set_placement(e, 0, 0, share, 0, 0), BACKDROP_ERROR_ARGUMENT) << share;
  }
  EXPECT_EQ(backdrop_set_placement(e, 0, 0, 0, 0, 0x1000000), BACKDROP_ERROR_ARGUMENT);
  const backdrop_image i420 = image_of(scene(PixelFormat::kI420, 8, 8));
  EXPECT_EQ(backdrop_set_background_image(e, &i420), BACKDROP_ERROR_ARGUMENT);
  backdrop_image turned = image_of(scene(PixelFormat::kRgba, 8, 8));
  turned.rotation = 90;
  EXPECT_EQ(backdrop_set_background_image(e, &turned), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_load_model(e, nullptr, 5, nullptr), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_get_tensors(e, nullptr, nullptr), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_get_model_info(e, nullptr), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_get_statistics(e, nullptr), BACKDROP_ERROR_ARGUMENT);

  // None of this changed the blur of a new engine.
  const TestPicture in = scene(PixelFormat::kRgba, 64, 64);
  const TestPicture out(PixelFormat::kRgba, 64, 64), expected(PixelFormat::kRgba, 64, 64);
  ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
  ASSERT_EQ(process(make_loaded_engine(), in, expected), BACKDROP_OK);
  EXPECT_EQ(out.difference(expected), 0);

  std::uint8_t alpha[64 * 64];
  EXPECT_EQ(backdrop_get_matte(e, 64, 64, nullptr, 64), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_get_matte(e, 64, 63, alpha, 64), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(backdrop_get_matte(e, 64, 64, alpha, 63), BACKDROP_ERROR_ARGUMENT);
}

TEST(Engine, ShowsBackgroundWhereTheNetworkComputesNoNumber) {
  TfliteBuilder b;
  const int input = b.tensor({1, 8, 8, 3});
  const int unknown = b.tensor({1, 8, 8, 1});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  b.convolution(input, b.floats({1, 1, 1, 3}, {nan, 0, 0}), b.floats({1}, {0}), unknown);
  const int active = b.apply(fb::BuiltinOperator::RELU, {unknown}, {1, 8, 8, 1});
  const int moved = b.tensor({1, 8, 8, 1});  // to a person, if it were a number
  b.convolution(active, b.floats({1, 1, 1, 1}, {1}), b.floats({1}, {20}), moved);
  const auto model =
      b.finish({input}, {b.apply(fb::BuiltinOperator::LOGISTIC, {moved}, {1, 8, 8, 1})});
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    const Engine engine = make_engine();
    ASSERT_EQ(backdrop_load_model(engine.get(), model.data(), model.size(), nullptr), BACKDROP_OK);
    ASSERT_EQ(backdrop_set_background_color(engine.get(), 0x00ff00), BACKDROP_OK);
    const TestPicture in = scene(PixelFormat::kRgba, 16, 16);
    const TestPicture out(PixelFormat::kRgba, 16, 16);
    ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
    for (int i = 0; i < 16 * 16; ++i) {
      const std::uint8_t* pixel = out.frame().planes[0] + 4 * i;
      ASSERT_EQ(std::vector(pixel, pixel + 3), (std::vector<std::uint8_t>{0, 255, 0}))
          << hwy::TargetName(target) << ", pixel " << i;
    }
    hwy::SetSupportedTargetsForTest(0);
  }
}

TEST(Engine, FeedsEachChannelInItsOwnRange) {
  MetadataContents contents;
  contents.mean = {51, 0, 0};
  contents.deviation = {51, 51, 255};
  // Copies what is positive.
  const std::vector<std::uint8_t> model = model_with(metadata_of(contents));
  const Engine engine = make_engine();
  ASSERT_EQ(load(engine, model), BACKDROP_OK) << backdrop_last_error(engine.get());
  TestPicture in(PixelFormat::kRgba, 4, 4);
  in.fill([](int, int, int, int) { return 255; });
  const TestPicture out(PixelFormat::kRgba, 4, 4);
  ASSERT_EQ(process(engine, in, out), BACKDROP_OK);
  float* input = nullptr;
  const float* output = nullptr;
  ASSERT_EQ(backdrop_get_tensors(engine.get(), &input, &output), BACKDROP_OK);
  for (int i = 0; i < 12; i += 3) {
    EXPECT_NEAR(output[i], 4, 1e-4);
    EXPECT_NEAR(output[i + 1], 5, 1e-4);
    EXPECT_NEAR(output[i + 2], 1, 1e-4);
  }
}

TEST(Engine, NullEnginesAndThreads) {
  EXPECT_EQ(backdrop_create(0), nullptr);
  EXPECT_EQ(backdrop_create(-1), nullptr);
  EXPECT_EQ(backdrop_create(1000000), nullptr);
  backdrop_destroy(nullptr);
  EXPECT_STRNE(backdrop_last_error(nullptr), "");
  EXPECT_EQ(backdrop_set_background_none(nullptr), BACKDROP_ERROR_ARGUMENT);
  EXPECT_STREQ(backdrop_last_error(make_engine().get()), "");
}

TEST(Memory, IsAlignedAndSaysWhenThereIsNone) {
  for (const std::size_t size : {0U, 1U, 64U, 1000U}) {
    void* memory = backdrop_allocate(size);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 64, 0U);
    std::memset(memory, 1, size);
    backdrop_free(memory);
  }
  EXPECT_EQ(backdrop_allocate(SIZE_MAX), nullptr);
  backdrop_free(nullptr);
}

}  // namespace
}  // namespace backdrop::test

// What the tests of the GPU's passes share: a context, pictures, textures as plain C++ samples
// them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "egl_context.h"
#include "platform/gl_functions.h"
#include "render/gl/resources.h"
#include "support.h"

namespace backdrop::test {

// Bytes row by row without gaps, the first row first.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<std::uint8_t> bytes;

  std::uint8_t at(int x, int y, int channel) const {
    return bytes[static_cast<std::size_t>((y * width + x) * channels + channel)];
  }
};

// A photo of ../shared/media/photos, RGBA, if it is there and does not take minutes.
std::optional<Image> read_photo(const std::string& file);

// Why there are none.
inline constexpr const char* kNoPhotos =
    kSlow ? "photos take minutes in this build" : "no photos or no masks in ../shared";

// RGBA: soft gradients, hard edges and thin lines, in colour.
Image draw_picture(int width, int height);

// One channel: somebody's head and shoulders, soft-edged.
Image draw_mask(int width, int height);

// Differences of the channels of two images of one size, in levels of 255.
double mean_difference(const Image& a, const Image& b);
int largest_difference(const Image& a, const Image& b);

// A context is current. Its tests are skipped where there is none.
class GlTest : public ::testing::Test {
 protected:
  void SetUp() override;

  // An R8, RG8 or RGBA8 texture, linear and clamped, as the channels tell.
  gl::Target make_texture(const Image& image);
  // What was drawn: `channels` of 4.
  Image read_back(const gl::Surface& surface, int channels);

  gl::Functions gl_;
};

// OpenGL's functions, but those that make and delete objects are counted. Names deleted that were
// not there fail the test.
gl::Function counting_loader(const char* name);
// The number of objects that functions from counting_loader have made and not deleted.
std::size_t live_objects();

// A texture with linear filters and clamped edges, in double precision.
class ReferenceTexture {
 public:
  explicit ReferenceTexture(const Image& image);
  // Values of `channels` a pixel.
  ReferenceTexture(int width, int height, int channels, std::vector<double> values);

  int width() const { return width_; }
  int height() const { return height_; }
  double texel(int x, int y, int channel) const;  // clamped
  // At texture coordinates: 0 to 1 over the texture.
  double sample(double u, double v, int channel) const;

 private:
  int width_, height_, channels_;
  std::vector<double> values_;
};

}  // namespace backdrop::test

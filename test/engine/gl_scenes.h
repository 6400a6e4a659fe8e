// What the tests of the GPU's renderer share: scenes, what is to be drawn of them by definition, in
// double precision, and a fixture that draws.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "render/gl/gl_renderer.h"
#include "render/gl/resizer.h"
#include "gl_support.h"
#include "image/frame.h"

namespace backdrop::test {

inline constexpr int kMaskWidth = 256;
inline constexpr int kMaskHeight = 144;
inline constexpr int kTolerance = 2;  // levels of 255

struct Size {
  int width, height;
};

// A frame and the network's probabilities for it.
struct Scene {
  std::string name;
  Image frame;
  std::vector<float> probabilities;

  Size size() const { return {frame.width, frame.height}; }
  Mask mask() const { return {probabilities, kMaskWidth, kMaskHeight, 0}; }
};

Scene draw_scene(int width, int height);

// Photos with masks of a network, where they are there, and a drawing of an odd size.
std::vector<Scene> scenes();

ConstFrame view_of(const Image& image);

// A background with a generation of its own. `image` has to outlive it.
ImageBackground background_of(const Image& image);
ImageBackground background_of(const ConstFrame& image);

// A channel of a pixel, 0 to 1, by x, y and its number.
using Channel = std::function<double(int, int, int)>;
Channel channel_of(const Image& image);
Channel channel_of(std::uint32_t rgb);

Image make_image(Size size, const Channel& channel);
Image upside_down(const Image& image);

// The mean of what each pixel covers of a part of the picture.
Image resized_reference(const Image& picture, const gl::Resizer::SourceRect& part, Size size);

// The centred part of the picture that has this aspect ratio.
Image covering_reference(const Image& picture, Size size);

// The picture under a Gaussian, with its edges repeated.
Image blurred_reference(const Image& picture, double sigma);

// The frame's colours, each weighted by how much of its pixel is background, under a Gaussian.
Image background_blur_reference(const Scene& scene, const RenderSettings& settings, double sigma);

// The person's colours as they are estimated for a cut-out.
Image person_colors_reference(const Scene& scene, const RenderSettings& settings);

// The references have the mask's own edges.
inline constexpr Refinement kUnrefined{.kind = RefinementKind::kNone};

// The definition of compositing. The background of a cut-out is person_colors_reference.
Image composite_reference(const Scene& scene, const RenderSettings& settings,
                          const Channel& background, const Channel& light);

// Pictures are given as images, and what is drawn comes back as one.
class GlRendererTest : public GlTest {
 protected:
  std::unique_ptr<GlRenderer> make_renderer(gl::Loader loader = egl::Context::loader);
  gl::Target make_target(Size size);
  Image render(GlRenderer& renderer, const Scene& scene, const RenderSettings& settings);
  Image sample(GlRenderer& renderer, const Image& frame, Size size);
  // Fails without a sample of this size.
  static Result<Image> take(GlRenderer& renderer, Size size);
};

}  // namespace backdrop::test

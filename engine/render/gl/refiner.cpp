#include "render/gl/refiner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "render/gl/shaders.h"

namespace backdrop::gl {
namespace {

constexpr std::size_t kMaxSources = 3;

// The taps of the bilateral filters along an axis, in pixels of the output, as in MediaPipe's
// filter and the virtual-background demo.
struct FilterTaps {
  float sigma, first, stride;
  int count;
};

FilterTaps taps_of(const Refinement& refinement, const Refiner::Sizes& sizes) {
  constexpr double kSparsity = 0.66;
  const double scale = std::max(static_cast<double>(sizes.width) / sizes.mask_width,
                                static_cast<double>(sizes.height) / sizes.mask_height);
  const double radius = refinement.sigma_space * scale;
  const double stride = std::max(1.0, kSparsity * std::sqrt(radius));
  const double first = -radius + (stride > 1 ? stride / 2 : 0);
  // Keeps the last tap although sigma_space is a rounded float.
  const int count = 1 + static_cast<int>(std::floor((radius - first) / stride + 1e-6));
  return {static_cast<float>(radius), static_cast<float>(first), static_cast<float>(stride), count};
}

// The factor of the exponents: a weight is exp(-falloff * squared distance).
double falloff(double sigma) { return 0.5 / (4 * sigma * sigma + 1e-6); }

bool draws_to(const Functions& gl, GLenum format) {
  return Target::create(gl, format, 1, 1).has_value();
}

}  // namespace

// Appends passes to a refiner.
class Refiner::Builder {
 public:
  Builder(const Functions& gl, const Sizes& sizes, Refiner& refiner)
      : gl_(gl),
        sizes_(sizes),
        texel_x_(1 / static_cast<float>(sizes.width)),
        texel_y_(1 / static_cast<float>(sizes.height)),
        passes_(refiner.passes_) {}

  Result<void> add_joint_bilateral(const Refinement& refinement);
  Result<void> add_rational(const Refinement& refinement);
  Result<void> add_separable(const Refinement& refinement);
  Result<void> add_guided(const Refinement& refinement);

 private:
  struct Input {
    const char* sampler;
    int source;
  };
  enum class Scale { kMask, kOutput };
  enum class Axis { kRows, kColumns };
  // In texture coordinates.
  struct AxisTaps {
    float first_x = 0, first_y = 0;
    float stride_x = 0, stride_y = 0;
    std::vector<float> weights;
  };

  // Leaves the program in use, so that its other uniforms can be set.
  Result<void> add(std::string_view definitions, std::string_view shader,
                   std::initializer_list<Input> inputs, GLenum format, Scale scale);
  // A filter of `source` along an axis, at the mask's size.
  Result<void> add_window(std::string_view definitions, std::string_view shader, int source,
                          GLenum format, Axis axis, int radius);
  Result<void> add_range(const Refinement& refinement);
  AxisTaps taps_along(const Refinement& refinement, Axis axis) const;
  // A bilateral filter of `mask` with rational weights.
  Result<void> add_weighted(const Refinement& refinement, const AxisTaps& outer,
                            const AxisTaps& inner, int mask, int range);

  GLint uniform(const char* name) const { return passes_.back().program.location(name); }
  int last() const { return static_cast<int>(passes_.size()) - 1; }
  // The standard deviation in space, in texture coordinates.
  double sigma_of(const Refinement& refinement) const {
    return std::max(texel_x_, texel_y_) * taps_of(refinement, sizes_).sigma;
  }

  const Functions& gl_;
  Sizes sizes_;
  float texel_x_, texel_y_;
  std::vector<Pass>& passes_;
};

Result<void> Refiner::Builder::add(std::string_view definitions, std::string_view shader,
                                   std::initializer_list<Input> inputs, GLenum format,
                                   Scale scale) {
  const bool small = scale == Scale::kMask;
  // Not every device filters 32-bit floats linearly.
  const Filter filter = format == GL_RGBA32F ? Filter::kNearest : Filter::kLinear;
  Pass pass;
  pass.program = BACKDROP_TRY(Program::create(gl_, definitions, shader));
  pass.target = BACKDROP_TRY(Target::create(gl_, format, small ? sizes_.mask_width : sizes_.width,
                                            small ? sizes_.mask_height : sizes_.height, filter));
  pass.program.use();
  for (const Input& input : inputs) {
    gl_.Uniform1i(pass.program.location(input.sampler), static_cast<GLint>(pass.sources.size()));
    pass.sources.push_back(input.source);
  }
  passes_.push_back(std::move(pass));
  return {};
}

Result<void> Refiner::Builder::add_window(std::string_view definitions, std::string_view shader,
                                          int source, GLenum format, Axis axis, int radius) {
  BACKDROP_TRY(add(definitions, shader, {{"source", source}}, format, Scale::kMask));
  gl_.Uniform2f(uniform("axis"), axis == Axis::kRows ? 1 : 0, axis == Axis::kColumns ? 1 : 0);
  gl_.Uniform1i(uniform("radius"), radius);
  return {};
}

Result<void> Refiner::Builder::add_joint_bilateral(const Refinement& refinement) {
  BACKDROP_TRY(add("", shaders::kJointBilateral, {{"frame", kFrame}, {"mask", kMask}}, GL_R8,
                   Scale::kOutput));
  const FilterTaps taps = taps_of(refinement, sizes_);
  gl_.Uniform2f(uniform("texel"), texel_x_, texel_y_);
  gl_.Uniform1i(uniform("count"), taps.count);
  gl_.Uniform1f(uniform("first"), taps.first);
  gl_.Uniform1f(uniform("stride"), taps.stride);
  gl_.Uniform1f(uniform("sigma_space"), static_cast<float>(sigma_of(refinement)));
  gl_.Uniform1f(uniform("sigma_color"), refinement.sigma_color);
  return {};
}

Result<void> Refiner::Builder::add_range(const Refinement& refinement) {
  // The reach of the taps around any point of a mask's pixel, with linear filtering.
  const float sigma = taps_of(refinement, sizes_).sigma;
  const float in_columns = sigma * texel_x_ * static_cast<float>(sizes_.mask_width);
  const float in_rows = sigma * texel_y_ * static_cast<float>(sizes_.mask_height);
  BACKDROP_TRY(add_window("#define CHANNELS rr\n", shaders::kMaskRange, kMask, GL_RG8, Axis::kRows,
                          1 + static_cast<int>(in_columns + 0.5f)));
  return add_window("#define CHANNELS rg\n", shaders::kMaskRange, last(), GL_RG8, Axis::kColumns,
                    1 + static_cast<int>(in_rows + 0.5f));
}

auto Refiner::Builder::taps_along(const Refinement& refinement, Axis axis) const -> AxisTaps {
  const FilterTaps taps = taps_of(refinement, sizes_);
  const float x = axis == Axis::kRows ? texel_x_ : 0;
  const float y = axis == Axis::kColumns ? texel_y_ : 0;
  AxisTaps along{taps.first * x, taps.first * y, taps.stride * x, taps.stride * y, {}};
  for (int i = 0; i < taps.count; ++i) {
    const double distance = (x + y) * (taps.first + static_cast<double>(taps.stride) * i);
    const double exponent = -falloff(sigma_of(refinement)) * distance * distance;
    along.weights.push_back(std::exp(static_cast<float>(exponent)));
  }
  return along;
}

Result<void> Refiner::Builder::add_weighted(const Refinement& refinement, const AxisTaps& outer,
                                            const AxisTaps& inner, int mask, int range) {
  const std::string definitions = join(
      {"#define OUTER ", outer.weights.size(), "\n#define INNER ", inner.weights.size(), "\n"});
  BACKDROP_TRY(add(definitions, shaders::kBilateralRational,
                   {{"frame", kFrame}, {"mask", mask}, {"range", range}}, GL_R8, Scale::kOutput));
  gl_.Uniform2f(uniform("first"), outer.first_x + inner.first_x, outer.first_y + inner.first_y);
  gl_.Uniform2f(uniform("outer_stride"), outer.stride_x, outer.stride_y);
  gl_.Uniform2f(uniform("inner_stride"), inner.stride_x, inner.stride_y);
  gl_.Uniform1fv(uniform("outer_weights"), static_cast<GLsizei>(outer.weights.size()),
                 outer.weights.data());
  gl_.Uniform1fv(uniform("inner_weights"), static_cast<GLsizei>(inner.weights.size()),
                 inner.weights.data());
  gl_.Uniform1f(uniform("color_scale"), static_cast<float>(falloff(refinement.sigma_color) / 2));
  return {};
}

Result<void> Refiner::Builder::add_rational(const Refinement& refinement) {
  BACKDROP_TRY(add_range(refinement));
  return add_weighted(refinement, taps_along(refinement, Axis::kColumns),
                      taps_along(refinement, Axis::kRows), kMask, last());
}

Result<void> Refiner::Builder::add_separable(const Refinement& refinement) {
  const AxisTaps center{.weights = {1}};
  BACKDROP_TRY(add_range(refinement));
  const int range = last();
  BACKDROP_TRY(add_weighted(refinement, taps_along(refinement, Axis::kRows), center, kMask, range));
  return add_weighted(refinement, taps_along(refinement, Axis::kColumns), center, last(), range);
}

Result<void> Refiner::Builder::add_guided(const Refinement& refinement) {
  constexpr std::string_view kProducts = "#define OF_PRODUCTS\n";
  constexpr std::string_view kCoefficients = "#define TO_COEFFICIENTS\n";
  const int radius = guided_radius(refinement);
  BACKDROP_TRY(add("", shaders::kGuidedSource, {{"frame", kFrame}, {"mask", kMask}}, GL_RG16F,
                   Scale::kMask));
  const std::string_view box = shaders::kGuidedBox;
  // The variance is a small difference of means, which half floats lose for a small sigma_color.
  const GLenum products = draws_to(gl_, GL_RGBA32F) ? GL_RGBA32F : GL_RGBA16F;
  BACKDROP_TRY(add_window(kProducts, box, last(), products, Axis::kRows, radius));
  BACKDROP_TRY(add_window(kCoefficients, box, last(), GL_RG16F, Axis::kColumns, radius));
  gl_.Uniform1f(uniform("epsilon"), guided_epsilon(refinement));
  BACKDROP_TRY(add_window("", box, last(), GL_RG16F, Axis::kRows, radius));
  BACKDROP_TRY(add_window("", box, last(), GL_RG16F, Axis::kColumns, radius));
  return add("", shaders::kGuidedApply, {{"frame", kFrame}, {"coefficients", last()}}, GL_R8,
             Scale::kOutput);
}

Result<Refiner> Refiner::create(const Functions& gl, const Refinement& refinement,
                                const Sizes& sizes) {
  Refiner refiner;
  Builder builder(gl, sizes, refiner);
  switch (refinement.kind) {
    case RefinementKind::kNone:
      break;
    case RefinementKind::kGuided:
      BACKDROP_TRY(draws_to(gl, GL_RGBA16F) ? builder.add_guided(refinement)
                                            : builder.add_separable(refinement));
      break;
    case RefinementKind::kBilateral:
      BACKDROP_TRY(builder.add_joint_bilateral(refinement));
      break;
    case RefinementKind::kBilateralRational:
      BACKDROP_TRY(builder.add_rational(refinement));
      break;
    case RefinementKind::kBilateralSeparable:
      BACKDROP_TRY(builder.add_separable(refinement));
      break;
  }
  return refiner;
}

TextureView Refiner::run(const TextureView& frame, const TextureView& mask) const {
  TextureView latest = mask;
  for (const Pass& pass : passes_) {
    std::array<TextureView, kMaxSources> textures;
    for (std::size_t i = 0; i < pass.sources.size(); ++i) {
      const int source = pass.sources[i];
      textures[i] = source == kFrame  ? frame
                    : source == kMask ? mask
                                      : passes_[static_cast<std::size_t>(source)].target.view();
    }
    pass.program.use();
    pass.program.draw(std::span(textures).first(pass.sources.size()), surface_of(pass.target));
    latest = pass.target.view();
  }
  return latest;
}

}  // namespace backdrop::gl

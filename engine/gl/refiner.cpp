#include "gl/refiner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "gl/shaders.h"

namespace backdrop::gl {
namespace {

constexpr std::size_t kMostSources = 3;

// Where the bilateral filters look along an axis, in pixels of what comes out: as MediaPipe's
// filter and the virtual-background demo do.
struct Taps {
  float sigma, first, stride;
  int count;
};

Taps taps_of(const Refinement& refinement, const Refiner::Sizes& sizes) {
  constexpr double kSparsity = 0.66;
  const double scale = std::max(static_cast<double>(sizes.width) / sizes.mask_width,
                                static_cast<double>(sizes.height) / sizes.mask_height);
  const double radius = refinement.sigma_space * scale;
  const double stride = std::max(1.0, kSparsity * std::sqrt(radius));
  const double first = -radius + (stride > 1 ? stride / 2 : 0);
  // A float's rounding of sigma_space does not lose the last tap.
  const int count = 1 + static_cast<int>(std::floor((radius - first) / stride + 1e-6));
  return {static_cast<float>(radius), static_cast<float>(first), static_cast<float>(stride), count};
}

// Of the exponents: weights are exp(-falloff * squared distance).
double falloff(double sigma) { return 0.5 / (4 * sigma * sigma + 1e-6); }

// Along an axis on which `texel` is the size of a pixel of what comes out.
std::vector<float> space_weights(const Taps& taps, float texel, double sigma) {
  std::vector<float> weights;
  for (int i = 0; i < taps.count; ++i) {
    const double distance = texel * (taps.first + i * static_cast<double>(taps.stride));
    weights.push_back(static_cast<float>(std::exp(-falloff(sigma) * distance * distance)));
  }
  return weights;
}

// Half floats, at least, can be drawn to.
bool draws_to_floats(const Functions& gl) {
  return Target::create(gl, GL_RGBA16F, 1, 1).has_value();
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

  // The program is in use then, for its other uniforms to be set.
  Result<void> add(std::string_view definitions, std::string_view shader,
                   std::initializer_list<Input> inputs, GLenum format, Scale scale);
  // A filter of `source`, of the mask's size, along an axis.
  Result<void> add_window(std::string_view definitions, std::string_view shader, int source,
                          GLenum format, Axis axis, int radius);
  Result<void> add_range(const Refinement& refinement);
  // A bilateral filter of `mask` with rational weights. The taps are those along the rows and those
  // along the columns.
  Result<void> add_weighted(const Refinement& refinement, const Taps& along_rows,
                            const Taps& along_columns, int mask, int range);

  GLint uniform(const char* name) const { return passes_.back().program.location(name); }
  int last() const { return static_cast<int>(passes_.size()) - 1; }
  // The deviation in space, in texture coordinates.
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
  Pass pass;
  pass.program = BACKDROP_TRY(Program::create(gl_, definitions, shader));
  pass.target = BACKDROP_TRY(Target::create(gl_, format, small ? sizes_.mask_width : sizes_.width,
                                            small ? sizes_.mask_height : sizes_.height));
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
  const Taps taps = taps_of(refinement, sizes_);
  gl_.Uniform2f(uniform("texel"), texel_x_, texel_y_);
  gl_.Uniform1i(uniform("count"), taps.count);
  gl_.Uniform1f(uniform("first"), taps.first);
  gl_.Uniform1f(uniform("stride"), taps.stride);
  gl_.Uniform1f(uniform("sigma_space"), static_cast<float>(sigma_of(refinement)));
  gl_.Uniform1f(uniform("sigma_color"), refinement.sigma_color);
  return {};
}

Result<void> Refiner::Builder::add_range(const Refinement& refinement) {
  // As far as taps around any point of a pixel of the mask reach, with their linear sampling.
  const float sigma = taps_of(refinement, sizes_).sigma;
  const float in_columns = sigma * texel_x_ * static_cast<float>(sizes_.mask_width);
  const float in_rows = sigma * texel_y_ * static_cast<float>(sizes_.mask_height);
  BACKDROP_TRY(add_window("#define CHANNELS rr\n", shaders::kMaskRange, kMask, GL_RG8, Axis::kRows,
                          1 + static_cast<int>(in_columns + 0.5f)));
  return add_window("#define CHANNELS rg\n", shaders::kMaskRange, last(), GL_RG8, Axis::kColumns,
                    1 + static_cast<int>(in_rows + 0.5f));
}

Result<void> Refiner::Builder::add_weighted(const Refinement& refinement, const Taps& along_rows,
                                            const Taps& along_columns, int mask, int range) {
  const std::string definitions = "#define COLUMNS " + std::to_string(along_rows.count) +
                                  "\n#define ROWS " + std::to_string(along_columns.count) + "\n";
  BACKDROP_TRY(add(definitions, shaders::kBilateralRational,
                   {{"frame", kFrame}, {"mask", mask}, {"range", range}}, GL_R8, Scale::kOutput));
  gl_.Uniform2f(uniform("first"), texel_x_ * along_rows.first, texel_y_ * along_columns.first);
  gl_.Uniform2f(uniform("stride"), texel_x_ * along_rows.stride, texel_y_ * along_columns.stride);
  const double sigma = sigma_of(refinement);
  const auto column_weights = space_weights(along_rows, texel_x_, sigma);
  const auto row_weights = space_weights(along_columns, texel_y_, sigma);
  gl_.Uniform1fv(uniform("column_weights"), along_rows.count, column_weights.data());
  gl_.Uniform1fv(uniform("row_weights"), along_columns.count, row_weights.data());
  gl_.Uniform1f(uniform("color_scale"), static_cast<float>(falloff(refinement.sigma_color) / 2));
  return {};
}

Result<void> Refiner::Builder::add_rational(const Refinement& refinement) {
  BACKDROP_TRY(add_range(refinement));
  const Taps taps = taps_of(refinement, sizes_);
  return add_weighted(refinement, taps, taps, kMask, last());
}

Result<void> Refiner::Builder::add_separable(const Refinement& refinement) {
  constexpr Taps kCenter{0, 0, 0, 1};
  BACKDROP_TRY(add_range(refinement));
  const int range = last();
  const Taps taps = taps_of(refinement, sizes_);
  BACKDROP_TRY(add_weighted(refinement, taps, kCenter, kMask, range));
  return add_weighted(refinement, kCenter, taps, last(), range);
}

Result<void> Refiner::Builder::add_guided(const Refinement& refinement) {
  constexpr std::string_view kProducts = "#define OF_PRODUCTS\n";
  constexpr std::string_view kCoefficients = "#define TO_COEFFICIENTS\n";
  const int radius = std::max(1, static_cast<int>(std::lround(2 * refinement.sigma_space)));
  const auto taps = [](int extent, int mask_extent) {
    return static_cast<float>(std::max(1, (extent + mask_extent) / (2 * mask_extent)));
  };
  BACKDROP_TRY(
      add("", shaders::kGuidedSource, {{"frame", kFrame}, {"mask", kMask}}, GL_RG8, Scale::kMask));
  gl_.Uniform2f(uniform("taps"), taps(sizes_.width, sizes_.mask_width),
                taps(sizes_.height, sizes_.mask_height));

  const std::string_view box = shaders::kGuidedBox;
  BACKDROP_TRY(add_window(kProducts, box, last(), GL_RGBA16F, Axis::kRows, radius));
  BACKDROP_TRY(add_window(kCoefficients, box, last(), GL_RG16F, Axis::kColumns, radius));
  gl_.Uniform1f(uniform("epsilon"), refinement.sigma_color * refinement.sigma_color);
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
      BACKDROP_TRY(draws_to_floats(gl) ? builder.add_guided(refinement)
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
    std::array<TextureView, kMostSources> textures;
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

void Refiner::abandon() {
  for (Pass& pass : passes_) {
    pass.program.abandon();
    pass.target.abandon();
  }
}

}  // namespace backdrop::gl

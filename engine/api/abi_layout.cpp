// The layout of the header's structs, which callers in other languages write by hand: in 64 bits
// and in 32. A field that moves breaks them, so new fields are appended: see BACKDROP_ABI_VERSION.
#include <cstddef>

#include "backdrop/backdrop.h"
#include "base/executor.h"
#include "image/frame.h"
#include "render/render_settings.h"
#include "segment/activation.h"
#include "segment/temporal_smoothing.h"

#define BACKDROP_FIELD(structure, field, offset) \
  static_assert(offsetof(structure, field) == (offset), #structure "." #field " moved")
#define BACKDROP_SIZE(structure, size) \
  static_assert(sizeof(structure) == (size), #structure " has another size")

namespace {

// The offset or size with pointers of 64 bits, and of 32.
constexpr std::size_t either(std::size_t wide, std::size_t narrow) {
  return sizeof(void*) == 8 ? wide : narrow;
}

BACKDROP_FIELD(backdrop_image, format, 0);
BACKDROP_FIELD(backdrop_image, width, 4);
BACKDROP_FIELD(backdrop_image, height, 8);
BACKDROP_FIELD(backdrop_image, strides, 12);
BACKDROP_FIELD(backdrop_image, planes, 24);
BACKDROP_FIELD(backdrop_image, color_space, either(48, 36));
BACKDROP_FIELD(backdrop_image, rotation, either(52, 40));
BACKDROP_FIELD(backdrop_image, flip, either(56, 44));
BACKDROP_SIZE(backdrop_image, either(64, 48));

BACKDROP_FIELD(backdrop_classes, bits, 0);
BACKDROP_SIZE(backdrop_classes, 32);

BACKDROP_FIELD(backdrop_model_options, input_min, 0);
BACKDROP_FIELD(backdrop_model_options, input_max, 4);
BACKDROP_FIELD(backdrop_model_options, output, 8);
BACKDROP_FIELD(backdrop_model_options, channel_order, 12);
BACKDROP_FIELD(backdrop_model_options, input_width, 16);
BACKDROP_FIELD(backdrop_model_options, input_height, 20);
BACKDROP_FIELD(backdrop_model_options, classes, 24);
BACKDROP_FIELD(backdrop_model_options, output_name, 56);
BACKDROP_FIELD(backdrop_model_options, input_mean, either(64, 60));
BACKDROP_FIELD(backdrop_model_options, input_deviation, either(76, 72));
BACKDROP_FIELD(backdrop_model_options, precision, either(88, 84));
BACKDROP_SIZE(backdrop_model_options, either(96, 88));

BACKDROP_FIELD(backdrop_model_info, input_width, 0);
BACKDROP_FIELD(backdrop_model_info, input_height, 4);
BACKDROP_FIELD(backdrop_model_info, input_channels, 8);
BACKDROP_FIELD(backdrop_model_info, output_width, 12);
BACKDROP_FIELD(backdrop_model_info, output_height, 16);
BACKDROP_FIELD(backdrop_model_info, output_channels, 20);
BACKDROP_FIELD(backdrop_model_info, input_min, 24);
BACKDROP_FIELD(backdrop_model_info, input_max, 28);
BACKDROP_FIELD(backdrop_model_info, output, 32);
BACKDROP_FIELD(backdrop_model_info, channel_order, 36);
BACKDROP_FIELD(backdrop_model_info, class_count, 40);
BACKDROP_FIELD(backdrop_model_info, classes, 44);
BACKDROP_FIELD(backdrop_model_info, channel_min, 76);
BACKDROP_FIELD(backdrop_model_info, channel_max, 88);
BACKDROP_SIZE(backdrop_model_info, 100);

BACKDROP_FIELD(backdrop_statistics, frames, 0);
BACKDROP_FIELD(backdrop_statistics, sample, 8);
BACKDROP_FIELD(backdrop_statistics, infer, 16);
BACKDROP_FIELD(backdrop_statistics, matte, 24);
BACKDROP_FIELD(backdrop_statistics, composite, 32);
BACKDROP_FIELD(backdrop_statistics, inferences, 40);
BACKDROP_FIELD(backdrop_statistics, interval, 48);
BACKDROP_FIELD(backdrop_statistics, kept, 56);
BACKDROP_FIELD(backdrop_statistics, network_bytes, 64);
BACKDROP_SIZE(backdrop_statistics, 72);

BACKDROP_FIELD(backdrop_texture, name, 0);
BACKDROP_FIELD(backdrop_texture, width, 4);
BACKDROP_FIELD(backdrop_texture, height, 8);
BACKDROP_SIZE(backdrop_texture, 12);

// The engine's enumerations have the same numbers, and no more of them than the header.
static_assert(BACKDROP_RGBA == static_cast<int>(backdrop::PixelFormat::kRgba));
static_assert(BACKDROP_I420 == static_cast<int>(backdrop::PixelFormat::kI420));
static_assert(BACKDROP_NV12 == static_cast<int>(backdrop::PixelFormat::kNv12));
static_assert(BACKDROP_BGRA == static_cast<int>(backdrop::PixelFormat::kBgra));
static_assert(BACKDROP_YUY2 == static_cast<int>(backdrop::PixelFormat::kYuy2));
static_assert(BACKDROP_RGBX == static_cast<int>(backdrop::PixelFormat::kRgbx));
static_assert(BACKDROP_BGRX == static_cast<int>(backdrop::PixelFormat::kBgrx));
static_assert(BACKDROP_BGRX + 1 == backdrop::kFormatCount);
static_assert(BACKDROP_BT601_LIMITED == static_cast<int>(backdrop::ColorSpace::kBt601Limited));
static_assert(BACKDROP_BT601_FULL == static_cast<int>(backdrop::ColorSpace::kBt601Full));
static_assert(BACKDROP_BT709_LIMITED == static_cast<int>(backdrop::ColorSpace::kBt709Limited));
static_assert(BACKDROP_BT709_FULL == static_cast<int>(backdrop::ColorSpace::kBt709Full));
static_assert(BACKDROP_REFINEMENT_NONE == static_cast<int>(backdrop::RefinementKind::kNone));
static_assert(BACKDROP_REFINEMENT_GUIDED == static_cast<int>(backdrop::RefinementKind::kGuided));
static_assert(BACKDROP_REFINEMENT_BILATERAL ==
              static_cast<int>(backdrop::RefinementKind::kBilateral));
static_assert(BACKDROP_REFINEMENT_BILATERAL_RATIONAL ==
              static_cast<int>(backdrop::RefinementKind::kBilateralRational));
static_assert(BACKDROP_REFINEMENT_BILATERAL_SEPARABLE ==
              static_cast<int>(backdrop::RefinementKind::kBilateralSeparable));
static_assert(BACKDROP_OUTPUT_PROBABILITY ==
              1 + static_cast<int>(backdrop::OutputKind::kProbability));
static_assert(BACKDROP_OUTPUT_LOGIT == 1 + static_cast<int>(backdrop::OutputKind::kLogit));
static_assert(BACKDROP_OUTPUT_LOGITS == 1 + static_cast<int>(backdrop::OutputKind::kLogits));
static_assert(BACKDROP_OUTPUT_PROBABILITIES ==
              1 + static_cast<int>(backdrop::OutputKind::kProbabilities));
static_assert(BACKDROP_OUTPUT_ARG_MAX == 1 + static_cast<int>(backdrop::OutputKind::kArgMax));
static_assert(BACKDROP_OUTPUT_LABEL == 1 + static_cast<int>(backdrop::OutputKind::kLabel));

static_assert(BACKDROP_MOST_CLASSES == backdrop::kMaxClasses);
static_assert(BACKDROP_MOST_CLASSES == 8 * sizeof(backdrop_classes));
static_assert(BACKDROP_MOST_THREADS == backdrop::kMaxThreads);

static_assert(BACKDROP_BLUR_STRENGTH_DEFAULT == backdrop::BlurBackground{}.strength);
static_assert(BACKDROP_COVERAGE_LOW_DEFAULT == backdrop::Coverage{}.low);
static_assert(BACKDROP_COVERAGE_HIGH_DEFAULT == backdrop::Coverage{}.high);
static_assert(BACKDROP_REFINEMENT_GUIDED == static_cast<int>(backdrop::Refinement{}.kind));
static_assert(BACKDROP_SIGMA_SPACE_DEFAULT == backdrop::Refinement{}.sigma_space);
static_assert(BACKDROP_SIGMA_COLOR_DEFAULT == backdrop::Refinement{}.sigma_color);
static_assert(BACKDROP_LIGHT_WRAPPING_DEFAULT == backdrop::LightWrapping{}.strength);
static_assert(BACKDROP_STEADYING_DEFAULT == backdrop::TemporalSmoothing::kDefaultStrength);

}  // namespace

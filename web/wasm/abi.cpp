// A module of data only: what backdrop.h means on wasm32, as names and numbers. The package's
// bin/abi.mjs turns the table into TypeScript, so that no number of the header is copied by hand,
// and rejects a table that lacks an enumerator, a field or a macro of the header.
#include <array>
#include <cstddef>
#include <cstdint>

#include "backdrop/backdrop.h"

namespace {

struct Entry {
  const char* group;  // an enum, a struct, or "macro"
  const char* name;   // an enumerator, a field, or a macro; nullptr ends the table
  double value;       // the enumerator's number, the field's offset in bytes, or the macro's value
};

constexpr size_t kMostEntries = 160;

// An overflow is no constant expression: then the compiler rejects the table.
struct Table {
  std::array<Entry, kMostEntries> entries{};
  size_t count = 0;

  constexpr void add(const char* group, const char* name, double value) {
    entries[count++] = {group, name, value};
  }
};

#define ENUMERATOR(type, name) table.add(#type, #name, static_cast<int>(name))
#define FIELD(type, field) table.add(#type, #field, offsetof(type, field))
#define SIZE(type) table.add(#type, "size", sizeof(type))
#define MACRO(name) table.add("macro", #name, name)

constexpr Table make_table() {
  Table table;
  ENUMERATOR(backdrop_status, BACKDROP_OK);
  ENUMERATOR(backdrop_status, BACKDROP_ERROR_ARGUMENT);
  ENUMERATOR(backdrop_status, BACKDROP_ERROR_MODEL);
  ENUMERATOR(backdrop_status, BACKDROP_ERROR_UNSUPPORTED);
  ENUMERATOR(backdrop_status, BACKDROP_ERROR_STATE);
  ENUMERATOR(backdrop_status, BACKDROP_ERROR_MEMORY);

  ENUMERATOR(backdrop_format, BACKDROP_RGBA);
  ENUMERATOR(backdrop_format, BACKDROP_I420);
  ENUMERATOR(backdrop_format, BACKDROP_NV12);
  ENUMERATOR(backdrop_format, BACKDROP_BGRA);

  ENUMERATOR(backdrop_color_space, BACKDROP_BT601_LIMITED);
  ENUMERATOR(backdrop_color_space, BACKDROP_BT601_FULL);
  ENUMERATOR(backdrop_color_space, BACKDROP_BT709_LIMITED);
  ENUMERATOR(backdrop_color_space, BACKDROP_BT709_FULL);

  ENUMERATOR(backdrop_output, BACKDROP_OUTPUT_AUTO);
  ENUMERATOR(backdrop_output, BACKDROP_OUTPUT_PROBABILITY);
  ENUMERATOR(backdrop_output, BACKDROP_OUTPUT_LOGIT);
  ENUMERATOR(backdrop_output, BACKDROP_OUTPUT_LOGITS);
  ENUMERATOR(backdrop_output, BACKDROP_OUTPUT_PROBABILITIES);
  ENUMERATOR(backdrop_output, BACKDROP_OUTPUT_ARG_MAX);
  ENUMERATOR(backdrop_output, BACKDROP_OUTPUT_LABEL);

  ENUMERATOR(backdrop_channel_order, BACKDROP_CHANNELS_RGB);
  ENUMERATOR(backdrop_channel_order, BACKDROP_CHANNELS_BGR);

  ENUMERATOR(backdrop_precision, BACKDROP_PRECISION_AUTO);
  ENUMERATOR(backdrop_precision, BACKDROP_PRECISION_FLOAT);

  ENUMERATOR(backdrop_fit, BACKDROP_FIT_COVER);
  ENUMERATOR(backdrop_fit, BACKDROP_FIT_CONTAIN);

  ENUMERATOR(backdrop_refinement, BACKDROP_REFINEMENT_NONE);
  ENUMERATOR(backdrop_refinement, BACKDROP_REFINEMENT_GUIDED);
  ENUMERATOR(backdrop_refinement, BACKDROP_REFINEMENT_BILATERAL);
  ENUMERATOR(backdrop_refinement, BACKDROP_REFINEMENT_BILATERAL_RATIONAL);
  ENUMERATOR(backdrop_refinement, BACKDROP_REFINEMENT_BILATERAL_SEPARABLE);

  ENUMERATOR(backdrop_blend_mode, BACKDROP_BLEND_SCREEN);
  ENUMERATOR(backdrop_blend_mode, BACKDROP_BLEND_LINEAR_DODGE);

  SIZE(backdrop_image);
  FIELD(backdrop_image, format);
  FIELD(backdrop_image, width);
  FIELD(backdrop_image, height);
  FIELD(backdrop_image, strides);
  FIELD(backdrop_image, planes);
  FIELD(backdrop_image, color_space);
  FIELD(backdrop_image, rotation);
  FIELD(backdrop_image, flip);

  SIZE(backdrop_texture);
  FIELD(backdrop_texture, name);
  FIELD(backdrop_texture, width);
  FIELD(backdrop_texture, height);

  SIZE(backdrop_model_options);
  FIELD(backdrop_model_options, input_min);
  FIELD(backdrop_model_options, input_max);
  FIELD(backdrop_model_options, output);
  FIELD(backdrop_model_options, channel_order);
  FIELD(backdrop_model_options, input_width);
  FIELD(backdrop_model_options, input_height);
  FIELD(backdrop_model_options, classes);
  FIELD(backdrop_model_options, output_name);
  FIELD(backdrop_model_options, input_mean);
  FIELD(backdrop_model_options, input_deviation);
  FIELD(backdrop_model_options, precision);

  SIZE(backdrop_model_info);
  FIELD(backdrop_model_info, input_width);
  FIELD(backdrop_model_info, input_height);
  FIELD(backdrop_model_info, input_channels);
  FIELD(backdrop_model_info, output_width);
  FIELD(backdrop_model_info, output_height);
  FIELD(backdrop_model_info, output_channels);
  FIELD(backdrop_model_info, input_min);
  FIELD(backdrop_model_info, input_max);
  FIELD(backdrop_model_info, output);
  FIELD(backdrop_model_info, channel_order);
  FIELD(backdrop_model_info, class_count);
  FIELD(backdrop_model_info, classes);
  FIELD(backdrop_model_info, channel_min);
  FIELD(backdrop_model_info, channel_max);

  SIZE(backdrop_statistics);
  FIELD(backdrop_statistics, frames);
  FIELD(backdrop_statistics, sample);
  FIELD(backdrop_statistics, infer);
  FIELD(backdrop_statistics, matte);
  FIELD(backdrop_statistics, composite);
  FIELD(backdrop_statistics, inferences);
  FIELD(backdrop_statistics, interval);
  FIELD(backdrop_statistics, kept);
  FIELD(backdrop_statistics, network_bytes);

  MACRO(BACKDROP_ABI_VERSION);
  MACRO(BACKDROP_MOST_THREADS);
  MACRO(BACKDROP_LARGEST_SIZE);
  MACRO(BACKDROP_LARGEST_INPUT);
  MACRO(BACKDROP_MOST_CLASSES);
  MACRO(BACKDROP_BLUR_STRENGTH_MIN);
  MACRO(BACKDROP_BLUR_STRENGTH_MAX);
  MACRO(BACKDROP_BLUR_STRENGTH_DEFAULT);
  MACRO(BACKDROP_COVERAGE_LOW_DEFAULT);
  MACRO(BACKDROP_COVERAGE_HIGH_DEFAULT);
  MACRO(BACKDROP_SIGMA_SPACE_MIN);
  MACRO(BACKDROP_SIGMA_SPACE_MAX);
  MACRO(BACKDROP_SIGMA_SPACE_DEFAULT);
  MACRO(BACKDROP_SIGMA_COLOR_MIN);
  MACRO(BACKDROP_SIGMA_COLOR_MAX);
  MACRO(BACKDROP_SIGMA_COLOR_DEFAULT);
  MACRO(BACKDROP_LIGHT_WRAPPING_DEFAULT);
  MACRO(BACKDROP_STEADYING_DEFAULT);
  MACRO(BACKDROP_MOTION_GATE_DEFAULT);
  MACRO(BACKDROP_LEARNED_ROOM_DEFAULT);
  MACRO(BACKDROP_PERSON_CROP_DEFAULT);
  MACRO(BACKDROP_ONLY_FRONT_DEFAULT);
  MACRO(BACKDROP_DESPECKLING_DEFAULT);
  MACRO(BACKDROP_BUDGET_DEFAULT);
  return table;
}

static_assert(sizeof(Entry) == 16 && offsetof(Entry, value) == 8, "as bin/abi.mjs reads it");

}  // namespace

extern "C" {
extern const Table backdrop_abi;
constexpr Table backdrop_abi = make_table();
}

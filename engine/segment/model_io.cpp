#include "segment/model_io.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "net/graph/sides.h"

namespace backdrop {
namespace {

// A value and its provenance, as the description says it.
template <typename T>
struct Resolved {
  T value;
  std::string_view source;
};

constexpr std::string_view kChosen;
constexpr std::string_view kAssumed = " (assumed)";
constexpr std::string_view kByMetadata = " (by its metadata)";
constexpr std::string_view kByQuantization = " (by its quantization)";
constexpr std::string_view kByOutputHead = " (by its last operation)";
constexpr std::string_view kByShape = " (assumed from its shape)";
constexpr std::string_view kByName = " (by name)";

std::string to_string(const Shape& shape) {
  return join({shape.height, "x", shape.width, "x", shape.channels});
}

Result<void> check(const NetworkSpec& spec) {
  const Shape& input = spec.input;
  if (input.channels != 1 && input.channels != 3 && input.channels != 4) {
    return fail(ErrorCode::kUnsupported,
                {"the model's input is ", to_string(input),
                 ", where 3 channels, red, green and blue, or 1 or 4 are needed"});
  }
  const std::string output = join({"the model's output is ", to_string(spec.output), ", "});
  if (spec.output.is_vector()) {
    return fail(ErrorCode::kUnsupported,
                {output, "an answer for the whole picture, where one for each pixel is needed"});
  }
  if (!is_in_proportion(input, spec.output)) {
    return fail(ErrorCode::kUnsupported,
                {output, "which does not have the proportions of its input, ", to_string(input)});
  }
  if (spec.output.channels > static_cast<int>(kMaxClasses)) {
    return fail(ErrorCode::kUnsupported,
                {output, "where 1 to ", kMaxClasses, " channels are needed"});
  }
  return {};
}

bool is_range(const InputRange& range) {
  return std::isfinite(range.min) && std::isfinite(range.max) && range.min < range.max;
}

// The ranges of the input: one, or one for each of three channels.
using Ranges = std::vector<InputRange>;

InputRange span_of(const Ranges& ranges) {
  return {std::ranges::min(ranges, {}, &InputRange::min).min,
          std::ranges::max(ranges, {}, &InputRange::max).max};
}

Result<void> check_ranges(const NetworkSpec& spec, const Ranges& chosen) {
  if (spec.input.channels > 1 || chosen.empty()) return {};
  if (std::ranges::count(chosen, chosen[0]) == std::ssize(chosen)) return {};
  return fail(ErrorCode::kArgument,
              "the model's input has one channel, and its means and deviations differ");
}

Resolved<Ranges> input_ranges(const Metadata& metadata, const ModelOptions& options,
                              const NetworkSpec& spec) {
  if (!options.channel_ranges.empty()) return {options.channel_ranges, kChosen};
  if (options.input_range) return {{*options.input_range}, kChosen};
  if (metadata.input_range && is_range(*metadata.input_range)) {
    return {{*metadata.input_range}, kByMetadata};
  }
  if (!metadata.channel_ranges.empty()) return {metadata.channel_ranges, kByMetadata};
  const Grid& grid = spec.input_quantization;
  if (grid)
    return {{{(grid.first - grid.zero) * grid.step, (grid.last - grid.zero) * grid.step}},
            kByQuantization};
  return {{InputRange{}}, kAssumed};
}

Resolved<OutputKind> kind_by_file(const NetworkSpec& spec, const Metadata& metadata) {
  const bool single = spec.output.channels == 1;
  const OutputKind probability = single ? OutputKind::kProbability : OutputKind::kProbabilities;
  const OutputKind logit = single ? OutputKind::kLogit : OutputKind::kLogits;
  const OutputHead::Kind head = spec.head.kind;
  if (single && head == OutputHead::Kind::kArgMax) return {OutputKind::kLabel, kByOutputHead};
  if (metadata.output_activation) {
    const bool done = *metadata.output_activation == OutputActivation::kNone;
    return {done ? probability : logit, kByMetadata};
  }
  // A softmax over one channel is 1 everywhere.
  if (head == OutputHead::Kind::kSigmoid || (!single && head == OutputHead::Kind::kSoftmax)) {
    return {probability, kByOutputHead};
  }
  return {logit, kByShape};
}

Result<Resolved<OutputKind>> output_kind(const NetworkSpec& spec, const Metadata& metadata,
                                         const ModelOptions& options) {
  if (!options.output) return kind_by_file(spec, metadata);
  const bool one = traits_of(*options.output).one_channel;
  if (one == (spec.output.channels == 1)) return Resolved<OutputKind>{*options.output, kChosen};
  return fail(ErrorCode::kArgument,
              {"the model's output is ", to_string(spec.output), ", where the output kind needs ",
               (one ? "1 channel" : "2 to 256 channels")});
}

std::size_t count_classes(OutputKind kind, const NetworkSpec& spec, const Metadata& metadata) {
  const OutputTraits traits = traits_of(kind);
  if (!traits.has_classes) return 0;
  if (!traits.one_channel) return static_cast<std::size_t>(spec.output.channels);
  std::size_t count = kMaxClasses;
  if (spec.head.kind == OutputHead::Kind::kArgMax) {
    count = static_cast<std::size_t>(spec.head.channels);
  } else if (!metadata.class_names.empty()) {
    count = metadata.class_names.size();
  }
  return std::min(count, kMaxClasses);
}

// The classes with one of these names, ignoring case.
ClassSet named(const std::vector<std::string>& names,
               std::initializer_list<std::string_view> wanted) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  ClassSet classes;
  for (std::size_t i = 0; i < names.size(); ++i) {
    classes[i] = std::ranges::any_of(wanted, [&](std::string_view name) {
      return std::ranges::equal(names[i], name, {}, lower);
    });
  }
  return classes;
}

ClassSet first_classes(std::size_t count) {
  return count == 0 ? ClassSet{} : ClassSet{}.set() >> (kMaxClasses - count);
}

Resolved<ClassSet> classes_by_file(const ModelInfo& info) {
  const ClassSet all = first_classes(info.class_count);
  const ClassSet person = named(info.class_names, {"person", "selfie"});
  if (person.any()) return {person, kByName};
  const ClassSet background = named(info.class_names, {"background"});
  if (background.any()) return {all & ~background, kByName};
  ClassSet kept;
  if (info.class_count == 2) return {kept.set(1), kAssumed};
  if (info.class_count == 21) return {kept.set(15), kAssumed};
  return {all & ~kept.set(0), kAssumed};
}

Result<Resolved<ClassSet>> kept_classes(const ModelInfo& info, const ModelOptions& options) {
  if (options.classes.none()) {
    if (info.class_count == 0) return Resolved<ClassSet>{};
    return classes_by_file(info);
  }
  const ClassSet missing = options.classes & ~first_classes(info.class_count);
  if (missing.none()) return Resolved<ClassSet>{options.classes, kChosen};
  std::size_t first = 0;
  while (!missing[first]) ++first;
  const std::string known =
      info.class_count == 0 ? "no classes" : join({"classes 0 to ", info.class_count - 1});
  return fail(ErrorCode::kArgument, {"the model has no class ", first, "; its output has ", known});
}

// With at most three decimals, such as 0, -1, 127.5 and 3e38.
std::string to_string(float signed_value) {
  float value = std::abs(signed_value);
  int exponent = 0;
  if (value >= 1e6f) {
    for (; value >= 9.9995f; ++exponent) value /= 10;
  } else if (value > 0 && value < 1e-3f) {
    for (; value < 0.9995f; --exponent) value *= 10;
  }
  const long thousandths = std::lround(value * 1000);
  std::string text = join({signed_value < 0 ? "-" : "", thousandths / 1000});
  if (thousandths % 1000 != 0) {
    text.append(".").append(join({1000 + thousandths % 1000}), 1);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return exponent == 0 ? text : join({text, "e", exponent});
}

std::string list_of(const ClassSet& classes, const ModelInfo& info) {
  std::string text;
  for (std::size_t i = 0; i < info.class_count; ++i) {
    if (!classes[i]) continue;
    if (!text.empty()) text += ", ";
    const bool has_name = !info.class_names.empty() && !info.class_names[i].empty();
    text += has_name ? info.class_names[i] : join({"class ", i});
  }
  return text;
}

std::string describe_classes(const ModelInfo& info) {
  const ClassSet& kept = info.format.kept;
  if (2 * kept.count() <= info.class_count) return list_of(kept, info);
  const ClassSet dropped = first_classes(info.class_count) & ~kept;
  return dropped.none() ? "all classes" : join({"all but ", list_of(dropped, info)});
}

std::string describe_output(const OutputFormat& format) {
  const OutputTraits traits = traits_of(format.kind);
  return traits.one_channel ? std::string(traits.description)
                            : join({format.channels, " ", traits.description});
}

std::string size_of(const Shape& shape) { return join({shape.width, "x", shape.height}); }

std::string describe_channels(const ModelInfo& info) {
  if (info.input.channels == 1) return ", grey";
  return join({info.channel_order == ChannelOrder::kRgb ? ", RGB" : ", BGR",
               info.input.channels == 4 ? " and the mask before" : ""});
}

std::string describe(const ModelInfo& info, const NetworkSpec& spec, std::string_view range_from,
                     std::string_view kind_from, std::string_view classes_from) {
  std::string text = join({"input ", size_of(info.input), describe_channels(info)});
  const auto add = [&](const InputRange& range) {
    text += join({", ", to_string(range.min), " to ", to_string(range.max)});
  };
  if (info.channel_ranges.empty()) add(info.input_range);
  std::ranges::for_each(info.channel_ranges, add);
  text += join({range_from, "; output "});
  if (!spec.output_name.empty()) text += join({"'", spec.output_name, "', "});
  text += join({size_of(info.output), ", ", describe_output(info.format), kind_from});
  if (info.class_count > 0) text += join({"; kept: ", describe_classes(info), classes_from});
  // Names come from the file and may hold anything.
  std::ranges::replace_if(text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

Result<ModelInfo> resolve_model_io(const NetworkSpec& spec, const Metadata& metadata,
                                   const ModelOptions& options) {
  BACKDROP_TRY(check(spec));
  BACKDROP_TRY(check_ranges(spec, options.channel_ranges));
  const auto ranges = input_ranges(metadata, options, spec);
  const auto kind = BACKDROP_TRY(output_kind(spec, metadata, options));
  ModelInfo info{.input = spec.input,
                 .output = spec.output,
                 .input_range = span_of(ranges.value),
                 .channel_ranges = {},
                 .channel_order = options.channel_order,
                 .format = {kind.value, static_cast<std::size_t>(spec.output.channels), {}},
                 .class_count = count_classes(kind.value, spec, metadata),
                 .class_names = metadata.class_names,
                 .description = {}};
  const bool differ = spec.input.channels > 1 && ranges.value.size() > 1;
  if (differ) info.channel_ranges = ranges.value;
  if (!info.class_names.empty()) info.class_names.resize(info.class_count);
  const auto kept = BACKDROP_TRY(kept_classes(info, options));
  info.format.kept = kept.value;
  info.description = describe(info, spec, ranges.source, kind.source, kept.source);
  return info;
}

}  // namespace backdrop

#include "model_options.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cmath>
#include <map>
#include <ranges>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "option_parsing.h"
#include "output_kinds.h"

namespace backdrop::cli {
namespace {

std::pair<int, int> parse_input_size(const std::string& text) {
  const auto size = parse_pair<int>(text, 'x');
  const auto is_side = [](int side) { return side >= 1 && side <= BACKDROP_LARGEST_INPUT; };
  if (!size || !is_side(size->first) || !is_side(size->second)) {
    refuse("--input-size", text, "WxH, each 1 to 4096");
  }
  return *size;
}

std::pair<float, float> parse_input_range(const std::string& text) {
  const auto range = parse_pair<float>(text, ',');
  if (!range || !std::isfinite(range->first) || !std::isfinite(range->second) ||
      range->first >= range->second) {
    refuse("--input-range", text, "MIN,MAX, MIN below MAX");
  }
  return *range;
}

std::vector<float> parse_colors(const char* option, const std::string& text) {
  std::vector<float> values;
  for (const auto part : std::views::split(text, ',')) {
    float& value = values.emplace_back();
    const char* end = part.data() + part.size();
    const auto [stop, error] = std::from_chars(part.data(), end, value);
    if (stop != end || error != std::errc{} || !std::isfinite(value)) {
      refuse(option, text, "three numbers, or one");
    }
  }
  if (values.size() == 1) values.resize(3, values[0]);
  if (values.size() != 3) refuse(option, text, "three numbers, or one");
  return values;
}

std::vector<std::string> parse_classes(const std::string& text) {
  std::vector<std::string> classes;
  for (const auto part : std::views::split(text, ','))
    classes.emplace_back(part.begin(), part.end());
  if (text.empty() || std::ranges::find(classes, "") != classes.end())
    refuse("--classes", text, "15 or hair,clothes");
  return classes;
}

const std::map<std::string, backdrop_output>& output_kinds() {
  static const auto by_name = [] {
    std::map<std::string, backdrop_output> names;
    for (const OutputKindWords& words : kOutputKinds) names.emplace(words.name, words.kind);
    return names;
  }();
  return by_name;
}

const std::map<std::string, backdrop_channel_order>& channel_orders() {
  static const std::map<std::string, backdrop_channel_order> by_name{
      {"rgb", BACKDROP_CHANNELS_RGB}, {"bgr", BACKDROP_CHANNELS_BGR}};
  return by_name;
}

const std::map<std::string, backdrop_precision>& precisions() {
  static const std::map<std::string, backdrop_precision> by_name{
      {"auto", BACKDROP_PRECISION_AUTO}, {"float", BACKDROP_PRECISION_FLOAT}};
  return by_name;
}

}  // namespace

void add_model_overrides(CLI::App& command, ModelOverrides& overrides) {
  const auto add = [&](const char* name, const char* description, const char* form, auto keep) {
    return command.add_option_function<std::string>(name, keep, description)
        ->type_name(form)
        ->group("How the model is fed and read, where not as the catalogue or its file says");
  };
  add("--input-size", "Plan the network for pictures of this size, where it can be", "WxH",
      [&](const std::string& text) { overrides.input_size = parse_input_size(text); });
  add("--input-range", "What black and white become in its input: 0,1 or -1,1", "MIN,MAX",
      [&](const std::string& text) { overrides.input_range = parse_input_range(text); });
  auto* mean = add(
      "--input-mean", "What is subtracted from its input's samples, 0 to 255", "R,G,B",
      [&](const std::string& text) { overrides.input_mean = parse_colors("--input-mean", text); });
  auto* deviation = add("--input-deviation", "and what they are divided by then", "R,G,B",
                        [&](const std::string& text) {
                          overrides.input_deviation = parse_colors("--input-deviation", text);
                        });
  mean->needs(deviation);
  deviation->needs(mean)->excludes("--input-range");
  add("--channel-order", "The order of colours in its input: rgb or bgr", "ORDER",
      [&](const std::string& text) { overrides.channel_order = channel_orders().at(text); })
      ->check(CLI::IsMember(channel_orders()).description(""));
  add("--output-kind",
      "What it says of a pixel: probability, logit, logits,\nprobabilities, arg-max or label",
      "KIND", [&](const std::string& text) { overrides.output = output_kinds().at(text); })
      ->check(CLI::IsMember(output_kinds()).description(""));
  add("--output-name", "Which of its outputs is the mask", "NAME",
      [&](const std::string& text) { overrides.output_name = text; });
  add("--precision", "What it computes in: auto (integers where that is faster) or float",
      "PRECISION", [&](const std::string& text) { overrides.precision = precisions().at(text); })
      ->check(CLI::IsMember(precisions()).description(""));
  add("--classes", "The classes that are kept, by number or name: 15 or hair,clothes", "LIST",
      [&](const std::string& text) { overrides.classes = parse_classes(text); });
}

}  // namespace backdrop::cli

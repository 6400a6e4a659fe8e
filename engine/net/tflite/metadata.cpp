#include "net/tflite/metadata.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "metadata_generated.h"
#include "net/tflite/aligned_bytes.h"
#include "net/tflite/tflite_file.h"
#include "net/tflite/zip.h"

namespace backdrop {
namespace {

namespace md = metadata;

constexpr const char* kMetadataName = "TFLITE_METADATA";
constexpr const char* kSegmenterName = "SEGMENTER_METADATA";
constexpr const char* kSegmenterIdentifier = "V001";
constexpr std::size_t kMaxClasses = 1000;
constexpr std::size_t kMaxNameSize = 100;

using Bytes = std::span<const std::uint8_t>;

// The table in `bytes`, or null unless `bytes` have the identifier and pass verification.
template <typename Table>
const Table* verified(Bytes bytes, const char* identifier) {
  if (bytes.size() < 8 || !flatbuffers::BufferHasIdentifier(bytes.data(), identifier)) {
    return nullptr;
  }
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (!verifier.VerifyBuffer<Table>(identifier)) return nullptr;
  return flatbuffers::GetRoot<Table>(bytes.data());
}

Bytes find_metadata(const TfliteFile& file) {
  const auto* entries = file.model().metadata();
  if (entries == nullptr) return {};
  for (const tflite::Metadata* entry : *entries) {
    if (entry->name() != nullptr && entry->name()->string_view() == kMetadataName) {
      return file.buffer(entry->buffer()).value_or(Bytes());
    }
  }
  return {};
}

template <typename Table>
const Table* at(const flatbuffers::Vector<flatbuffers::Offset<Table>>* tables, std::size_t index) {
  if (tables == nullptr || index >= tables->size()) return nullptr;
  return tables->Get(static_cast<flatbuffers::uoffset_t>(index));
}

// The value for a channel: values are one for all channels, or one for each.
float value_for(const flatbuffers::Vector<float>& values, std::size_t channel) {
  return values.Get(values.size() == 1 ? 0 : static_cast<flatbuffers::uoffset_t>(channel));
}

// The ranges that follow from the means and standard deviations, which are in samples of 0 to 255:
// one for each channel, or nothing unless all are ranges.
std::vector<InputRange> channel_ranges(const md::NormalizationOptions& options) {
  constexpr std::size_t kChannels = 3;
  const auto fits = [](const auto* values) {
    return values != nullptr && (values->size() == 1 || values->size() == kChannels);
  };
  if (!fits(options.mean()) || !fits(options.std())) return {};
  std::vector<InputRange> ranges;
  for (std::size_t c = 0; c < kChannels; ++c) {
    const float mean = value_for(*options.mean(), c);
    const float deviation = value_for(*options.std(), c);
    const InputRange range{(0.0F - mean) / deviation, (255.0F - mean) / deviation};
    if (!std::isfinite(range.min) || !std::isfinite(range.max) || !(range.min < range.max)) {
      return {};
    }
    ranges.push_back(range);
  }
  return ranges;
}

void read_ranges(const md::TensorMetadata& input, Metadata& metadata) {
  if (input.process_units() == nullptr) return;
  for (const md::ProcessUnit* unit : *input.process_units()) {
    const auto* options = unit->options_as_NormalizationOptions();
    if (options == nullptr) continue;
    std::vector<InputRange> ranges = channel_ranges(*options);
    if (ranges.empty()) return;
    if (std::ranges::count(ranges, ranges[0]) == std::ssize(ranges)) {
      metadata.input_range = ranges[0];
    } else {
      metadata.channel_ranges = std::move(ranges);
    }
    return;
  }
}

std::optional<OutputActivation> output_activation(const md::SubGraphMetadata& network) {
  if (network.custom_metadata() == nullptr) return std::nullopt;
  for (const md::CustomMetadata* custom : *network.custom_metadata()) {
    if (custom->name() == nullptr || custom->name()->string_view() != kSegmenterName ||
        custom->data() == nullptr) {
      continue;
    }
    const AlignedBytes bytes(Bytes(custom->data()->data(), custom->data()->size()));
    const auto* options = verified<md::SegmenterOptions>(bytes.get(), kSegmenterIdentifier);
    if (options == nullptr) return std::nullopt;
    switch (options->activation()) {
      case md::SegmenterActivation::NONE:
        return OutputActivation::kNone;
      case md::SegmenterActivation::SIGMOID:
        return OutputActivation::kSigmoid;
      case md::SegmenterActivation::SOFTMAX:
        return OutputActivation::kSoftmax;
    }
  }
  return std::nullopt;
}

// The name of the label file of the output's channels, or empty.
std::string_view labels_name(const md::TensorMetadata& output) {
  if (output.associated_files() == nullptr) return {};
  for (const md::AssociatedFile* file : *output.associated_files()) {
    if (file->type() == md::AssociatedFileType::TENSOR_AXIS_LABELS && file->name() != nullptr) {
      return file->name()->string_view();
    }
  }
  return {};
}

// One name per line.
std::vector<std::string> read_names(Bytes text) {
  std::vector<std::string> names;
  for (auto from = text.begin(); from != text.end();) {
    const auto to = std::find(from, text.end(), '\n');
    std::string name(from, to);
    if (name.ends_with('\r')) name.pop_back();
    const bool is_printable = std::ranges::none_of(
        name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
    if (!is_printable || name.size() > kMaxNameSize || names.size() == kMaxClasses) return {};
    names.push_back(std::move(name));
    from = to == text.end() ? to : to + 1;
  }
  return names;
}

// Reads the names from the file called `name`; without one, from the only .txt file, if any.
std::vector<std::string> class_names(const std::vector<StoredFile>& files, std::string_view name) {
  const auto named = std::ranges::find(files, name, &StoredFile::name);
  if (named != files.end()) return read_names(named->data);
  const auto is_text = [](const StoredFile& file) { return file.name.ends_with(".txt"); };
  if (std::ranges::count_if(files, is_text) != 1) return {};
  return read_names(std::ranges::find_if(files, is_text)->data);
}

}  // namespace

Metadata read_metadata(std::span<const std::uint8_t> tflite, std::size_t input,
                       std::size_t output) {
  const auto file = TfliteFile::open(tflite);
  if (!file) return {};
  Metadata metadata;
  const AlignedBytes bytes(find_metadata(*file));
  const auto* model = verified<md::ModelMetadata>(bytes.get(), md::ModelMetadataIdentifier());
  const auto* network = model == nullptr ? nullptr : at(model->subgraph_metadata(), 0);
  std::string_view labels;
  if (network != nullptr) {
    metadata.output_activation = output_activation(*network);
    const auto* from = at(network->input_tensor_metadata(), input);
    if (from != nullptr) read_ranges(*from, metadata);
    const auto* to = at(network->output_tensor_metadata(), output);
    if (to != nullptr) labels = labels_name(*to);
  }
  metadata.class_names = class_names(stored_files(tflite), labels);
  return metadata;
}

}  // namespace backdrop

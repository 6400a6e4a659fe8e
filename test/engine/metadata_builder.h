// Writes TensorFlow Lite metadata, and small models that contain it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metadata_generated.h"
#include "tflite_builder.h"

namespace backdrop::test {

namespace md = backdrop::metadata;

inline std::vector<std::uint8_t> finished(const flatbuffers::FlatBufferBuilder& builder) {
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

inline std::vector<std::uint8_t> segmenter_options(md::SegmenterActivation activation,
                                                   const char* identifier = "V001") {
  flatbuffers::FlatBufferBuilder b;
  b.Finish(md::CreateSegmenterOptions(b, activation), identifier);
  return finished(b);
}

struct MetadataContents {
  std::vector<float> mean = {127.5F};
  std::vector<float> deviation = {127.5F};
  std::vector<std::uint8_t> options = segmenter_options(md::SegmenterActivation::SOFTMAX);
  std::string labels = "labels.txt";
  int inputs_before = 0;  // of which nothing is told
};

inline std::vector<std::uint8_t> metadata_of(const MetadataContents& contents) {
  flatbuffers::FlatBufferBuilder b;
  const auto normalization =
      md::CreateNormalizationOptionsDirect(b, &contents.mean, &contents.deviation);
  const std::vector units = {md::CreateProcessUnit(b, md::ProcessUnitOptions::NormalizationOptions,
                                                   normalization.Union())};
  std::vector<flatbuffers::Offset<md::TensorMetadata>> inputs;
  for (int i = 0; i < contents.inputs_before; ++i) {
    inputs.push_back(md::CreateTensorMetadataDirect(b, "state"));
  }
  inputs.push_back(md::CreateTensorMetadataDirect(b, "image", nullptr, nullptr, &units));
  const std::vector files = {md::CreateAssociatedFileDirect(
      b, contents.labels.c_str(), nullptr, md::AssociatedFileType::TENSOR_AXIS_LABELS)};
  const std::vector outputs = {
      md::CreateTensorMetadataDirect(b, "mask", nullptr, nullptr, nullptr, &files)};
  const std::vector custom = {
      md::CreateCustomMetadataDirect(b, "SEGMENTER_METADATA", &contents.options)};
  const std::vector networks = {md::CreateSubGraphMetadataDirect(
      b, "network", nullptr, &inputs, &outputs, nullptr, nullptr, nullptr, &custom)};
  md::FinishModelMetadataBuffer(b, md::CreateModelMetadataDirect(b, "m", "", "1", &networks));
  return finished(b);
}

inline std::vector<std::uint8_t> model_with(const std::vector<std::uint8_t>& metadata) {
  TfliteBuilder b;
  const int input = b.tensor({1, 2, 2, 3});
  const int output = b.apply(tflite::BuiltinOperator::RELU, {input}, {1, 2, 2, 3});
  b.metadata("TFLITE_METADATA", metadata);
  return b.finish({input}, {output});
}

}  // namespace backdrop::test

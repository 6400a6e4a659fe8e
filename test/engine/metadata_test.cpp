// TensorFlow Lite metadata, and the labels packed behind a model.
#include "model/metadata.h"

#include <gtest/gtest.h>

#include <cmath>

#include "metadata_generated.h"
#include "model/zip.h"
#include "support.h"
#include "tflite_builder.h"
#include "zip_writer.h"

namespace backdrop {
namespace {

namespace md = metadata;
using Bytes = std::vector<std::uint8_t>;

Bytes finished(const flatbuffers::FlatBufferBuilder& builder) {
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

Bytes segmenter_options(md::SegmenterActivation activation, const char* identifier = "V001") {
  flatbuffers::FlatBufferBuilder b;
  b.Finish(md::CreateSegmenterOptions(b, activation), identifier);
  return finished(b);
}

struct Contents {
  std::vector<float> mean = {127.5F};
  std::vector<float> deviation = {127.5F};
  Bytes options = segmenter_options(md::SegmenterActivation::SOFTMAX);
  std::string labels = "labels.txt";
};

Bytes metadata_of(const Contents& contents) {
  flatbuffers::FlatBufferBuilder b;
  const auto normalization =
      md::CreateNormalizationOptionsDirect(b, &contents.mean, &contents.deviation);
  const std::vector units = {md::CreateProcessUnit(b, md::ProcessUnitOptions::NormalizationOptions,
                                                   normalization.Union())};
  const std::vector inputs = {md::CreateTensorMetadataDirect(b, "image", nullptr, nullptr, &units)};
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

Bytes model_with(const Bytes& metadata) {
  test::TfliteBuilder b;
  const int input = b.tensor({1, 2, 2, 3});
  const int output = b.apply(tflite::BuiltinOperator::RELU, {input}, {1, 2, 2, 3});
  b.metadata("TFLITE_METADATA", metadata);
  return b.finish({input}, {output});
}

Bytes with_files(Bytes model, const std::vector<test::ZipFile>& files, bool counts_from_start) {
  const Bytes zip = test::zip_of(files, counts_from_start ? model.size() : 0);
  model.insert(model.end(), zip.begin(), zip.end());
  return model;
}

TEST(Metadata, IsRead) {
  for (const bool counts_from_start : {false, true}) {
    const Metadata read = read_metadata(with_files(
        model_with(metadata_of({})),
        {{"other.txt", "no"}, {"labels.txt", "background\r\nperson\n"}}, counts_from_start));
    ASSERT_TRUE(read.input_range);
    EXPECT_FLOAT_EQ(read.input_range->min, -1);
    EXPECT_FLOAT_EQ(read.input_range->max, 1);
    EXPECT_EQ(read.output_activation, OutputActivation::kSoftmax);
    EXPECT_EQ(read.class_names, (std::vector<std::string>{"background", "person"}));
  }
}

TEST(Metadata, IsNotThere) {
  for (const Bytes& model : {test::small_network(), Bytes{}, Bytes(100, 7), model_with({}),
                             model_with(Bytes(64, 0xFF))}) {
    const Metadata read = read_metadata(model);
    EXPECT_FALSE(read.input_range);
    EXPECT_FALSE(read.output_activation);
    EXPECT_TRUE(read.class_names.empty());
  }
}

TEST(Metadata, RangesAreThoseOfAllChannels) {
  const auto range = [](std::vector<float> mean, std::vector<float> deviation) {
    Contents contents;
    contents.mean = std::move(mean);
    contents.deviation = std::move(deviation);
    return read_metadata(model_with(metadata_of(contents))).input_range;
  };
  EXPECT_FLOAT_EQ(range({0, 0, 0}, {255, 255, 255})->max, 1);
  EXPECT_FLOAT_EQ(range({0}, {1})->max, 255);
  EXPECT_FALSE(range({123, 116, 103}, {58, 57, 57}));
  EXPECT_FALSE(range({0}, {0}));
  EXPECT_FALSE(range({0}, {-1}));
  EXPECT_FALSE(range({0}, {NAN}));
  EXPECT_FALSE(range({}, {}));
}

TEST(Metadata, ActivationsThatAreNone) {
  const auto activation = [](Bytes options) {
    Contents contents;
    contents.options = std::move(options);
    return read_metadata(model_with(metadata_of(contents))).output_activation;
  };
  EXPECT_EQ(activation(segmenter_options(md::SegmenterActivation::NONE)), OutputActivation::kNone);
  EXPECT_EQ(activation(segmenter_options(md::SegmenterActivation::SIGMOID)),
            OutputActivation::kSigmoid);
  EXPECT_FALSE(activation(segmenter_options(static_cast<md::SegmenterActivation>(9))));
  EXPECT_FALSE(activation(segmenter_options(md::SegmenterActivation::SIGMOID, "V009")));
  EXPECT_FALSE(activation({}));
  EXPECT_FALSE(activation(Bytes(12, 0xFF)));
}

TEST(Metadata, TheOnlyTextNamesTheClasses) {
  const Bytes model = test::small_network();
  EXPECT_EQ(read_metadata(with_files(model, {{"a.txt", "x"}, {"b.bin", "y"}}, true)).class_names,
            std::vector<std::string>{"x"});
  EXPECT_TRUE(
      read_metadata(with_files(model, {{"a.txt", "x"}, {"b.txt", "y"}}, true)).class_names.empty());
}

TEST(Metadata, NamesThatAreNoneAreLeftOut) {
  const auto names = [](const std::string& text) {
    return read_metadata(with_files(test::small_network(), {{"a.txt", text}}, true)).class_names;
  };
  EXPECT_TRUE(names("").empty());
  EXPECT_TRUE(names("per\tson").empty());
  EXPECT_TRUE(names(std::string(101, 'x')).empty());
  EXPECT_EQ(names("a\n\nb").size(), 3U);
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "x\n";
  EXPECT_TRUE(names(many).empty());
}

TEST(Zip, SurvivesEveryDamagedByteAndTruncation) {
  const Bytes zip = test::zip_of({{"a.txt", "person"}, {"b", ""}}, 0);
  ASSERT_EQ(stored_files(zip).size(), 2U);
  for (std::size_t i = 0; i < zip.size(); ++i) {
    // A copy of its own for the sanitizer to see what lies beyond.
    const Bytes shorter(zip.begin(), zip.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(stored_files(shorter).empty());
    for (const int flip : {0x01, 0x80, 0xFF}) {
      Bytes damaged = zip;
      damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ flip);
      for (const StoredFile& file : stored_files(damaged)) {
        EXPECT_LE(file.data.size(), zip.size());
      }
    }
  }
}

TEST(Metadata, OfRealModels) {
  const auto file = test::find_model("selfie_segmenter_landscape.tflite");
  if (!file) GTEST_SKIP() << "selfie_segmenter_landscape.tflite is not here";
  const Metadata read = read_metadata(*file);
  ASSERT_TRUE(read.input_range);
  EXPECT_FLOAT_EQ(read.input_range->min, 0);
  EXPECT_FLOAT_EQ(read.input_range->max, 1);
  EXPECT_EQ(read.output_activation, OutputActivation::kNone);
  EXPECT_EQ(read.class_names, std::vector<std::string>{"selfie"});
}

TEST(Metadata, OfTheMulticlassModel) {
  const auto file = test::find_model("selfie_multiclass_256x256.tflite");
  if (!file) GTEST_SKIP() << "selfie_multiclass_256x256.tflite is not here";
  const Metadata read = read_metadata(*file);
  ASSERT_TRUE(read.input_range);
  EXPECT_FLOAT_EQ(read.input_range->min, -1);
  EXPECT_FLOAT_EQ(read.input_range->max, 1);
  EXPECT_EQ(read.output_activation, OutputActivation::kSoftmax);
  EXPECT_EQ(read.class_names, (std::vector<std::string>{"background", "hair", "body-skin",
                                                        "face-skin", "clothes", "others"}));
}

}  // namespace
}  // namespace backdrop

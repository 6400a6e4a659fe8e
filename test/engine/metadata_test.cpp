// TensorFlow Lite metadata, and the label files behind a model.
#include "net/tflite/metadata.h"

#include <gtest/gtest.h>

#include <cmath>

#include "metadata_builder.h"
#include "net/tflite/zip.h"
#include "support.h"
#include "tflite_builder.h"
#include "zip_writer.h"

namespace backdrop {
namespace {

namespace md = metadata;
using Bytes = std::vector<std::uint8_t>;
using Contents = test::MetadataContents;
using test::metadata_of;
using test::model_with;
using test::segmenter_options;

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

TEST(Metadata, MayBeAbsent) {
  for (const Bytes& model : {test::small_network(), Bytes{}, Bytes(100, 7), model_with({}),
                             model_with(Bytes(64, 0xFF))}) {
    const Metadata read = read_metadata(model);
    EXPECT_FALSE(read.input_range);
    EXPECT_FALSE(read.output_activation);
    EXPECT_TRUE(read.class_names.empty());
  }
}

TEST(Metadata, RangesMayDifferBetweenChannels) {
  const auto ranges = [](std::vector<float> mean, std::vector<float> deviation) {
    Contents contents;
    contents.mean = std::move(mean);
    contents.deviation = std::move(deviation);
    return read_metadata(model_with(metadata_of(contents))).channel_ranges;
  };
  const auto found = ranges({0, 51, 102}, {51});
  EXPECT_EQ(found, (std::vector<InputRange>{{0, 5}, {-1, 4}, {-2, 3}}));
  EXPECT_TRUE(ranges({0, 0, 0}, {255, 255, 255}).empty()) << "they agree";
  EXPECT_TRUE(ranges({0, 1}, {255}).empty());
  EXPECT_TRUE(ranges({0, 1, 2, 3}, {255}).empty());
  EXPECT_TRUE(ranges({0, 1, 2}, {255, 0, 255}).empty());
  EXPECT_TRUE(ranges({0, 1, NAN}, {255}).empty());
}

TEST(Metadata, ACommonRangeNeedsAllChannelsToAgree) {
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

TEST(Metadata, IgnoresInvalidActivations) {
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

TEST(Metadata, TheOnlyTextFileNamesTheClasses) {
  const Bytes model = test::small_network();
  EXPECT_EQ(read_metadata(with_files(model, {{"a.txt", "x"}, {"b.bin", "y"}}, true)).class_names,
            std::vector<std::string>{"x"});
  EXPECT_TRUE(
      read_metadata(with_files(model, {{"a.txt", "x"}, {"b.txt", "y"}}, true)).class_names.empty());
}

TEST(Metadata, IgnoresInvalidNames) {
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
    // A separate allocation, so that the sanitizer sees reads beyond its end.
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

// What a network's ends are taken for, and what is said about it.
#include "segment/model_io.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "net/graph/graph.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

NetworkSpec ends(int channels, OutputHead ending = {}) {
  return {{257, 257, 3}, {33, 33, channels}, ending};
}

ClassSet set_of(const std::vector<std::size_t>& classes) {
  ClassSet set;
  for (const std::size_t c : classes) set.set(c);
  return set;
}

ModelInfo info_of(const NetworkSpec& network, const Metadata& metadata = {},
                  const ModelOptions& options = {}) {
  const auto info = resolve_model_io(network, metadata, options);
  EXPECT_TRUE(info) << info.error().message();
  return info.value_or(ModelInfo{});
}

std::string description(const NetworkSpec& network, const Metadata& metadata = {},
                        const ModelOptions& options = {}) {
  return info_of(network, metadata, options).description;
}

const OutputHead kSigmoid{OutputHead::Kind::kSigmoid, 1};
const OutputHead kSoftmax{OutputHead::Kind::kSoftmax, 6};
const OutputHead kArgMax{OutputHead::Kind::kArgMax, 21};

const std::vector<std::string> kSixNames{"background", "hair",    "body-skin",
                                         "face-skin",  "clothes", "others"};

TEST(ModelIo, TheKindIsToldByShapeAndLastOperation) {
  const auto kind = [](int channels, OutputHead ending) {
    return info_of(ends(channels, ending)).format.kind;
  };
  EXPECT_EQ(kind(1, {}), OutputKind::kLogit);
  EXPECT_EQ(kind(1, kSigmoid), OutputKind::kProbability);
  EXPECT_EQ(kind(1, {OutputHead::Kind::kSoftmax, 1}), OutputKind::kLogit);
  EXPECT_EQ(kind(1, kArgMax), OutputKind::kLabel);
  EXPECT_EQ(kind(2, {}), OutputKind::kLogits);
  EXPECT_EQ(kind(6, kSoftmax), OutputKind::kProbabilities);
  EXPECT_EQ(kind(6, {OutputHead::Kind::kSigmoid, 6}), OutputKind::kProbabilities);
  EXPECT_EQ(kind(256, {}), OutputKind::kLogits);
}

TEST(ModelIo, MetadataSaysWhetherAnActivationIsLeft) {
  const auto kind = [](int channels, OutputHead ending, OutputActivation left) {
    return info_of(ends(channels, ending), {{}, left, {}}).format.kind;
  };
  // MediaPipe's selfie segmenters and its multiclass one.
  EXPECT_EQ(kind(1, kSigmoid, OutputActivation::kNone), OutputKind::kProbability);
  EXPECT_EQ(kind(6, {}, OutputActivation::kSoftmax), OutputKind::kLogits);
  EXPECT_EQ(kind(1, {}, OutputActivation::kNone), OutputKind::kProbability);
  EXPECT_EQ(kind(1, {}, OutputActivation::kSigmoid), OutputKind::kLogit);
  EXPECT_EQ(kind(6, {}, OutputActivation::kNone), OutputKind::kProbabilities);
  EXPECT_EQ(kind(1, kArgMax, OutputActivation::kNone), OutputKind::kLabel);
}

TEST(ModelIo, KeptClassesAreToldByNameOrAssumed) {
  const auto kept = [](int channels, const std::vector<std::string>& names) {
    return info_of(ends(channels), {{}, {}, names}).format.kept;
  };
  EXPECT_EQ(kept(6, kSixNames), set_of({1, 2, 3, 4, 5}));
  EXPECT_EQ(kept(3, {"sky", "Person", "car"}), set_of({1}));
  EXPECT_EQ(kept(2, {"selfie", "background"}), set_of({0}));
  EXPECT_EQ(kept(3, {"hair", "skin", "Background"}), set_of({0, 1}));
  EXPECT_EQ(kept(3, {"hair", "skin", "clothes"}), set_of({1, 2}));
  EXPECT_EQ(kept(2, {}), set_of({1}));
  EXPECT_EQ(kept(21, {}), set_of({15}));
  EXPECT_EQ(kept(4, {}), set_of({1, 2, 3}));
  EXPECT_EQ(kept(256, {}), ~set_of({0}));
  EXPECT_EQ(kept(1, kSixNames), ClassSet{});
}

TEST(ModelIo, LabelsHaveTheClassesThatTheArgMaxChoseFrom) {
  const ModelInfo pascal = info_of(ends(1, kArgMax));
  EXPECT_EQ(pascal.class_count, 21U);
  EXPECT_EQ(pascal.format.kept, set_of({15}));

  const ModelOptions label{.output = OutputKind::kLabel};
  EXPECT_EQ(info_of(ends(1), {{}, {}, kSixNames}, label).class_count, 6U);
  const ModelInfo any = info_of(ends(1), {}, label);
  EXPECT_EQ(any.class_count, 256U);
  EXPECT_EQ(any.format.kept, ~set_of({0}));
}

TEST(ModelIo, NamesAreThoseOfTheClasses) {
  EXPECT_EQ(info_of(ends(6), {{}, {}, kSixNames}).class_names, kSixNames);
  EXPECT_EQ(info_of(ends(3), {{}, {}, {"sky"}}).class_names,
            (std::vector<std::string>{"sky", "", ""}));
  EXPECT_EQ(info_of(ends(2), {{}, {}, kSixNames}).class_names,
            (std::vector<std::string>{"background", "hair"}));
  EXPECT_TRUE(info_of(ends(1), {{}, {}, kSixNames}).class_names.empty());
  EXPECT_TRUE(info_of(ends(2)).class_names.empty());
}

TEST(ModelIo, TheRangeOfAQuantizedInputIsThatOfItsIntegers) {
  NetworkSpec network = ends(1);
  network.input_quantization = {1.0F / 128, 128, 0, 255};
  const ModelInfo info = info_of(network);
  EXPECT_EQ(info.input_range, (InputRange{-1, 127.0F / 128}));
  EXPECT_NE(info.description.find("RGB, -1 to 0.992 (by its quantization)"), std::string::npos)
      << info.description;
  const Metadata metadata{InputRange{-1, 1}, {}, {}};
  EXPECT_EQ(info_of(network, metadata).input_range, (InputRange{-1, 1}));
}

TEST(ModelIo, OptionsGoBeforeMetadataAndTheseBeforeDefaults) {
  const Metadata metadata{InputRange{-1, 1}, OutputActivation::kSoftmax, kSixNames};
  EXPECT_EQ(info_of(ends(6)).input_range.min, 0);
  EXPECT_EQ(info_of(ends(6), metadata).input_range.min, -1);
  const ModelInfo info = info_of(ends(6), metadata,
                                 {.input_range = InputRange{0, 255},
                                  .output = OutputKind::kArgMax,
                                  .channel_order = ChannelOrder::kBgr,
                                  .classes = set_of({1, 4})});
  EXPECT_EQ(info.input_range.max, 255);
  EXPECT_EQ(info.format.kind, OutputKind::kArgMax);
  EXPECT_EQ(info.format.channels, 6U);
  EXPECT_EQ(info.channel_order, ChannelOrder::kBgr);
  EXPECT_EQ(info.format.kept, set_of({1, 4}));

  for (const InputRange& wrong : {InputRange{1, 1}, {1, 0}, {0, INFINITY}, {NAN, 1}}) {
    EXPECT_EQ(info_of(ends(6), {wrong, {}, {}}).input_range.max, 1);
  }
}

TEST(ModelIo, TheDescriptionSaysWhatIsToldAndWhatIsAssumed) {
  EXPECT_EQ(description(ends(1)),
            "input 257x257, RGB, 0 to 1 (assumed); "
            "output 33x33, one logit a pixel (assumed from its shape)");
  EXPECT_EQ(description({{144, 256, 3}, {144, 256, 1}, kSigmoid}),
            "input 256x144, RGB, 0 to 1 (assumed); "
            "output 256x144, one probability a pixel (by its last operation)");
  EXPECT_EQ(description(ends(6), {InputRange{-1, 1}, OutputActivation::kSoftmax, kSixNames}),
            "input 257x257, RGB, -1 to 1 (by its metadata); "
            "output 33x33, 6 logits a pixel (by its metadata); "
            "kept: all but background (by name)");
  EXPECT_EQ(description(ends(1, kArgMax)),
            "input 257x257, RGB, 0 to 1 (assumed); "
            "output 33x33, the number of its class a pixel (by its last operation); "
            "kept: class 15 (assumed)");
  EXPECT_EQ(description(ends(6, kSoftmax), {{}, {}, {"sky", "a\nb"}},
                        {.input_range = InputRange{-2.1179f, 127.5f},
                         .channel_order = ChannelOrder::kBgr,
                         .classes = set_of({1, 3})}),
            "input 257x257, BGR, -2.118 to 127.5; "
            "output 33x33, 6 probabilities a pixel (by its last operation); kept: a b, class 3");
  EXPECT_EQ(description(ends(2), {},
                        {.input_range = InputRange{-3e38f, 1e-6f},
                         .output = OutputKind::kArgMax,
                         .classes = set_of({0, 1})}),
            "input 257x257, RGB, -3e38 to 1e-6; "
            "output 33x33, 2 values a pixel, the largest its class; kept: all classes");
}

void expect_failure(const NetworkSpec& network, const ModelOptions& options, ErrorCode code,
                    const std::string& message) {
  const auto info = resolve_model_io(network, {}, options);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code(), code);
  EXPECT_EQ(info.error().message(), message);
}

TEST(ModelIo, EndsThatFitNoKindAreUnsupported) {
  expect_failure({{8, 8, 2}, {8, 8, 1}, {}}, {}, ErrorCode::kUnsupported,
                 "the model's input is 8x8x2, where 3 channels, red, green and blue, or 1 or 4 are "
                 "needed");
  expect_failure({{8, 8, 3}, {1, 1, 1000}, {}}, {}, ErrorCode::kUnsupported,
                 "the model's output is 1x1x1000, an answer for the whole picture, where one for "
                 "each pixel is needed");
  expect_failure(ends(257), {}, ErrorCode::kUnsupported,
                 "the model's output is 33x33x257, where 1 to 256 channels are needed");
}

TEST(ModelIo, SidesHaveTheInputsProportions) {
  expect_failure({{144, 256, 3}, {256, 144, 1}, {}}, {}, ErrorCode::kUnsupported,
                 "the model's output is 256x144x1, which does not have the proportions of its "
                 "input, 144x256x3");
  // Outputs of BodyPix, whose sides are rounded up.
  for (const Shape& input : {Shape{180, 320, 3}, {185, 321, 3}, {33, 257, 3}}) {
    EXPECT_TRUE(
        resolve_model_io({input, {(input.height + 7) / 8, (input.width + 7) / 8, 1}, {}}, {}, {}));
  }
}

TEST(ModelIo, EachChannelMayHaveItsOwnRange) {
  Metadata metadata;
  metadata.channel_ranges = {{-2, 2}, {-1, 3}, {0, 1}};
  const ModelInfo info = info_of(ends(1), metadata);
  EXPECT_EQ(info.channel_ranges, metadata.channel_ranges);
  EXPECT_EQ(info.input_range, (InputRange{-2, 3}));
  EXPECT_EQ(info.description.substr(0, 73),
            "input 257x257, RGB, -2 to 2, -1 to 3, 0 to 1 (by its metadata); output 33");
  EXPECT_TRUE(info_of(ends(1), metadata, {.input_range = InputRange{0, 1}}).channel_ranges.empty());
}

TEST(ModelIo, TheRangesOfChannelsMayBeChosen) {
  const ModelOptions options{.channel_ranges = {{-2, 2}, {-1, 3}, {0, 1}}};
  const ModelInfo info = info_of(ends(1), {InputRange{-1, 1}, {}, {}}, options);
  EXPECT_EQ(info.channel_ranges, options.channel_ranges);
  EXPECT_EQ(info.description.substr(0, 54),
            "input 257x257, RGB, -2 to 2, -1 to 3, 0 to 1; output 3");
}

TEST(ModelIo, OneAndFourChannelsAndOneOfSeveralOutputsAreTold) {
  NetworkSpec network = ends(1);
  network.input.channels = 1;
  network.output_name = "segments";
  EXPECT_EQ(description(network),
            "input 257x257, grey, 0 to 1 (assumed); output 'segments', 33x33, one logit a pixel "
            "(assumed from its shape)");
  network.input.channels = 4;
  EXPECT_EQ(description(network).substr(0, 50),
            "input 257x257, RGB and the mask before, 0 to 1 (as");
}

TEST(ModelIo, OptionsThatDoNotFitAreRefused) {
  for (const OutputKind kind : {OutputKind::kProbability, OutputKind::kLogit, OutputKind::kLabel}) {
    expect_failure(ends(2), {.output = kind}, ErrorCode::kArgument,
                   "the model's output is 33x33x2, where the output kind needs 1 channel");
  }
  for (const OutputKind kind :
       {OutputKind::kLogits, OutputKind::kProbabilities, OutputKind::kArgMax}) {
    expect_failure(ends(1), {.output = kind}, ErrorCode::kArgument,
                   "the model's output is 33x33x1, where the output kind needs 2 to 256 channels");
  }
  expect_failure(ends(6), {.classes = set_of({3, 6, 9})}, ErrorCode::kArgument,
                 "the model has no class 6; its output has classes 0 to 5");
  expect_failure(ends(1), {.classes = set_of({1})}, ErrorCode::kArgument,
                 "the model has no class 1; its output has no classes");
}

// Of operations that follow one another.
OutputHead find_output_head(const std::vector<Node>& chain, int channels) {
  Graph graph;
  graph.input = graph.output = graph.add_tensor("input", {4, 6, channels});
  for (Node node : chain) {
    node.inputs = {graph.output};
    graph.output = node.output = graph.add_tensor("result", {4, 6, channels});
    graph.nodes.push_back(node);
  }
  SerialExecutor executor;
  const auto network = Network::create(std::move(graph), executor);
  EXPECT_TRUE(network) << network.error().message();
  return network ? (*network)->output_head() : OutputHead{};
}

TEST(ModelIo, TheEndingIsFoundBehindAResize) {
  Node sigmoid, relu, resize;
  sigmoid.kind = relu.kind = OpKind::kActivation;
  sigmoid.activation = Activation::kSigmoid;
  relu.activation = Activation::kRelu;
  resize.kind = OpKind::kResizeBilinear;
  EXPECT_EQ(find_output_head({sigmoid}, 1).kind, OutputHead::Kind::kSigmoid);
  EXPECT_EQ(find_output_head({sigmoid, resize}, 1).kind, OutputHead::Kind::kSigmoid);
  EXPECT_EQ(find_output_head({sigmoid, resize}, 3).channels, 3);
  EXPECT_EQ(find_output_head({sigmoid, relu}, 1).kind, OutputHead::Kind::kOther);
  EXPECT_EQ(find_output_head({resize}, 1).kind, OutputHead::Kind::kOther);
}

}  // namespace
}  // namespace backdrop::test

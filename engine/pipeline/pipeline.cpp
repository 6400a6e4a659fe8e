#include "pipeline/pipeline.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "image/color.h"
#include "pipeline/clock.h"

namespace backdrop {
namespace {

std::string to_string(const Shape& shape) {
  return std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" +
         std::to_string(shape.channels);
}

Result<OutputKind> output_kind(const Network& network, const std::optional<OutputKind>& wanted) {
  const Shape shape = network.output_shape();
  if (wanted && output_channels(*wanted) == shape.channels) return *wanted;
  if (!wanted && shape.channels == 2) return OutputKind::kTwoLogits;
  if (!wanted && shape.channels == 1) {
    return network.ends_in_sigmoid() ? OutputKind::kProbability : OutputKind::kLogit;
  }
  return fail(ErrorCode::kUnsupported,
              "the model's output is " + to_string(shape) + ", where " +
                  (wanted ? std::to_string(output_channels(*wanted)) : "1 or 2") +
                  " channels are needed");
}

// The matte of a picture at rest is renewed about once a second all the same.
constexpr int kMostKeptFrames = 29;

std::unexpected<Error> no_memory() {
  return fail(ErrorCode::kArgument, "there is not enough memory for a picture of this size");
}

void copy_frame(const ConstFrame& input, const Frame& output) {
  for (int plane = 0; plane < plane_count(input.format); ++plane) {
    for (int y = 0; y < input.plane_height(plane); ++y) {
      std::memmove(output.row(plane, y), input.row(plane, y),
                   static_cast<std::size_t>(input.row_bytes(plane)));
    }
  }
}

}  // namespace

Pipeline::Pipeline(std::unique_ptr<Executor> executor) : executor_(std::move(executor)) {}

Result<void> Pipeline::load_model(std::span<const std::uint8_t> tflite,
                                  const ModelOptions& options) {
  auto network = Network::create(tflite, *executor_);
  if (!network) return std::unexpected(std::move(network).error());
  const Shape input = (*network)->input_shape();
  if (input.channels != 3) {
    return fail(ErrorCode::kUnsupported,
                "the model's input is " + to_string(input) + ", where 3 channels are needed");
  }
  const auto kind = output_kind(**network, options.output);
  if (!kind) return std::unexpected(kind.error());

  network_ = *std::move(network);
  info_ = {input, network_->output_shape(), options.input_min, options.input_max, *kind};
  gate_ = MotionGate(input.width, input.height, options.input_max - options.input_min);
  governor_.forget();
  prepared_.reset();
  return {};
}

Result<ModelInfo> Pipeline::model_info() const {
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  return info_;
}

Result<void> Pipeline::infer(const float* input, float* output) {
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  std::copy_n(input, info_.input.size(), network_->input().data());
  std::ranges::copy(network_->run(), output);
  return {};
}

template <typename Byte>
Pipeline::FrameKind Pipeline::kind_of(const BasicFrame<Byte>& frame) {
  return {frame.format, frame.width, frame.height, frame.color_space, frame.orientation};
}

void Pipeline::choose(Choice background) {
  background_ = background;
  background_prepared_.reset();
}

void Pipeline::set_background_none() { choose(None{}); }
void Pipeline::set_background_blur(float strength) { choose(Blur{strength}); }
void Pipeline::set_background_color(std::uint32_t rgb) { choose(Color{rgb}); }
void Pipeline::set_background_transparent() { choose(Transparent{}); }

Result<void> Pipeline::set_background_image(const ConstFrame& image) {
  Picture copy;
  if (!copy.create(PixelFormat::kRgba, image.width, image.height)) return no_memory();
  copy_frame(image, copy.frame());
  image_ = std::move(copy);
  choose(Image{});
  return {};
}

void Pipeline::set_coverage(const Coverage& coverage) {
  coverage_ = coverage;
  keepable_ = false;
}

void Pipeline::set_motion_gate(bool on) {
  gate_is_on_ = on;
  keepable_ = false;
}

void Pipeline::reset() {
  keepable_ = false;
  matte_.forget();
  governor_.forget();
}

Result<void> Pipeline::process(const ConstFrame& input, const Frame& output) {
  const bool was_keepable = std::exchange(keepable_, false);
  const FrameKind kind = kind_of(input);
  if (kind != kind_of(output)) {
    return fail(ErrorCode::kArgument,
                "input and output differ in format, size, colour space, rotation or flip");
  }
  if (std::holds_alternative<None>(background_)) {
    copy_frame(input, output);
    matte_of_.reset();
    matte_.forget();
    statistics_ = {.frames = statistics_.frames + 1, .inferences = statistics_.inferences};
    return {};
  }
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  if (std::holds_alternative<Transparent>(background_) && is_yuv(kind.format)) {
    return fail(ErrorCode::kArgument, "a transparent background needs RGBA or BGRA frames");
  }
  matte_of_.reset();
  const bool keepable = was_keepable && prepared_ == kind && kept_frames_ < kMostKeptFrames;
  if (const auto ready = prepare(kind); !ready) return ready;

  Statistics statistics{.frames = statistics_.frames + 1, .inferences = statistics_.inferences};
  update_matte(input, keepable, statistics);
  const double start = now_ms();
  compose(input, output);
  statistics.composite = now_ms() - start;

  matte_of_ = kind;
  keepable_ = true;
  kept_frames_ = statistics.kept == Kept::kNot ? 0 : kept_frames_ + 1;
  statistics_ = statistics;
  const double network = statistics.sample + statistics.infer + statistics.matte;
  governor_.add(statistics.kept == Kept::kBudget ? std::nullopt : std::optional(network),
                statistics.composite);
  return {};
}

// Renders the frame's matte, unless the one before can be kept and is good enough.
void Pipeline::update_matte(const ConstFrame& input, bool keepable, Statistics& statistics) {
  if (keepable && !governor_.is_due()) {
    statistics.kept = Kept::kBudget;
    return;
  }
  const double start = now_ms();
  sample(input);
  const bool still = gate_is_on_ && gate_.is_still(network_->input().data());
  const double sampled = now_ms();
  statistics.sample = sampled - start;
  if (keepable && still) {
    statistics.kept = Kept::kStill;
    return;
  }
  gate_.accept();
  const std::span<const float> inferred_output = network_->run();
  const double inferred = now_ms();
  matte_.render(as_stored(inferred_output), coverage_, *executor_);
  statistics.infer = inferred - sampled;
  statistics.matte = now_ms() - inferred;
  ++statistics.inferences;
}

Result<void> Pipeline::prepare(const FrameKind& kind) {
  if (prepared_ != kind) {
    prepared_.reset();
    Sampler::Target target{info_.input.width, info_.input.height, info_.input_min, info_.input_max};
    Matte::Source source{info_.output.width, info_.output.height, info_.kind};
    if (kind.orientation.rotation != 0) {
      if (!stored_input_.resize(info_.input.size()) ||
          !stored_output_.resize(info_.output.size())) {
        return no_memory();
      }
      if (kind.orientation.swaps_sides()) {
        std::swap(target.width, target.height);
        std::swap(source.width, source.height);
      }
    }
    if (!sampler_.prepare(kind.format, kind.width, kind.height, target, *executor_) ||
        !matte_.prepare(source, kind.format, kind.width, kind.height, *executor_)) {
      return no_memory();
    }
    prepared_ = kind;
  }
  if (background_prepared_ != kind) {
    background_prepared_.reset();
    if (!prepare_background(kind)) return no_memory();
    background_prepared_ = kind;
  }
  return {};
}

bool Pipeline::prepare_background(const FrameKind& kind) {
  if (const Blur* blur = std::get_if<Blur>(&background_)) {
    const double sigma =
        0.01 * static_cast<double>(blur->strength) * std::min(kind.width, kind.height);
    return blur_.prepare(kind.format, kind.width, kind.height, sigma, *executor_);
  }
  if (const Color* color = std::get_if<Color>(&background_)) return prepare_color(kind, color->rgb);
  return !std::holds_alternative<Image>(background_) || prepare_image(kind);
}

// The image is fitted to the frame as the viewer sees it, then turned to lie as the frame is
// stored.
bool Pipeline::prepare_image(const FrameKind& kind) {
  const Orientation& orientation = kind.orientation;
  const bool swap = orientation.swaps_sides();
  const int width = swap ? kind.height : kind.width;
  const int height = swap ? kind.width : kind.height;
  Picture seen, stored;
  if (!seen.create(PixelFormat::kRgba, width, height) ||
      !fit_to_cover(image_.view(), seen.frame(), *executor_)) {
    return false;
  }
  if (orientation == Orientation{}) return prepare_picture(kind, seen.view());
  if (!stored.create(PixelFormat::kRgba, kind.width, kind.height)) return false;
  turn<4>(seen.view().row(0, 0), width, height, orientation.inverse(), stored.frame().row(0, 0));
  return prepare_picture(kind, stored.view());
}

bool Pipeline::prepare_color(const FrameKind& kind, std::uint32_t rgb) {
  Picture row;
  if (!row.create(PixelFormat::kRgba, kind.width, 1)) return false;
  const auto part = [rgb](int shift) { return static_cast<std::uint8_t>(rgb >> shift); };
  const std::array rgba{part(16), part(8), part(0), std::uint8_t{255}};
  for (int x = 0; x < kind.width; ++x) std::ranges::copy(rgba, row.frame().row(0, 0) + 4 * x);
  return prepare_picture(kind, row.view());
}

// Makes the picture that stands behind the person, as large as `rgba`, in the frame's format.
bool Pipeline::prepare_picture(const FrameKind& kind, const ConstFrame& rgba) {
  if (!background_picture_.create(kind.format, rgba.width, rgba.height)) return false;
  Frame out = background_picture_.frame();
  out.color_space = kind.color_space;
  convert_rgba(rgba, out);
  return true;
}

void Pipeline::sample(const ConstFrame& frame) {
  float* input = network_->input().data();
  const int rotation = frame.orientation.rotation;
  if (rotation == 0) return sampler_.run(frame, input, *executor_);
  const Shape& shape = info_.input;
  const Orientation upright{rotation, false};
  const bool swap = upright.swaps_sides();
  sampler_.run(frame, stored_input_.data(), *executor_);
  turn<3>(stored_input_.data(), swap ? shape.height : shape.width,
          swap ? shape.width : shape.height, upright, input);
}

// The network's output, turned as the frame is stored.
std::span<const float> Pipeline::as_stored(std::span<const float> output) {
  const int rotation = prepared_->orientation.rotation;
  if (rotation == 0) return output;
  const auto& [height, width, channels] = info_.output;
  const auto turn_back = channels == 1 ? turn<1, float> : turn<2, float>;
  turn_back(output.data(), width, height, Orientation{rotation, false}.inverse(),
            stored_output_.data());
  return {stored_output_.data(), stored_output_.size()};
}

void Pipeline::compose(const ConstFrame& input, const Frame& output) {
  if (std::holds_alternative<Transparent>(background_)) {
    cut_out(input, matte_, output, *executor_);
  } else if (std::holds_alternative<Blur>(background_)) {
    blur_.run(input, matte_, *executor_);
    composite(input, matte_, blur_, output, *executor_);
  } else {
    ConstFrame picture = background_picture_.view();
    if (std::holds_alternative<Color>(background_)) picture.strides = {0, 0, 0};
    PictureBackground background(picture);
    composite(input, matte_, background, output, *executor_);
  }
}

Result<void> Pipeline::copy_matte(int width, int height, std::uint8_t* alpha,
                                  std::ptrdiff_t stride) const {
  if (!matte_of_) return fail(ErrorCode::kState, "the latest frame has no matte");
  if (width != matte_of_->width || height != matte_of_->height) {
    return fail(ErrorCode::kArgument, "the latest frame is " + std::to_string(matte_of_->width) +
                                          "x" + std::to_string(matte_of_->height) + ", not " +
                                          std::to_string(width) + "x" + std::to_string(height));
  }
  for (int y = 0; y < height; ++y) {
    std::memcpy(alpha + y * stride, matte_.plane(0).row(y), static_cast<std::size_t>(width));
  }
  return {};
}

}  // namespace backdrop

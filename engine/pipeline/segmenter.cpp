#include "pipeline/segmenter.h"

#include <algorithm>
#include <string>
#include <utility>

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
  if (!wanted && shape.channels == 2) return OutputKind::kLogits;
  if (!wanted && shape.channels == 1) {
    return network.ends_in_sigmoid() ? OutputKind::kProbability : OutputKind::kLogit;
  }
  return fail(ErrorCode::kUnsupported,
              "the model's output is " + to_string(shape) + ", where " +
                  (wanted ? std::to_string(output_channels(*wanted)) : "1 or 2") +
                  " channels are needed");
}

// The mask of a picture at rest is renewed about once a second all the same.
constexpr int kMostKeptFrames = 29;

}  // namespace

Result<void> Segmenter::load_model(std::span<const std::uint8_t> tflite,
                                   const ModelOptions& options) {
  auto network = Network::create(tflite, executor_);
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
  prepared_.reset();
  return {};
}

Result<ModelInfo> Segmenter::model_info() const {
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  return info_;
}

Result<void> Segmenter::infer(const float* input, float* output) {
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  std::copy_n(input, info_.input.size(), network_->input().data());
  std::ranges::copy(network_->run(), output);
  return {};
}

void Segmenter::set_motion_gate(bool on) {
  gate_is_on_ = on;
  renew();
}

void Segmenter::forget() {
  renew();
  steadying_.forget();
}

Result<Mask> Segmenter::run(const ConstFrame& frame, bool is_due, Statistics& statistics) {
  const bool was_keepable = std::exchange(keepable_, false);
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  const FrameKind kind = kind_of(frame);
  const bool keepable = was_keepable && prepared_ == kind && kept_frames_ < kMostKeptFrames;
  BACKDROP_TRY(prepare(kind));

  keepable_ = true;
  ++kept_frames_;
  if (keepable && !is_due) {
    statistics.kept = Kept::kBudget;
    return mask_;
  }
  const double start = now_ms();
  sample(frame);
  const bool still = gate_is_on_ && gate_.is_still(network_->input().data());
  const double sampled = now_ms();
  statistics.sample = sampled - start;
  if (keepable && still) {
    statistics.kept = Kept::kStill;
    return mask_;
  }
  gate_.accept();
  activate(as_stored(network_->run()), info_.kind, probabilities_.data());
  steadying_.run({probabilities_.data(), probabilities_.size()});
  statistics.infer = now_ms() - sampled;
  ++statistics.inferences;
  kept_frames_ = 0;
  return mask_;
}

Result<void> Segmenter::prepare(const FrameKind& kind) {
  if (prepared_ == kind) return {};
  prepared_.reset();
  Sampler::Target target{info_.input.width, info_.input.height, info_.input_min, info_.input_max};
  mask_ = {{}, info_.output.width, info_.output.height};
  const std::size_t mask_size =
      static_cast<std::size_t>(info_.output.width) * static_cast<std::size_t>(info_.output.height);
  bool has_memory = probabilities_.resize(mask_size) && steadying_.prepare(mask_size);
  if (kind.orientation.rotation != 0) {
    has_memory = has_memory && stored_input_.resize(info_.input.size()) &&
                 stored_output_.resize(info_.output.size());
    if (kind.orientation.swaps_sides()) {
      std::swap(target.width, target.height);
      std::swap(mask_.width, mask_.height);
    }
  }
  if (!has_memory || !sampler_.prepare(kind.format, kind.width, kind.height, target, executor_)) {
    return no_memory_for_picture();
  }
  mask_.values = {probabilities_.data(), probabilities_.size()};
  prepared_ = kind;
  return {};
}

void Segmenter::sample(const ConstFrame& frame) {
  float* input = network_->input().data();
  const int rotation = frame.orientation.rotation;
  if (rotation == 0) return sampler_.run(frame, input, executor_);
  const Shape& shape = info_.input;
  const Orientation upright{rotation, false};
  const bool swap = upright.swaps_sides();
  sampler_.run(frame, stored_input_.data(), executor_);
  turn<3>(stored_input_.data(), swap ? shape.height : shape.width,
          swap ? shape.width : shape.height, upright, input);
}

// The network's output, turned as the frame is stored.
std::span<const float> Segmenter::as_stored(std::span<const float> output) {
  const int rotation = prepared_->orientation.rotation;
  if (rotation == 0) return output;
  const auto& [height, width, channels, batch] = info_.output;
  const auto turn_back = channels == 1 ? turn<1, float> : turn<2, float>;
  turn_back(output.data(), width, height, Orientation{rotation, false}.inverse(),
            stored_output_.data());
  return {stored_output_.data(), stored_output_.size()};
}

}  // namespace backdrop

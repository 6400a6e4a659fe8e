#include "segment/segmenter.h"

#include <algorithm>
#include <utility>

#include "platform/clock.h"

namespace backdrop {
namespace {

// The network runs about once a second even if nothing moves.
constexpr int kMaxReusedFrames = 29;

void swap_red_and_blue(std::span<float> input) {
  for (std::size_t i = 0; i < input.size(); i += 3) std::swap(input[i], input[i + 2]);
}

// Maps each channel from the range of all channels to its own.
void fit_channels(std::span<float> input, const InputRange& all,
                  std::span<const InputRange> ranges) {
  for (std::size_t c = 0; c < ranges.size(); ++c) {
    const float scale = (ranges[c].max - ranges[c].min) / (all.max - all.min);
    const float offset = ranges[c].min - all.min * scale;
    for (std::size_t i = c; i < input.size(); i += ranges.size())
      input[i] = input[i] * scale + offset;
  }
}

// Labels can't be interpolated.
Result<std::optional<GridResampler>> make_resampler(const Network& network, OutputKind kind) {
  const auto& grid = network.output_grid();
  const Shape input = network.input_shape();
  const Shape output = network.output_shape();
  std::optional<GridResampler> resampler;
  if (grid && traits_of(kind).can_interpolate && GridResampler::is_needed(*grid, input, output)) {
    if (!resampler.emplace().prepare(*grid, input, output)) {
      return fail(ErrorCode::kMemory, "there is not enough memory for the mask");
    }
  }
  return resampler;
}

}  // namespace

Result<void> Segmenter::load_model(std::span<const std::uint8_t> tflite,
                                   const ModelOptions& options) {
  auto network = BACKDROP_TRY(Network::create(tflite, executor_, options.input_size));
  const NetworkSpec spec{network->input_shape(), network->output_shape(), network->output_head()};
  ModelInfo info = BACKDROP_TRY(resolve_model_io(spec, read_metadata(tflite), options));
  auto resampler = BACKDROP_TRY(make_resampler(*network, info.format.kind));
  const InputRange& range = info.input_range;
  StaticSceneDetector static_scene(info.input.width, info.input.height, range.min, range.max);

  // From here on nothing can fail or throw: the network before is replaced as a whole.
  resampler_ = std::move(resampler);
  info_ = std::move(info);
  network_ = std::move(network);
  ++model_generation_;
  static_scene_ = std::move(static_scene);
  prepared_.reset();
  return {};
}

Result<const ModelInfo*> Segmenter::model_info() const {
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  return &info_;
}

Result<Network*> Segmenter::network() {
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  return network_.get();
}

void Segmenter::set_static_scene_skip(bool on) {
  skips_static_scenes_ = on;
  invalidate();
}

void Segmenter::reset() {
  invalidate();
  smoothing_.reset();
}

Result<Segmentation> Segmenter::run(const ConstFrame& frame, bool is_due) {
  const bool was_reusable = std::exchange(is_reusable_, false);
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  const FrameKind kind = kind_of(frame);
  const bool reusable = was_reusable && prepared_ == kind && reused_frames_ < kMaxReusedFrames;
  BACKDROP_TRY(prepare(kind));

  is_reusable_ = true;
  ++reused_frames_;
  if (reusable && !is_due) return Segmentation{.mask = mask_, .reuse = ReuseReason::kBudget};
  const double start = now_ms();
  sample(frame);
  const bool still = skips_static_scenes_ && static_scene_.is_still(network_->input().data());
  const double sampled = now_ms();
  if (reusable && still) {
    return Segmentation{
        .mask = mask_, .reuse = ReuseReason::kStaticScene, .sample = sampled - start};
  }
  static_scene_.accept();
  fit_channels(network_->input(), info_.input_range, info_.channel_ranges);
  find_probabilities();
  smoothing_.run({probabilities_.data(), probabilities_.size()});
  mask_.generation = ++mask_generation_;
  reused_frames_ = 0;
  return Segmentation{.mask = mask_, .sample = sampled - start, .infer = now_ms() - sampled};
}

Result<void> Segmenter::prepare(const FrameKind& kind) {
  if (prepared_ == kind) return {};
  prepared_.reset();
  const auto& [min, max] = info_.input_range;
  Sampler::Target target{info_.input.width, info_.input.height, min, max};
  mask_ = {.values = {}, .width = mask_shape().width, .height = mask_shape().height};
  const std::size_t mask_size = mask_shape().pixels();
  bool has_memory = probabilities_.resize(mask_size) && smoothing_.prepare(mask_size);
  if (kind.orientation.rotation != 0) {
    has_memory = has_memory && stored_input_.resize(info_.input.size()) &&
                 upright_probabilities_.resize(mask_size);
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
  const std::span<float> input = network_->input();
  const int rotation = frame.orientation.rotation;
  if (rotation == 0) {
    sampler_.run(frame, input.data(), executor_);
  } else {
    const Shape& shape = info_.input;
    const Orientation upright{rotation, false};
    const bool swap = upright.swaps_sides();
    sampler_.run(frame, stored_input_.data(), executor_);
    rotate<3>(stored_input_.data(), swap ? shape.height : shape.width,
              swap ? shape.width : shape.height, upright, input.data());
  }
  if (info_.channel_order == ChannelOrder::kBgr) swap_red_and_blue(input);
}

// Runs the network and rotates the probabilities to lie as the frame is stored.
void Segmenter::find_probabilities() {
  const int rotation = prepared_->orientation.rotation;
  if (!resampler_ && rotation == 0) {
    activate_as_written();
    return;
  }
  std::span<const float> output = network_->run();
  if (resampler_) output = resampler_->run(output.data());
  if (rotation == 0) return activate(output, info_.format, probabilities_.data());
  activate(output, info_.format, upright_probabilities_.data());
  rotate<1>(upright_probabilities_.data(), mask_shape().width, mask_shape().height,
            Orientation{rotation, false}.inverse(), probabilities_.data());
}

void Segmenter::activate_as_written() {
  const auto width = static_cast<std::size_t>(info_.output.width);
  const std::size_t row = width * static_cast<std::size_t>(info_.output.channels);
  const auto activate_rows = [&](RowRange rows) {
    const auto first = static_cast<std::size_t>(rows.first);
    const auto count = static_cast<std::size_t>(rows.last - rows.first);
    activate(network_->output().subspan(first * row, count * row), info_.format,
             probabilities_.data() + first * width);
  };
  network_->run(RowsReady(activate_rows));
}

}  // namespace backdrop

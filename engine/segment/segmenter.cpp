#include "segment/segmenter.h"

#include <algorithm>
#include <utility>

#include "platform/clock.h"

namespace backdrop {
namespace {

constexpr float kLeastProbability = 1e-6f;

// The network runs about once a second even if nothing moves.
constexpr int kMaxReusedFrames = 29;

// What luma has of each colour (ITU-R BT.601).
constexpr float kLuma[] = {0.299f, 0.587f, 0.114f};

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
  auto network = BACKDROP_TRY(
      Network::plan(tflite, executor_, options.input_size, options.output_name, options.precision));
  const NetworkSpec spec{network->input_shape(), network->output_shape(), network->output_head(),
                         network->input_quantization(), network->graph().output_name};
  const Metadata metadata =
      read_metadata(tflite, network->graph().input_index, network->graph().output_index);
  ModelInfo info = BACKDROP_TRY(resolve_model_io(spec, metadata, options));
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
  BACKDROP_TRY(network_->bind());
  return network_.get();
}

void Segmenter::set_static_scene_skip(bool on) {
  skips_static_scenes_ = on;
  invalidate();
}

void Segmenter::set_person_crop(bool on) {
  if (crops_ == on) return;
  crops_ = on;
  prepared_.reset();
}

void Segmenter::set_only_front(bool on) {
  if (keeps_front_ == on) return;
  keeps_front_ = on;
  prepared_.reset();
}

void Segmenter::set_despeckling(bool on) {
  if (despeckles_ == on) return;
  despeckles_ = on;
  prepared_.reset();
}

void Segmenter::reset() {
  invalidate();
  forget_answer();
  crop_.reset();
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
  crop_.count_frame();
  mask_.seen = kNothing;
  if (reusable && !is_due) return Segmentation{.mask = mask_, .reuse = ReuseReason::kBudget};
  const double start = now_ms();
  const bool still = sample(frame, crop_.part(0));
  const double sampled = now_ms();
  mask_.seen = crop_.region_of(crop_.rect());
  if (reusable && still) {
    return Segmentation{
        .mask = mask_, .reuse = ReuseReason::kStaticScene, .sample = sampled - start};
  }
  if (find_mask(frame)) mask_.seen = crop_.region_of(crop_.whole());
  mask_.dropped = front_.dropped();
  smoothing_.run({probabilities_.data(), probabilities_.size()});
  mask_.generation = ++mask_generation_;
  reused_frames_ = 0;
  return Segmentation{.mask = mask_, .sample = sampled - start, .infer = now_ms() - sampled};
}

// Runs the network on the sample. If people may be elsewhere, searches the whole frame, and runs
// the network on the part that has them. Returns whether it has searched.
bool Segmenter::find_mask(const ConstFrame& frame) {
  const std::span<const float> mask = mask_.values;
  front_.forget_dropped();
  bool searches = crop_.is_search_due();
  if (!searches) {
    find_people(frame);
    searches = crop_.follow(mask);
  }
  if (searches) {
    if (seen_ != crop_.whole()) sample(frame, crop_.whole());
    find_probabilities();
    clean();
    crop_.search(mask);
    if (crop_.part(0) != crop_.whole()) {
      sample(frame, crop_.part(0));
      find_people(frame);
      crop_.follow(mask);
    }
  }
  static_scene_.accept();
  if (crop_.rect() != seen_) static_scene_.forget();  // the next sample can't be compared
  return searches;
}

// Runs the network on the sample, and on the part that the sample lacks. What is in neither is
// background.
void Segmenter::find_people(const ConstFrame& frame) {
  if (!crop_.is_whole()) std::fill_n(probabilities_.data(), probabilities_.size(), 0.0f);
  find_probabilities();
  const MaskRect first = crop_.part(0), second = crop_.part(1);
  if (second != first) {
    sample(frame, second);
    find_probabilities({second.x > first.x ? first.right() - second.x : 0,
                        second.y > first.y ? first.bottom() - second.y : 0});
  }
  clean();
}

// Makes background what is no person, or not the one who is asked for.
void Segmenter::clean() {
  const std::span<float> mask{probabilities_.data(), probabilities_.size()};
  if (despeckles_) despeckle_.run(mask);
  if (keeps_front_) front_.keep(mask, smoothing_.shown());
}

Result<MaskSize> Segmenter::sample_size(int width, int height) const {
  if (!network_) return fail(ErrorCode::kState, "no model is loaded");
  const MaskSize input{info_.input.width, info_.input.height};
  return crops() ? whole_frame_mask(width, height, input) : input;
}

Result<void> Segmenter::prepare(const FrameKind& kind) {
  if (prepared_ == kind) return {};
  prepared_.reset();
  BACKDROP_TRY(network_->bind());
  const auto& [min, max] = info_.input_range;
  Sampler::Target target{info_.input.width, info_.input.height, min, max};
  MaskSize answer{answer_shape().width, answer_shape().height};
  if (kind.orientation.swaps_sides()) {
    std::swap(target.width, target.height);
    std::swap(answer.width, answer.height);
  }
  const bool rotates = kind.orientation.rotation != 0;
  const std::size_t colors = info_.input.pixels() * 3;
  const MaskSize size = crops() ? whole_frame_mask(kind.width, kind.height, answer) : answer;
  const std::size_t pixels = answer_shape().pixels();
  const std::size_t mask_pixels = size.pixels();
  if (!probabilities_.resize(mask_pixels) || !smoothing_.prepare(mask_pixels) ||
      !answer_.resize(pixels) || !answer_row_.resize(static_cast<std::size_t>(answer.width)) ||
      !stored_input_.resize(rotates ? colors : 0) || !upright_.resize(rotates ? pixels : 0) ||
      !colors_.resize(info_.input.channels == 3 ? 0 : colors) ||
      !sampler_.prepare(kind.format, kind.width, kind.height, target, executor_)) {
    return no_memory_for_picture();
  }
  if (despeckles_ && !despeckle_.prepare(size)) return no_memory_for_picture();
  if (keeps_front_ && !front_.prepare(size, kind.orientation.rotation)) {
    return no_memory_for_picture();
  }
  crop_.prepare(size, answer, kind.orientation.swaps_sides(), crops());
  reserve_resize_taps(answer_columns_, answer.width, size.width);
  reserve_resize_taps(answer_rows_, answer.height, size.height);
  mask_ = {{probabilities_.data(), probabilities_.size()}, size.width, size.height};
  seen_ = {};
  answer_size_ = answer;
  prepared_ = kind;
  forget_answer();
  return {};
}

// Samples the part of the frame that the network is to see. Whether nothing has moved in it since
// the network ran; false if static scenes are not skipped.
bool Segmenter::sample(const ConstFrame& frame, const MaskRect& part) {
  look_at(part);
  const std::span<float> input = sampled();
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
  return skips_static_scenes_ && static_scene_.is_still(input.data());
}

// Sets what is sampled, and where in the mask the network's answer is.
void Segmenter::look_at(const MaskRect& part) {
  if (seen_ == part) return;
  seen_ = part;
  sampler_.look_at(crop_.region_of(part));
  const auto [width, height] = answer_size_;
  set_resize_taps(answer_columns_, width, 0, width, part.width);
  set_resize_taps(answer_rows_, height, 0, height, part.height);
}

// Where the sample is: three colours for each pixel, upright.
std::span<float> Segmenter::sampled() {
  if (info_.input.channels == 3) return network_->input();
  return {colors_.data(), colors_.size()};
}

void Segmenter::make_grey() {
  const bool is_rgb = info_.channel_order == ChannelOrder::kRgb;
  const float* color = colors_.data();
  for (float& grey : network_->input()) {
    grey =
        kLuma[is_rgb ? 0 : 2] * color[0] + kLuma[1] * color[1] + kLuma[is_rgb ? 2 : 0] * color[2];
    color += 3;
  }
}

// The fourth channel is the answer to the frame before, in the range of the others.
void Segmenter::add_mask() {
  const auto [min, max] = info_.input_range;
  const std::int64_t in_width = info_.input.width, in_height = info_.input.height;
  const std::int64_t out_width = answer_shape().width, out_height = answer_shape().height;
  const float* before = upright_answer();
  const float* color = colors_.data();
  float* to = network_->input().data();
  for (std::int64_t y = 0; y < in_height; ++y) {
    const float* row = before + y * out_height / in_height * out_width;
    for (std::int64_t x = 0; x < in_width; ++x, color += 3) {
      to = std::copy_n(color, 3, to);
      *to++ = min + (max - min) * row[x * out_width / in_width];
    }
  }
}

float* Segmenter::upright_answer() {
  return prepared_->orientation.rotation == 0 ? answer_.data() : upright_.data();
}

// The next frame is the first.
void Segmenter::forget_answer() {
  if (network_) network_->reset();
  if (prepared_) std::fill_n(upright_answer(), answer_shape().pixels(), 0.0f);
}

// Runs the network and writes its answer to the part of the mask that it has seen.
void Segmenter::find_probabilities(const Seam& seam) {
  fit_channels(sampled(), info_.input_range, info_.channel_ranges);
  if (info_.input.channels == 1) make_grey();
  if (info_.input.channels == 4) add_mask();
  find_answer();
  // Subnormal numbers, which a network that is very sure gives, take processors a hundred times as
  // long.
  clear_below(kLeastProbability, {answer_.data(), answer_.size()});
  const auto stride = static_cast<std::size_t>(mask_.width);
  const std::size_t first =
      stride * static_cast<std::size_t>(seen_.y) + static_cast<std::size_t>(seen_.x);
  resize_floats(answer_.data(), answer_size_.width, answer_columns_, answer_rows_,
                {answer_row_.data(), answer_row_.size()}, probabilities_.data() + first, stride,
                seam);
}

// Runs the network. Its answer's probabilities lie as the frame is stored.
void Segmenter::find_answer() {
  const int rotation = prepared_->orientation.rotation;
  if (!resampler_ && rotation == 0) {
    activate_as_written();
    return;
  }
  std::span<const float> output = network_->run();
  if (resampler_) output = resampler_->run(output.data());
  if (rotation == 0) return activate(output, info_.format, answer_.data());
  activate(output, info_.format, upright_.data());
  rotate<1>(upright_.data(), answer_shape().width, answer_shape().height,
            Orientation{rotation, false}.inverse(), answer_.data());
}

void Segmenter::activate_as_written() {
  const auto width = static_cast<std::size_t>(info_.output.width);
  const std::size_t row = width * static_cast<std::size_t>(info_.output.channels);
  const auto activate_rows = [&](RowRange rows) {
    const auto first = static_cast<std::size_t>(rows.first);
    const auto count = static_cast<std::size_t>(rows.last - rows.first);
    activate(network_->output().subspan(first * row, count * row), info_.format,
             answer_.data() + first * width);
  };
  network_->run(RowsReady(activate_rows));
}

}  // namespace backdrop

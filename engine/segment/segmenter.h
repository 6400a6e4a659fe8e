// Frame in, mask out.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/buffer.h"
#include "base/error.h"
#include "image/frame.h"
#include "image/sampler.h"
#include "segment/grid_resampler.h"
#include "segment/mask.h"
#include "segment/temporal_smoothing.h"
#include "segment/model_io.h"
#include "segment/static_scene.h"
#include "pipeline/statistics.h"
#include "base/executor.h"
#include "net/network.h"

namespace backdrop {

// Owns the network and what is remembered from frame to frame.
class Segmenter {
 public:
  explicit Segmenter(Executor& executor) : executor_(executor) {}

  // Replaces the network; on failure the one before stays. kModel, kUnsupported, or kArgument.
  Result<void> load_model(std::span<const std::uint8_t> tflite, const ModelOptions& options);

  // kState without a network.
  Result<const ModelInfo*> model_info() const;
  Result<Network*> network();

  // 0 to 1: see Steadying.
  void set_steadying(float strength) { steadying_.set_strength(strength); }
  // Whether the mask is kept when nothing moved. A new segmenter does not.
  void set_motion_gate(bool on);

  // The mask before has nothing to do with the next frame, which gets a new one.
  void forget();
  // The next frame gets a new mask.
  void renew() { keepable_ = false; }

  // Segments the frame, unless the mask before can be kept and either `is_due` is false or nothing
  // moved. The network sees the frame turned by its rotation, not mirrored; the mask lies as the
  // frame is stored, and stays good until the next call. Nothing is allocated unless the frame is
  // of another kind than the one before. kState without a network, kArgument without memory; then
  // there is nothing to be kept.
  Result<Mask> run(const ConstFrame& frame, bool is_due, Statistics& statistics);

 private:
  Result<void> prepare(const FrameKind& kind);
  void sample(const ConstFrame& frame);
  const Shape& mask_shape() const { return resampler_ ? resampler_->shape() : info_.output; }
  void find_probabilities();
  void activate_as_written();

  Executor& executor_;
  std::unique_ptr<Network> network_;
  ModelInfo info_;
  std::optional<CellResampler> resampler_;  // where the output's cells lie unevenly
  Sampler sampler_;
  MotionGate gate_;
  bool gate_is_on_ = false;
  Steadying steadying_;
  bool keepable_ = false;
  int kept_frames_ = 0;  // since the mask was new
  // The network's input before it is turned upright, and the probabilities before they are turned
  // back.
  Buffer<float> stored_input_;
  Buffer<float> upright_probabilities_;
  Buffer<float> probabilities_;
  Mask mask_;                          // of the latest frame
  std::optional<FrameKind> prepared_;  // what all this is prepared for
};

}  // namespace backdrop

// Frame in, mask out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/buffer.h"
#include "base/error.h"
#include "image/frame.h"
#include "image/mask.h"
#include "image/resize_floats.h"
#include "image/sampler.h"
#include "segment/despeckle.h"
#include "segment/front_person.h"
#include "segment/grid_resampler.h"
#include "segment/temporal_smoothing.h"
#include "segment/model_io.h"
#include "segment/person_crop.h"
#include "segment/static_scene_detector.h"
#include "base/executor.h"
#include "net/network.h"

namespace backdrop {

// Why a frame has the mask of the one before. backdrop_statistics::kept has these numbers.
enum class ReuseReason {
  kNone = 0,         // it has a new one
  kStaticScene = 1,  // nothing moved
  kBudget = 2,       // the network runs on every second or third frame only
};

struct Segmentation {
  Mask mask;  // valid until the next frame
  ReuseReason reuse = ReuseReason::kNone;
  // Milliseconds; 0 if skipped.
  double sample = 0;
  double infer = 0;
};

// Owns the network and what is remembered from frame to frame.
class Segmenter {
 public:
  explicit Segmenter(Executor& executor) : executor_(executor) {}

  // Replaces the network; on failure the one before stays. kModel, kUnsupported, kArgument,
  // kMemory.
  Result<void> load_model(std::span<const std::uint8_t> tflite, const ModelOptions& options);

  // kState without a network.
  Result<const ModelInfo*> model_info() const;
  // Which model is loaded: no two loaded models share a generation. 0: none.
  std::uint64_t model_generation() const { return model_generation_; }
  // With its tensors, which get memory here. kState, kMemory.
  Result<Network*> network();
  // See Network::bytes; 0 without a network.
  std::size_t network_bytes() const { return network_ ? network_->bytes() : 0; }

  // 0 to 1: see TemporalSmoothing.
  void set_smoothing(float strength) { smoothing_.set_strength(strength); }
  // Whether the mask is reused while nothing moves. Off by default.
  void set_static_scene_skip(bool on);

  // Whether the network sees a part of the frame, around the people, in place of all of it: see
  // PersonCrop. On by default.
  void set_person_crop(bool on);

  // Whether only the person in front is kept: see FrontPerson. Off by default.
  void set_only_front(bool on);

  // Whether small holes and islands of the mask are removed: see Despeckle. On by default.
  void set_despeckling(bool on);

  // The size of a picture of a frame of width x height pixels that shows the network as much of the
  // frame as the frame itself does, or nearly. kState without a network.
  Result<MaskSize> sample_size(int width, int height) const;

  // The next frame has nothing to do with those before: a new mask, not smoothed with an old one.
  void reset();
  // The next frame gets a new mask.
  void invalidate() { is_reusable_ = false; }

  // Segments the frame. The mask before is reused if it is of a frame of the same kind, at most 29
  // frames old, and either `is_due` is false or nothing moved. The network sees the frame rotated
  // upright, not mirrored; the mask is of the whole frame and lies as the frame is stored. The
  // network runs twice if the whole frame is searched for people first. Allocates nothing unless
  // the frame is of another kind than the one before. kState without a network, kMemory; there is
  // no mask to reuse then.
  Result<Segmentation> run(const ConstFrame& frame, bool is_due);

 private:
  Result<void> prepare(const FrameKind& kind);
  bool sample(const ConstFrame& frame, const MaskRect& part);
  void look_at(const MaskRect& part);
  bool find_mask(const ConstFrame& frame);
  void find_people(const ConstFrame& frame);
  void clean();
  // What a network remembers is of the whole frame.
  bool crops() const { return crops_ && info_.input.channels != 4 && !network_->has_states(); }
  std::span<float> sampled();
  void make_grey();
  void add_mask();
  float* upright_answer();
  void forget_answer();
  // Of the network's answer, upright.
  const Shape& answer_shape() const { return resampler_ ? resampler_->shape() : info_.output; }
  void find_probabilities(const Seam& seam = {});
  void find_answer();
  void activate_as_written();

  Executor& executor_;
  std::unique_ptr<Network> network_;
  ModelInfo info_;
  std::uint64_t model_generation_ = 0;
  std::optional<GridResampler> resampler_;  // if the output's cells are not evenly spaced
  Sampler sampler_;
  StaticSceneDetector static_scene_;
  bool skips_static_scenes_ = false;
  bool crops_ = true;
  PersonCrop crop_;
  MaskRect seen_;                            // the part of the mask that the sample is of
  MaskSize answer_size_;                     // of the network's answer, as the frame is stored
  ResizeTaps answer_columns_, answer_rows_;  // from the answer to that part
  bool keeps_front_ = false;
  FrontPerson front_;
  bool despeckles_ = true;
  Despeckle despeckle_;
  TemporalSmoothing smoothing_;
  bool is_reusable_ = false;           // the mask
  int reused_frames_ = 0;              // since the mask was new
  std::uint64_t mask_generation_ = 0;  // of the latest run
  Buffer<float> stored_input_;         // the sample before it is rotated upright
  Buffer<float> colors_;               // the sample, if the network takes other channels
  Buffer<float> upright_;              // the answer's probabilities before they are rotated back
  Buffer<float> answer_;               // and after that
  Buffer<float> answer_row_;           // scratch
  Buffer<float> probabilities_;        // the mask's
  Mask mask_;                          // of the latest frame
  std::optional<FrameKind> prepared_;  // what the memory is prepared for
};

}  // namespace backdrop

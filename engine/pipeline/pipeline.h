// Frame in, frame out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "base/buffer.h"
#include "base/error.h"
#include "composite/background_blur.h"
#include "composite/compositor.h"
#include "image/frame.h"
#include "image/orientation.h"
#include "image/picture.h"
#include "image/sampler.h"
#include "matte/matte.h"
#include "pipeline/governor.h"
#include "pipeline/motion_gate.h"
#include "runtime/executor.h"
#include "runtime/network.h"

namespace backdrop {

struct ModelOptions {
  float input_min = 0;
  float input_max = 1;
  std::optional<OutputKind> output;  // told by the network's shape and last operation when absent
};

struct ModelInfo {
  Shape input;
  Shape output;
  float input_min = 0;
  float input_max = 1;
  OutputKind kind = OutputKind::kProbability;
};

// Why the latest frame has the matte of the one before.
enum class Kept {
  kNot,     // it has a new one, or none
  kStill,   // nothing moved
  kBudget,  // the network runs on every second or third frame only
};

// Milliseconds that the latest frame spent in each stage; 0 where it was skipped.
struct Statistics {
  double frames = 0;      // processed so far
  double inferences = 0;  // frames on which the network ran so far
  Kept kept = Kept::kNot;
  double sample = 0;
  double infer = 0;
  double matte = 0;
  double composite = 0;
};

// Owns the network, the background and all memory between them. It fails closed: until a network is
// there, and whenever something goes wrong, no output is written; the room is shown only when asked
// for. A new pipeline blurs.
class Pipeline {
 public:
  explicit Pipeline(std::unique_ptr<Executor> executor);

  // Replaces the network; on failure the one before stays. kModel, kUnsupported, or kArgument.
  Result<void> load_model(std::span<const std::uint8_t> tflite, const ModelOptions& options);

  // kState without a network.
  Result<ModelInfo> model_info() const;
  Result<void> infer(const float* input, float* output);

  // Nothing behind the person is changed, and the network is not run.
  void set_background_none();
  // A Gaussian with a standard deviation of `strength` percent of the frame's shorter side.
  void set_background_blur(float strength);
  // 0xRRGGBB.
  void set_background_color(std::uint32_t rgb);
  // RGBA; copied, then scaled to cover each frame, centred. kArgument when there is no memory.
  Result<void> set_background_image(const ConstFrame& image);
  // RGBA and BGRA frames get the matte as their alpha.
  void set_background_transparent();

  void set_coverage(const Coverage& coverage);

  // 0 to 1: see Steadying.
  void set_steadying(float strength) { matte_.set_steadying(strength); }

  // Whether the matte is kept when nothing moved. A new pipeline does not.
  void set_motion_gate(bool on);

  // Milliseconds that a frame may take on average, or 0: see Governor.
  void set_budget(double milliseconds) { governor_.set_budget(milliseconds); }

  // The next frame has nothing to do with those before.
  void reset();

  // Both pictures have one format, size, colour space and orientation; they may be the same. On
  // failure `output` is not written. The network sees the frame turned by its rotation, not
  // mirrored; a picture behind the person stands as the viewer sees the frame.
  Result<void> process(const ConstFrame& input, const Frame& output);

  // Copies the latest frame's alpha, of its size, as the frame is stored.
  Result<void> copy_matte(int width, int height, std::uint8_t* alpha, std::ptrdiff_t stride) const;

  const Statistics& statistics() const { return statistics_; }
  int interval() const { return governor_.interval(); }

 private:
  struct None {};
  struct Blur {
    float strength;
  };
  struct Color {
    std::uint32_t rgb;
  };
  struct Image {};  // image_
  struct Transparent {};
  using Choice = std::variant<None, Blur, Color, Image, Transparent>;

  struct FrameKind {
    PixelFormat format = PixelFormat::kRgba;
    int width = 0;
    int height = 0;
    ColorSpace color_space = ColorSpace::kBt601Limited;
    Orientation orientation;
    bool operator==(const FrameKind&) const = default;
  };

  template <typename Byte>
  static FrameKind kind_of(const BasicFrame<Byte>& frame);

  void choose(Choice background);
  Result<void> prepare(const FrameKind& kind);
  bool prepare_background(const FrameKind& kind);
  bool prepare_image(const FrameKind& kind);
  bool prepare_color(const FrameKind& kind, std::uint32_t rgb);
  void update_matte(const ConstFrame& input, bool keepable, Statistics& statistics);
  bool prepare_picture(const FrameKind& kind, const ConstFrame& rgba);
  void sample(const ConstFrame& frame);
  std::span<const float> as_stored(std::span<const float> output);
  void compose(const ConstFrame& input, const Frame& output);

  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Network> network_;
  ModelInfo info_;

  Choice background_ = Blur{2};
  Picture image_;               // as it was set
  Picture background_picture_;  // as the frame needs it: the image, or a row of a colour
  BackgroundBlur blur_;

  Coverage coverage_;
  Sampler sampler_;
  Matte matte_;
  MotionGate gate_;
  bool gate_is_on_ = false;
  Governor governor_;
  bool keepable_ = false;  // matte_ is the latest frame's, with what is set now
  int kept_frames_ = 0;    // since the matte was new
  // The network's input before it is turned upright, and its output turned back.
  Buffer<float> stored_input_;
  Buffer<float> stored_output_;
  // What sampler_ and matte_, and the background, are prepared for.
  std::optional<FrameKind> prepared_;
  std::optional<FrameKind> background_prepared_;
  std::optional<FrameKind> matte_of_;  // the latest frame with a matte
  Statistics statistics_;
};

}  // namespace backdrop

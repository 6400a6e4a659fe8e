// Frame in, frame out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "base/error.h"
#include "render/render_settings.h"
#include "render/gl/gl_renderer.h"
#include "image/frame.h"
#include "image/picture.h"
#include "render/cpu/cpu_renderer.h"
#include "segment/rate_controller.h"
#include "segment/segmenter.h"
#include "pipeline/statistics.h"
#include "base/executor.h"

namespace backdrop {

// Owns the network, the background and all memory between them. It fails closed: until a network is
// there, and whenever something goes wrong, no output is written; the room is shown only when asked
// for. A new pipeline blurs.
class Pipeline {
 public:
  explicit Pipeline(std::unique_ptr<Executor> executor);

  // Replaces the network; on failure the one before stays. kModel, kUnsupported, or kArgument.
  Result<void> load_model(std::span<const std::uint8_t> tflite, const ModelOptions& options);

  // kState without a network.
  Result<const ModelInfo*> model_info() const { return segmenter_.model_info(); }
  Result<Network*> network() { return segmenter_.network(); }

  void set_background(const BackgroundChoice& background);
  // RGBA; copied, then scaled to cover each frame, centred. kArgument when there is no memory.
  Result<void> set_background_image(const ConstFrame& image);
  void set_coverage(const Coverage& coverage);
  void set_refinement(const Refinement& refinement);
  void set_light_wrapping(const LightWrapping& wrapping) { look_.light_wrapping = wrapping; }

  // 0 to 1: see Steadying.
  void set_steadying(float strength) { segmenter_.set_steadying(strength); }

  // Whether the mask is kept when nothing moved. A new pipeline does not.
  void set_motion_gate(bool on) { segmenter_.set_motion_gate(on); }

  // Milliseconds that a frame may take on average, or 0: see Governor.
  void set_budget(double milliseconds) { governor_.set_budget(milliseconds); }

  // The next frame has nothing to do with those before.
  void reset();

  // Both pictures have one format, size, colour space and orientation; they may be the same. On
  // failure `output` is not written. A picture behind the person stands as the viewer sees the
  // frame.
  Result<void> process(const ConstFrame& input, const Frame& output);

  // Copies the latest frame's alpha, of its size, as the frame is stored.
  Result<void> copy_matte(int width, int height, std::uint8_t* alpha, std::ptrdiff_t stride) const;

  // What follows draws on the GPU, in the context that create_gl was called in: see gl::Renderer.
  Result<void> create_gl(gl::Loader loader);
  void destroy_gl(bool lost);
  Result<void> set_background_texture(const gl::TextureView& texture);
  Result<void> begin_sample(const gl::TextureView& frame);
  Result<bool> is_sampled() const;

  // The network sees `pixels`, which are the frame's, upright; or what was sampled from it.
  Result<void> process_texture(const gl::TextureView& frame,
                               const std::optional<ConstFrame>& pixels, unsigned framebuffer);

  const Statistics& statistics() const { return statistics_; }
  int interval() const { return governor_.interval(); }

 private:
  bool shows_room() const { return std::holds_alternative<NoBackground>(look_.background); }
  Statistics next() const;
  void pass_room();
  Result<ConstFrame> take_sample();
  Result<void> draw(const gl::TextureView& frame, const Mask& mask, unsigned framebuffer);
  void finish(const Statistics& statistics);

  std::unique_ptr<Executor> executor_;
  Look look_;
  Segmenter segmenter_;
  Governor governor_;
  CpuRenderer cpu_;
  std::unique_ptr<gl::Renderer> gpu_;
  bool gpu_has_picture_ = false;       // the CPU's, or one of its own
  Picture sampled_;                    // the network's input, from the GPU
  std::optional<FrameKind> matte_of_;  // the latest frame with a matte on the CPU
  Statistics statistics_;
};

}  // namespace backdrop

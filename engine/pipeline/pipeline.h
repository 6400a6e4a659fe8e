// Frame in, frame out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/error.h"
#include "base/executor.h"
#include "image/frame.h"
#include "image/pixel_buffer.h"
#include "pipeline/statistics.h"
#include "render/cpu/cpu_renderer.h"
#include "render/gl/gl_renderer.h"
#include "render/render_settings.h"
#include "segment/rate_controller.h"
#include "segment/segmenter.h"

namespace backdrop {

// Owns the segmenter, the renderers and all memory between them. Fails closed: without a network,
// and on any error, no output is written; the room is shown only with NoBackground. The default
// background is a blur.
class Pipeline {
 public:
  explicit Pipeline(std::unique_ptr<Executor> executor);

  // Replaces the network and drops the sample; on failure both stay. kModel, kUnsupported,
  // kArgument, kMemory.
  Result<void> load_model(std::span<const std::uint8_t> tflite, const ModelOptions& options);

  // kState without a network.
  Result<const ModelInfo*> model_info() const { return segmenter_.model_info(); }
  Result<Network*> network() { return segmenter_.network(); }

  void set_background(const BackgroundChoice& background) { settings_.background = background; }
  // Of the images and textures that are set afterwards.
  void set_placement(const Placement& placement) { placement_ = placement; }
  // RGBA; copied and laid on the placement's colour. kMemory.
  Result<void> set_background_image(const ConstFrame& image);
  void set_coverage(const Coverage& coverage) { settings_.coverage = coverage; }
  void set_refinement(const Refinement& refinement) { settings_.refinement = refinement; }
  void set_learned_room(bool on) { settings_.learns_room = on; }
  void set_light_wrapping(const LightWrapping& wrapping) { settings_.light_wrapping = wrapping; }

  // 0 to 1: see TemporalSmoothing.
  void set_smoothing(float strength) { segmenter_.set_smoothing(strength); }

  // Whether the mask is reused while nothing moves. Off by default.
  void set_static_scene_skip(bool on) { segmenter_.set_static_scene_skip(on); }

  // Whether the network sees a part of the frame, around the people: see PersonCrop. On by default.
  void set_person_crop(bool on) { segmenter_.set_person_crop(on); }

  // Whether only the person in front is kept: see FrontPerson. Off by default.
  void set_only_front(bool on) { segmenter_.set_only_front(on); }

  // Whether small holes and islands of the mask are removed: see Despeckle. On by default.
  void set_despeckling(bool on) { segmenter_.set_despeckling(on); }

  // Milliseconds that a frame may take on average; 0: no limit. See RateController.
  void set_budget(double milliseconds) { rate_controller_.set_budget(milliseconds); }

  // The next frame has nothing to do with those before.
  void reset();

  // Both pictures have one format, size, colour space and orientation; they may be the same. On
  // failure `output` is not written. A background image is upright for the viewer, however the
  // frame is stored.
  Result<void> process(const ConstFrame& input, const Frame& output);

  // Copies the latest frame's alpha, which has its size and lies as it is stored. kState: that
  // frame has no matte in memory.
  Result<void> copy_matte(int width, int height, std::uint8_t* alpha, std::ptrdiff_t stride) const;

  // The functions below draw on the GPU, in the context of create_gl: see GlRenderer. kState before
  // create_gl.
  Result<void> create_gl(gl::Loader loader);
  void destroy_gl(bool lost);
  // The texture replaces the image until there is another background.
  Result<void> set_background_texture(const gl::TextureView& texture);
  // The sample is for the next frame processed, and for the model that is loaded now.
  Result<void> begin_sample(const gl::TextureView& frame);
  Result<bool> is_sampled() const;

  // The network's input is `pixels`, the frame's, upright; or the sample, kState if there is none.
  Result<void> process_texture(const gl::TextureView& frame,
                               const std::optional<ConstFrame>& pixels, unsigned framebuffer);

  const Statistics& statistics() const { return statistics_; }
  std::size_t network_bytes() const { return segmenter_.network_bytes(); }
  int interval() const { return rate_controller_.interval(); }

 private:
  template <typename Source, typename Destination, typename GetPixels>
  Result<void> run(Renderer<Source, Destination>& renderer, const Source& frame,
                   const GetPixels& get_pixels, const Destination& out);
  Result<void> process_packed(const ConstFrame& input, const Frame& output);
  Result<Frame> unpack(const ConstFrame& packed);
  Result<gl::SampleSpec> sample_spec(const gl::TextureView& frame) const;
  Result<ConstFrame> take_sample(const gl::TextureView& frame);
  Result<void> count_room(Result<RenderTimes> drawn);
  Result<void> count(const Segmentation& segmentation, Result<RenderTimes> drawn);

  std::unique_ptr<Executor> executor_;
  RenderSettings settings_;
  Segmenter segmenter_;
  RateController rate_controller_;
  CpuRenderer cpu_;
  std::unique_ptr<GlRenderer> gpu_;
  Placement placement_;  // of the next image or texture
  PixelBuffer image_;    // of image_background_
  ImageBackground image_background_;
  PixelBuffer planar_;                 // what a frame of packed YUV is processed as
  PixelBuffer sampled_;                // the network's input, from the GPU
  std::optional<FrameKind> matte_of_;  // the latest frame, if the CPU has its matte
  Statistics statistics_;
};

}  // namespace backdrop

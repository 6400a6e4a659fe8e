#include "camera_stage.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "colors.h"
#include "engine_threads.h"
#include "failure.h"
#include "file.h"
#include "frame_processor.h"
#include "job.h"

namespace backdrop::cli {
namespace {

constexpr int kHeightOfBt709 = 720;

// First as `first` says, then as `second`.
Orientation both(const Orientation& first, const Orientation& second) {
  const int turn = first.is_mirrored ? 360 - second.rotation : second.rotation;
  return {.rotation = (first.rotation + turn) % 360,
          .is_mirrored = first.is_mirrored != second.is_mirrored};
}

void require(const std::string& path) {
  naming(path, [&] { require_regular_file(path); });
}

void take(CameraChanges& settings, const CameraChanges& changes) {
  const auto take_one = [](auto& value, const auto& change) {
    if (change) value = change;
  };
  take_one(settings.background, changes.background);
  take_one(settings.model, changes.model);
  take_one(settings.only_front, changes.only_front);
  take_one(settings.is_mirrored, changes.is_mirrored);
  take_one(settings.rotation, changes.rotation);
  take_one(settings.crop, changes.crop);
}

}  // namespace

FramePtr FramePool::take(AVPixelFormat format, int width, int height) {
  constexpr std::size_t kMost = 8;
  std::erase_if(frames_, [&](const FramePtr& frame) {
    return frame->format != format || frame->width != width || frame->height != height;
  });
  const auto unused = std::ranges::find_if(
      frames_, [](const FramePtr& frame) { return av_frame_is_writable(frame.get()) > 0; });
  if (unused != frames_.end()) return share(**unused);
  FramePtr frame = make_frame(format, width, height);
  if (frames_.size() < kMost) frames_.push_back(share(*frame));
  return frame;
}

struct CameraStage::Loaded {
  Engine engine;
  std::unique_ptr<BackgroundClip> clip;
  std::chrono::steady_clock::time_point clip_begun;
};

CameraStage::CameraStage(const CameraArguments& arguments, int width, int height,
                         Progress& progress)
    : model_(arguments.model),
      progress_(progress),
      width_(width),
      height_(height),
      colors_{.is_bt709 = height >= kHeightOfBt709},
      settings_(arguments.settings) {
  if (!settings_.background) settings_.background = Blur{};
  loaded_ = load(settings_);
}

CameraStage::~CameraStage() = default;

std::unique_ptr<CameraStage::Loaded> CameraStage::load(const CameraChanges& settings) const {
  ModelArguments model = model_;
  if (settings.model) model = {settings.model, {}};
  auto loaded = std::make_unique<Loaded>(
      Loaded{make_engine(model, usual_engine_threads(), progress_), nullptr, {}});
  set_background(*loaded, *settings.background);
  loaded->engine.keep_only_front(settings.only_front.value_or(false));
  return loaded;
}

void CameraStage::set_background(Loaded& loaded, const Background& background) const {
  if (const auto* image = std::get_if<BackgroundImage>(&background)) require(image->path);
  std::unique_ptr<BackgroundClip> clip;
  if (const auto* video = std::get_if<BackgroundVideo>(&background)) {
    require(video->picture.path);
    clip = std::make_unique<BackgroundClip>(video->picture.path, width_, height_);
  }
  cli::set_background(loaded.engine, background, {}, progress_);
  progress_.stage({});
  loaded.clip = std::move(clip);
  loaded.clip_begun = std::chrono::steady_clock::now();
}

void CameraStage::change(const CameraChanges& changes) {
  CameraChanges settings = settings_;
  take(settings, changes);
  if (changes.model || has_failed_) {
    loaded_ = load(settings);
    has_failed_ = false;
  } else if (changes.background) {
    set_background(*loaded_, *changes.background);
  }
  if (changes.only_front) loaded_->engine.keep_only_front(*changes.only_front);
  settings_ = std::move(settings);
}

void CameraStage::forget() {
  if (!has_failed_) loaded_->engine.forget();
}

FramePtr CameraStage::process(const AVFrame& frame, const Orientation& orientation) {
  const FramePtr picture = prepared(frame, orientation);
  // An engine that has failed may have no memory left: another one is made.
  if (std::exchange(has_failed_, true)) loaded_ = load(settings_);
  if (const auto* video = std::get_if<BackgroundVideo>(&*settings_.background)) {
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - loaded_->clip_begun);
    if (const AVFrame* behind = loaded_->clip->at(time.count())) {
      loaded_->engine.set_background_image(view(*behind, {}, {}), video->picture,
                                           video->picture.beside.rgb);
    }
  }
  FramePtr out = composited_.take(AV_PIX_FMT_YUV420P, width_, height_);
  loaded_->engine.process(view(*picture, colors_, {}), view(*out, colors_, {}));
  has_failed_ = false;
  return out;
}

// As it is to be composited, in pixels that may be the camera's own.
FramePtr CameraStage::prepared(const AVFrame& frame, const Orientation& orientation) {
  const Orientation turn =
      both(orientation, {.rotation = settings_.rotation.value_or(0),
                         .is_mirrored = settings_.is_mirrored.value_or(false)});
  const FramePtr part = cropped(frame);
  const VideoColors colors = colors_of(*part);
  const int width = turn.swaps_sides() ? height_ : width_;
  const int height = turn.swaps_sides() ? width_ : height_;
  const bool is_ready =
      without_range(static_cast<AVPixelFormat>(part->format)) == AV_PIX_FMT_YUV420P &&
      part->width == width && part->height == height && colors == colors_ && part->linesize[0] > 0;
  if (is_ready) return turned(*part, turn);
  FramePtr scaled = scaled_.take(AV_PIX_FMT_YUV420P, width, height);
  if (std::int64_t{part->width} * height == std::int64_t{part->height} * width) {
    scaler_.convert(*part, colors, *scaled, colors_);
  } else {
    scaler_.fit(*part, colors, *scaled, colors_);
  }
  return turned(*scaled, turn);
}

// The part of the picture as it came, with even sides.
FramePtr CameraStage::cropped(const AVFrame& frame) const {
  FramePtr part = share(frame);
  if (!settings_.crop) return part;
  const CameraCrop& crop = *settings_.crop;
  const auto even = [](float share, int side) {
    return static_cast<std::size_t>(share * static_cast<float>(side) / 2 + 0.5F) * 2;
  };
  const auto width = static_cast<std::size_t>(frame.width);
  const auto height = static_cast<std::size_t>(frame.height);
  part->crop_left = std::min(even(crop.x, frame.width), width - 2);
  part->crop_top = std::min(even(crop.y, frame.height), height - 2);
  const std::size_t right =
      part->crop_left + std::max<std::size_t>(even(crop.width, frame.width), 2);
  const std::size_t bottom =
      part->crop_top + std::max<std::size_t>(even(crop.height, frame.height), 2);
  part->crop_right = width - std::min(right, width);
  part->crop_bottom = height - std::min(bottom, height);
  check_av(av_frame_apply_cropping(part.get(), AV_FRAME_CROP_UNALIGNED));
  return part;
}

}  // namespace backdrop::cli

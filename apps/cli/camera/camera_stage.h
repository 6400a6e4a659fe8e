// A camera's picture on its way to being shown: cut, turned, scaled and composited.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "background_clip.h"
#include "camera_arguments.h"
#include "engine.h"
#include "orientation.h"
#include "scaler.h"

namespace backdrop::cli {

// Frames of one kind, whose memory is used again once nobody has it any more.
class FramePool {
 public:
  FramePtr take(AVPixelFormat format, int width, int height);

 private:
  std::vector<FramePtr> frames_;
};

class CameraStage {
 public:
  // Loads the model. Throws Failure.
  CameraStage(const CameraArguments& arguments, int width, int height, Progress& progress);

  // Throws Failure or WrongCall and changes nothing.
  void change(const CameraChanges& changes);

  // Whether nothing is put behind the person.
  bool shows_room() const { return std::holds_alternative<Unchanged>(*settings_.background); }

  // I420 of the size, in BT.709 from 720 lines on, else BT.601, limited range: what readers assume,
  // to whom nothing tells it. Throws Failure: the picture can't be shown.
  FramePtr process(const AVFrame& frame, const Orientation& orientation);

  ~CameraStage();
  CameraStage(const CameraStage&) = delete;
  CameraStage& operator=(const CameraStage&) = delete;

  // The next picture has nothing to do with the last one: the camera was closed meanwhile.
  void forget();

 private:
  struct Loaded;  // an engine with its background

  std::unique_ptr<Loaded> load(const CameraChanges& settings) const;
  void set_background(Loaded& loaded, const Background& background) const;
  FramePtr prepared(const AVFrame& frame, const Orientation& orientation);
  FramePtr cropped(const AVFrame& frame) const;

  ModelArguments model_;
  Progress& progress_;
  int width_;
  int height_;
  VideoColors colors_;
  CameraChanges settings_;
  std::unique_ptr<Loaded> loaded_;
  bool has_failed_ = false;
  Scaler scaler_{Scaler::Quality::kFast};
  FramePool scaled_, composited_;
};

}  // namespace backdrop::cli

#include "obs_host.h"

#include <chrono>
#include <condition_variable>
#include <utility>

#include <X11/Xlib.h>
#include <obs-nix-platform.h>
#include <util/platform.h>

namespace backdrop::test {
namespace {

using namespace std::chrono_literals;

// A source whose thread gives frames to OBS.
class Camera {
 public:
  explicit Camera(obs_source_t* source) : source_(source), thread_([this] { run(); }) {}
  ~Camera() {
    stopped_ = true;
    thread_.join();
  }

  void set(std::shared_ptr<TestFrame> frame) {
    const std::lock_guard lock(mutex_);
    frame_ = std::move(frame);
    if (!frame_) obs_source_output_video(source_, nullptr);
  }

 private:
  void run() {
    while (!stopped_) {
      {
        const std::lock_guard lock(mutex_);
        if (frame_) {
          frame_->get().timestamp = os_gettime_ns();
          obs_source_output_video(source_, &frame_->get());
        }
      }
      std::this_thread::sleep_for(33ms);
    }
  }

  obs_source_t* const source_;
  std::mutex mutex_;
  std::shared_ptr<TestFrame> frame_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

void register_camera() {
  obs_source_info info{};
  info.id = "test_camera";
  info.type = OBS_SOURCE_TYPE_INPUT;
  info.output_flags = OBS_SOURCE_ASYNC_VIDEO;
  info.get_name = [](void*) { return "Test camera"; };
  info.create = [](obs_data_t*, obs_source_t* source) -> void* { return new Camera(source); };
  info.destroy = [](void* data) { delete static_cast<Camera*>(data); };
  obs_register_source(&info);
}

// An effect that changes nothing, and counts how often it is drawn.
void register_effect() {
  obs_source_info info{};
  info.id = "test_effect";
  info.type = OBS_SOURCE_TYPE_FILTER;
  info.output_flags = OBS_SOURCE_VIDEO;
  info.get_name = [](void*) { return "Test effect"; };
  info.create = [](obs_data_t*, obs_source_t* source) -> void* { return source; };
  info.destroy = [](void*) {};
  info.video_render = [](void* source, gs_effect_t*) {
    ++ObsHost::effects_drawn;
    obs_source_skip_video_filter(static_cast<obs_source_t*>(source));
  };
  obs_register_source(&info);
}

Camera* camera_of(obs_source_t* source) { return static_cast<Camera*>(obs_obj_get_data(source)); }

bool start_video() {
  obs_video_info info{};
  info.graphics_module = "libobs-opengl";
  info.fps_num = 30;
  info.fps_den = 1;
  info.base_width = info.output_width = kWidth;
  info.base_height = info.output_height = kHeight;
  info.output_format = VIDEO_FORMAT_BGRA;
  info.colorspace = VIDEO_CS_SRGB;
  info.range = VIDEO_RANGE_FULL;
  info.gpu_conversion = true;
  info.scale_type = OBS_SCALE_DISABLE;
  return obs_reset_video(&info) == OBS_VIDEO_SUCCESS;
}

bool load_filter() {
  obs_module_t* module = nullptr;
  if (obs_open_module(&module, BACKDROP_MODULE, BACKDROP_MODULE_DATA) != MODULE_SUCCESS) {
    return false;
  }
  return obs_init_module(module);
}

Sight look_at(const video_data& frame) {
  const std::uint8_t* pixels = frame.data[0];
  const std::uint32_t stride = frame.linesize[0];
  Sight sight;
  // Where the person's sleeve ends at the room, the matte may keep a pixel of it.
  constexpr int kFew = 100;  // of 120000
  sight.room = count_room(pixels, kWidth, kHeight, stride) > kFew;
  sight.black = true;
  for (int y = 0; y < kHeight && sight.black; ++y) {
    for (int x = 0; x < kWidth && sight.black; ++x) {
      const std::uint8_t* pixel = pixels + static_cast<std::size_t>(y) * stride + 4 * x;
      sight.black = pixel[0] < 3 && pixel[1] < 3 && pixel[2] < 3;
    }
  }
  sight.person = mean_color(pixels, stride, kWidth / 2, kHeight / 3, 12);
  sight.beside = mean_color(pixels, stride, 60, kHeight / 2, 30);
  sight.beside_is_flat = true;
  for (int y = kHeight / 2 - 30; y < kHeight / 2 + 30; y += 5) {
    const Color part = mean_color(pixels, stride, 60, y, 4);
    sight.beside_is_flat = sight.beside_is_flat && is_near(part, sight.beside, 6);
  }
  return sight;
}

}  // namespace

ObsHost::ObsHost() {
  display_ = XOpenDisplay(nullptr);
  if (!display_) {
    problem_ = "there is no X server (Debian: xvfb)";
    return;
  }
  obs_set_nix_platform_display(display_);
  if (!obs_startup("en-US", nullptr, nullptr)) {
    problem_ = "OBS does not start";
    return;
  }
  started_ = true;
  obs_audio_info audio{48000, SPEAKERS_STEREO};
  if (!start_video() || !obs_reset_audio(&audio)) {
    problem_ = "OBS can't draw here (Debian: libobs0 with OpenGL)";
    return;
  }
  register_camera();
  register_effect();
  if (!load_filter()) {
    problem_ = "the filter can't be loaded";
    return;
  }
  obs_post_load_modules();
  obs_add_raw_video_callback(nullptr, see_frame, this);
}

ObsHost::~ObsHost() {
  if (started_) {
    obs_remove_raw_video_callback(see_frame, this);
    obs_set_output_source(0, nullptr);
    obs_shutdown();
  }
  if (display_) XCloseDisplay(static_cast<Display*>(display_));
}

void ObsHost::show(obs_source_t* source) { obs_set_output_source(0, source); }

bool ObsHost::watch(const std::function<bool(const Sight&)>& see) {
  std::condition_variable wake;
  bool done = false;
  std::unique_lock lock(mutex_);
  see_ = [&](const Sight& sight) {
    done = done || see(sight);
    if (done) wake.notify_one();
  };
  wake.wait_for(lock, 60s, [&] { return done; });
  see_ = nullptr;
  return done;
}

Source ObsHost::make_camera(std::shared_ptr<TestFrame> frame) {
  Source source(obs_source_create("test_camera", "camera", nullptr, nullptr));
  set_frame(source.get(), std::move(frame));
  return source;
}

void ObsHost::set_frame(obs_source_t* camera, std::shared_ptr<TestFrame> frame) {
  camera_of(camera)->set(std::move(frame));
}

void ObsHost::settle() {
  while (obs_wait_for_destroy_queue()) {
  }
}

void ObsHost::see_frame(void* data, video_data* frame) {
  auto* host = static_cast<ObsHost*>(data);
  const std::lock_guard lock(host->mutex_);
  if (host->see_) host->see_(look_at(*frame));
}

}  // namespace backdrop::test

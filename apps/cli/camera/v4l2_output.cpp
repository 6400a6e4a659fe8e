// A device of v4l2loopback: packed rows by write(), which is all that the module takes from every
// program alike.
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

extern "C" {
#include <libavutil/imgutils.h>
}

#include "camera_output.h"
#include "descriptor.h"
#include "failure.h"
#include "scaler.h"
#include "v4l2_devices.h"

namespace backdrop::cli {
namespace {

using namespace std::chrono_literals;

// Formats that readers know, the most widely known first.
struct Format {
  std::uint32_t v4l2;
  AVPixelFormat av;
};
constexpr std::array<Format, 3> kFormats = {{{V4L2_PIX_FMT_YUYV, AV_PIX_FMT_YUYV422},
                                             {V4L2_PIX_FMT_YUV420, AV_PIX_FMT_YUV420P},
                                             {V4L2_PIX_FMT_NV12, AV_PIX_FMT_NV12}}};

// An open device and the format that it takes.
class Device {
 public:
  // The size is a wish: a device that somebody reads keeps the size that it has.
  Device(const std::string& path, int width, int height, int rate)
      : descriptor_(open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    v4l2_capability capability{};
    if (call_device(descriptor_.get(), VIDIOC_QUERYCAP, &capability) < 0) {
      throw Failure("is no video device");
    }
    if (!settle_format(path, width, height)) throw Failure("takes none of YUYV, YU12 and NV12");
    v4l2_streamparm rates{};
    rates.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
    rates.parm.output.timeperframe = {1, static_cast<std::uint32_t>(rate)};
    call_device(descriptor_.get(), VIDIOC_S_PARM, &rates);  // only told to readers
    bytes_.resize(static_cast<std::size_t>(
        check_av(av_image_get_buffer_size(format_->av, frame_->width, frame_->height, 1))));
    check_av(av_image_fill_arrays(frame_->data, frame_->linesize, bytes_.data(), format_->av,
                                  frame_->width, frame_->height, 1));
  }

  std::string description() const {
    return std::string(av_get_pix_fmt_name(format_->av)) + " " + std::to_string(frame_->width) +
           "x" + std::to_string(frame_->height);
  }

  void write(const AVFrame& picture) {
    const bool has_size = picture.width == frame_->width && picture.height == frame_->height;
    if (has_size) {
      scaler_.convert(picture, {}, *frame_, {});
    } else {
      scaler_.fit(picture, {}, *frame_, {});
    }
    const ssize_t written = ::write(descriptor_.get(), bytes_.data(), bytes_.size());
    if (written < 0 && errno != EAGAIN && errno != EINTR) fail_with_errno();
  }

 private:
  // The first that the device takes as it is.
  bool settle_format(const std::string& path, int width, int height) {
    std::uint32_t taken = 0;
    for (const Format& wish : kFormats) {
      v4l2_format format{};
      format.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
      format.fmt.pix.width = static_cast<std::uint32_t>(width);
      format.fmt.pix.height = static_cast<std::uint32_t>(height);
      format.fmt.pix.pixelformat = wish.v4l2;
      format.fmt.pix.field = V4L2_FIELD_NONE;
      format.fmt.pix.colorspace =
          height >= 720 ? V4L2_COLORSPACE_REC709 : V4L2_COLORSPACE_SMPTE170M;
      if (call_device(descriptor_.get(), VIDIOC_S_FMT, &format) < 0) {
        if (errno == EBUSY) fail_busy(path);
        if (call_device(descriptor_.get(), VIDIOC_G_FMT, &format) < 0) continue;
      }
      taken = format.fmt.pix.pixelformat;
      format_ = std::ranges::find(kFormats, taken, &Format::v4l2);
      if (format_ == kFormats.end()) continue;
      frame_->format = format_->av;
      frame_->width = static_cast<int>(format.fmt.pix.width);
      frame_->height = static_cast<int>(format.fmt.pix.height);
      return frame_->width >= 2 && frame_->height >= 2;
    }
    return false;
  }

  [[noreturn]] static void fail_busy(const std::string& path) {
    const std::string holder = holder_of(path);
    throw Failure(holder.empty() ? "another program has it open" : "is held by " + holder);
  }

  Descriptor descriptor_;
  decltype(kFormats)::const_iterator format_ = kFormats.end();
  FramePtr frame_ = make_frame();
  std::vector<std::uint8_t> bytes_;
  Scaler scaler_{Scaler::Quality::kFast};
};

// Whether others have a file open that this program has open, too, all the time: those whose files
// this user may see, and those who opened it since.
class Openings {
 public:
  explicit Openings(const std::string& path)
      : path_(path), fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (fd_ >= 0 && inotify_add_watch(fd_, path.c_str(), IN_OPEN | IN_CLOSE) < 0) {
      close(std::exchange(fd_, -1));
    }
    is_held_ = !holder_of(path).empty();
  }
  ~Openings() {
    if (fd_ >= 0) close(fd_);
  }
  Openings(const Openings&) = delete;
  Openings& operator=(const Openings&) = delete;

  // Without inotify others are assumed.
  bool any() {
    if (fd_ < 0) return true;
    if (count_events()) is_held_ = !holder_of(path_).empty();
    return is_held_ || opened_ > 0;
  }

 private:
  // Whether there were any.
  bool count_events() {
    alignas(inotify_event) std::array<char, 4096> events;
    bool has_any = false;
    ssize_t size = 0;
    while ((size = read(fd_, events.data(), events.size())) > 0) {
      has_any = true;
      for (ssize_t at = 0; at < size;) {
        inotify_event event;
        std::memcpy(&event, events.data() + at, sizeof event);
        opened_ += ((event.mask & IN_OPEN) != 0 ? 1 : 0) - ((event.mask & IN_CLOSE) != 0 ? 1 : 0);
        at += static_cast<ssize_t>(sizeof event + event.len);
      }
    }
    return has_any;
  }

  std::string path_;
  int fd_;
  int opened_ = 0;  // since the beginning
  bool is_held_ = true;
};

class V4l2Output final : public CameraOutput {
 public:
  V4l2Output(CameraFeed& feed, std::string path, int rate, Watch watch)
      : feed_(feed), path_(std::move(path)), rate_(rate), watch_(std::move(watch)) {
    open();
    feed_.on_new_picture([this] {
      {
        const std::lock_guard lock(mutex_);
      }  // whoever is about to wait has looked
      changed_.notify_all();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  ~V4l2Output() override = default;

  std::string state() const override {
    const std::lock_guard lock(mutex_);
    return path_ + ": " + state_;
  }

 private:
  // Nobody looks: a still now and then keeps the device alive for who comes. Last of all comes what
  // the feed shows when the camera has ended, as a device keeps it.
  void run(const std::stop_token& stop) {
    constexpr auto kPause = 500ms;
    while (!stop.stop_requested()) {
      const std::optional<std::uint64_t> shown = show();
      watch_(is_watched_);
      wait(stop, shown, is_watched_ ? std::chrono::nanoseconds(1s) / rate_ * 3 / 2 : kPause);
    }
    show();
    watch_(false);
  }

  // The number of the picture that the device has now, if it is there.
  std::optional<std::uint64_t> show() {
    is_watched_ = false;
    try {
      if (!device_) open();
      is_watched_ = readers_->any();
      const CameraFeed::Shown latest = feed_.latest();
      device_->write(*latest.picture);
      say(device_->description() + (is_watched_ ? ", is read" : ", nobody looks"));
      return latest.number;
    } catch (const std::exception& failure) {
      is_watched_ = false;
      device_.reset();
      say(std::string(failure.what()) + "; trying again");
      return std::nullopt;
    }
  }

  // A device that comes back is another file.
  void open() {
    device_.emplace(path_, feed_.width(), feed_.height(), rate_);
    readers_.emplace(path_);
  }

  // For a picture that the device does not have, if it is there.
  void wait(const std::stop_token& stop, std::optional<std::uint64_t> shown,
            std::chrono::nanoseconds most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, most, [&] { return shown && feed_.number() != *shown; });
  }

  void say(std::string text) {
    const std::lock_guard lock(mutex_);
    state_ = std::move(text);
  }

  CameraFeed& feed_;
  std::string path_;
  int rate_;
  Watch watch_;
  std::optional<Device> device_;
  std::optional<Openings> readers_;
  bool is_watched_ = false;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string state_;
  std::jthread thread_;
};

}  // namespace

std::unique_ptr<CameraOutput> make_v4l2_output(CameraFeed& feed, const std::string& path, int rate,
                                               CameraOutput::Watch watch) {
  return naming(path,
                [&] { return std::make_unique<V4l2Output>(feed, path, rate, std::move(watch)); });
}

}  // namespace backdrop::cli

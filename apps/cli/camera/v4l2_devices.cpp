#include "v4l2_devices.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
namespace {

namespace fs = std::filesystem;

std::optional<int> number_in(const std::string& text, std::string_view before) {
  if (!text.starts_with(before)) return std::nullopt;
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + before.size(), end, number);
  if (stop != end || error != std::errc{}) return std::nullopt;
  return number;
}

// Its name, if it hands out pictures.
std::optional<std::string> camera_name(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  v4l2_capability capability{};
  const int status = call_device(fd, VIDIOC_QUERYCAP, &capability);
  close(fd);
  if (status < 0) return std::nullopt;
  const bool has_own = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0;
  const std::uint32_t can = has_own ? capability.device_caps : capability.capabilities;
  if ((can & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE)) == 0) return std::nullopt;
  return one_line(reinterpret_cast<const char*>(capability.card));
}

bool has_open(const fs::path& process, dev_t device) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(process / "fd", error)) {
    struct stat status{};
    if (stat(entry.path().c_str(), &status) == 0 && S_ISCHR(status.st_mode) &&
        status.st_rdev == device) {
      return true;
    }
  }
  return false;
}

}  // namespace

int call_device(int fd, unsigned long request, void* argument) {
  int status = -1;
  do {
    status = ioctl(fd, request, argument);
  } while (status < 0 && errno == EINTR);
  return status;
}

std::vector<V4l2Device> find_cameras() {
  std::vector<std::pair<int, V4l2Device>> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/dev", error)) {
    const std::optional<int> number = number_in(entry.path().filename().string(), "video");
    if (!number) continue;
    if (auto name = camera_name(entry.path().string())) {
      found.push_back({*number, {entry.path().string(), std::move(*name)}});
    }
  }
  std::ranges::sort(found, {}, &std::pair<int, V4l2Device>::first);
  std::vector<V4l2Device> cameras;
  cameras.reserve(found.size());
  for (auto& [number, camera] : found) cameras.push_back(std::move(camera));
  return cameras;
}

dev_t device_number(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode) ? status.st_rdev : 0;
}

std::string holder_of(const std::string& path) {
  const dev_t device = device_number(path);
  if (device == 0) return {};
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", error)) {
    const std::string process = entry.path().filename().string();
    const std::optional<int> number = number_in(process, "");
    if (!number || *number == getpid() || !has_open(entry.path(), device)) continue;
    std::string name;
    std::getline(std::ifstream(entry.path() / "comm"), name);
    return one_line(name) + " (process " + process + ")";
  }
  return {};
}

}  // namespace backdrop::cli

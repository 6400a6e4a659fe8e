// Makes a file look like an output of v4l2loopback to the program that loads this: what is written
// to BACKDROP_SHIM_DEVICE is appended to BACKDROP_SHIM_FILE. BACKDROP_SHIM_FORMAT is a format that
// the device keeps, as "YU12 320x240"; with BACKDROP_SHIM_BUSY it takes none. While there is a file
// of the same name and ".gone", there is no device.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

int device_fd = -1;

bool is_device(const char* path) {
  const char* device = std::getenv("BACKDROP_SHIM_DEVICE");
  return device && std::strcmp(path, device) == 0;
}

const char* file_of(const char* path) {
  return is_device(path) ? std::getenv("BACKDROP_SHIM_FILE") : path;
}

// The function that this file stands before.
template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool is_gone() {
  return access((std::string(std::getenv("BACKDROP_SHIM_FILE")) + ".gone").c_str(), F_OK) == 0;
}

int fail_as_gone() {
  errno = ENODEV;
  return -1;
}

int open_as(const char* name, const char* path, int flags, mode_t mode) {
  auto* open_next = next<int(const char*, int, ...)>(name);
  if (!is_device(path)) return open_next(path, flags, mode);
  if (is_gone()) return fail_as_gone();
  device_fd = open_next(file_of(path), O_WRONLY | O_APPEND | (flags & O_CLOEXEC));
  return device_fd;
}

int set_format(v4l2_format& format) {
  const char* kept = std::getenv("BACKDROP_SHIM_FORMAT");
  if (std::getenv("BACKDROP_SHIM_BUSY")) {
    errno = EBUSY;
    return -1;
  }
  if (!kept) return 0;
  char code[5] = "";
  const auto is_read =
      std::sscanf(kept, "%4s %ux%u", code, &format.fmt.pix.width, &format.fmt.pix.height);
  if (is_read != 3) std::abort();
  format.fmt.pix.pixelformat = v4l2_fourcc(code[0], code[1], code[2], code[3]);
  return 0;
}

int answer(unsigned long request, void* argument) {
  if (request == VIDIOC_QUERYCAP) {
    auto& capability = *static_cast<v4l2_capability*>(argument);
    capability = {};
    std::memcpy(capability.card, "Shim", 5);
    capability.capabilities = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_READWRITE;
    return 0;
  }
  if (request == VIDIOC_S_FMT || request == VIDIOC_G_FMT) {
    return set_format(*static_cast<v4l2_format*>(argument));
  }
  if (request == VIDIOC_S_PARM) return 0;
  errno = ENOTTY;
  return -1;
}

}  // namespace

extern "C" {

#define BACKDROP_OPEN(function)                                                 \
  int function(const char* path, int flags, ...) {                              \
    va_list arguments;                                                          \
    va_start(arguments, flags);                                                 \
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments);                                                          \
    return open_as(#function, path, flags, mode);                               \
  }
BACKDROP_OPEN(open)
BACKDROP_OPEN(open64)
int __open_2(const char* path, int flags) { return open_as("open", path, flags, 0); }
int __open64_2(const char* path, int flags) { return open_as("open64", path, flags, 0); }

int stat(const char* path, struct stat* status) noexcept {
  const int result = next<int(const char*, struct stat*)>("stat")(file_of(path), status);
  if (result == 0 && is_device(path)) {
    status->st_mode = S_IFCHR | 0600;
    status->st_rdev = makedev(81, 10);
  }
  return result;
}

ssize_t write(int fd, const void* bytes, size_t count) {
  if (fd == device_fd && is_gone()) return fail_as_gone();
  return next<ssize_t(int, const void*, size_t)>("write")(fd, bytes, count);
}

int inotify_add_watch(int fd, const char* path, std::uint32_t mask) {
  auto* watch_next = next<int(int, const char*, std::uint32_t)>("inotify_add_watch");
  return watch_next(fd, file_of(path), mask);
}

int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (fd == device_fd) return answer(request, argument);
  return next<int(int, unsigned long, ...)>("ioctl")(fd, request, argument);
}

}  // extern "C"

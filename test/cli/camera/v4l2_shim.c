// Makes a file look like an output of v4l2loopback to the program that loads this: what is written to
// BACKDROP_SHIM_DEVICE is appended to BACKDROP_SHIM_FILE. BACKDROP_SHIM_FORMAT is a format that the
// device keeps, as "YU12 320x240"; with BACKDROP_SHIM_BUSY it takes none.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int device_fd = -1;

static int is_device(const char* path) {
  const char* device = getenv("BACKDROP_SHIM_DEVICE");
  return device && strcmp(path, device) == 0;
}

static const char* file_of(const char* path) {
  return is_device(path) ? getenv("BACKDROP_SHIM_FILE") : path;
}

static int open_as(const char* name, const char* path, int flags, mode_t mode) {
  int (*next)(const char*, int, ...) = dlsym(RTLD_NEXT, name);
  if (!is_device(path)) return next(path, flags, mode);
  device_fd = next(file_of(path), O_WRONLY | O_APPEND | (flags & O_CLOEXEC));
  return device_fd;
}

#define OPEN(function)                                                   \
  int function(const char* path, int flags, ...) {                       \
    va_list arguments;                                                   \
    va_start(arguments, flags);                                          \
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;       \
    va_end(arguments);                                                   \
    return open_as(#function, path, flags, mode);                        \
  }
OPEN(open)
OPEN(open64)
int __open_2(const char* path, int flags) { return open_as("open", path, flags, 0); }
int __open64_2(const char* path, int flags) { return open_as("open64", path, flags, 0); }

int stat(const char* path, struct stat* status) {
  int (*next)(const char*, struct stat*) = dlsym(RTLD_NEXT, "stat");
  int result = next(file_of(path), status);
  if (result == 0 && is_device(path)) {
    status->st_mode = S_IFCHR | 0600;
    status->st_rdev = makedev(81, 10);
  }
  return result;
}

int inotify_add_watch(int fd, const char* path, uint32_t mask) {
  int (*next)(int, const char*, uint32_t) = dlsym(RTLD_NEXT, "inotify_add_watch");
  return next(fd, file_of(path), mask);
}

static int set_format(struct v4l2_format* format) {
  const char* kept = getenv("BACKDROP_SHIM_FORMAT");
  char code[5] = "";
  if (getenv("BACKDROP_SHIM_BUSY")) {
    errno = EBUSY;
    return -1;
  }
  if (!kept) return 0;
  if (sscanf(kept, "%4s %ux%u", code, &format->fmt.pix.width, &format->fmt.pix.height) != 3) abort();
  format->fmt.pix.pixelformat = v4l2_fourcc(code[0], code[1], code[2], code[3]);
  return 0;
}

int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
  if (fd != device_fd) return next(fd, request, argument);
  if (request == VIDIOC_QUERYCAP) {
    struct v4l2_capability* capability = argument;
    memset(capability, 0, sizeof *capability);
    strcpy((char*)capability->card, "Shim");
    capability->capabilities = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_READWRITE;
    return 0;
  }
  if (request == VIDIOC_S_FMT || request == VIDIOC_G_FMT) return set_format(argument);
  if (request == VIDIOC_S_PARM) return 0;
  errno = ENOTTY;
  return -1;
}

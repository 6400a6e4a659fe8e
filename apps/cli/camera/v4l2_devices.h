// The devices of Video4Linux.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace backdrop::cli {

struct V4l2Device {
  std::string path;
  std::string name;
};

// Devices that hand out pictures, in the order of their numbers.
std::vector<V4l2Device> find_cameras();

// The device's number, by whatever path it is reached; 0 if the path is no device.
dev_t device_number(const std::string& path);

// Which program has a device open besides this one, as "obs (process 1234)"; empty if none is seen.
std::string holder_of(const std::string& path);

// An ioctl that is tried again when a signal interrupts it.
int call_device(int fd, unsigned long request, void* argument);

}  // namespace backdrop::cli

#include "camera_control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <ranges>
#include <string_view>

#include "failure.h"

namespace backdrop::cli {
namespace {

namespace fs = std::filesystem;

// An answer's first byte.
constexpr char kDone = '+';
constexpr char kFailed = '-';
constexpr std::size_t kMostBytes = 1 << 16;
// For what takes no time.
constexpr std::chrono::seconds kPatience{2};

constexpr const char* kEnding = ".socket";

// Empty where there is none.
fs::path socket_folder() {
  const char* folder = std::getenv("XDG_RUNTIME_DIR");
  return folder && fs::path(folder).is_absolute() ? fs::path(folder) / "backdrop" : fs::path();
}

std::string socket_path(const std::string& name) {
  const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (!is_name || name.size() > 40) {
    throw WrongCall("--name: '" + name + "' is not of up to 40 letters, digits, '-' and '_'");
  }
  const fs::path folder = socket_folder();
  if (folder.empty()) {
    throw Failure("XDG_RUNTIME_DIR names no folder, where running cameras are found");
  }
  return folder / (name + kEnding);
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw Failure(path + ": is too long for a socket");
  path.copy(address.sun_path, path.size());
  return address;
}

int new_socket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

// Who is silent does not hold up the camera, nor does a camera hold up who calls.
void limit_waiting(int fd, std::chrono::seconds most) {
  const timeval limit{most.count(), 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool connects(int fd, const std::string& path) {
  const sockaddr_un address = address_of(path);
  return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// False if the other side has gone.
bool send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string receive_all(int fd, std::chrono::seconds most) {
  const auto end = std::chrono::steady_clock::now() + most;
  std::string text;
  std::array<char, 4096> part;
  while (text.size() <= kMostBytes) {
    if (std::chrono::steady_clock::now() > end) throw Failure("a call takes too long");
    const ssize_t size = recv(fd, part.data(), part.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) throw Failure("does not answer");
    if (size < 0) fail_with_errno();
    if (size == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  throw Failure("a call is too long");
}

// One that is too busy to take the call runs, too.
bool is_alive(const std::string& path) {
  const Descriptor fd(new_socket());
  limit_waiting(fd.get(), kPatience);
  return connects(fd.get(), path) || errno == EAGAIN;
}

// A descriptor of the folder, which only one process has at a time: of several cameras that start
// at once, one after the other looks whether there is a socket already.
int lock(const fs::path& folder) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail_with_errno();
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail_with_errno();
  while (flock(fd, LOCK_EX) != 0 && errno == EINTR) {
  }
  return fd;
}

CameraCall parse_call(const std::string& text) {
  if (!text.ends_with('\0')) throw Failure("a call is cut off");
  CameraCall call;
  for (const auto word : std::views::split(text, '\0'))
    call.words.emplace_back(word.begin(), word.end());
  call.words.pop_back();  // after the last 0
  call.folder = std::move(call.words.front());
  call.words.erase(call.words.begin());
  return call;
}

}  // namespace

CameraControl::CameraControl(const std::string& name) : path_(socket_path(name)) {
  const fs::path folder = fs::path(path_).parent_path();
  const Descriptor locked(naming(folder.string(), [&] { return lock(folder); }));
  if (is_alive(path_)) {
    throw Failure("a camera of the name '" + name + "' runs already; choose another with --name");
  }
  std::error_code ignored;
  fs::remove(path_, ignored);  // of one that was killed
  naming(path_, [&] {
    socket_.emplace(new_socket());
    const sockaddr_un address = address_of(path_);
    const mode_t before = umask(0077);
    const int status =
        bind(socket_->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    umask(before);
    if (status != 0 || listen(socket_->get(), 4) != 0) fail_with_errno();
  });
}

CameraControl::~CameraControl() { unlink(path_.c_str()); }

void CameraControl::serve(const std::function<std::string(const CameraCall&)>& answer) {
  pollfd event{socket_->get(), POLLIN, 0};
  constexpr int kMostMilliseconds = 1000;  // a signal just before would not be seen
  if (poll(&event, 1, kMostMilliseconds) <= 0) return;
  const int fd = accept4(socket_->get(), nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  const Descriptor caller(fd);
  limit_waiting(caller.get(), kPatience);
  std::string reply;
  try {
    reply = kDone + answer(parse_call(receive_all(caller.get(), kPatience)));
  } catch (const std::bad_alloc&) {  // for a picture that is too large, as an example
    reply = kFailed + std::string("there is not enough memory");
  } catch (const std::exception& failure) {
    reply = kFailed + std::string(failure.what());
  }
  send_all(caller.get(), reply);  // to nobody, if the caller has gone
}

std::vector<std::string> running_cameras() {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(socket_folder(), error)) {
    if (entry.path().extension() != kEnding || !is_alive(entry.path().string())) continue;
    names.push_back(entry.path().stem().string());
  }
  return names;
}

std::string call_camera(const std::string& name, const std::vector<std::string>& words,
                        std::chrono::seconds patience) {
  const std::string path = socket_path(name);
  const Descriptor fd(new_socket());
  limit_waiting(fd.get(), patience);
  if (!connects(fd.get(), path)) {
    if (errno == EAGAIN) throw Failure("the camera '" + name + "' does not answer");
    throw Failure("no camera of the name '" + name + "' runs; start one with: backdrop camera");
  }
  std::error_code ignored;
  std::string call = fs::current_path(ignored).string() + '\0';
  for (const std::string& word : words) call += word + '\0';
  if (!send_all(fd.get(), call)) throw Failure("the camera has ended");
  shutdown(fd.get(), SHUT_WR);
  const std::string reply =
      naming("the camera '" + name + "'", [&] { return receive_all(fd.get(), patience); });
  if (reply.empty()) throw Failure("the camera has ended");
  if (reply.front() != kDone) throw Failure(reply.substr(1));
  return reply.substr(1);
}

}  // namespace backdrop::cli

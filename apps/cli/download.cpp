#include "download.h"

#include <curl/curl.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>

#include "backdrop/backdrop.h"
#include "failure.h"
#include "part_file.h"

namespace backdrop::cli {
namespace {

constexpr long kConnectSeconds = 30;
constexpr long kStallSeconds = 30;  // without any byte
constexpr curl_off_t kMaxBytes = curl_off_t{1} << 30;

constexpr long kOk = 200;
constexpr long kPartialContent = 206;
constexpr long kRangeNotSatisfiable = 416;

class Curl {
 public:
  Curl() {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    handle_ = curl_easy_init();
    if (!handle_) throw Failure("libcurl cannot be started");
  }
  ~Curl() {
    curl_easy_cleanup(handle_);
    curl_global_cleanup();
  }
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;

  CURL* get() const { return handle_; }

  template <typename Value>
  void set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(handle_, option, value);
    if (code != CURLE_OK) throw Failure(std::string("libcurl: ") + curl_easy_strerror(code));
  }

  template <typename Value>
  Value info(CURLINFO name) const {
    Value value{};
    curl_easy_getinfo(handle_, name, &value);
    return value;
  }

  // The response's header, empty where there is none.
  std::string_view header(const char* name) const {
    curl_header* header = nullptr;
    const CURLHcode code = curl_easy_header(handle_, name, 0, CURLH_HEADER, -1, &header);
    return code == CURLHE_OK ? header->value : "";
  }

 private:
  CURL* handle_;
};

// The position of the first byte in a Content-Range header such as "bytes 5-9/10".
std::optional<std::int64_t> range_start(std::string_view header) {
  constexpr std::string_view kUnit = "bytes ";
  if (!header.starts_with(kUnit)) return std::nullopt;
  header.remove_prefix(kUnit.size());
  std::int64_t start = 0;
  const auto [stop, error] = std::from_chars(header.data(), header.data() + header.size(), start);
  return error == std::errc{} ? std::optional(start) : std::nullopt;
}

class Request {
 public:
  // For what `part` lacks of the file at `url`.
  Request(const std::string& url, PartFile& part,
          const std::function<void(const DownloadState&)>& observe);

  // False where the server cannot go on from the part's end. Throws Failure.
  bool perform();

 private:
  static std::size_t receive(const char* data, std::size_t, std::size_t count, void* self) noexcept;
  static int progress(void* self, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) noexcept;

  bool fits_part();
  [[noreturn]] void fail(const std::string& reason) const;
  long status() const { return curl_.info<long>(CURLINFO_RESPONSE_CODE); }

  const std::string& url_;
  PartFile& part_;
  const std::function<void(const DownloadState&)>& observe_;
  Curl curl_;
  std::int64_t start_;  // the first byte of the file that comes
  bool begun_ = false;
  std::array<char, CURL_ERROR_SIZE> reason_{};
  std::exception_ptr failure_;  // of a callback, through which none may be thrown
};

Request::Request(const std::string& url, PartFile& part,
                 const std::function<void(const DownloadState&)>& observe)
    : url_(url), part_(part), observe_(observe), start_(part.size()) {
  curl_.set(CURLOPT_URL, url.c_str());
  curl_.set(CURLOPT_PROTOCOLS_STR, "https");
  curl_.set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_.set(CURLOPT_FOLLOWLOCATION, 1L);
  curl_.set(CURLOPT_MAXREDIRS, 5L);
  curl_.set(CURLOPT_FAILONERROR, 1L);
  curl_.set(CURLOPT_USERAGENT, (std::string("backdrop/") + backdrop_version()).c_str());
  curl_.set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_.set(CURLOPT_MAXFILESIZE_LARGE, kMaxBytes);
  curl_.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_.set(CURLOPT_LOW_SPEED_TIME, kStallSeconds);
  if (const char* certificates = std::getenv("SSL_CERT_FILE")) {
    curl_.set(CURLOPT_CAINFO, certificates);
  }
  if (start_ > 0) curl_.set(CURLOPT_RANGE, (std::to_string(start_) + "-").c_str());
  curl_.set(CURLOPT_ERRORBUFFER, reason_.data());
  curl_.set(CURLOPT_WRITEFUNCTION, receive);
  curl_.set(CURLOPT_WRITEDATA, this);
  curl_.set(CURLOPT_NOPROGRESS, 0L);
  curl_.set(CURLOPT_XFERINFOFUNCTION, progress);
  curl_.set(CURLOPT_XFERINFODATA, this);
}

bool Request::perform() {
  const CURLcode code = curl_easy_perform(curl_.get());
  if (failure_) std::rethrow_exception(failure_);
  if (code == CURLE_OK) return true;
  const bool cannot_go_on = code == CURLE_WRITE_ERROR || status() == kRangeNotSatisfiable;
  if (start_ > 0 && cannot_go_on) return false;
  if (code == CURLE_HTTP_RETURNED_ERROR) fail("the server answers " + std::to_string(status()));
  fail(reason_[0] != '\0' ? reason_.data() : curl_easy_strerror(code));
}

std::size_t Request::receive(const char* data, std::size_t, std::size_t count,
                             void* self) noexcept {
  auto& request = *static_cast<Request*>(self);
  try {
    if (!request.begun_ && !request.fits_part()) return 0;
    request.begun_ = true;
    request.part_.append({reinterpret_cast<const std::uint8_t*>(data), count});
    return count;
  } catch (...) {
    request.failure_ = std::current_exception();
    return 0;
  }
}

// Whether the response can be appended to the part file, which is emptied if the response is the
// whole file.
bool Request::fits_part() {
  if (status() == kPartialContent && start_ > 0) {
    return range_start(curl_.header("Content-Range")) == start_;
  }
  if (status() != kOk) fail("the server answers " + std::to_string(status()));
  part_.clear();
  start_ = 0;
  return true;
}

int Request::progress(void* self, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) noexcept {
  auto& request = *static_cast<Request*>(self);
  if (!request.begun_) return 0;
  try {
    request.observe_(
        {.bytes = request.part_.size(),
         .total = total > 0 ? request.start_ + total : 0,
         .bytes_per_second = request.curl_.info<curl_off_t>(CURLINFO_SPEED_DOWNLOAD_T)});
    return 0;
  } catch (...) {
    request.failure_ = std::current_exception();
    return 1;
  }
}

void Request::fail(const std::string& reason) const {
  throw Failure(url_ + ": " + reason +
                (part_.size() > 0 ? "; what has come is kept, to go on from" : ""));
}

}  // namespace

void download(const std::string& url, const std::filesystem::path& path, std::string_view sha256,
              const std::function<void(const DownloadState&)>& observe) {
  PartFile part(path);
  if (!Request(url, part, observe).perform()) {
    part.clear();
    Request(url, part, observe).perform();
  }
  if (!part.has_sha256(sha256)) {
    part.clear();
    throw Failure(url + ": the SHA-256 of what came is wrong; it was removed");
  }
  part.take_place_of(path);
}

}  // namespace backdrop::cli

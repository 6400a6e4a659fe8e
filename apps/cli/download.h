// Files from the web.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace backdrop::cli {

struct DownloadState {
  std::int64_t bytes = 0;  // that are there
  std::int64_t total = 0;  // 0 while it is not known
  std::int64_t bytes_per_second = 0;
};

// Downloads what is at `url` to `path`, where it appears once it is whole and its SHA-256 is right;
// until then it is in `path`.part. A download that breaks off leaves that file, and the next call
// goes on from its end (RFC 9110, section 14), or starts anew where the server cannot do that. What
// has another SHA-256 is removed. Only HTTPS is spoken, also where it is redirected, directly or by
// the proxy of HTTPS_PROXY, to servers that the system's certificates, or those in the file of
// SSL_CERT_FILE, vouch for. `observe` is called every now and then. Throws Failure.
void download(const std::string& url, const std::filesystem::path& path, std::string_view sha256,
              const std::function<void(const DownloadState&)>& observe);

}  // namespace backdrop::cli

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

// Downloads the file at `url` to `path`. The file appears at `path` once it is complete and its
// SHA-256 is right; until then it is `path`.part. An interrupted download leaves that file, and the
// next call resumes it (RFC 9110, section 14), or starts anew if the server cannot resume. A file
// with another SHA-256 is removed. HTTPS only, after redirects, too; HTTPS_PROXY names a proxy. The
// server's certificate is checked against the system's, or those in the file SSL_CERT_FILE.
// `observe` is called now and then with the progress. Throws Failure.
void download(const std::string& url, const std::filesystem::path& path, std::string_view sha256,
              const std::function<void(const DownloadState&)>& observe);

}  // namespace backdrop::cli

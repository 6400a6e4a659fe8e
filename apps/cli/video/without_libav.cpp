// Stands in for the other files of this folder in a build without FFmpeg's libraries.
#include "failure.h"
#include "job.h"

namespace backdrop::cli {
namespace {

[[noreturn]] void refuse() {
  throw Failure(
      "is neither PNG nor JPEG; for videos and other photos, build with FFmpeg's libraries "
      "(Debian: libavformat-dev libavcodec-dev libswscale-dev)");
}

}  // namespace

void process_video(const Job& job, Progress& /*progress*/) { naming(job.input, refuse); }

bool is_video(const std::string& /*path*/) { return false; }

DecodedPicture decode_other_picture(const std::string& /*path*/) { refuse(); }

}  // namespace backdrop::cli

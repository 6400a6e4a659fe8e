#include "coded_video.h"

#include <cstdlib>  // mkdtemp
#include <string>

#include "failure.h"

namespace backdrop::quality {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFfmpeg = "ffmpeg -hide_banner -loglevel error -nostdin -y ";

std::string raw_video(const VideoFormat& format) {
  return "-f rawvideo -pix_fmt rgba -s " + std::to_string(format.width) + "x" +
         std::to_string(format.height) + " -r " + std::to_string(format.fps) + " ";
}

fs::path make_folder() {
  std::string path = (fs::temp_directory_path() / "backdrop-quality-XXXXXX").string();
  if (!mkdtemp(path.data())) throw cli::Failure(path + ": can't be made");
  return path;
}

std::string quoted(const fs::path& path) {
  std::string text = "'";
  for (const char c : path.string()) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::FILE* start(const std::string& command, const char* mode) {
  // What is not constant in the command is quoted.
  std::FILE* pipe = popen(command.c_str(), mode);  // NOLINT(bugprone-command-processor)
  if (!pipe) throw cli::Failure("ffmpeg can't be started");
  return pipe;
}

}  // namespace

CodedVideo::CodedVideo(std::string_view codec, const VideoFormat& format, int frames,
                       const std::function<cli::Picture(int)>& frame)
    : format_(format), folder_(make_folder()), decoder_(nullptr, pclose) {
  encode(codec, frames, frame);
  decoder_.reset(start(
      kFfmpeg + ("-i " + quoted(folder_ / "video.mkv")) + " -f rawvideo -pix_fmt rgba -", "r"));
}

CodedVideo::~CodedVideo() {
  decoder_.reset();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void CodedVideo::encode(std::string_view codec, int frames,
                        const std::function<cli::Picture(int)>& frame) {
  Pipe encoder(start(kFfmpeg + raw_video(format_) + "-i - " + std::string(codec) + " " +
                         quoted(folder_ / "video.mkv"),
                     "w"),
               pclose);
  bool is_written = true;
  for (int number = 0; number < frames && is_written; ++number) {
    const std::vector<std::uint8_t> rgba = frame(number).rgba;
    is_written = std::fwrite(rgba.data(), 1, rgba.size(), encoder.get()) == rgba.size();
  }
  if (pclose(encoder.release()) != 0 || !is_written) {
    throw cli::Failure("ffmpeg can't encode with " + std::string(codec));
  }
}

cli::Picture CodedVideo::next() {
  cli::Picture picture;
  picture.resize(static_cast<std::uint64_t>(format_.width),
                 static_cast<std::uint64_t>(format_.height));
  if (std::fread(picture.rgba.data(), 1, picture.rgba.size(), decoder_.get()) !=
      picture.rgba.size()) {
    throw cli::Failure("ffmpeg has decoded too few frames");
  }
  return picture;
}

}  // namespace backdrop::quality

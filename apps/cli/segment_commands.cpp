#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>
#include <vector>

#include "commands.h"
#include "failure.h"
#include "file.h"
#include "job.h"
#include "output_name.h"
#include "temporary_file.h"

namespace backdrop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 10> kPhotoEndings = {
    ".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"};
constexpr std::array<std::string_view, 16> kVideoEndings = {
    ".3gp",  ".avi", ".flv", ".m2ts", ".m4v", ".mkv",  ".mov", ".mp4",
    ".mpeg", ".mpg", ".mts", ".ogv",  ".ts",  ".webm", ".wmv", ".y4m"};

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_one_of(std::string_view ending, std::initializer_list<std::string_view> endings) {
  return std::ranges::find(endings, ending) != endings.end();
}

// The photos and videos in a folder, by their endings, in the order of their names.
std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string ending = ending_of(entry.path());
    const bool is_known = std::ranges::find(kPhotoEndings, ending) != kPhotoEndings.end() ||
                          std::ranges::find(kVideoEndings, ending) != kVideoEndings.end();
    if (is_known && entry.is_regular_file()) files.push_back(entry.path().string());
  }
  if (error) throw Failure(folder + ": " + error.message());
  if (files.empty()) throw Failure(folder + ": has no photo and no video");
  std::ranges::sort(files);
  return files;
}

// The ending that an input's output has in a folder.
std::string output_ending(const Job& job) {
  std::string ending = ending_of(job.input);
  const bool needs_alpha = job.is_transparent();
  if (is_video(job.input)) {
    if (is_one_of(ending, {".mov", ".webm"})) return ending;
    if (needs_alpha) return ".mov";
    if (is_one_of(ending, {".gif", ".png", ".webp", ".avif"})) return ".mp4";
    return is_one_of(ending, {".mp4", ".m4v"}) ? ending : ".mkv";
  }
  const bool is_jpeg = is_one_of(ending, {".jpg", ".jpeg"});
  return is_jpeg && job.background && !needs_alpha ? ending : ".png";
}

void refuse_to_replace_inputs(const Job& job) {
  const SegmentArguments& arguments = job.arguments;
  for (const std::string& output : {job.output, arguments.video.statistics.value_or("")}) {
    refuse_to_replace(job.input, output);
    refuse_to_replace(arguments.model.model.value_or(""), output);
    if (!job.background) continue;
    if (const auto* image = std::get_if<BackgroundImage>(job.background)) {
      refuse_to_replace(image->path, output);
    }
    if (const auto* video = std::get_if<BackgroundVideo>(job.background)) {
      refuse_to_replace(video->picture.path, output);
    }
  }
}

void refuse_options_of_videos(const SegmentArguments& arguments) {
  const VideoArguments& video = arguments.video;
  if (video.codec || video.quality || video.input_format || video.output_format ||
      video.statistics) {
    throw WrongCall(arguments.output +
                    ": --codec, --quality, --stats, --input-format and --output-format are for "
                    "videos");
  }
}

void process(const Job& job, bool is_video_job, Progress& progress) {
  refuse_to_replace_inputs(job);
  if (is_video_job) return process_video(job, progress);
  process_photo(job, progress);
}

void process_one(const SegmentArguments& arguments, const Background* background,
                 const Rendering& rendering) {
  Progress progress;
  const Job job{arguments.inputs.front(), arguments.output, arguments, background, rendering};
  const bool is_video_job =
      is_video_output(job.output) || job.input == "-" || arguments.video.output_format;
  if (!is_video_job) refuse_options_of_videos(arguments);
  process(job, is_video_job, progress);
}

// The jobs that write to the folder `arguments.output`, and why some inputs have none.
std::vector<Job> jobs_of(const std::vector<std::string>& inputs, const SegmentArguments& arguments,
                         const Background* background, const Rendering& rendering,
                         std::vector<std::string>& failures) {
  std::vector<Job> jobs;
  std::set<std::string> outputs;
  for (const std::string& input : inputs) {
    Job job{input, {}, arguments, background, rendering};
    try {
      const std::string name = fs::path(input).stem().string() + output_ending(job);
      job.output = (fs::path(arguments.output) / name).string();
      if (!outputs.insert(job.output).second) {
        throw Failure(input + ": another input is written to " + job.output);
      }
      jobs.push_back(job);
    } catch (const Failure& failure) {
      failures.emplace_back(failure.what());
    }
  }
  return jobs;
}

// None of several inputs may be lost to another one's output.
void refuse_to_replace_any(const std::vector<std::string>& inputs, const std::vector<Job>& jobs) {
  std::error_code ignored;
  std::set<fs::path> files;
  for (const std::string& input : inputs) files.insert(fs::canonical(input, ignored));
  files.erase(fs::path());  // of those that are not there
  for (const Job& job : jobs) {
    if (files.contains(fs::canonical(job.output, ignored))) {
      throw WrongCall(job.output + ": is read, so it can't be an output; name another folder");
    }
  }
}

// A failure is told, and does not keep the other inputs from being processed.
void process_all(const std::vector<std::string>& inputs, const SegmentArguments& arguments,
                 const Background* background, const Rendering& rendering) {
  if (arguments.video.statistics || arguments.video.output_format) {
    throw WrongCall("--stats and --output-format are for one video");
  }
  Progress progress;
  std::vector<std::string> failures;
  const std::vector<Job> jobs = jobs_of(inputs, arguments, background, rendering, failures);
  refuse_to_replace_any(inputs, jobs);
  for (const std::string& failure : failures) progress.note(failure);
  std::error_code error;
  fs::create_directories(arguments.output, error);
  if (!is_folder(arguments.output)) throw Failure(arguments.output + ": can't be made a folder");
  std::size_t done = 0;
  for (const Job& job : jobs) {
    try {
      process(job, is_video_output(job.output), progress);
      ++done;
    } catch (const std::runtime_error& failure) {  // Failure and WrongCall
      progress.note(failure.what());
    }
    if (EndingSignals::was_asked_to_end()) break;
  }
  if (done < inputs.size()) {
    throw Failure(std::to_string(inputs.size() - done) + " of " + std::to_string(inputs.size()) +
                  " inputs were not processed, or not in full");
  }
}

void process(const SegmentArguments& arguments, const Background* background,
             const Rendering& rendering) {
  const bool has_folder = std::ranges::any_of(arguments.inputs, is_folder);
  if (arguments.inputs.size() == 1 && !has_folder) {
    return process_one(arguments, background, rendering);
  }
  std::vector<std::string> inputs;
  for (const std::string& input : arguments.inputs) {
    if (input == "-") throw WrongCall("-: the standard input can't be one of several inputs");
    if (is_folder(input)) {
      std::ranges::copy(files_in(input), std::back_inserter(inputs));
    } else {
      inputs.push_back(input);
    }
  }
  process_all(inputs, arguments, background, rendering);
}

}  // namespace

void write_matte(const SegmentArguments& arguments) { process(arguments, nullptr, Rendering{}); }

void composite(const SegmentArguments& arguments, const Background& background,
               const Rendering& rendering) {
  process(arguments, &background, rendering);
}

}  // namespace backdrop::cli

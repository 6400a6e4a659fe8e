// One input on its way to one output.
#pragma once

#include <string>

#include "commands.h"
#include "engine.h"
#include "progress.h"

namespace backdrop::cli {

struct Job {
  std::string input;
  std::string output;
  const SegmentArguments& arguments;
  const Background* background = nullptr;  // null: the matte is written
  const Rendering& rendering;

  bool is_transparent() const {
    return background && std::holds_alternative<Transparent>(*background);
  }
};

// An engine as the job's options say, but for the background. Without the GPU, which is bound to
// the thread that works.
Engine make_engine(const Job& job, int threads, Progress& progress);

// Sets the job's background. Colours are set in those of `profile`, an ICC profile or empty for
// sRGB. The pictures of a video are set one by one, elsewhere.
void set_background(Engine& engine, const Job& job, const Bytes& profile, Progress& progress);

void set_background(Engine& engine, const Background& background, const Bytes& profile,
                    Progress& progress);

void process_photo(const Job& job, Progress& progress);

// All inputs of videos go through these. A build without FFmpeg's libraries says so.
void process_video(const Job& job, Progress& progress);
// Whether the file is a video or moves: it has more than one picture.
bool is_video(const std::string& path);
// A photo in a format that is neither PNG nor JPEG. Throws Failure, without the path.
DecodedPicture decode_other_picture(const std::string& path);

}  // namespace backdrop::cli

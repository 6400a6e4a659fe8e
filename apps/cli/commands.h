// What the command line does, once its arguments are known. All throw Failure or WrongCall.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "backdrop/backdrop.h"

namespace backdrop::cli {

void list_models();

// Downloads the catalogue's model `id` unless it is installed.
void get_model(const std::string& id);

// How a network is fed and read. The defaults are the catalogue's or the file's values.
struct ModelOverrides {
  std::optional<std::pair<int, int>> input_size;  // width, height
  std::optional<std::pair<float, float>> input_range;
  std::vector<float> input_mean, input_deviation;  // of three channels, or none
  std::string output_name;                         // empty: the output that fits
  std::optional<backdrop_output> output;
  std::optional<backdrop_channel_order> channel_order;
  std::optional<backdrop_precision> precision;
  std::vector<std::string> classes;  // that are kept, each by its number or its name
};

struct ModelArguments {
  std::optional<std::string> model;  // else the first of the catalogue that is installed
  ModelOverrides overrides;
};

struct InferArguments {
  ModelArguments model;
  std::string input;
  std::string output;
  int threads = 1;
};
void infer(const InferArguments& arguments);

// What only videos have.
struct VideoArguments {
  std::optional<std::string> codec;
  std::optional<int> quality;                // as the codec counts
  std::optional<std::string> input_format;   // FFmpeg's name, or yuv420p,WxH,RATE
  std::optional<std::string> output_format;  // of the standard output
  std::optional<std::string> statistics;     // a file to write
};

struct SegmentArguments {
  std::vector<std::string> inputs;  // photos, videos and folders of them
  std::string output;               // a folder where there are several
  ModelArguments model;
  bool sees_whole = false;      // the network, once; else also the part around the people
  bool only_front = false;      // the person in front is kept, and nobody else
  bool keeps_speckles = false;  // small holes and islands of the matte stay
  VideoArguments video;
};
void write_matte(const SegmentArguments& arguments);

struct Blur {
  float strength = 2;  // percent of the photo's shorter side
};
struct BackgroundColor {
  std::uint32_t rgb = 0;
};
struct BackgroundImage {
  std::string path;
  backdrop_fit fit = BACKDROP_FIT_COVER;
  std::pair<float, float> position{0.5f, 0.5f};  // as backdrop_set_placement's x and y
  BackgroundColor beside{};
};
struct BackgroundVideo {
  BackgroundImage picture;  // how its pictures lie; the path is the video's
};
struct Transparent {};
struct Unchanged {};  // the room
using Background =
    std::variant<Blur, BackgroundImage, BackgroundVideo, BackgroundColor, Transparent, Unchanged>;

struct Rendering {
  std::optional<backdrop_refinement> refinement;  // else the engine's own choice
  bool gpu = false;
  float light_wrapping = 0;  // on the GPU
};

void composite(const SegmentArguments& arguments, const Background& background,
               const Rendering& rendering);

}  // namespace backdrop::cli

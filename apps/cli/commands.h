// What the command line does, once its arguments are known. All throw Failure or WrongCall.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "backdrop/backdrop.h"

namespace backdrop::cli {

void list_models();

// Downloads the catalogue's model `id` unless it is installed.
void get_model(const std::string& id);

struct InferArguments {
  std::string model;
  std::string input;
  std::string output;
  int threads = 1;
};
void infer(const InferArguments& arguments);

struct PhotoArguments {
  std::string photo;
  std::string output;
  std::optional<std::string> model;
};
void write_matte(const PhotoArguments& arguments);

struct Blur {
  float strength = 2;  // percent of the photo's shorter side
};
struct BackgroundImage {
  std::string path;
};
struct BackgroundColor {
  std::uint32_t rgb = 0;
};
struct Transparent {};
using Background = std::variant<Blur, BackgroundImage, BackgroundColor, Transparent>;

struct Rendering {
  std::optional<backdrop_refinement> refinement;  // else the engine's own choice
  bool gpu = false;
  float light_wrapping = 0;  // on the GPU
};

void composite(const PhotoArguments& arguments, const Background& background,
               const Rendering& rendering);

}  // namespace backdrop::cli

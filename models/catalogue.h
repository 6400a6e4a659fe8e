// The known models, as models/catalogue.json lists them, those that find people best first.
#pragma once

#include <span>
#include <string_view>

#include "backdrop/backdrop.h"

namespace backdrop {

struct CatalogueModel {
  std::string_view id;
  std::string_view title;
  std::string_view file;    // file name, without a folder
  std::string_view sha256;  // 64 lower-case hexadecimal digits
  int input_width;          // pixels
  int input_height;
  backdrop_model_options options;
  std::string_view licence;
  std::string_view source;  // where a person gets it
};

std::span<const CatalogueModel> catalogue();

}  // namespace backdrop

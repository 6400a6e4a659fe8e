// The known models, as catalogue/models.json lists them. Where none is chosen, the first that is
// installed is taken.
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
  std::span<const std::string_view> class_names;  // of the output; none where it has no classes
  std::string_view licence;
  std::string_view source;  // where a person gets it
  const char* url;          // where a program gets it: the file itself, by HTTPS
};

std::span<const CatalogueModel> catalogue();

}  // namespace backdrop

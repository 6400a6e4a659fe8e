// What a fuzz target holds for true.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace backdrop::fuzz {

// Ends the program unless `holds`, which libFuzzer reports with the input.
inline void demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "demanded: %s\n", what);
  std::abort();
}

}  // namespace backdrop::fuzz

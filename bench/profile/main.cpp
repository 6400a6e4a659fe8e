// Prints the profile of a network natively, in JSON: backdrop_profile MODEL ROUNDS
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "model_file.h"
#include "profile.h"
#include "base/executor.h"

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("backdrop_profile is called as: backdrop_profile MODEL ROUNDS\n", stderr);
    return 2;
  }
  backdrop::SerialExecutor executor;
  const auto network = backdrop::Network::create(backdrop::read_file(arguments[1]), executor, {},
                                                 {}, backdrop::Precision::kAuto);
  if (!network) {
    std::fprintf(stderr, "%s: %s\n", arguments[1], network.error().message().c_str());
    return 1;
  }
  const auto rounds = static_cast<std::size_t>(std::max(std::atoi(arguments[2]), 1));
  std::puts(backdrop::to_json(backdrop::profile(**network, rounds)).c_str());
}

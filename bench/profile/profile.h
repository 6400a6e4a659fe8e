// Where a network's time goes, step by step, beside the peak of one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "net/network.h"

namespace backdrop {

struct StepProfile {
  std::string operation;  // "conv 3x3/2, hard-swish"; of several, joined by " > "
  Shape input, output;
  double multiply_accumulates = 0;
  double milliseconds = 0;
  double share = 0;  // of the peak, measured in the same round
};

// Medians over the rounds.
struct Profile {
  double peak = 0;          // billions of multiply-accumulates a second
  double milliseconds = 0;  // of a whole run
  std::vector<StepProfile> steps;
};

// Runs each step of the network in turn, and all in one, `rounds` times (1 or more), warm; fewer
// times where that would take long.
Profile profile(Network& network, std::size_t rounds);

// An object with the members above.
std::string to_json(const Profile& profile);

}  // namespace backdrop

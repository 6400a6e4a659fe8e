// A network's time, step by step, compared with the peak of one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "net/network.h"

namespace backdrop {

struct StepProfile {
  std::string operation;  // "CONV_2D 3x3/2, hard-swish"; a stage group's joined by " > "
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

// Times each step of the network, and a whole run, in each of `rounds` rounds (1 or more) after a
// warm-up. Large networks get fewer rounds.
Profile profile(Network& network, std::size_t rounds);

// A JSON object with the members of Profile.
std::string to_json(const Profile& profile);

}  // namespace backdrop

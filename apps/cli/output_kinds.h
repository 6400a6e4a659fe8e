// What a network's output says of a pixel, in words.
#pragma once

#include <array>

#include "backdrop/backdrop.h"

namespace backdrop::cli {

struct OutputKindWords {
  backdrop_output kind;
  const char* name;         // as an option's value
  const char* description;  // of a model
};

inline constexpr std::array kOutputKinds = {
    OutputKindWords{BACKDROP_OUTPUT_PROBABILITY, "probability", "probability of a person"},
    OutputKindWords{BACKDROP_OUTPUT_LOGIT, "logit", "logit of a person"},
    OutputKindWords{BACKDROP_OUTPUT_LOGITS, "logits", "a logit per class"},
    OutputKindWords{BACKDROP_OUTPUT_PROBABILITIES, "probabilities", "probability of each class"},
    OutputKindWords{BACKDROP_OUTPUT_ARG_MAX, "arg-max", "a score per class, the largest counts"},
    OutputKindWords{BACKDROP_OUTPUT_LABEL, "label", "number of the class"},
};

}  // namespace backdrop::cli

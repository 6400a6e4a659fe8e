// Tables of results.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "scores.h"

namespace backdrop::quality {

struct Result {
  std::string sequence;  // or "photos"
  std::string model;
  std::string settings;
  int takes = 0;
  std::size_t frames = 0;  // that were measured in all takes
  Scores scores;
};

// Adds the means over the sequences, under the name "mean", where there are several.
std::vector<Result> with_means(std::vector<Result> results);

// A table in Markdown for each sequence, without the columns that are empty.
std::string markdown(std::span<const Result> results);

// An array of objects with sequence, model, settings, takes, frames and a number or null for each
// metric.
std::string json(std::span<const Result> results);

}  // namespace backdrop::quality

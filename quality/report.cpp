#include "report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

namespace backdrop::quality {
namespace {

std::string number(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

bool is_empty(std::span<const Result> results, std::size_t metric) {
  return std::ranges::all_of(
      results, [&](const Result& result) { return std::isnan(result.scores.values()[metric]); });
}

// A table's cell.
std::string shown(double value, std::size_t metric) {
  return std::isnan(value) ? "–" : number(value, metric_names()[metric].decimals);
}

std::string table(std::span<const Result> results) {
  std::string header = "| model | settings |";
  std::string rule = "| --- | --- |";
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (is_empty(results, i)) continue;
    header.append(" ").append(metric_names()[i].title).append(" |");
    rule += " --- |";
  }
  std::string text = header + "\n" + rule + "\n";
  for (const Result& result : results) {
    text += "| " + result.model + " | " + result.settings + " |";
    for (std::size_t i = 0; i < kMetricCount; ++i) {
      if (is_empty(results, i)) continue;
      text.append(" ").append(shown(result.scores.values()[i], i)).append(" |");
    }
    text += "\n";
  }
  return text;
}

bool is_same_row(const Result& a, const Result& b) {
  return a.model == b.model && a.settings == b.settings;
}

}  // namespace

std::vector<Result> with_means(std::vector<Result> results) {
  std::vector<Result> means;
  for (const Result& first : results) {
    if (first.sequence != results.front().sequence) break;
    MeanScores scores;
    Result mean{.sequence = "mean", .model = first.model, .settings = first.settings, .scores = {}};
    for (const Result& result : results) {
      if (!is_same_row(result, first)) continue;
      scores.add(result.scores);
      mean.takes += result.takes;
      mean.frames += result.frames;
    }
    mean.scores = scores.mean();
    means.push_back(std::move(mean));
  }
  if (means.size() < results.size()) std::ranges::move(means, std::back_inserter(results));
  return results;
}

std::string markdown(std::span<const Result> results) {
  std::string text;
  while (!results.empty()) {
    const auto end = std::ranges::find_if(
        results, [&](const Result& result) { return result.sequence != results.front().sequence; });
    const auto count = static_cast<std::size_t>(end - results.begin());
    text += "\n## " + results.front().sequence + "\n\n" + table(results.first(count));
    results = results.subspan(count);
  }
  return text;
}

std::string json(std::span<const Result> results) {
  std::string text = "[";
  for (const Result& result : results) {
    text += text.size() == 1 ? "\n" : ",\n";
    text += "  {\"sequence\": " + quoted(result.sequence) + ", \"model\": " + quoted(result.model) +
            ", \"settings\": " + quoted(result.settings) +
            ", \"takes\": " + std::to_string(result.takes) +
            ", \"frames\": " + std::to_string(result.frames);
    for (std::size_t i = 0; i < kMetricCount; ++i) {
      const double value = result.scores.values()[i];
      text += ", " + quoted(std::string(metric_names()[i].key)) + ": " +
              (std::isnan(value) ? "null" : number(value, 6));
    }
    text += "}";
  }
  return text + "\n]\n";
}

}  // namespace backdrop::quality

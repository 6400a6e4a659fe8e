#include "statistics.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace backdrop::cli {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

double peak_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

std::string VideoStatistics::json() const {
  const double count = static_cast<double>(std::max<std::int64_t>(frames, 1));
  std::string text = "{\n";
  const auto line = [&](const char* name, const std::string& value, const char* end = ",\n") {
    text += std::string("  \"") + name + "\": " + value + end;
  };
  line("frames", std::to_string(frames));
  line("framesShownAgain", std::to_string(shown_again));
  line("framesDamaged", std::to_string(damaged));
  line("bytes", std::to_string(bytes));
  line("seconds", number(wall / 1000));
  line("framesPerSecond", number(wall > 0 ? 1000 * static_cast<double>(frames) / wall : 0));
  line("peakMemoryMiB", number(peak_mebibytes()));
  text += "  \"millisecondsPerFrame\": {\n";
  const auto stage = [&](const char* name, double total, const char* end = ",\n") {
    text += "  ";
    line(name, number(total / count), end);
  };
  stage("decode", decode);
  stage("convert", convert);
  stage("engine", engine);
  stage("engineSample", parts.sample);
  stage("engineInfer", parts.infer);
  stage("engineMatte", parts.matte);
  stage("engineComposite", parts.composite);
  stage("encode", encode, "\n");
  return text + "  }\n}\n";
}

}  // namespace backdrop::cli

// A time as people read it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace backdrop::cli {

// Of microseconds: 0:01.25, 1:02:03.00.
inline std::string clock_text(std::int64_t microseconds) {
  const long long hundredths = (microseconds < 0 ? 0 : microseconds) / 10'000;
  const long long hours = hundredths / 360'000;
  const long long minutes = hundredths / 6000 % 60;
  char text[40];
  if (hours > 0) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld.%02lld", hours, minutes,
                  hundredths / 100 % 60, hundredths % 100);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld.%02lld", minutes, hundredths / 100 % 60,
                  hundredths % 100);
  }
  return text;
}

}  // namespace backdrop::cli

#include "still_pictures.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "scaler.h"

namespace backdrop::cli {
namespace {

constexpr double kBackground = 30;  // luma, of 16 to 235
constexpr double kForeground = 150;

// The distance from a rectangle around the origin with round corners; negative inside.
double from_rectangle(double x, double y, double half_width, double half_height, double corner) {
  const double dx = std::abs(x) - half_width + corner;
  const double dy = std::abs(y) - half_height + corner;
  return std::hypot(std::max(dx, 0.0), std::max(dy, 0.0)) + std::min(std::max(dx, dy), 0.0) -
         corner;
}

// The distance from the line between (-1, -1) and (1, 1) times `reach`.
double from_stroke(double x, double y, double reach) {
  const double along = std::clamp((x + y) / 2, -reach, reach);
  return std::hypot(x - along, y - along);
}

// How much of a pixel the sign covers; the sign's unit is its half width.
double sign_at(double x, double y, double pixel) {
  const auto covered = [&](double distance) {
    return std::clamp(0.5 - distance / pixel, 0.0, 1.0);
  };
  const double body = from_rectangle(x + 0.25, y, 0.65, 0.5, 0.15);
  const bool is_beside = x > 0.5 && x < 1;
  const double lens = is_beside ? std::abs(y) - (0.15 + 0.4 * (x - 0.5)) : 1;
  const double stroke = from_stroke(x, y, 0.8);
  const double shape = std::max(covered(body), covered(lens));
  // A gap on both sides of the stroke keeps it apart from the body.
  return std::max(std::min(shape, 1 - covered(stroke - 0.16)), covered(stroke - 0.07));
}

}  // namespace

FramePtr draw_card(int width, int height) {
  FramePtr card = make_frame(AV_PIX_FMT_YUV420P, width, height);
  const double unit = 0.14 * std::min(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double share =
          sign_at((x + 0.5 - width / 2.0) / unit, (y + 0.5 - height / 2.0) / unit, 1 / unit);
      card->data[0][y * card->linesize[0] + x] =
          static_cast<std::uint8_t>(std::lround(std::lerp(kBackground, kForeground, share)));
    }
  }
  for (const int plane : {1, 2}) {
    for (int y = 0; y < (height + 1) / 2; ++y) {
      std::memset(card->data[plane] + y * card->linesize[plane], 128,
                  static_cast<std::size_t>((width + 1) / 2));
    }
  }
  return card;
}

FramePtr blur_still(const AVFrame& picture) {
  constexpr int kFewest = 2;
  constexpr int kShrunk = 40;  // pixels in one
  const auto side = [=](int size) { return std::max(size / kShrunk, kFewest); };
  Scaler down, up;
  FramePtr small = make_frame(AV_PIX_FMT_YUV420P, side(picture.width), side(picture.height));
  down.convert(picture, {}, *small, {});
  FramePtr still = make_frame(AV_PIX_FMT_YUV420P, picture.width, picture.height);
  up.convert(*small, {}, *still, {});
  return still;
}

}  // namespace backdrop::cli

#include "render/cpu/compositor.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.h"
#include "render/cpu/blend.h"
#include "base/parallel_for.h"

namespace backdrop {
namespace {

// Alpha is classified in blocks: most blocks are all person or all background.
constexpr int kBlock = 16;

enum class AlphaRun { kBackground, kEdge, kPerson };

bool is_run_of(AlphaRun run_kind, const std::uint8_t* alpha) {
  std::array<std::uint64_t, kBlock / 8> words;
  std::memcpy(words.data(), alpha, kBlock);
  const bool is_background = (words[0] | words[1]) == 0;
  const bool is_person = (words[0] & words[1]) == ~std::uint64_t{0};
  if (run_kind == AlphaRun::kBackground) return is_background;
  return run_kind == AlphaRun::kPerson ? is_person : !is_background && !is_person;
}

AlphaRun classify_block(const std::uint8_t* alpha) {
  if (is_run_of(AlphaRun::kBackground, alpha)) return AlphaRun::kBackground;
  return is_run_of(AlphaRun::kPerson, alpha) ? AlphaRun::kPerson : AlphaRun::kEdge;
}

// The end of the run of blocks of one class. A template, so that only this class is tested.
template <AlphaRun kRun>
int run_end(const std::uint8_t* alpha, int begin, int width) {
  int end = begin + kBlock;
  while (end < width && is_run_of(kRun, alpha + end)) end += kBlock;
  return std::min(end, width);
}

// Calls run(class, begin, end) for each longest run of blocks of one class from pixel `begin` on.
template <typename Run>
void for_runs(const std::uint8_t* alpha, int begin, int width, const Run& run) {
  while (begin < width) {
    const AlphaRun run_kind = classify_block(alpha + begin);
    const int end =
        run_kind == AlphaRun::kBackground ? run_end<AlphaRun::kBackground>(alpha, begin, width)
        : run_kind == AlphaRun::kPerson   ? run_end<AlphaRun::kPerson>(alpha, begin, width)
                                          : run_end<AlphaRun::kEdge>(alpha, begin, width);
    run(run_kind, begin, end);
    begin = end;
  }
}

void copy_person(const std::uint8_t* from, int bytes, std::uint8_t* to) {
  if (to != from) std::memcpy(to, from, static_cast<std::size_t>(bytes));
}

// One row of one plane with kChannels samples a pixel.
template <int kChannels>
class RowCompositor {
 public:
  RowCompositor(const RoomPlane& room_in, BackgroundSource& background, std::size_t part, int plane,
                int y)
      : room_(room_in), background_(background), part_(part), plane_(plane), y_(y) {}

  void run(const ConstFrame& frame, Matte& matte, std::uint8_t* out) {
    is_padded_ = !traits_of(frame.format).has_alpha;
    const std::uint8_t* const in = frame.row(plane_, y_);
    const std::uint8_t* const alpha = matte.plane(plane_).row(y_);
    const auto draw = [&](AlphaRun run_kind, int begin, int end) {
      draw_run(run_kind, in, alpha, begin, end, out);
    };
    if (kChannels == 4 && !has_padding()) {
      for_runs(alpha, 0, frame.width, [&](AlphaRun run_kind, int begin, int end) {
        if (draw_if_opaque(run_kind, in, alpha, begin, end, out)) return;
        matte.limit(frame, y_, begin, end);
        for_runs(alpha, begin, end, draw);  // a limited run has other classes
      });
    } else {
      for_runs(alpha, 0, frame.plane_width(plane_), draw);
    }
  }

 private:
  static constexpr int kChunk = static_cast<int>(kMostUnblended);
  using Samples = std::array<std::uint8_t, kChannels * kChunk>;

  // Whether there is a sample beside the colours that stays as it came.
  bool has_padding() const { return BACKDROP_HAS_DEVICE_FORMATS && kChannels == 4 && is_padded_; }

  // Returns whether the run's pixels are opaque, as far as they show.
  bool draw_if_opaque(AlphaRun run_kind, const std::uint8_t* in, const std::uint8_t* alpha,
                      int begin, int end, std::uint8_t* out) {
    const auto n = static_cast<std::size_t>(end - begin);
    const std::uint8_t* from = in + 4 * begin;
    if (run_kind == AlphaRun::kPerson) return copy_opaque(from, n, out + 4 * begin);
    if (run_kind == AlphaRun::kEdge && !are_opaque(from, n)) return false;
    draw_run(run_kind, in, alpha, begin, end, out);
    return true;
  }

  void draw_run(AlphaRun run_kind, const std::uint8_t* in, const std::uint8_t* alpha, int begin,
                int end, std::uint8_t* out) {
    const std::uint8_t* from = in + kChannels * begin;
    std::uint8_t* to = out + kChannels * begin;
    if (run_kind == AlphaRun::kPerson) return copy_person(from, kChannels * (end - begin), to);
    if (run_kind == AlphaRun::kBackground && has_padding()) return copy_colors(in, begin, end, out);
    if (run_kind == AlphaRun::kBackground) return copy_background(begin, end, to);
    for (int x = begin; x < end; x += kChunk) {
      const int n = std::min(kChunk, end - x);
      blend(in + kChannels * x, alpha + x, x, n, out + kChannels * x);
    }
  }

  void copy_background(int begin, int end, std::uint8_t* to) {
    const std::uint8_t* samples = background_.samples(part_, plane_, y_, begin, end, to);
    if (samples != to)
      std::memcpy(to, samples, static_cast<std::size_t>(kChannels * (end - begin)));
  }

  // The background's colours beside the frame's padding.
  void copy_colors(const std::uint8_t* in, int begin, int end, std::uint8_t* out) {
    if constexpr (kChannels == 4) {
      Samples scratch;
      for (int x = begin; x < end; x += kChunk) {
        const int n = std::min(kChunk, end - x);
        const std::uint8_t* behind =
            background_.samples(part_, plane_, y_, x, x + n, scratch.data());
        replace_colors(in + 4 * x, behind, static_cast<std::size_t>(n), out + 4 * x);
      }
    }
  }

  void blend(const std::uint8_t* from, const std::uint8_t* alpha, int x, int pixels,
             std::uint8_t* to) {
    Samples scratch, person;
    from = without_room(from, alpha, x, pixels, person.data());
    const std::uint8_t* behind =
        background_.samples(part_, plane_, y_, x, x + pixels, scratch.data());
    const auto n = static_cast<std::size_t>(pixels);
    if constexpr (kChannels == 4) {
      const FourthSample fourth = has_padding() ? FourthSample::kStays : FourthSample::kBackgrounds;
      blend_fours(from, behind, alpha, fourth, n, to);
    } else if constexpr (kChannels == 2) {
      blend_pairs(from, behind, alpha, n, to);
    } else {
      blend_samples(from, behind, alpha, n, to);
    }
  }

  // The frame's samples, or in `person` what is left of them without the room.
  const std::uint8_t* without_room(const std::uint8_t* from, const std::uint8_t* alpha, int x,
                                   int pixels, std::uint8_t* person) const {
    if (room_.room.trust <= 0) return from;
    unblend(room_, x, y_, from, alpha, static_cast<std::size_t>(pixels), person);
    return person;
  }

  const RoomPlane& room_;
  BackgroundSource& background_;
  std::size_t part_;
  int plane_;
  int y_;
  bool is_padded_ = false;
};

// What is known of the room in a frame's plane.
RoomPlane room_in(const KnownRoom& room, const ConstFrame& frame, int plane) {
  RoomPlane row{room, static_cast<std::size_t>(channels_of(frame.format, plane)),
                plane_traits(frame.format, plane).subsampling == 0};
  std::ranges::rotate(row.room.colors, row.room.colors.begin() + plane);
  return row;
}

template <int kChannels>
void composite_plane(const ConstFrame& frame, int plane, Matte& matte, const KnownRoom& room,
                     BackgroundSource& background, const Frame& out, Executor& executor) {
  const RoomPlane plane_room = room_in(room, frame, plane);
  for_bands(executor, frame.plane_height(plane), [&](std::size_t part, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      RowCompositor<kChannels>(plane_room, background, part, plane, y)
          .run(frame, matte, out.row(plane, y));
    }
  });
}

void cut_out_row(const ConstFrame& frame, Matte& matte, const PersonColors& colors, int y,
                 const Frame& out) {
  const std::uint8_t* const in = frame.row(0, y);
  const std::uint8_t* const alpha = matte.plane(0).row(y);
  for_runs(alpha, 0, frame.width, [&](AlphaRun run_kind, int begin, int end) {
    const auto pixels = static_cast<std::size_t>(end - begin);
    if (run_kind == AlphaRun::kBackground) {
      std::memset(out.row(0, y) + 4 * begin, 0, 4 * pixels);
      return;
    }
    if (run_kind == AlphaRun::kPerson && colors.is_person_opaque(y)) {
      return copy_person(in + 4 * begin, 4 * (end - begin), out.row(0, y) + 4 * begin);
    }
    if (colors.cut_out(in, alpha, y, begin, end, out.row(0, y))) return;
    matte.limit(read_only(out), y, begin, end);
  });
}

}  // namespace

void composite(const ConstFrame& frame, Matte& matte, const KnownRoom& room,
               BackgroundSource& background, const Frame& out, Executor& executor) {
  BACKDROP_ASSERT(frame.format == out.format && frame.width == out.width &&
                  frame.height == out.height);
  for (int plane = 0; plane < plane_count(frame.format); ++plane) {
    const int channels = channels_of(frame.format, plane);
    const auto composite_one = channels == 1   ? composite_plane<1>
                               : channels == 2 ? composite_plane<2>
                                               : composite_plane<4>;
    composite_one(frame, plane, matte, room, background, out, executor);
  }
}

void cut_out(const ConstFrame& frame, Matte& matte, const PersonColors& colors, const Frame& out,
             Executor& executor) {
  BACKDROP_ASSERT(traits_of(out.format).has_alpha && frame.format == out.format);
  BACKDROP_ASSERT(frame.width == out.width && frame.height == out.height);
  for_bands(executor, frame.height, [&](std::size_t, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      cut_out_row(frame, matte, colors, y, out);
    }
  });
}

}  // namespace backdrop

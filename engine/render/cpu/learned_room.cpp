#include "render/cpu/learned_room.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/assert.h"
#include "base/parallel_for.h"
#include "render/cpu/edge_kernels.h"

namespace backdrop {
namespace {

using Kind = MaskTiles::Kind;

constexpr std::size_t kErrorRows = 3, kWordRows = 5, kByteRows = 14;

// Radii of windows, in half-size pixels.
constexpr int kCoreRadius = 2;  // around what is the person for certain
constexpr int kCoreStep = 2;    // rows from one to the next in which the person's colours are found
constexpr int kLearnRadius = 4;  // around what is learned
constexpr int kMixRadius = 2;    // within which the person's colour mixes with the room's

// Of pixels that are not compared with the room.
constexpr std::uint8_t kNoMisfit = 255;

// After the camera moved, so many frames have to be still before the room is used; twice as many
// each time, so that a camera that glides in fits and starts does not show.
constexpr int kLeastPatience = 4;
constexpr int kMostPatience = 90;
constexpr int kStillAgain = 300;  // frames after which all is forgiven
constexpr int kFastFrames = 16;   // learned from as a whole
constexpr int kRowsInTurn = 8;    // of which one is learned in each frame after these
constexpr int kPointTiles = 900;  // that are looked at to judge the scene, about
constexpr float kTrustStep = 1.0F / 8;

// Spreads the points of tiles without a pattern: on a grid, all of them could lie on like parts of
// a pattern of the room's own, and tell a light that changed where it is another room.
int scattered(int row, int column) {
  const auto seed = static_cast<std::uint32_t>(row * 7919 + column);
  return static_cast<int>((seed * 2654435761U) >> 24);
}

// The channels of pixels [begin, end) of a row, as far as the frame has them at its own size: where
// they are, or in `work` if the frame ends before or has them interleaved.
FrameRows split_frame(const ConstFrame& frame, int y, int begin, int end,
                      const std::array<std::uint8_t*, 3>& work) {
  const auto n = static_cast<std::size_t>(std::min(end, frame.width) - begin);
  const std::uint8_t* const pixels = frame.row(0, y) + begin * channels_of(frame.format, 0);
  if (is_yuv(frame.format) && end <= frame.width) return {pixels};
  if (is_yuv(frame.format)) {
    std::copy_n(pixels, n, work[0]);
  } else {
    split_pixels(pixels, n, work);
  }
  return {work[0], work[1], work[2]};
}

}  // namespace

bool LearnedRoom::prepare(int width, int height, const Executor& executor) {
  width_ = (width + 1) / 2;
  height_ = (height + 1) / 2;
  if (!tiles_.prepare(width_, height_)) return false;
  stride_ = (static_cast<std::size_t>(tiles_.width()) + 63) / 64 * 64 + 2 * kMargin;
  const std::size_t size = stride_ * static_cast<std::size_t>(height_);
  const std::size_t threads = executor.concurrency();
  const auto tiles = static_cast<std::size_t>(tiles_.columns() * tiles_.rows());
  if (!alpha_.resize(width_, height_) ||
      !std::ranges::all_of(room_, [&](auto& plane) { return plane.resize(size); }) ||
      !counts_.resize(size) || !changes_.resize(size) || !misfits_.resize(size) ||
      !marks_.resize(tiles) || !person_.prepare(tiles_.width(), height_) ||
      !scene_.prepare(tiles) || !error_scratch_.resize(kErrorRows * stride_ * threads) ||
      !word_scratch_.resize(kWordRows * stride_ * threads) ||
      !byte_scratch_.resize(kByteRows * stride_ * threads)) {
    return false;
  }
  std::fill_n(changes_.data(), size, std::int16_t{0});
  std::fill_n(misfits_.data(), size, kNoMisfit);
  forget();
  return true;
}

void LearnedRoom::forget() {
  scene_.forget();
  has_before_ = false;
  patience_ = kLeastPatience;
  begin_anew();
}

void LearnedRoom::begin_anew() {
  for (auto& plane : room_) std::fill_n(plane.data(), plane.size(), std::int16_t{0});
  std::fill_n(counts_.data(), counts_.size(), std::int16_t{0});
  trust_ = 0;
  still_frames_ = 0;
}

// Calls run(scratch, tile_row) for each row of tiles.
template <typename Run>
void LearnedRoom::for_tile_rows(Executor& executor, const Run& run) {
  for_bands(executor, tiles_.rows(), [&](std::size_t part, int begin, int end) {
    const Scratch scratch = scratch_of(part);
    for (int row = begin; row < end; ++row) run(scratch, row);
  });
}

void LearnedRoom::run(const ConstFrame& frame, const HalfPicture& half, const Region& seen,
                      std::span<const Region> dropped, Matte& matte, Executor& executor) {
  BACKDROP_ASSERT(half.width() == width_ && half.height() == height_);
  // What lies beneath clear pixels is nobody's to see.
  if (!half.is_opaque()) return forget();
  half_ = &half;
  keep_alpha(matte, executor);
  tiles_.find(alpha_);
  for (const Region& region : dropped) tiles_.hide(region);
  judge_scene(executor);
  weigh_noise();
  for_tile_rows(executor, [&](const auto& scratch, int row) { measure_row(scratch, row); });
  if (trust_ > 0) {
    has_person_ = person_.spread();
    for_tile_rows(executor, [&](const auto& scratch, int row) { correct_row(scratch, row); });
    for_tile_rows(executor,
                  [&](const auto& scratch, int row) { apply_row(scratch, row, frame, matte); });
  }
  look_at(seen);
  for_tile_rows(executor, [&](const auto& scratch, int row) { learn_tile_row(scratch, row); });
  has_before_ = true;
}

KnownRoom LearnedRoom::known() const {
  KnownRoom room{.counts = counts_.data() + at(0, 0),
                 .stride = static_cast<std::ptrdiff_t>(stride_),
                 .trust = trust_};
  for (std::size_t c = 0; c < 3; ++c) room.colors[c] = room_[c].data() + at(0, 0);
  return room;
}

// The matte's own changes while it is corrected.
void LearnedRoom::keep_alpha(const Matte& matte, Executor& executor) {
  for_bands(executor, height_, [&](std::size_t, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      std::memcpy(alpha_.row(y), matte.half().row(y), static_cast<std::size_t>(width_));
      alpha_.pad(y);
    }
  });
}

void LearnedRoom::judge_scene(Executor& executor) {
  if (!has_before_) return;
  gather_points();
  const SceneFit::Verdict verdict = scene_.judge();
  if (verdict == SceneFit::Verdict::kMoved || verdict == SceneFit::Verdict::kOtherScene) {
    patience_ = std::min(2 * patience_, kMostPatience);
    return begin_anew();
  }
  if (++still_frames_ > kStillAgain) patience_ = kLeastPatience;
  const bool is_still = verdict == SceneFit::Verdict::kStill;
  const bool is_trusted = is_still && still_frames_ > patience_;
  trust_ = std::clamp(trust_ + (is_trusted ? kTrustStep : -kTrustStep), 0.0F, 1.0F);
  if (is_still && scene_.has_other_light()) relight(executor);
}

// One point of each tile of the room, or in large pictures of some, but for the outermost pixels.
void LearnedRoom::gather_points() {
  scene_.clear();
  const int step = std::max(tiles_.columns() * tiles_.rows() / kPointTiles, 1);
  for (int row = 0; row < tiles_.rows(); ++row) {
    const auto cell_row =
        static_cast<std::size_t>(row) * kSceneRows / static_cast<std::size_t>(tiles_.rows());
    for (int column = 0; column < tiles_.columns(); ++column) {
      constexpr int kSide = MaskTiles::kTile - 2;  // the outermost pixels lack a neighbour
      const int place = scattered(row, column);
      const int x = std::min(MaskTiles::kTile * column + 1 + place % kSide, width_ - 2);
      const int y = std::min(tiles_.first_row(row) + 1 + place / kSide % kSide, height_ - 2);
      if (tiles_.kind(column, row) != Kind::kRoom || x < 1 || y < 1) continue;
      if ((column + 2 * row) % step != 0) continue;
      const auto cell_column = static_cast<std::size_t>(column) * kSceneColumns /
                               static_cast<std::size_t>(tiles_.columns());
      scene_.add(point_at(x, y, cell_row * kSceneColumns + cell_column));
    }
  }
}

ScenePoint LearnedRoom::point_at(int x, int y, std::size_t cell) const {
  const auto sample = [](const auto* at, std::ptrdiff_t stride, float unit) {
    const auto slope = [&](std::ptrdiff_t step) {
      return static_cast<float>(at[step] - at[-step]) * (unit / 2);
    };
    return SceneSample{static_cast<float>(*at) * unit, slope(1), slope(stride)};
  };
  const auto stride = static_cast<std::ptrdiff_t>(stride_);
  const std::int16_t* const counts = counts_.data() + at(x, y);
  ScenePoint point{};
  for (std::size_t c = 0; c < 3; ++c) {
    point.frame[c] = half_->row(c, y)[x];
    point.room[c] = static_cast<float>(room_[c].data()[at(x, y)]) / kRoomUnit;
  }
  point.before = sample(half_->before().row(y) + x, half_->stride(), 1);
  point.in_room = sample(room_[0].data() + at(x, y), stride, 1.0F / kRoomUnit);
  point.is_known =
      std::min({counts[0], counts[-1], counts[1], counts[-stride], counts[stride]}) >= kKnownCount;
  point.cell = cell;
  return point;
}

// Puts the room into the frame's light.
void LearnedRoom::relight(Executor& executor) {
  for_bands(executor, height_, [&](std::size_t, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      for (std::size_t c = 0; c < 3; ++c) {
        relight_row(scene_.light()[c].gain, scene_.light()[c].offset * kRoomUnit,
                    static_cast<std::size_t>(tiles_.width()), room_[c].data() + at(0, y));
      }
    }
  });
}

// Calls run(begin, end) for each run of edge tiles with any of the marks `wanted`.
template <typename Run>
void LearnedRoom::for_marked(int tile_row, int wanted, const Run& run) {
  const std::uint8_t* const marks = marks_of(tile_row, 0);
  tiles_.for_runs_of([&](int column) { return (marks[column] & wanted) != 0; }, run);
}

// Compares the pixels near the edge with the room, and collects the person's colours there.
void LearnedRoom::measure_row(const Scratch& scratch, int tile_row) {
  const int first = tiles_.first_row(tile_row);
  const int end_row = tiles_.end_row(tile_row);
  person_.clear_row(first);
  std::fill_n(marks_of(tile_row, 0), tiles_.columns(), std::uint8_t{0});
  tiles_.for_runs(tile_row, Kind::kEdge, [&](int begin, int end) {
    for (int y = first; y < end_row; ++y) {
      mark_blocks(counts_.data() + at(begin, y), alpha_.row(y) + begin,
                  static_cast<std::size_t>(end - begin), marks_of(tile_row, begin));
    }
  });
  for_marked(tile_row, kMarkKnown, [&](int begin, int end) {
    const auto errors = [&](int y) { return scratch.errors[static_cast<std::size_t>(y + 3) % 3]; };
    measure_errors(first - 1, begin, end, errors(first - 1));
    measure_errors(first, begin, end, errors(first));
    for (int y = first; y < end_row; ++y) {
      measure_errors(y + 1, begin, end, errors(y + 1));
      const Span span{y, begin, end};
      std::uint8_t* const misfits = misfits_.data() + at(begin, y);
      find_misfits({errors(y - 1), errors(y), errors(y + 1)}, span.size(), misfits);
      mark_unsettled(misfits, alpha_.row(y) + begin, span.size(), marks_of(tile_row, begin));
    }
  });
  if (trust_ <= 0) return;
  for_marked(tile_row, kMarkDense, [&](int begin, int end) {
    for (int y = first; y < end_row; y += kCoreStep) add_core({y, begin, end}, scratch);
  });
}

// Errors from begin - 1 to end. Beyond the picture its outermost errors repeat.
void LearnedRoom::measure_errors(int y, int begin, int end, std::uint16_t* errors) const {
  constexpr int kBlock = static_cast<int>(kRoomBlock);
  const int inside = std::clamp(y, 0, height_ - 1);
  const int first = std::max(begin - kBlock, 0);
  const int last = std::min(end + kBlock, tiles_.width());
  find_errors(frame_rows(inside, first), room_rows(inside, first), scales_,
              static_cast<std::size_t>(last - first), errors + (first - begin));
  if (first == begin) errors[-1] = errors[0];
  if (last == end) errors[end - begin] = errors[end - begin - 1];
}

// Adds the colours of pixels that are the person's for certain.
void LearnedRoom::add_core(const Span& span, const Scratch& scratch) {
  const auto& [y, begin, end] = span;
  window_least(rows_around(alpha_.row(0), alpha_.stride(), span, kCoreRadius), kCoreRadius,
               span.size(), scratch.window, scratch.bytes);
  const CoreRow row{.frame = frame_rows(y, begin),
                    .counts = counts_.data() + at(begin, y),
                    .misfits = misfits_.data() + at(begin, y),
                    .alpha = alpha_.row(y) + begin,
                    .least_alpha = scratch.bytes};
  add_core_colors(row, span.size(), person_.cell_of(begin, y));
}

void LearnedRoom::correct_row(const Scratch& scratch, int tile_row) {
  for_marked(tile_row, kMarkUnsettled, [&](int begin, int end) {
    for (int y = tiles_.first_row(tile_row); y < tiles_.end_row(tile_row); ++y) {
      correct_span({y, begin, end}, scratch);
    }
  });
}

void LearnedRoom::correct_span(const Span& span, const Scratch& scratch) {
  const auto& [y, begin, end] = span;
  window_least(rows_around(misfits_.data() + kMargin, static_cast<std::ptrdiff_t>(stride_), span,
                           kMixRadius),
               kMixRadius, span.size(), scratch.window, scratch.bytes);
  tiles_.depths(y, begin, end, scratch.cells, scratch.depths);
  const EvidenceRow row{.frame = frame_rows(y, begin),
                        .room = room_rows(y, begin),
                        .person = person_rows(span, scratch),
                        .counts = counts_.data() + at(begin, y),
                        .misfits = misfits_.data() + at(begin, y),
                        .least_misfits = scratch.bytes,
                        .alpha = alpha_.row(y) + begin,
                        .depths = scratch.depths};
  std::int16_t* const changes = changes_.data() + at(begin, y);
  weigh_evidence(row, weights_, trust_, span.size(), changes);
  mark_changes(row.alpha, changes, span.size(), marks_of(y / MaskTiles::kTile, begin));
}

// Only tiles that were seen as a whole are learned from.
void LearnedRoom::look_at(const Region& seen) {
  is_other_part_ = seen != seen_;
  if (seen != kNothing) seen_ = seen;
  const auto first = [](double share, int size) {
    return static_cast<int>(std::ceil(share * size / MaskTiles::kTile));
  };
  const auto end = [](double share, int size, int tiles) {
    return share >= 1 ? tiles : static_cast<int>(share * size / MaskTiles::kTile);
  };
  learned_left_ = first(seen.left, width_);
  learned_top_ = first(seen.top, height_);
  learned_right_ = end(seen.left + seen.width, width_, tiles_.columns());
  learned_bottom_ = end(seen.top + seen.height, height_, tiles_.rows());
}

// The rows of a part that is seen now and then are learned whenever it is.
void LearnedRoom::learn_tile_row(const Scratch& scratch, int tile_row) {
  const bool is_seen = tile_row >= learned_top_ && tile_row < learned_bottom_;
  const auto learn = [&](int begin, int end, const auto& run) {
    begin = std::max(begin, learned_left_ * MaskTiles::kTile);
    end = std::min(end, learned_right_ * MaskTiles::kTile);
    if (is_seen && begin < end) run(begin, end);
  };
  std::array<std::int16_t, 3> limits;
  for (std::size_t c = 0; c < 3; ++c) {
    constexpr float kDeviations = 5;
    limits[c] = static_cast<std::int16_t>(kDeviations * scene_.noise()[c] * kRoomUnit);
  }
  const int first = tiles_.first_row(tile_row);
  const int end_row = tiles_.end_row(tile_row);
  const bool is_whole = is_other_part_ || still_frames_ < kFastFrames;
  const int next =
      is_whole ? first
               : first + (kRowsInTurn - (still_frames_ + first) % kRowsInTurn) % kRowsInTurn;
  tiles_.for_runs(tile_row, Kind::kRoom, [&](int begin, int end) {
    for (int y = next; y < end_row; y += is_whole ? 1 : kRowsInTurn) {
      learn(begin, end, [&](int left, int right) {
        learn_row(lesson(y, left), limits, static_cast<std::size_t>(right - left));
      });
    }
  });
  for_marked(tile_row, kMarkKnown | kMarkClear, [&](int begin, int end) {
    for (int y = first; y < end_row; ++y) {
      learn(begin, end, [&](int left, int right) { learn_span({y, left, right}, scratch); });
      clear_row({y, begin, end});
    }
  });
}

// Constant sizes become vectors: a call to fill a few bytes takes long in WebAssembly.
void LearnedRoom::clear_row(const Span& span) {
  for (int x = span.begin; x < span.end; x += MaskTiles::kTile) {
    std::fill_n(misfits_.data() + at(x, span.y), MaskTiles::kTile, kNoMisfit);
    std::fill_n(changes_.data() + at(x, span.y), MaskTiles::kTile, std::int16_t{0});
  }
}

void LearnedRoom::learn_span(const Span& span, const Scratch& scratch) {
  const auto& [y, begin, end] = span;
  window_most(rows_around(alpha_.row(0), alpha_.stride(), span, kLearnRadius), kLearnRadius,
              span.size(), scratch.window, scratch.bytes);
  learn_edge_row(lesson(y, begin), misfits_.data() + at(begin, y), scratch.bytes, span.size());
}

void LearnedRoom::apply_row(const Scratch& scratch, int tile_row, const ConstFrame& frame,
                            Matte& matte) {
  const int first = tiles_.first_row(tile_row);
  const int end_row = tiles_.end_row(tile_row);
  std::uint8_t* const near = scratch.bytes;
  find_near_changes(tile_row, near);
  const auto for_near = [&](const auto& run) {
    tiles_.for_runs_of([&](int column) { return near[column] != 0; }, run);
  };
  for_near([&](int begin, int end) {
    for (int y = 2 * first; y < std::min(2 * end_row, matte.height()); ++y) {
      const int nearer = y / 2;
      const int other = std::clamp(nearer + (y % 2 == 0 ? -1 : 1), 0, height_ - 1);
      add_changes(changes_.data() + at(begin, nearer), changes_.data() + at(begin, other),
                  static_cast<std::size_t>(end - begin), matte.row(y) + 2 * begin);
    }
  });
  for_marked(tile_row, kMarkMixed, [&](int begin, int end) {
    for (int y = first; y < end_row; ++y) unmix_row(scratch, {y, begin, end}, frame, matte);
  });
  for_near([&](int begin, int end) {
    for (int y = first; y < end_row; ++y) matte.finish_rows(y, 2 * begin, 2 * end);
  });
}

// Marks the tiles of a row with a changed pixel in or beside them: enlarged changes, and those of
// mixed pixels, reach so far.
void LearnedRoom::find_near_changes(int tile_row, std::uint8_t* near) {
  const int columns = tiles_.columns();
  std::fill_n(near, columns, std::uint8_t{0});
  for (int row = std::max(tile_row - 1, 0); row <= std::min(tile_row + 1, tiles_.rows() - 1);
       ++row) {
    const std::uint8_t* const marks = marks_of(row, 0);
    for (int x = 0; x < columns; ++x) {
      if ((marks[x] & (kMarkChanged | kMarkMixed)) == 0) continue;
      std::fill(near + std::max(x - 1, 0), near + std::min(x + 2, columns), std::uint8_t{1});
    }
  }
}

void LearnedRoom::unmix_row(const Scratch& scratch, const Span& span, const ConstFrame& frame,
                            Matte& matte) {
  const auto& [y, begin, end] = span;
  MixedRow row{.frame = {},
               .alpha = {},
               .changes = {},
               .room = room_rows(y, begin),
               .person = person_rows(span, scratch),
               .counts = counts_.data() + at(begin, y)};
  for (int i = 0; i < 3; ++i) {
    const int near = std::clamp(y + i - 1, 0, height_ - 1);
    const auto index = static_cast<std::size_t>(i);
    row.frame[index] = frame_rows(near, begin);
    row.alpha[index] = alpha_.row(near) + begin;
    row.changes[index] = changes_.data() + at(begin, near);
  }
  FullRows full{};
  for (std::size_t i = 0; i < 2; ++i) {
    const int line = std::min(2 * y + static_cast<int>(i), frame.height - 1);
    full.frame[i] = split_frame(frame, line, 2 * span.begin, 2 * span.end, scratch.full[i]);
    full.alpha[i] = matte.row(line) + 2 * begin;
  }
  unmix(row, weights_, trust_, is_yuv(frame.format) ? FullChannels::kLuma : FullChannels::kColors,
        span.size(), full);
}

LearnedRoom::Scratch LearnedRoom::scratch_of(std::size_t part) {
  std::uint16_t* const errors = error_scratch_.data() + kErrorRows * stride_ * part + kRoomBlock;
  std::int16_t* const words = word_scratch_.data() + kWordRows * stride_ * part;
  std::uint8_t* const bytes = byte_scratch_.data() + kByteRows * stride_ * part;
  std::uint8_t* const full = bytes + 2 * stride_;
  return {.errors = {errors, errors + stride_, errors + 2 * stride_},
          .person = {words, words + stride_, words + 2 * stride_},
          .depths = words + 3 * stride_,
          .cells = words + 4 * stride_,
          .bytes = bytes,
          .window = bytes + stride_,
          .full = {{{full, full + 2 * stride_, full + 4 * stride_},
                    {full + 6 * stride_, full + 8 * stride_, full + 10 * stride_}}}};
}

void LearnedRoom::weigh_noise() {
  for (std::size_t c = 0; c < 3; ++c) {
    const float deviation = scene_.noise()[c] * kRoomUnit;
    weights_[c] = 1 / (3 * deviation * deviation);
    const float root = std::sqrt(weights_[c]) * kRootUnit * 32768;
    scales_[c] = static_cast<std::int16_t>(std::min(root, 32767.0F));
  }
}

// The rows of a plane up to `radius` above and below a span.
ByteRows LearnedRoom::rows_around(const std::uint8_t* plane, std::ptrdiff_t stride,
                                  const Span& span, int radius) const {
  const int first = std::max(span.y - radius, 0);
  const int last = std::min(span.y + radius, height_ - 1);
  return {plane + first * stride + span.begin, stride, last - first + 1};
}

// The person's colours near by; where none is known, the room's, which tell nothing from it.
RoomRows LearnedRoom::person_rows(const Span& span, const Scratch& scratch) const {
  if (!has_person_) return room_rows(span.y, span.begin);
  person_.row(span.y, span.begin, span.end, scratch.cells, scratch.person);
  return {scratch.person[0], scratch.person[1], scratch.person[2]};
}

}  // namespace backdrop

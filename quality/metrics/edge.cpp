#include "metrics/edge.h"

#include <algorithm>
#include <numeric>

namespace backdrop::quality {
namespace {

enum class Fold { kAny, kAll };

std::uint8_t fold(Fold kind, std::uint8_t a, std::uint8_t b) {
  return kind == Fold::kAny ? a | b : a & b;
}

// Whether any or all pixels of the 3x3 around are in the set; the edge's pixels go on beyond it.
template <Fold kind>
PixelSet fold_neighbours(const PixelSet& set) {
  const auto width = static_cast<std::size_t>(set.width);
  PixelSet across = set;
  for (std::size_t i = 1; i + 1 < set.bits.size(); ++i) {
    across.bits[i] = fold(kind, fold(kind, set.bits[i - 1], set.bits[i]), set.bits[i + 1]);
  }
  for (std::size_t begin = 0; begin < set.bits.size(); begin += width) {
    const std::size_t end = begin + width - 1;  // the rows' ends have a neighbour on one side
    across.bits[begin] = fold(kind, set.bits[begin], set.bits[std::min(begin + 1, end)]);
    across.bits[end] = fold(kind, set.bits[end], set.bits[std::max(begin + 1, end) - 1]);
  }
  PixelSet result = across;
  for (std::size_t i = width; i < set.bits.size(); ++i) {
    result.bits[i] = fold(kind, result.bits[i], across.bits[i - width]);
    result.bits[i - width] = fold(kind, result.bits[i - width], across.bits[i]);
  }
  return result;
}

// For each pixel the distance to the nearest one of the set in its column, at most `most`.
std::vector<int> distances_in_columns(const PixelSet& set, int most) {
  const auto width = static_cast<std::size_t>(set.width);
  std::vector<int> distances(set.bits.size());
  for (std::size_t i = 0; i < distances.size(); ++i) {
    const int above = i < width ? most : distances[i - width];
    distances[i] = set.has(i) ? 0 : std::min(above + 1, most);
  }
  for (std::size_t i = distances.size() - width; i-- > 0;) {
    distances[i] = std::min(distances[i], distances[i + width] + 1);
  }
  return distances;
}

}  // namespace

std::size_t PixelSet::count() const {
  return std::accumulate(bits.begin(), bits.end(), std::size_t{0});
}

PixelSet outline(const Image& alpha) {
  PixelSet person(alpha.width, alpha.height);
  for (std::size_t i = 0; i < person.bits.size(); ++i) person.bits[i] = alpha.values[i] >= 0.5F;
  PixelSet edge = fold_neighbours<Fold::kAny>(person);
  const PixelSet inside = fold_neighbours<Fold::kAll>(person);
  for (std::size_t i = 0; i < edge.bits.size(); ++i) edge.bits[i] ^= inside.bits[i];
  return edge;
}

PixelSet soft_edge(const Image& alpha) {
  PixelSet set = outline(alpha);
  for (std::size_t i = 0; i < set.bits.size(); ++i) {
    if (alpha.values[i] > 0.02F && alpha.values[i] < 0.98F) set.bits[i] = 1;
  }
  return set;
}

PixelSet grown(const PixelSet& set, int reach) {
  const std::vector<int> distances = distances_in_columns(set, reach + 1);
  PixelSet result(set.width, set.height);
  for (int y = 0; y < set.height; ++y) {
    const int* row = distances.data() + Image::size(set.width, y, 1);
    for (int x = 0; x < set.width; ++x) {
      if (row[x] > reach) continue;
      // The column's pixels reach so far along the row.
      int along = 0;
      while ((along + 1) * (along + 1) + row[x] * row[x] <= reach * reach) ++along;
      std::uint8_t* to = result.bits.data() + Image::size(set.width, y, 1);
      std::fill(to + std::max(0, x - along), to + std::min(set.width, x + along + 1), 1);
    }
  }
  return result;
}

}  // namespace backdrop::quality

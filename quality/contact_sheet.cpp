#include "contact_sheet.h"

#include <algorithm>
#include <array>
#include <utility>

#include "metrics/edge.h"

namespace backdrop::quality {
namespace {

constexpr int kSide = 200;  // of a crop, pixels
constexpr int kGap = 4;     // between crops, pixels

struct Place {
  int x = 0;
  int y = 0;
};

std::vector<Place> places_at_edge(const Image& truth) {
  const PixelSet edge = outline(truth);
  std::vector<Place> places;
  for (int y = 0; y < edge.height; ++y) {
    for (int x = 0; x < edge.width; ++x) {
      if (edge.has(x, y)) places.push_back({x, y});
    }
  }
  if (places.empty()) return places;
  return {places.front(), std::ranges::min(places, {}, &Place::x),
          std::ranges::max(places, {}, &Place::x)};
}

cli::Picture picture_of_alpha(const Image& alpha) {
  Image grey(alpha.width, alpha.height, 3);
  for (std::size_t i = 0; i < grey.values.size(); ++i) grey.values[i] = 255 * alpha.values[i / 3];
  return to_picture(grey);
}

void copy(const cli::Picture& from, int left, int top, int width, int height, cli::Picture& to,
          int to_left, int to_top) {
  for (int y = 0; y < height; ++y) {
    const auto begin = from.rgba.begin() + 4 * ((top + y) * from.width + left);
    std::copy_n(begin, 4 * width, to.rgba.begin() + 4 * ((to_top + y) * to.width + to_left));
  }
}

// The square around the place, as much of it as lies in the picture.
cli::Picture crop(const cli::Picture& picture, const Place& place) {
  const int width = std::min(kSide, picture.width);
  const int height = std::min(kSide, picture.height);
  const int left = std::clamp(place.x - width / 2, 0, picture.width - width);
  const int top = std::clamp(place.y - height / 2, 0, picture.height - height);
  cli::Picture cut;
  cut.resize(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
  copy(picture, left, top, width, height, cut, 0, 0);
  return cut;
}

}  // namespace

std::vector<ContactRow> contact_rows(const Output& output, const KnownFrame& known,
                                     const cli::Picture& new_background) {
  const cli::Picture true_alpha = picture_of_alpha(known.alpha);
  const cli::Picture composite = to_picture(true_composite(known, colors_of(new_background)));
  const cli::Picture alpha = picture_of_alpha(output.alpha);
  std::vector<ContactRow> rows;
  for (const Place& place : places_at_edge(known.alpha)) {
    rows.push_back({crop(known.frame, place), crop(true_alpha, place), crop(composite, place),
                    crop(alpha, place), crop(output.composite, place)});
  }
  return rows;
}

void ContactSheet::add(std::span<const std::vector<ContactRow>> settings) {
  for (std::size_t place = 0; place < settings.front().size(); ++place) {
    const ContactRow& first = settings.front()[place];
    std::vector<cli::Picture> row{first.frame, first.true_alpha, first.true_composite};
    for (const std::vector<ContactRow>& rows : settings) {
      row.push_back(rows[place].alpha);
      row.push_back(rows[place].composite);
    }
    rows_.push_back(std::move(row));
  }
}

cli::Picture ContactSheet::draw() const {
  std::size_t columns = 0;
  for (const auto& row : rows_) columns = std::max(columns, row.size());
  cli::Picture sheet;
  sheet.resize(columns * (kSide + kGap), rows_.size() * (kSide + kGap));
  std::ranges::fill(sheet.rgba, 255);
  for (std::size_t y = 0; y < rows_.size(); ++y) {
    for (std::size_t x = 0; x < rows_[y].size(); ++x) {
      const cli::Picture& picture = rows_[y][x];
      copy(picture, 0, 0, picture.width, picture.height, sheet,
           static_cast<int>(x) * (kSide + kGap), static_cast<int>(y) * (kSide + kGap));
    }
  }
  return sheet;
}

}  // namespace backdrop::quality

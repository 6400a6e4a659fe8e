// From the network's output to the alpha of every pixel of a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "image/frame.h"
#include "image/interpolation.h"
#include "image/resize.h"
#include "matte/activation.h"
#include "matte/alpha.h"
#include "matte/coverage.h"
#include "matte/steadying.h"
#include "runtime/executor.h"

namespace backdrop {

// Alpha of one plane of a frame, 0 background to 255 person. kAlphaPadding bytes after a row's last
// pixel can be read; they repeat it.
inline constexpr std::size_t kAlphaPadding = 64;
struct AlphaPlane {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;

  const std::uint8_t* row(int y) const { return data + y * stride; }
};

class Matte {
 public:
  struct Source {
    int width = 0;
    int height = 0;
    OutputKind kind = OutputKind::kProbability;
  };

  // Prepares for a network's output and frames of one format and size. False when there is no
  // memory.
  [[nodiscard]] bool prepare(const Source& source, PixelFormat format, int width, int height,
                             const Executor& executor);

  // How much of the mask before remains where the new one is uncertain; 0 is off, 1 the most.
  void set_steadying(float strength) { steadying_.set_strength(strength); }

  // The next mask has nothing to do with those before.
  void forget() { steadying_.forget(); }

  // Computes the planes from source.width x source.height outputs of the network. Allocates
  // nothing. The mask is steadied over time, enlarged with bilinear interpolation, pixel centres
  // aligned, and averaged by area where the frame is smaller.
  void render(std::span<const float> output, const Coverage& coverage, Executor& executor);

  // The alpha of a frame's plane; chroma has the mean of 2x2 pixels, and exists for YUV only.
  AlphaPlane plane(int plane) const;

 private:
  // A size, with the bytes from one row to the next.
  struct Extent {
    int width = 0;
    int height = 0;
    std::size_t stride = 0;
  };

  void shrink_mask();
  void render_row(RowPair<std::int16_t>& rows, int y, const Ramp& ramp);

  Source source_;
  bool has_chroma_ = false;
  Extent full_, half_, mask_;
  Taps mask_columns_, mask_rows_;  // for a frame smaller than the mask
  std::vector<EnlargedBlock> columns_;
  Steadying steadying_;
  Buffer<float> probabilities_;          // at the network's size
  Buffer<float> narrow_, shrunk_;        // the same with shrunk rows, and no larger than the frame
  Buffer<std::int16_t> values_;          // the mask that is enlarged, in 1/32767
  Buffer<std::int16_t> rows_;            // per thread: two of its rows at the frame's width
  Buffer<std::uint8_t> alpha_, chroma_;  // at the frame's size and at half of it
};

}  // namespace backdrop

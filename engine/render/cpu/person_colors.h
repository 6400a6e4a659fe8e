// The person's own colours along the edge, where the frame's are mixed with the room's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/executor.h"
#include "image/frame.h"
#include "render/cpu/box_blur.h"
#include "render/cpu/matte.h"

namespace backdrop {

// Estimates the person's colour at each pixel: the mean of the frame's colours around it, weighted
// by the matte's person_weight(), the frame's own alpha and a Gaussian (normalized convolution, as
// in BackgroundBlur). The frame is shrunk to cells first. Where no pixel with a weight is near, the
// estimate is black.
class PersonColors {
 public:
  // Prepares for RGBA or BGRA frames of one size. False without memory.
  [[nodiscard]] bool prepare(int width, int height, const Executor& executor);

  // The matte is not limited to the frame's own alpha: how clear a pixel is says nothing of whose
  // its colour is. Allocates nothing.
  void run(const ConstFrame& frame, const Matte& matte, Executor& executor);

  // Whether the pixels of row y that are the person's for certain are opaque.
  bool is_person_opaque(int y) const { return opaque_.data()[y / cell_] != 0; }

  // Writes the pixels [begin, end) of row y of a cut-out: the matte's alpha, limited to the frame's
  // own, and the estimates, which become the frame's own colours as the matte's weight rises. The
  // pointers are to the row's first pixels, and `out` may be `in`. Where alpha is 0 the colour is
  // 0. Returns whether no pixel's own alpha is less than the matte's.
  bool cut_out(const std::uint8_t* in, const std::uint8_t* alpha, int y, int begin, int end,
               std::uint8_t* out) const;

 private:
  std::uint16_t* sums(std::size_t part) { return sums_.data() + part * sums_row_; }
  void sum_cells(const ConstFrame& frame, const Matte& matte, std::size_t part, int row);

  int cell_ = 1;  // pixels of the frame along a cell's side
  BoxBlur blur_;
  FloatImage cells_;  // sums of three colours times weight, in 1/4, and of weight
  Buffer<float> memory_;
  Buffer<std::uint16_t> sums_;  // per thread: a row of pixels, summed along y
  std::size_t sums_row_ = 0;
  Buffer<std::uint8_t> faded_;   // per thread: kMaxRows rows of alpha
  Buffer<std::uint8_t> opaque_;  // for each row of cells: see is_person_opaque()
  float least_weight_ = 0;       // below, the estimate darkens
};

}  // namespace backdrop

// IEEE 754 half precision numbers, as model files store weights.
#pragma once

#include <cstddef>
#include <cstdint>

namespace backdrop {

// Converts `size` little-endian halves, which need no alignment.
void floats_from_halves(const std::uint8_t* halves, std::size_t size, float* floats);

}  // namespace backdrop

// A program of calls of the C API, each frame of which is what a new engine makes of it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace backdrop::fuzz {

enum class Renderers { kCpu, kCpuAndGpu };

// Runs the calls that `bytes` stand for. Ends the program where a frame differs from that of a new
// engine with the same model and settings, or shows the room though the network found nobody.
void run_sequence(const std::uint8_t* bytes, std::size_t size, Renderers renderers);

}  // namespace backdrop::fuzz

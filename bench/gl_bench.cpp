// Milliseconds of GPU time to refine a 256x144 mask, without uploads.
//
// With LP_NUM_THREADS=0 Mesa's software renderer draws in the calling thread. That thread's CPU
// time does not depend on other load.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "render/gl/refiner.h"
#include "gl_device.h"

namespace backdrop {
namespace {

constexpr int kMaskWidth = 256;
constexpr int kMaskHeight = 144;

struct Case {
  RefinementKind kind;
  GLenum mask_format = GL_R8;
  int share = 1;  // the frame's size divided by the refined size
};

gl::Target make_texture(const gl::Functions& functions, GLenum format, int width, int height) {
  auto target = gl::Target::create(functions, format, width, height);
  if (!target) std::abort();
  return *std::move(target);
}

// Stripes with noise.
gl::Target make_frame(const gl::Functions& functions, int width, int height) {
  std::vector<std::uint8_t> rgba;
  for (unsigned i = 0; i < 4 * static_cast<unsigned>(width * height); ++i) {
    rgba.push_back(static_cast<std::uint8_t>((i / 256 % 2 * 100) + (i * 2654435761U >> 28)));
  }
  gl::Target frame = make_texture(functions, GL_RGBA8, width, height);
  frame.upload(GL_RGBA, rgba.data());
  return frame;
}

// A mask of a head and shoulders in the first channel, with edges as soft as a network's.
gl::Target make_mask(const gl::Functions& functions, GLenum format) {
  const std::size_t channels = format == GL_R8 ? 1 : 4;
  std::vector<std::uint8_t> bytes;
  for (int y = 0; y < kMaskHeight; ++y) {
    for (int x = 0; x < kMaskWidth; ++x) {
      const double head = 1 - std::hypot((x - 128) / 28.0, (y - 55) / 36.0);
      const double body = 1 - std::hypot((x - 128) / 75.0, (y - 150) / 60.0);
      const double logit = 30 * std::max(head, body);
      bytes.insert(bytes.end(), channels,
                   static_cast<std::uint8_t>(std::lround(255 / (1 + std::exp(-logit)))));
    }
  }
  gl::Target mask = make_texture(functions, format, kMaskWidth, kMaskHeight);
  mask.upload(format == GL_R8 ? GL_RED : GL_RGBA, bytes.data());
  return mask;
}

void refine(benchmark::State& state, const Case& refined, int width, int height) {
  const auto device = GlDevice::get();
  if (!device) return state.SkipWithError(device.error().message().c_str());
  const gl::Functions& functions = (*device)->functions();
  const gl::Target frame = make_frame(functions, width, height);
  const gl::Target mask = make_mask(functions, refined.mask_format);
  const auto refiner =
      gl::Refiner::create(functions, {refined.kind},
                          {kMaskWidth, kMaskHeight, width / refined.share, height / refined.share});
  if (!refiner) return state.SkipWithError(refiner.error().message().c_str());
  const auto run = [&] { refiner->run(frame.view(), mask.view()); };
  (*device)->seconds(run);  // drivers compile some shaders at the first draw
  for (auto _ : state) state.SetIterationTime((*device)->seconds(run));
  state.SetLabel((*device)->description());
}

[[maybe_unused]] const bool kRegistered = [] {
  const std::pair<const char*, Case> cases[] = {
      {"guided", {RefinementKind::kGuided}},
      {"bilateral", {RefinementKind::kBilateral}},
      {"bilateral, mask in RGBA8", {RefinementKind::kBilateral, GL_RGBA8}},
      {"bilateral, half size", {RefinementKind::kBilateral, GL_R8, 2}},
      {"rational", {RefinementKind::kBilateralRational}},
      {"rational, half size", {RefinementKind::kBilateralRational, GL_R8, 2}},
      {"separable", {RefinementKind::kBilateralSeparable}},
      {"separable, half size", {RefinementKind::kBilateralSeparable, GL_R8, 2}},
  };
  for (const auto& [width, height] : {std::pair{1280, 720}, {1920, 1080}}) {
    for (const auto& [name, refined] : cases) {
      const std::string whole = "refine/" + std::string(name) + "/" + std::to_string(width) + "x" +
                                std::to_string(height);
      benchmark::RegisterBenchmark(whole.c_str(), refine, refined, width, height)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace
}  // namespace backdrop

// Milliseconds of a 1280x720 frame's stages other than inference, on one thread.
//
// BACKDROP_BENCH_128=1 limits natively built kernels to 128-bit SIMD, the width of WebAssembly.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

#include "render/cpu/background_blur.h"
#include "render/cpu/compositor.h"
#include "hwy/highway.h"
#include "image/pixel_buffer.h"
#include "image/sampler.h"
#include "render/cpu/matte.h"
#include "base/executor.h"

namespace backdrop {
namespace {

constexpr int kWidth = 1280;
constexpr int kHeight = 720;
constexpr int kMaskWidth = 256;
constexpr int kMaskHeight = 144;

// A frame, and a mask of a head and shoulders.
struct Scene {
  explicit Scene(PixelFormat frame_format) : format(frame_format) {
    const bool memory =
        frame.create(format, kWidth, kHeight) && out.create(format, kWidth, kHeight) &&
        behind.create(format, kWidth, kHeight) &&
        matte.prepare(kMaskWidth, kMaskHeight, format, kWidth, kHeight, true, executor);
    if (!memory) std::abort();
    for (PixelBuffer* picture : {&frame, &behind}) {
      for (int plane = 0; plane < plane_count(format); ++plane) {
        const int rows = picture->frame().plane_height(plane);
        const auto stride = picture->frame().strides[static_cast<std::size_t>(plane)];
        for (std::ptrdiff_t i = 0; i < rows * stride; ++i) {
          picture->frame().planes[static_cast<std::size_t>(plane)][i] =
              static_cast<std::uint8_t>(i * 2654435761U >> 24 | 3);
        }
      }
    }
    for (int y = 0; y < kMaskHeight; ++y) {
      for (int x = 0; x < kMaskWidth; ++x) {
        const double head = 1 - std::hypot((x - 128) / 28.0, (y - 55) / 36.0);
        const double body = 1 - std::hypot((x - 128) / 75.0, (y - 150) / 60.0);
        mask.push_back(static_cast<float>(1 / (1 + std::exp(-40 * std::max(head, body)))));
      }
    }
    matte.render(mask, {}, executor);
  }

  PixelFormat format;
  SerialExecutor executor;
  PixelBuffer frame, out, behind;
  Matte matte;
  std::vector<float> mask;
};

void sample(benchmark::State& state, PixelFormat format) {
  Scene scene(format);
  Sampler sampler;
  if (!sampler.prepare(format, kWidth, kHeight, {kMaskWidth, kMaskHeight, 0, 1}, scene.executor)) {
    std::abort();
  }
  std::vector<float> input(kMaskWidth * kMaskHeight * 3);
  for (auto _ : state) {
    sampler.run(scene.frame.view(), input.data(), scene.executor);
    benchmark::ClobberMemory();
  }
}

void matte(benchmark::State& state, PixelFormat format) {
  Scene scene(format);
  for (auto _ : state) {
    scene.matte.render(scene.mask, {}, scene.executor);
    benchmark::ClobberMemory();
  }
}

void guided_matte(benchmark::State& state, PixelFormat format) {
  Scene scene(format);
  for (auto _ : state) {
    scene.matte.render_guided(scene.mask, scene.frame.view(), {}, {}, scene.executor);
    benchmark::ClobberMemory();
  }
}

void composite_picture(benchmark::State& state, PixelFormat format) {
  Scene scene(format);
  StoredBackground background(scene.behind.view());
  for (auto _ : state) {
    composite(scene.frame.view(), scene.matte, {}, background, scene.out.frame(), scene.executor);
    benchmark::ClobberMemory();
  }
}

void composite_color(benchmark::State& state, PixelFormat format) {
  Scene scene(format);
  ConstFrame row = scene.behind.view();
  row.strides = {0, 0, 0};
  StoredBackground background(row);
  for (auto _ : state) {
    composite(scene.frame.view(), scene.matte, {}, background, scene.out.frame(), scene.executor);
    benchmark::ClobberMemory();
  }
}

void composite_blur(benchmark::State& state, PixelFormat format) {
  Scene scene(format);
  BackgroundBlur blur;
  HalfPicture half;
  if (!blur.prepare(format, kWidth, kHeight, 0.02 * kHeight, scene.executor) ||
      !half.prepare(kWidth, kHeight, scene.executor)) {
    std::abort();
  }
  for (auto _ : state) {
    half.shrink(scene.frame.view(), scene.executor);
    blur.run(half, scene.matte, {}, scene.executor);
    composite(scene.frame.view(), scene.matte, {}, blur, scene.out.frame(), scene.executor);
    benchmark::ClobberMemory();
  }
}

const bool limited = [] {
  if (std::getenv("BACKDROP_BENCH_128")) {
    hwy::DisableTargets(hwy::SupportedTargets() & (HWY_SSE4 - 1));
  }
  return true;
}();

#define BACKDROP_BENCHMARK(stage)                                                    \
  BENCHMARK_CAPTURE(stage, rgba, PixelFormat::kRgba)->Unit(benchmark::kMillisecond); \
  BENCHMARK_CAPTURE(stage, i420, PixelFormat::kI420)->Unit(benchmark::kMillisecond); \
  BENCHMARK_CAPTURE(stage, nv12, PixelFormat::kNv12)->Unit(benchmark::kMillisecond)

BACKDROP_BENCHMARK(sample);
BACKDROP_BENCHMARK(matte);
BACKDROP_BENCHMARK(guided_matte);
BACKDROP_BENCHMARK(composite_picture);
BACKDROP_BENCHMARK(composite_color);
BACKDROP_BENCHMARK(composite_blur);

}  // namespace
}  // namespace backdrop

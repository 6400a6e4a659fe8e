// Nothing is allocated on a frame's way, once the first frame of its kind has been; how much a load
// allocates; and what a call leaves behind if memory runs out or a thread can't be started.
#include <gtest/gtest.h>

#include <dlfcn.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <vector>

#include "backdrop/backdrop.h"
#include "base/buffer.h"
#include "base/executor.h"
#include "net/network.h"
#include "support.h"
#include "tflite_builder.h"

namespace {

std::atomic<int> allocations = 0;
// Bytes of what is allocated with new, buffers apart, and the most of them so far.
std::atomic<std::size_t> allocated = 0, most_allocated = 0;
std::atomic<long> allocations_left = -1;  // before one fails; negative: none fails
std::atomic<bool> buffers_count = false;  // whether buffers are allocations
[[maybe_unused]] std::atomic<int> threads_left =
    -1;  // before one can't be started; negative: all can

}  // namespace

// The sanitizers have these functions of their own.
#ifndef BACKDROP_TEST_SANITIZED
extern "C" [[gnu::visibility("default")]] void* aligned_alloc(std::size_t alignment,
                                                              std::size_t size) noexcept {
  if (buffers_count) ++allocations;
  if (buffers_count && allocations_left >= 0 && allocations_left-- == 0) return nullptr;
  void* memory = nullptr;
  return posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

extern "C" [[gnu::visibility("default")]] int pthread_create(pthread_t* thread,
                                                             const pthread_attr_t* attributes,
                                                             void* (*start)(void*),
                                                             void* argument) noexcept {
  if (threads_left >= 0 && threads_left-- == 0) return EAGAIN;
  static const auto create =
      reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return create(thread, attributes, start, argument);
}
#endif

// Counts what it allocates.
static void* allocate(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) return nullptr;
  allocated += size;
  most_allocated = std::max<std::size_t>(most_allocated, allocated);
  return memory;
}

// Not inlined: GCC would take the pairs for mismatched.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (allocations_left >= 0 && allocations_left-- == 0) throw std::bad_alloc();
  if (void* memory = allocate(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return allocate(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t size) noexcept {
  if (memory != nullptr) allocated -= size;
  std::free(memory);
}

namespace {

TEST(Allocation, NoneForAFrame) {
  backdrop_engine* engine = backdrop_create(2);
  const std::vector<std::uint8_t> model = backdrop::test::small_network();
  ASSERT_EQ(backdrop_load_model(engine, model.data(), model.size(), nullptr), BACKDROP_OK);

  std::vector<std::uint8_t> pixels(64 * 48 * 4, 100);
  const auto image = [&](backdrop_format format, std::vector<int> strides, int rotation) {
    backdrop_image result{};
    result.format = format;
    result.width = 64;
    result.height = 48;
    result.rotation = rotation;
    std::uint8_t* plane = pixels.data();
    for (std::size_t p = 0; p < strides.size(); ++p) {
      result.strides[p] = strides[p];
      result.planes[p] = plane;
      plane += strides[p] * (p == 0 ? 48 : 24);
    }
    return result;
  };
  const backdrop_image rgba = image(BACKDROP_RGBA, {64 * 4}, 0);
  const std::vector<backdrop_image> frames{rgba, image(BACKDROP_I420, {64, 32, 32}, 0),
                                           image(BACKDROP_NV12, {64, 64}, 0),
                                           image(BACKDROP_I420, {64, 32, 32}, 90)};
  const auto set_background = [&](int which) {
    switch (which) {
      case 0:
        return backdrop_set_background_blur(engine, 5);
      case 1:
        return backdrop_set_background_color(engine, 0x204060);
      case 2:
        return backdrop_set_background_image(engine, &rgba);
      default:
        return backdrop_set_background_none(engine);
    }
  };
  // Four with what keeps mattes: the gate opens and shuts, and nothing fits the budget. The last
  // four with the learned room, too.
  for (int background = 0; background < 12; ++background) {
    if (background == 4) {
      ASSERT_EQ(backdrop_set_motion_gate(engine, 1), BACKDROP_OK);
      ASSERT_EQ(backdrop_set_budget(engine, 1e-6f), BACKDROP_OK);
    }
    if (background == 8) {
      ASSERT_EQ(backdrop_set_learned_room(engine, 1), BACKDROP_OK);
    }
    ASSERT_EQ(set_background(background % 4), BACKDROP_OK);
    for (const backdrop_image& frame : frames) {
      ASSERT_EQ(backdrop_process(engine, &frame, &frame), BACKDROP_OK);
      const int before = allocations;
      for (int i = 0; i < 4; ++i) backdrop_process(engine, &frame, &frame);
      EXPECT_EQ(allocations, before) << "background " << background;
    }
  }
  backdrop_destroy(engine);
}

// Convolutions with filters of 256 KiB, each behind a batch normalization.
std::vector<std::uint8_t> normalized_layers(int count) {
  namespace fb = backdrop::tflite;
  constexpr int kChannels = 256;
  backdrop::test::TfliteBuilder b;
  const std::vector<int> shape{1, 8, 8, kChannels};
  const int input = b.tensor(shape);
  const auto constant = [&](std::vector<int> extents, std::size_t size) {
    return b.floats(std::move(extents), std::vector<float>(size, 0.25F));
  };
  int last = input;
  for (int i = 0; i < count; ++i) {
    for (const auto code : {fb::BuiltinOperator::MUL, fb::BuiltinOperator::ADD}) {
      last = b.apply(code, {last, constant({kChannels}, kChannels)}, shape);
    }
    const int convolved = b.tensor(shape);
    b.convolution(last, constant({kChannels, 1, 1, kChannels}, kChannels * kChannels),
                  constant({kChannels}, kChannels), convolved);
    last = b.apply(fb::BuiltinOperator::RELU, {convolved}, shape);
  }
  return b.finish({input}, {last});
}

// Only packing may copy a filter, and only one filter at a time.
TEST(Allocation, OneFilterAtATimeWhileLoading) {
  constexpr int kLayers = 8;
  const std::vector<std::uint8_t> bytes = normalized_layers(kLayers);
  // Aligned, as filters are only read in place then; a vector's memory is not, on 32-bit ARM.
  auto file = backdrop::Buffer<std::uint8_t>::zeros(bytes.size());
  std::ranges::copy(bytes, file.data());
  backdrop::SerialExecutor executor;
  const std::size_t before = allocated;
  most_allocated = before;
  const auto network = backdrop::Network::plan({file.data(), file.size()}, executor, {}, {},
                                               backdrop::Precision::kFloat);
  ASSERT_TRUE(network) << network.error().message();
  EXPECT_LT(most_allocated - before, file.size() / kLayers * 3 / 2);
  EXPECT_EQ((*network)->graph().nodes.size(), std::size_t{kLayers});
}

// Fails each allocation of call() in turn, in an engine that prepare() has brought to its state;
// check() looks at what a failed call has left.
template <typename Prepare, typename Call, typename Check>
void fail_each_allocation(const Prepare& prepare, const Call& call, const Check& check) {
  constexpr long kMostAllocations = 100000;
  for (long n = 0; n < kMostAllocations; ++n) {
    backdrop_engine* engine = backdrop_create(1);
    prepare(engine);
    allocations_left = n;
    const backdrop_status status = call(engine);
    const bool has_failed = allocations_left < 0;
    allocations_left = -1;
    if (has_failed && status != BACKDROP_OK) {
      ASSERT_EQ(status, BACKDROP_ERROR_MEMORY) << backdrop_last_error(engine);
      check(engine);
    }
    backdrop_destroy(engine);
    if (!has_failed) return;
  }
  FAIL() << "more than " << kMostAllocations << " allocations";
}

TEST(Allocation, ModelStaysIfMemoryRunsOutForAnother) {
  const std::vector<std::uint8_t> model = backdrop::test::small_network();
  std::vector<std::uint8_t> pixels(64 * 48 * 4, 100);
  backdrop_image image{};
  image.width = 64;
  image.height = 48;
  image.strides[0] = 64 * 4;
  image.planes[0] = pixels.data();
  const auto load = [&](backdrop_engine* engine) {
    return backdrop_load_model(engine, model.data(), model.size(), nullptr);
  };
  const auto process = [&](backdrop_engine* engine) {
    return backdrop_process(engine, &image, &image);
  };
  buffers_count = true;
  fail_each_allocation(
      [&](backdrop_engine* engine) {
        ASSERT_EQ(load(engine), BACKDROP_OK);
        ASSERT_EQ(process(engine), BACKDROP_OK);
      },
      load, [&](backdrop_engine* engine) { EXPECT_EQ(process(engine), BACKDROP_OK); });
  buffers_count = false;
}

TEST(Allocation, FrameThatEndsMemoryEndsTheEngine) {
  const std::vector<std::uint8_t> model = backdrop::test::small_network();
  std::vector<std::uint8_t> pixels(64 * 48 * 4, 100);
  std::vector<std::uint8_t> out(pixels.size(), 7);
  backdrop_image image{};
  image.width = 64;
  image.height = 48;
  image.strides[0] = 64 * 4;
  image.planes[0] = pixels.data();
  backdrop_image output = image;
  output.planes[0] = out.data();
  const std::vector<std::uint8_t> untouched = out;
  const auto process = [&](backdrop_engine* engine) {
    return backdrop_process(engine, &image, &output);
  };
  fail_each_allocation(
      [&](backdrop_engine* engine) {
        ASSERT_EQ(backdrop_load_model(engine, model.data(), model.size(), nullptr), BACKDROP_OK);
        out = untouched;
      },
      process,
      [&](backdrop_engine* engine) {
        EXPECT_EQ(out, untouched);
        EXPECT_EQ(process(engine), BACKDROP_ERROR_MEMORY);
      });
}

#ifndef BACKDROP_TEST_SANITIZED
TEST(Allocation, NoEngineWithoutItsThreads) {
  for (int n = 0; n < 7; ++n) {
    threads_left = n;
    EXPECT_EQ(backdrop_create(8), nullptr) << n;
    EXPECT_LT(threads_left, 0) << n;
  }
  backdrop_engine* engine = backdrop_create(8);
  EXPECT_NE(engine, nullptr);
  backdrop_destroy(engine);
}
#endif

TEST(Allocation, NoEngineWithoutMemory) {
  for (int n = 0;; ++n) {
    allocations_left = n;
    backdrop_engine* engine = backdrop_create(2);
    const bool has_failed = allocations_left < 0;
    allocations_left = -1;
    EXPECT_EQ(engine == nullptr, has_failed);
    backdrop_destroy(engine);
    if (!has_failed) break;
  }
}

}  // namespace

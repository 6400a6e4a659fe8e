// Networks of large and odd shapes, which are loaded and never run, while memory runs out: after
// any number of allocations, or beyond a limit. A load succeeds, or says so by a status and leaves
// the network before; nothing is leaked.
#include <fuzzer/FuzzedDataProvider.h>
#include <sanitizer/allocator_interface.h>

#include <cstdlib>
#include <limits>
#include <new>
#include <vector>

#include "backdrop/backdrop.h"
#include "demand.h"
#include "engine.h"
#include "person_network.h"
#include "picture.h"

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 29;  // of a load
constexpr long kNever = std::numeric_limits<long>::max();

struct Allocator {
  bool is_watched = false;
  long left = kNever;  // allocations before one fails
  bool fails_for_good = false;
  std::size_t live = 0;
  bool has_refused = false;

  bool takes(std::size_t size) {
    if (!is_watched) return true;
    const bool fails = left <= 0 || size > kMostBytes || live + size > kMostBytes;
    if (left != kNever && (left > 0 || !fails_for_good)) left = left > 0 ? left - 1 : kNever;
    has_refused |= fails;
    return !fails;
  }
} allocator;

}  // namespace

// The linker lets the engine's calls of these two come here.
extern "C" {
void* __real_aligned_alloc(std::size_t alignment, std::size_t size);
void __real_free(void* memory);

void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {
  if (!allocator.takes(size)) return nullptr;
  void* memory = __real_aligned_alloc(alignment, size);
  if (memory) allocator.live += __sanitizer_get_allocated_size(memory);
  return memory;
}
void __wrap_free(void* memory) {
  if (memory) allocator.live -= __sanitizer_get_allocated_size(memory);
  __real_free(memory);
}
}

void* operator new(std::size_t size) {
  if (!allocator.takes(size)) throw std::bad_alloc();
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (!memory) throw std::bad_alloc();
  allocator.live += __sanitizer_get_allocated_size(memory);
  return memory;
}
// The C++ library does without this memory.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* memory = std::malloc(size);
  if (memory) allocator.live += __sanitizer_get_allocated_size(memory);
  return memory;
}
void operator delete(void* memory) noexcept { __wrap_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { __wrap_free(memory); }

namespace backdrop::fuzz {
namespace {

using Shape = std::vector<int>;

constexpr int kMostWeights = 1 << 16;

// Adds operations, each of which takes the tensor before.
class NetworkMaker {
 public:
  explicit NetworkMaker(FuzzedDataProvider& bytes) : bytes_(bytes) {}

  std::vector<std::uint8_t> make() {
    shape_ = {1, side(), side(), 3};
    const int input = latest_ = b_.tensor(shape_);
    const int count = bytes_.ConsumeIntegralInRange(1, 12);
    for (int i = 0; i < count; ++i) add();
    return b_.finish({input}, {latest_});
  }

 private:
  int side() {
    return bytes_.PickValueInArray({1, 2, 3, 5, 8, 31, 64, 200, 255, 1024, 4096, 4097, 32768, 65535,
                                    65536, 1 << 20, std::numeric_limits<int>::max()});
  }
  int small_side() { return bytes_.PickValueInArray({1, 2, 3, 4, 7, 16, 64, 401, 1024, 65536}); }

  void add() {
    switch (bytes_.ConsumeIntegralInRange(0, 7)) {
      case 0:
        return convolve();
      case 1:
        return convolve_depthwise();
      case 2:
        return pool();
      case 3:
        return resize();
      case 4:
        return concatenate();
      case 5:
        return average();
      case 6:
        return pad();
      default:
        latest_ = b_.apply(tflite::BuiltinOperator::ADD, {latest_, latest_}, shape_);
    }
  }

  static int strided(int size, int stride) { return size / stride + (size % stride != 0); }

  // A constant, if it is not too large to be worth the time.
  int weights(const Shape& shape) {
    double size = 1;
    for (const int extent : shape) size *= extent;
    if (size > kMostWeights) return b_.tensor(shape);
    return b_.floats(shape, std::vector<float>(static_cast<std::size_t>(size), 0.01f));
  }

  void convolve() {
    const int channels = small_side(), stride = bytes_.ConsumeIntegralInRange(1, 3);
    const Shape filter{channels, small_side(), small_side(), shape_[3]};
    shape_ = {1, strided(shape_[1], stride), strided(shape_[2], stride), channels};
    const int output = b_.tensor(shape_);
    b_.convolution(latest_, weights(filter), weights({channels}), output, stride);
    latest_ = output;
  }

  void convolve_depthwise() {
    const int stride = bytes_.ConsumeIntegralInRange(1, 3);
    const int filter = weights({1, small_side(), small_side(), shape_[3]});
    const int bias = weights({shape_[3]});
    shape_ = {1, strided(shape_[1], stride), strided(shape_[2], stride), shape_[3]};
    latest_ = b_.apply(
        tflite::BuiltinOperator::DEPTHWISE_CONV_2D, {latest_, filter, bias}, shape_,
        tflite::CreateDepthwiseConv2DOptions(b_.flat(), tflite::Padding::SAME, stride, stride, 1));
  }

  void pool() {
    const int stride = small_side(), window = small_side();
    shape_ = {1, strided(shape_[1], stride), strided(shape_[2], stride), shape_[3]};
    const auto operation = bytes_.ConsumeBool() ? tflite::BuiltinOperator::MAX_POOL_2D
                                                : tflite::BuiltinOperator::AVERAGE_POOL_2D;
    latest_ = b_.apply(operation, {latest_}, shape_,
                       tflite::CreatePool2DOptions(b_.flat(), tflite::Padding::SAME, stride, stride,
                                                   window, window));
  }

  void resize() {
    const int height = side(), width = side();
    const int size = b_.integers({height, width});
    shape_ = {1, height, width, shape_[3]};
    latest_ = b_.apply(
        tflite::BuiltinOperator::RESIZE_BILINEAR, {latest_, size}, shape_,
        tflite::CreateResizeBilinearOptions(b_.flat(), bytes_.ConsumeBool(), bytes_.ConsumeBool()));
  }

  void concatenate() {
    const int count = bytes_.PickValueInArray({1, 2, 3, 16, 255, 1000});
    if (shape_[3] > std::numeric_limits<int>::max() / count) return;
    shape_[3] *= count;
    latest_ = b_.apply(tflite::BuiltinOperator::CONCATENATION,
                       std::vector<int>(static_cast<std::size_t>(count), latest_), shape_,
                       tflite::CreateConcatenationOptions(b_.flat(), 3));
  }

  void average() {
    shape_ = {1, 1, 1, shape_[3]};
    latest_ = b_.apply(tflite::BuiltinOperator::MEAN, {latest_, b_.integers({1, 2})}, shape_,
                       tflite::CreateReducerOptions(b_.flat(), true));
  }

  void pad() {
    const int rows = small_side(), columns = small_side();
    if (shape_[1] > 1 << 29 || shape_[2] > 1 << 29) return;
    shape_[1] += 2 * rows;
    shape_[2] += 2 * columns;
    const int margins = b_.constant<std::int32_t>({4, 2}, tflite::TensorType::INT32,
                                                  {0, 0, rows, rows, columns, columns, 0, 0});
    latest_ = b_.apply(tflite::BuiltinOperator::PAD, {latest_, margins}, shape_);
  }

  FuzzedDataProvider& bytes_;
  test::TfliteBuilder b_;
  Shape shape_;
  int latest_ = 0;
};

backdrop_status load(backdrop_engine* engine, const std::vector<std::uint8_t>& model,
                     const backdrop_model_options* options = nullptr) {
  return backdrop_load_model(engine, model.data(), model.size(), options);
}

backdrop_status process(backdrop_engine* engine, const Picture& in, const Picture& out) {
  const backdrop_image from = in.image(), to = out.image();
  return backdrop_process(engine, &from, &to);
}

void load_without_memory(FuzzedDataProvider& bytes, backdrop_engine* engine) {
  backdrop_model_options options{};
  if (bytes.ConsumeBool()) {
    options.input_width = bytes.ConsumeIntegralInRange(1, BACKDROP_LARGEST_INPUT);
    options.input_height = bytes.ConsumeIntegralInRange(1, BACKDROP_LARGEST_INPUT);
  }
  const bool fails = bytes.ConsumeBool();
  const long left = bytes.ConsumeIntegralInRange<long>(0, 3000);
  const bool fails_for_good = bytes.ConsumeBool();
  const std::vector<std::uint8_t> model = NetworkMaker(bytes).make();
  allocator.is_watched = true;
  allocator.has_refused = false;
  allocator.left = fails ? left : kNever;
  allocator.fails_for_good = fails_for_good;
  const backdrop_status status = load(engine, model, &options);
  allocator.is_watched = false;
  demand(!allocator.has_refused || status != BACKDROP_OK, "a load without memory fails");
  demand(status != BACKDROP_ERROR_STATE, "a load may come at any time");
  if (status == BACKDROP_OK) {
    const std::vector<std::uint8_t> small = test::person_network(16, 12);
    demand(load(engine, small) == BACKDROP_OK, "another network is loaded");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  const std::size_t before = allocator.live;
  {
    const Engine engine(backdrop_create(1), &backdrop_destroy);
    demand(load(engine.get(), test::person_network(16, 12)) == BACKDROP_OK, "a network");
    demand(backdrop_set_background_color(engine.get(), 0) == BACKDROP_OK, "a background");
    const Form form{.width = 20, .height = 10};
    const Picture frame = std::move(Picture(form).fill_scene(0, 4));
    const Picture first(form), second(form);
    demand(process(engine.get(), frame, first) == BACKDROP_OK, "a frame");
    load_without_memory(bytes, engine.get());
    demand(process(engine.get(), frame, second) == BACKDROP_OK, "a frame of the network before");
    demand(second.has_samples_of(first), "the same frame of the network before");
  }
  demand(allocator.live == before, "all memory is given back");
  return 0;
}

}  // namespace backdrop::fuzz

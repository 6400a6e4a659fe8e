#include "quantized_networks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tflite_builder.h"

namespace backdrop::test {
namespace {

struct Quantization {
  float scale;
  int zero_point;
};

// Of the network's tensors, in order.
constexpr Quantization kInput{1.0F / 255, -128};
constexpr Quantization kFirst{6.0F / 255, -128};
constexpr Quantization kDepthwise{0.05F, -8};
constexpr Quantization kSum{0.07F, -40};
constexpr Quantization kLogits{0.06F, 11};
constexpr Quantization kOutput{1.0F / 256, -128};
constexpr int kChannels = 4;
const std::vector<float> kFirstScales{0.011F, 0.004F, 0.02F, 0.008F};
const std::vector<float> kDepthwiseScales{0.006F, 0.005F, 0.01F, 0.003F};
const std::vector<float> kLastScales{0.006F};

std::vector<std::int8_t> weights(std::size_t count, std::size_t seed) {
  std::vector<std::int8_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<std::int8_t>((i + seed) * (i + 7) * 2654435761U % 4093 % 255 - 127);
  }
  return values;
}

const std::vector<std::int8_t> kFirstFilter = weights(kChannels * 27, 1);
const std::vector<std::int8_t> kDepthwiseFilter = weights(9 * kChannels, 2);
const std::vector<std::int8_t> kLastFilter = {127, -90, 60, -110};
const std::vector<std::int32_t> kFirstBias{20000, -9000, 1000, 300};
const std::vector<std::int32_t> kDepthwiseBias{100, -2000, 3000, 0};
const std::vector<std::int32_t> kLastBias{-1000};

// Of a bias: the product of the input's scale and the filter's.
std::vector<float> products(const Quantization& input, const std::vector<float>& scales) {
  std::vector<float> result;
  for (const float scale : scales) result.push_back(input.scale * scale);
  return result;
}

// With a zero point of 0 for each scale.
Scales symmetric(const std::vector<float>& scales, int dimension = 0) {
  return {scales, std::vector<std::int64_t>(scales.size(), 0), dimension};
}

int activation_tensor(TfliteBuilder& b, std::vector<int> shape, const Quantization& q) {
  return b.quantized(std::move(shape), fb::TensorType::INT8, {{q.scale}, {q.zero_point}});
}

int bias_tensor(TfliteBuilder& b, const std::vector<std::int32_t>& values, const Quantization& in,
                const std::vector<float>& filter_scales) {
  const Scales scales = symmetric(products(in, filter_scales));
  return b.constant({static_cast<int>(values.size())}, fb::TensorType::INT32, values, &scales);
}

// A factor as a fixed-point number of 31 bits and a shift.
struct Multiplier {
  std::int32_t mantissa;
  int shift;
};

Multiplier multiplier_of(double factor) {
  int shift = 0;
  auto mantissa = static_cast<std::int64_t>(std::round(std::frexp(factor, &shift) * 2147483648.0));
  if (mantissa == std::int64_t{1} << 31) {
    mantissa /= 2;
    ++shift;
  }
  return {static_cast<std::int32_t>(mantissa), shift};
}

// The product, rounded half away from zero at both of its steps.
std::int32_t multiply(std::int32_t value, const Multiplier& by) {
  const int left = std::max(by.shift, 0), right = std::max(-by.shift, 0);
  const std::int64_t product =
      static_cast<std::int64_t>(value) * (std::int64_t{1} << left) * by.mantissa;
  const std::int64_t nudge = product >= 0 ? std::int64_t{1} << 30 : 1 - (std::int64_t{1} << 30);
  const std::int64_t high = (product + nudge) / (std::int64_t{1} << 31);
  const std::int64_t mask = (std::int64_t{1} << right) - 1;
  const std::int64_t threshold = (mask >> 1) + (high < 0 ? 1 : 0);
  return static_cast<std::int32_t>((high >> right) + ((high & mask) > threshold ? 1 : 0));
}

std::int32_t to_byte(std::int32_t value) { return std::clamp(value, -128, 127); }

std::int32_t quantize(float value, const Quantization& q) {
  return to_byte(static_cast<std::int32_t>(std::round(value / q.scale)) + q.zero_point);
}

float dequantize(std::int32_t value, const Quantization& q) {
  return static_cast<float>(value - q.zero_point) * q.scale;
}

struct Picture {
  int side, channels;
  std::vector<std::int32_t> values;

  std::int32_t at(int y, int x, int c) const {
    return values[static_cast<std::size_t>((y * side + x) * channels + c)];
  }
};

struct Layer {
  Quantization in, out;
  const std::vector<std::int8_t>& filter;
  const std::vector<std::int32_t>& bias;
  const std::vector<float>& scales;
  int window, stride, channels;
  bool is_depthwise;
  std::int32_t lowest, highest;  // that the activation leaves
};

std::int32_t sum_at(const Picture& in, const Layer& layer, int out_y, int out_x, int o) {
  // SAME padding of even sides: with a stride of 2 it is all below and to the right.
  const int padding = layer.stride == 2 ? 0 : (layer.window - 1) / 2;
  std::int32_t sum = layer.bias[static_cast<std::size_t>(o)];
  for (int tap = 0; tap < layer.window * layer.window; ++tap) {
    const int y = out_y * layer.stride - padding + tap / layer.window;
    const int x = out_x * layer.stride - padding + tap % layer.window;
    if (y < 0 || y >= in.side || x < 0 || x >= in.side) continue;
    const int first = layer.is_depthwise ? o : 0;
    const int last = layer.is_depthwise ? o + 1 : in.channels;
    for (int c = first; c < last; ++c) {
      const int filters = layer.is_depthwise ? 0 : o * layer.window * layer.window;
      const auto weight = static_cast<std::size_t>((filters + tap) * in.channels + c);
      sum += layer.filter[weight] * (in.at(y, x, c) - layer.in.zero_point);
    }
  }
  return sum;
}

Picture convolve(const Picture& in, const Layer& layer) {
  Picture out{in.side / layer.stride, layer.channels, {}};
  for (int i = 0; i < out.side * out.side * out.channels; ++i) {
    const int pixel = i / out.channels, o = i % out.channels;
    const double scale = static_cast<double>(
        layer.scales[layer.scales.size() == 1 ? 0 : static_cast<std::size_t>(o)]);
    const double factor =
        static_cast<double>(layer.in.scale) * scale / static_cast<double>(layer.out.scale);
    const std::int32_t sum = sum_at(in, layer, pixel / out.side, pixel % out.side, o);
    const std::int32_t value = multiply(sum, multiplier_of(factor)) + layer.out.zero_point;
    out.values.push_back(std::clamp(value, layer.lowest, layer.highest));
  }
  return out;
}

// TensorFlow Lite's sum: both operands at twice the larger scale, shifted by 20 bits.
Picture add(const Picture& a, const Quantization& qa, const Picture& b, const Quantization& qb,
            const Quantization& out) {
  constexpr int kShift = 20;
  const double twice = 2 * static_cast<double>(std::max(qa.scale, qb.scale));
  const Multiplier ma = multiplier_of(static_cast<double>(qa.scale) / twice);
  const Multiplier mb = multiplier_of(static_cast<double>(qb.scale) / twice);
  const Multiplier mo = multiplier_of(twice / ((1 << kShift) * static_cast<double>(out.scale)));
  Picture sum = a;
  for (std::size_t i = 0; i < sum.values.size(); ++i) {
    const std::int32_t left = multiply((a.values[i] - qa.zero_point) * (1 << kShift), ma);
    const std::int32_t right = multiply((b.values[i] - qb.zero_point) * (1 << kShift), mb);
    sum.values[i] = to_byte(multiply(left + right, mo) + out.zero_point);
  }
  return sum;
}

// Twice the size, half-pixel centers: weights of a quarter and three quarters, rounded half up.
Picture enlarge(const Picture& in) {
  Picture out{2 * in.side, in.channels, {}};
  for (int i = 0; i < out.side * out.side * out.channels; ++i) {
    const int pixel = i / out.channels, c = i % out.channels;
    const auto taps = [&](int at) {
      const int near = at / 2;
      return std::pair(near, std::clamp(near + (at % 2 == 0 ? -1 : 1), 0, in.side - 1));
    };
    const auto [y, far_y] = taps(pixel / out.side);
    const auto [x, far_x] = taps(pixel % out.side);
    const int sum = 9 * in.at(y, x, c) + 3 * in.at(far_y, x, c) + 3 * in.at(y, far_x, c) +
                    in.at(far_y, far_x, c);
    out.values.push_back(static_cast<std::int32_t>(std::floor(sum / 16.0 + 0.5)));
  }
  return out;
}

}  // namespace

std::vector<std::uint8_t> quantized_network(Ends ends) {
  TfliteBuilder b;
  const int pixels = activation_tensor(b, {1, 8, 8, 3}, kInput);
  int input = pixels;
  if (ends == Ends::kFloats) {
    input = b.tensor({1, 8, 8, 3});
    b.operation(fb::BuiltinOperator::QUANTIZE, {input}, pixels);
  }
  const int first = activation_tensor(b, {1, 4, 4, kChannels}, kFirst);
  const Scales first_scales = symmetric(kFirstScales);
  b.operation(
      fb::BuiltinOperator::CONV_2D,
      {pixels, b.constant({kChannels, 3, 3, 3}, fb::TensorType::INT8, kFirstFilter, &first_scales),
       bias_tensor(b, kFirstBias, kInput, kFirstScales)},
      first, fb::BuiltinOptions::Conv2DOptions,
      fb::CreateConv2DOptions(b.flat(), fb::Padding::SAME, 2, 2, fb::ActivationFunctionType::RELU6)
          .Union());
  const int depthwise = activation_tensor(b, {1, 4, 4, kChannels}, kDepthwise);
  const Scales depthwise_scales = symmetric(kDepthwiseScales, 3);
  b.operation(
      fb::BuiltinOperator::DEPTHWISE_CONV_2D,
      {first,
       b.constant({1, 3, 3, kChannels}, fb::TensorType::INT8, kDepthwiseFilter, &depthwise_scales),
       bias_tensor(b, kDepthwiseBias, kFirst, kDepthwiseScales)},
      depthwise, fb::BuiltinOptions::DepthwiseConv2DOptions,
      fb::CreateDepthwiseConv2DOptions(b.flat(), fb::Padding::SAME, 1, 1, 1).Union());
  const int sum = activation_tensor(b, {1, 4, 4, kChannels}, kSum);
  b.operation(fb::BuiltinOperator::ADD, {first, depthwise}, sum, fb::BuiltinOptions::AddOptions,
              fb::CreateAddOptions(b.flat()).Union());
  const int large = activation_tensor(b, {1, 8, 8, kChannels}, kSum);
  b.operation(fb::BuiltinOperator::RESIZE_BILINEAR, {sum, b.integers({8, 8})}, large,
              fb::BuiltinOptions::ResizeBilinearOptions,
              fb::CreateResizeBilinearOptions(b.flat(), false, true).Union());
  const int logits = activation_tensor(b, {1, 8, 8, 1}, kLogits);
  const Scales last_scales = symmetric(kLastScales);
  b.convolution(large,
                b.constant({1, 1, 1, kChannels}, fb::TensorType::INT8, kLastFilter, &last_scales),
                bias_tensor(b, kLastBias, kSum, kLastScales), logits);
  int output = activation_tensor(b, {1, 8, 8, 1}, kOutput);
  b.operation(fb::BuiltinOperator::LOGISTIC, {logits}, output);
  if (ends == Ends::kFloats)
    output = b.apply(fb::BuiltinOperator::DEQUANTIZE, {output}, {1, 8, 8, 1});
  return b.finish({input}, {output});
}

std::vector<float> run_integers(const std::vector<float>& input) {
  Picture pixels{8, 3, {}};
  for (const float value : input) pixels.values.push_back(quantize(value, kInput));
  const std::int32_t six = std::min(127, kFirst.zero_point + 255);
  const Picture first = convolve(pixels, {kInput, kFirst, kFirstFilter, kFirstBias, kFirstScales, 3,
                                          2, kChannels, false, kFirst.zero_point, six});
  const Picture depthwise = convolve(first, {kFirst, kDepthwise, kDepthwiseFilter, kDepthwiseBias,
                                             kDepthwiseScales, 3, 1, kChannels, true, -128, 127});
  const Picture large = enlarge(add(first, kFirst, depthwise, kDepthwise, kSum));
  const Picture logits = convolve(
      large, {kSum, kLogits, kLastFilter, kLastBias, kLastScales, 1, 1, 1, false, -128, 127});
  std::vector<float> output;
  for (const std::int32_t value : logits.values) {
    const float probability = 1 / (1 + std::exp(-dequantize(value, kLogits)));
    output.push_back(dequantize(quantize(probability, kOutput), kOutput));
  }
  return output;
}

}  // namespace backdrop::test

#include "npy.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "failure.h"

namespace backdrop::cli {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxElements = std::size_t{1} << 30;

// Reads the header, a Python literal of the form {'descr': '<f4', 'fortran_order': False,
// 'shape': (144, 256, 3), }.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  NpyArray parse() {
    expect('{');
    while (!accept('}')) {
      parse_entry();
      if (accept(',')) continue;
      expect('}');
      break;
    }
    skip_space();
    if (!rest_.empty() || !type_ || !order_seen_ || !shape_) fail();
    return {*type_, *std::move(shape_), {}};
  }

 private:
  [[noreturn]] static void fail() { throw Failure("its .npy header is malformed"); }

  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n"), rest_.size()));
  }

  bool accept(char wanted) {
    skip_space();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) fail();
  }

  std::string_view parse_string() {
    skip_space();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    if (quote != '\'' && quote != '"') fail();
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) fail();
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }

  void parse_entry() {
    const std::string_view key = parse_string();
    expect(':');
    if (key == "descr" && !type_) {
      parse_type();
    } else if (key == "fortran_order" && !order_seen_) {
      parse_order();
    } else if (key == "shape" && !shape_) {
      parse_shape();
    } else {
      fail();
    }
  }

  void parse_type() {
    const std::string_view type = parse_string();
    if (type == "|u1") {
      type_ = NpyArray::Type::kUint8;
    } else if (type == "<f4") {
      type_ = NpyArray::Type::kFloat32;
    } else {
      throw Failure("its elements are '" + std::string(type) +
                    "'; uint8 ('|u1') and float32 ('<f4') can be read");
    }
  }

  void parse_order() {
    skip_space();
    if (rest_.starts_with("True")) throw Failure("it is in Fortran order; C order can be read");
    if (!rest_.starts_with("False")) fail();
    rest_.remove_prefix(std::string_view("False").size());
    order_seen_ = true;
  }

  void parse_shape() {
    shape_.emplace();
    expect('(');
    while (!accept(')')) {
      shape_->push_back(parse_number());
      if (accept(',')) continue;
      expect(')');
      break;
    }
  }

  std::size_t parse_number() {
    skip_space();
    std::size_t number = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      number = number * 10 + static_cast<std::size_t>(rest_[digits] - '0');
      if (number > kMaxElements) throw Failure("it is too large");
    }
    if (digits == 0) fail();
    rest_.remove_prefix(digits);
    return number;
  }

  std::string_view rest_;
  std::optional<NpyArray::Type> type_;
  std::optional<std::vector<std::size_t>> shape_;
  bool order_seen_ = false;
};

std::size_t element_count(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t size : shape) {
    count *= size;
    if (count > kMaxElements) throw Failure("it is too large");
  }
  return count;
}

// Takes the part before the elements off `bytes` and returns the header's text.
std::string_view take_header(std::span<const std::uint8_t>& bytes) {
  const std::size_t version_at = kMagic.size();
  if (bytes.size() < version_at + 4 || std::memcmp(bytes.data(), kMagic.data(), version_at) != 0) {
    throw Failure("is no .npy file");
  }
  const int version = bytes[version_at];
  if (version < 1 || version > 3) {
    throw Failure(".npy version " + std::to_string(version) + " is unknown");
  }
  const std::size_t length_size = version == 1 ? 2 : 4;
  const std::size_t header_at = version_at + 2 + length_size;
  if (bytes.size() < header_at) throw Failure("it is truncated");
  std::size_t length = 0;
  std::memcpy(&length, bytes.data() + version_at + 2, length_size);
  if (bytes.size() - header_at < length) throw Failure("it is truncated");
  const auto* text = reinterpret_cast<const char*>(bytes.data() + header_at);
  bytes = bytes.subspan(header_at + length);
  return {text, length};
}

}  // namespace

NpyArray decode_npy(std::span<const std::uint8_t> bytes) {
  NpyArray array = HeaderParser(take_header(bytes)).parse();
  const std::size_t element_size = array.type == NpyArray::Type::kUint8 ? 1 : sizeof(float);
  const std::size_t size = element_count(array.shape) * element_size;
  if (bytes.size() < size) throw Failure("it is truncated");
  if (bytes.size() > size) throw Failure("it holds more than its header says");
  array.data.assign(bytes.begin(), bytes.end());
  return array;
}

Bytes encode_npy(std::span<const float> values, std::span<const std::size_t> shape) {
  constexpr std::size_t kAlignment = 64;
  constexpr std::size_t kPrefixSize = 10;  // magic, version, length
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const std::size_t size : shape) header += std::to_string(size) + ", ";
  header += "), }";
  header.append(kAlignment - (kPrefixSize + header.size() + 1) % kAlignment, ' ');
  header += '\n';

  std::string prefix(kMagic);
  prefix += {'\1', '\0', static_cast<char>(header.size()), static_cast<char>(header.size() >> 8)};
  Bytes bytes;
  bytes.reserve(kPrefixSize + header.size() + values.size_bytes());
  bytes.insert(bytes.end(), prefix.begin(), prefix.end());
  bytes.insert(bytes.end(), header.begin(), header.end());
  const auto* data = reinterpret_cast<const std::uint8_t*>(values.data());
  bytes.insert(bytes.end(), data, data + values.size_bytes());
  return bytes;
}

}  // namespace backdrop::cli

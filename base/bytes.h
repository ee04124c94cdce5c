#ifndef CHIBO_BASE_BYTES_H_
#define CHIBO_BASE_BYTES_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"

namespace chibo {

// Bytes are std::string, as Protobuf and SQLite hand them out: no copies between the layers.
using Bytes = std::string;
using ByteView = std::string_view;

inline const unsigned char* Data(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* Data(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string ToHex(ByteView bytes);
// Even length, digits of either case; nothing else.
std::optional<Bytes> FromHex(std::string_view text);
// RFC 4648 §4, standard alphabet, with padding.
std::string ToBase64(ByteView bytes);
// Canonical form only: right padding, no spare bits, no white space.
std::optional<Bytes> FromBase64(std::string_view text);

// Big-endian, appended.
void AppendU16(Bytes& out, std::uint16_t value);
void AppendU32(Bytes& out, std::uint32_t value);
void AppendU64(Bytes& out, std::uint64_t value);
std::uint16_t ReadU16(ByteView at);
std::uint32_t ReadU32(ByteView at);
std::uint64_t ReadU64(ByteView at);

// Protobuf's base-128 varint, shortest form.
void AppendVarint(Bytes& out, std::uint64_t value);
// Takes a varint from the front of `in`; nothing when cut off, over ten bytes or not the shortest
// form.
std::optional<std::uint64_t> TakeVarint(ByteView& in);
// Takes `size` bytes from the front of `in`; nothing when there are fewer.
std::optional<ByteView> Take(ByteView& in, std::size_t size);

// A value of exactly N bytes with a meaning: a Tag keeps a unit's id from being passed as a
// person's.
template <typename Tag, std::size_t N>
class FixedBytes {
 public:
  static constexpr std::size_t kSize = N;

  // All zero.
  FixedBytes() = default;
  static std::optional<FixedBytes> From(ByteView bytes) {
    if (bytes.size() != N) {
      return std::nullopt;
    }
    FixedBytes value;
    std::memcpy(value.bytes_.data(), bytes.data(), N);
    return value;
  }
  // For bytes whose size the caller has made sure of.
  static FixedBytes FromChecked(ByteView bytes) {
    CHECK(bytes.size() == N);
    return *From(bytes);
  }
  static std::optional<FixedBytes> FromHexText(std::string_view text) {
    const auto bytes = FromHex(text);
    return bytes ? From(*bytes) : std::nullopt;
  }

  ByteView view() const { return {reinterpret_cast<const char*>(bytes_.data()), N}; }
  const unsigned char* data() const { return bytes_.data(); }
  unsigned char* data() { return bytes_.data(); }
  std::string hex() const { return ToHex(view()); }
  bool is_zero() const { return *this == FixedBytes(); }

  friend auto operator<=>(const FixedBytes& a, const FixedBytes& b) = default;

 private:
  std::array<unsigned char, N> bytes_{};
};

}  // namespace chibo

// The first bytes as the hash: values are hashes, keys or random. Never iterate over a table keyed
// by these where the order could show.
template <typename Tag, std::size_t N>
struct std::hash<chibo::FixedBytes<Tag, N>> {
  std::size_t operator()(const chibo::FixedBytes<Tag, N>& value) const noexcept {
    static_assert(N >= sizeof(std::size_t));
    std::size_t value_hash = 0;
    std::memcpy(&value_hash, value.data(), sizeof value_hash);
    return value_hash;
  }
};

#endif  // CHIBO_BASE_BYTES_H_

#ifndef CHIBO_TESTS_FUZZ_READER_H_
#define CHIBO_TESTS_FUZZ_READER_H_

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"

namespace chibo::fuzz {

// Draws decisions from a fuzzer's bytes; zeros when they are used up.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t Byte() {
    const ByteView one = Take(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
  }
  std::uint32_t U16() {
    const std::uint32_t high = Byte();
    return high << 8 | Byte();
  }
  std::uint64_t Below(std::uint64_t bound) { return U16() % bound; }
  // At most so many of what is left.
  ByteView Take(std::size_t size) {
    const ByteView taken = rest_.substr(0, std::min(size, rest_.size()));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  ByteView Rest() { return Take(rest_.size()); }

 private:
  ByteView rest_;
};

}  // namespace chibo::fuzz

#endif  // CHIBO_TESTS_FUZZ_READER_H_

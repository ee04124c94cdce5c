#include "base/random.h"

namespace chibo {

Bytes Random::Draw(std::size_t size) {
  Bytes bytes(size, '\0');
  Fill(Data(bytes), size);
  return bytes;
}

std::uint64_t Random::Below(std::uint64_t bound) {
  CHECK(bound > 0);
  // Draws of the last, incomplete run of `bound` values are thrown away: every value is equally
  // likely.
  const std::uint64_t excess = (UINT64_MAX % bound + 1) % bound;
  for (;;) {
    const std::uint64_t draw = ReadU64(Draw(8));
    if (draw <= UINT64_MAX - excess) {
      return draw % bound;
    }
  }
}

void SeededRandom::Fill(unsigned char* out, std::size_t size) {
  for (std::size_t i = 0; i < size; i += 8) {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    for (std::size_t k = i; k < i + 8 && k < size; ++k) {
      out[k] = static_cast<unsigned char>(z >> 8 * (k - i));
    }
  }
}

}  // namespace chibo

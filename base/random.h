#ifndef CHIBO_BASE_RANDOM_H_
#define CHIBO_BASE_RANDOM_H_

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace chibo {

// Randomness comes into the core through this port. Not thread-safe unless an implementation says
// so.
class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(unsigned char* out, std::size_t size) = 0;

  Bytes Draw(std::size_t size);
  // Uniform below `bound`, which is at least 1; the same on every compiler.
  std::uint64_t Below(std::uint64_t bound);
  template <typename Fixed>
  Fixed DrawFixed() {
    Fixed value;
    Fill(value.data(), Fixed::kSize);
    return value;
  }
};

// The same bytes for the same seed, on every machine: for tests, the simulator and the generator.
// Not for keys.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void Fill(unsigned char* out, std::size_t size) override;

 private:
  std::uint64_t state_;  // SplitMix64 (Steele, Lea, Flood 2014)
};

}  // namespace chibo

#endif  // CHIBO_BASE_RANDOM_H_

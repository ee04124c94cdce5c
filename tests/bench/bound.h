#ifndef CHIBO_TESTS_BENCH_BOUND_H_
#define CHIBO_TESTS_BENCH_BOUND_H_

#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/workload.h"

namespace chibo::bench {

// The least that the same content could take: zstd -19 over the compact form, with a dictionary as
// large as the shipped one but trained on cells of the same workload that are not measured, and 64
// bytes for each signature. No node can have such a dictionary: it knows its own corpus only.
class Bound {
 public:
  // `others`: cells to train on.
  explicit Bound(const std::vector<CellYear>& others);

  std::size_t OfYear(const CellYear& year) const;
  // One sitting alone.
  std::size_t OfSitting(const Sitting& sitting) const;
  // How the dictionary came about, for people.
  const std::string& how() const { return how_; }

 private:
  std::size_t Compressed(std::string_view form) const;

  std::string dictionary_;
  std::string how_;
  // With few cells to train on: what a dictionary trained on many takes off, as recorded.
  double recorded_gain_ = 1;
};

inline constexpr std::size_t kSignatureBytes = 64;

}  // namespace chibo::bench

#endif  // CHIBO_TESTS_BENCH_BOUND_H_

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
  // `others`: cells to train on. `dictionary_bytes`: 0 for as large as the shipped one.
  explicit Bound(const std::vector<CellYear>& others, std::size_t dictionary_bytes = 0);

  std::size_t OfYear(const CellYear& year) const;
  // The same by what dictionaries of this size were found to take off once.
  std::size_t OfYearByRecord(const CellYear& year) const;
  // One sitting alone.
  std::size_t OfSitting(const Sitting& sitting) const;
  // How the dictionary came about, for people.
  const std::string& how() const { return how_; }

 private:
  std::size_t Compressed(std::string_view form) const;

  std::size_t bytes_ = 0;
  std::string dictionary_;
  std::string how_;
  bool by_record_ = false;  // there are too few cells to train on
};

inline constexpr std::size_t kSignatureBytes = 64;

}  // namespace chibo::bench

#endif  // CHIBO_TESTS_BENCH_BOUND_H_

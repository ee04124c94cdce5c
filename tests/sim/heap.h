#ifndef CHIBO_TESTS_SIM_HEAP_H_
#define CHIBO_TESTS_SIM_HEAP_H_

#include <cstdint>

namespace chibo::sim {

// What C++ code has allocated and not yet freed, in bytes. Programs that link this count every
// `operator new`, each thread its own.
std::int64_t HeapBytes();

// While it lives, what is allocated and freed is one machine's.
class HeapShare {
 public:
  explicit HeapShare(std::int64_t& sum) : sum_(sum), before_(HeapBytes()) {}
  HeapShare(const HeapShare&) = delete;
  HeapShare& operator=(const HeapShare&) = delete;
  ~HeapShare() { sum_ += HeapBytes() - before_; }

 private:
  std::int64_t& sum_;
  std::int64_t before_;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_HEAP_H_

#ifndef CHIBO_TESTS_SIM_TRACE_H_
#define CHIBO_TESTS_SIM_TRACE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "proto/ids.h"

namespace chibo::sim {

// Everything that happened, as one hash over a line an event; the lines themselves are printed when
// asked for. Equal hashes: the same run, whatever the compiler.
class Trace {
 public:
  explicit Trace(bool print) : print_(print) {}

  void Note(Tick now, std::string_view line);
  std::uint64_t lines() const { return lines_; }
  const Hash& hash() const { return hash_; }

 private:
  bool print_;
  std::uint64_t lines_ = 0;
  Hash hash_;
};

// How often a rare path was taken. A run reports all of them; one that a night of runs never
// reached says that the simulator no longer looks there.
class Probes {
 public:
  void Reached(const std::string& name) { ++counts_[name]; }
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_TRACE_H_

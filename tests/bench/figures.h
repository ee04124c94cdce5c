#ifndef CHIBO_TESTS_BENCH_FIGURES_H_
#define CHIBO_TESTS_BENCH_FIGURES_H_

#include <set>
#include <string>
#include <vector>

#include "tests/bench/workload.h"

namespace chibo::bench {

// What to measure, and on what.
struct Plan {
  std::vector<CellYear> workload;
  std::set<std::string> ids;  // "P1" …
  std::string directory;      // for databases; exists
  std::size_t small_parent = 10;
  std::size_t middle_parent = 100;
  std::size_t large_parent = 2276;
  std::size_t ingest_cells = 400;
  std::size_t cut_seeds = 8;
  std::size_t meetings = 8;
  std::size_t idle_runs = 300;

  bool wants(const std::string& id) const { return ids.contains(id); }
};

// P1, P3, P4, P5: bytes and virtual time between one cell and its parent.
void MeasureWire(const Plan& plan);
// P2, P7: nothing new, with few and with many cells at the parent.
void MeasureIdle(const Plan& plan);
// P6: what one core takes in.
void MeasureIngest(const Plan& plan);

}  // namespace chibo::bench

#endif  // CHIBO_TESTS_BENCH_FIGURES_H_

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
  // Cells at the parent, growing: 2,276 are those of a whole province.
  std::vector<std::size_t> parents = {10, 100, 1000, 2276, 10'000};
  std::size_t ingest_cells = 400;
  std::size_t ingest_rounds = 3;
  std::size_t cut_seeds = 64;
  std::size_t meetings = 8;
  std::size_t idle_runs = 300;

  bool wants(const std::string& id) const { return ids.contains(id); }
};

// P1, P3, P4, P5: bytes and virtual time between one cell and its parent.
void MeasureWire(const Plan& plan);
// "bound": the bound itself with dictionaries of several sizes, each beside what it was found to be
// once; a check of the bench, not of chibo.
void MeasureBound(const Plan& plan);
// P2, P7: nothing new, with few and with many cells at the parent.
void MeasureIdle(const Plan& plan);
// P6: what one core takes in.
void MeasureIngest(const Plan& plan);

}  // namespace chibo::bench

#endif  // CHIBO_TESTS_BENCH_FIGURES_H_

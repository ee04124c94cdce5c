#ifndef CHIBO_TESTS_BENCH_CELL_RECORDS_H_
#define CHIBO_TESTS_BENCH_CELL_RECORDS_H_

#include <vector>

#include "node/stream_writer.h"
#include "tests/bench/workload.h"

namespace chibo::bench {

// Who writes: the cell, its superior, and the persons that are its members.
struct CellIds {
  UnitId unit;
  UnitId parent;
  std::vector<PersonId> members;
  // Put behind every text, so that no two cells of one workload year write the same.
  std::string mark;

  static CellIds Draw(const UnitId& unit, const UnitId& parent, std::size_t members,
                      Random& random);
};

// How holders of roles stand in the records: `kBodies`, the unit and certificates as bodies without
// the signatures of an authority, which travels byte for byte what the workload says; `kEnrolled`,
// what a cell really writes of them: keys of persons, with their proofs of possession.
enum class Roles { kBodies, kEnrolled };

// One sitting as one entry: a meeting with its minutes, reviews, opinions, tallies, the cell's own
// proposal. Persons, ids and references as a node keeps them; nothing is left out or added.
Draft DraftOf(const Sitting& sitting, const CellIds& ids, Roles roles, Random& random);

}  // namespace chibo::bench

#endif  // CHIBO_TESTS_BENCH_CELL_RECORDS_H_

#ifndef CHIBO_TESTS_BENCH_MANY_CELLS_H_
#define CHIBO_TESTS_BENCH_MANY_CELLS_H_

#include <vector>

#include "sync/exchange.h"
#include "tests/bench/cell_records.h"
#include "tests/sim/sim_node.h"

namespace chibo::bench {

// A cell that has a certified device but no node: what its node would have written is made
// directly.
struct EnrolledCell {
  UnitId unit;
  SigningKey device;
  pb::Record certificate;
};

// Establishes and certifies cells below the parent, in one transaction each for all of them. Codes
// begin with `prefix`.
std::vector<EnrolledCell> EnrolCells(SimNode& parent, const std::string& prefix, std::size_t count,
                                     Random& random, Timestamp now);

// The line stream of such a cell.
class Line {
 public:
  Line(const NetworkId& network, const UnitId& parent, const EnrolledCell& cell, Random& random);

  void Append(const Draft& draft);
  std::uint64_t size() const { return peaks_.size(); }

  // As it travels: the whole line in packed chunks of the size that a session makes.
  struct Packed {
    std::uint64_t from = 0;
    PackedChunk chunk;
    Signature signature;
  };
  std::vector<Packed> Pack() const;
  // What arrives when that is unpacked.
  Result<ReceivedChunk> Received(const Packed& packed) const;

 private:
  void Add(Entry entry);

  NetworkId network_;
  const EnrolledCell& cell_;
  StreamSecrets secrets_;
  StreamId id_;
  std::vector<EntryBytes> entries_;
  std::vector<Signature> signatures_;  // after each entry
  MerklePeaks peaks_;
};

}  // namespace chibo::bench

#endif  // CHIBO_TESTS_BENCH_MANY_CELLS_H_

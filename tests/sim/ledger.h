#ifndef CHIBO_TESTS_SIM_LEDGER_H_
#define CHIBO_TESTS_SIM_LEDGER_H_

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "chibo/entry.pb.h"
#include "tests/sim/machine.h"

namespace chibo::sim {

// One entry, told from any other that may stand at its place.
struct EntryKey {
  StreamId stream;
  std::uint64_t index = 0;
  Hash leaf;

  friend auto operator<=>(const EntryKey&, const EntryKey&) = default;
};

// An entry as it lies in a machine's store.
struct SeenEntry {
  EntryKey key;
  std::uint32_t branch = 0;
  bool own = false;  // of a stream that this machine's device writes
  Bytes header;
  Bytes body;
};

// What a stream is, read from its genesis as it lies in a store.
struct StreamFacts {
  pb::StreamKind kind = pb::STREAM_NONE;
  UnitId unit;
  UnitId other;
  pb::Genesis genesis;
};

// What lies in every machine's store, read by SQL of its own after each step: the simulator's
// knowledge, apart from the product's code. Entries that are new there are handed to `see`.
class Ledger {
 public:
  using See = std::function<void(Machine&, const SeenEntry&)>;
  explicit Ledger(See see) : see_(std::move(see)) {}

  // Looks for entries that are new since the last look.
  void Look(Machine& machine);
  // Forgets what this machine's store held and reads all of it.
  void LookAnew(Machine& machine);

  const std::set<EntryKey>& held(const Machine& machine) { return held_[machine.number()]; }
  // The headers and bodies of what it holds, in bytes.
  std::uint64_t bytes(const Machine& machine) { return bytes_[machine.number()]; }
  const std::map<StreamId, StreamFacts>& streams() const { return streams_; }
  // Every entry that any machine ever held durably, with the machine on which it was first seen.
  const std::map<EntryKey, std::size_t>& known() const { return known_; }

 private:
  void ReadBranch(Machine& machine, std::int64_t no, std::uint32_t branch, std::uint64_t from);

  See see_;
  std::map<std::size_t, std::set<EntryKey>> held_;
  std::map<std::size_t, std::uint64_t> bytes_;
  std::map<std::size_t, std::map<std::pair<std::int64_t, std::uint32_t>, std::uint64_t>> sizes_;
  std::map<StreamId, StreamFacts> streams_;
  std::map<EntryKey, std::size_t> known_;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_LEDGER_H_

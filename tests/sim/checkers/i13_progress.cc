// I13 (and the second half of I1): when faults are over and everybody has talked, every entry that
// is still held anywhere is held by all who may hold its stream. Who may is worked out here from
// the tree as the simulator planted it: a line by its unit and all above; a down stream by its
// unit, all above and all below; a stream to V also by V and the units on the way.
#include <algorithm>

#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

bool MayHold(const World& world, const StreamFacts& stream, const UnitId& holder) {
  if (world.Within(stream.unit, holder)) {
    return true;
  }
  switch (stream.kind) {
    case pb::DOWN:
      return world.Within(holder, stream.unit);
    case pb::TO:
      return world.Within(stream.other, holder);
    default:
      return false;
  }
}

std::string HoldersOf(World& world, const EntryKey& key) {
  std::string holders;
  for (const auto& machine : world.machines()) {
    if (world.ledger().held(*machine).contains(key)) {
      holders += " " + machine->name();
    }
  }
  return holders;
}

class ProgressChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I13"; }

  void AtRest(World& world) override {
    std::set<EntryKey> alive;
    for (const auto& machine : world.machines()) {
      if (!machine->up()) {
        world.Violate(invariant(), machine->name() + " does not come up");
        return;
      }
      // What only a revoked device holds reaches nobody any more, nor does what was made up.
      if (!machine->allowance().revoked && !machine->allowance().hostile) {
        const auto& held = world.ledger().held(*machine);
        alive.insert(held.begin(), held.end());
      }
    }
    for (const auto& machine : world.machines()) {
      if (machine->allowance().revoked || machine->allowance().hostile) {
        continue;
      }
      const UnitId& unit = world.seat(*machine).unit;
      const std::set<EntryKey>& held = world.ledger().held(*machine);
      for (const EntryKey& key : alive) {
        if (world.IsDisowned(key.stream)) {
          continue;
        }
        const StreamFacts& stream = world.ledger().streams().at(key.stream);
        const bool may = MayHold(world, stream, unit);
        if (may != held.contains(key)) {
          world.Violate(invariant(), machine->name() + (may ? " lacks" : " holds") + " entry " +
                                         std::to_string(key.index) + " of stream " +
                                         key.stream.hex().substr(0, 16) + " (" +
                                         pb::StreamKind_Name(stream.kind) + ") at rest, held by" +
                                         HoldersOf(world, key));
          return;
        }
      }
    }
  }
};

}  // namespace

std::unique_ptr<Checker> Progress() { return std::make_unique<ProgressChecker>(); }

}  // namespace chibo::sim

// I1: what a commit has acknowledged is there after any crash of that machine. The list of it is
// kept here, outside of the machine. A disk that was put back promises what it held then; what it
// lost must come back from any other machine that had promised it (I13 looks for that at rest).
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class DurabilityChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I1"; }

  // Nothing is seen before its commit.
  void SeeEntry(World&, Machine& machine, const SeenEntry& entry) override {
    promised_[machine.number()].insert(entry.key);
  }

  void AfterStart(World& world, Machine& machine) override {
    const std::set<EntryKey>& held = world.ledger().held(machine);
    const std::set<EntryKey>& promised = promised_[machine.number()];
    if (promised.size() == held.size()) {
      return;  // all that is held was seen
    }
    for (const EntryKey& key : promised) {
      if (!held.contains(key)) {
        world.Violate(invariant(), machine.name() + " came up without entry " +
                                       std::to_string(key.index) + " of stream " +
                                       key.stream.hex().substr(0, 16) + ", which it had stored");
        return;
      }
    }
  }

  void AfterPutBack(World&, Machine& machine) override { promised_.erase(machine.number()); }

  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up()) {
        AfterStart(world, *machine);
      }
    }
  }

 private:
  std::map<std::size_t, std::set<EntryKey>> promised_;
};

}  // namespace

std::unique_ptr<Checker> Durability() { return std::make_unique<DurabilityChecker>(); }

}  // namespace chibo::sim

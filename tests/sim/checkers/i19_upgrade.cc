// I19: what an older program did not understand counts once a newer one runs: nothing that this
// program knows a kind of is listed as not understood. Until then, and for kinds that nobody knows
// yet, it is kept and passed on to the byte (I2 and I13 look for that of every entry).
#include "chibo/record.pb.h"
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

bool HasMessageOfItsOwn(std::uint32_t kind) {
  return pb::Record::descriptor()->FindFieldByNumber(static_cast<int>(kind)) != nullptr;
}

class UpgradeChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I19"; }

  void SeeEntry(World& world, Machine& machine, const SeenEntry& entry) override {
    pb::EntryHeader header;
    CHECK(header.ParseFromString(entry.header));
    for (const std::uint32_t slot : header.slots()) {
      if (!HasMessageOfItsOwn(slot / 8)) {
        hops_[entry.key].insert(world.seat(machine).depth);
        if (hops_[entry.key].size() == 3) {
          world.Reached("unknown_kind_over_three_hops");
        }
      } else if (machine.older() && IsOfToday(slot / 8)) {
        met_[machine.number()].insert(entry.key);
        world.Reached(entry.own ? "older_program_had_written" : "older_program_took_in");
      }
    }
  }

  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up() && !machine->allowance().hostile) {
        Check(world, *machine);
      }
    }
  }

 private:
  void Check(World& world, Machine& machine) {
    CHECK(machine.node().replica().view().VisitFacts([&](const Fact& fact) {
      if (HasMessageOfItsOwn(fact.kind) && fact.standing == SetAside::kNotUnderstood) {
        world.Violate(invariant(), machine.name() + " does not understand " + ToString(fact.name) +
                                       " of kind " + std::to_string(fact.kind) +
                                       ", which its program knows");
      }
      return true;
    }));
    for (const EntryKey& key : met_[machine.number()]) {
      if (world.ledger().held(machine).contains(key)) {
        world.Reached("understood_after_upgrade");
      }
    }
  }

  std::map<EntryKey, std::set<int>> hops_;
  std::map<std::size_t, std::set<EntryKey>> met_;
};

}  // namespace

std::unique_ptr<Checker> Upgrade() { return std::make_unique<UpgradeChecker>(); }

}  // namespace chibo::sim

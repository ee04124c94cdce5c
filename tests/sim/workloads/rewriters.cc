// A device that wants to write again what it has written: its computer is put back whole, with the
// proof of continuity, and other records take the place of those it had. Where nobody else has seen
// the first ones nobody can tell; where somebody has, there is a fork.
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class RewritersWorkload final : public Workload {
 public:
  std::string_view name() const override { return "rewriters"; }

  void Start(World& world) override {
    dice_ = world.Dice("rewriters");
    std::vector<Machine*> cells;
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role == pb::SECRETARY) {
        cells.push_back(machine.get());
      }
    }
    Machine* machine = cells[dice_.Below(cells.size())];
    world.AtTimes(dice_, 1 + dice_.Below(2), [this, &world, machine] { Begin(world, *machine); });
  }

 private:
  void Begin(World& world, Machine& machine) {
    // Also one that dies with a write under way is put back to where it stood.
    if (!machine.up() || machine.allowance().revoked || machine.allowance().rotten) {
      return;
    }
    auto whole = std::make_shared<Machine::Whole>(machine.BackupWhole());
    const std::uint64_t records = 1 + dice_.Below(3);
    const bool sends = dice_.Below(2) == 0;
    for (std::uint64_t i = 0; i < records; ++i) {
      Write(world, machine);
    }
    if (sends && machine.up()) {
      machine.SyncNow();
    }
    world.events().After(Duration(1 + dice_.Below(3'600'000)), [this, &world, &machine, whole] {
      if (!machine.up() || machine.allowance().revoked) {
        return;
      }
      machine.Crash(false, Duration(1000));
      machine.PutBackWhole(*whole);
      world.Note(machine.name() + " is put back to write anew");
      world.Reached("records_rewritten");
      world.events().After(Duration(2000), [this, &world, &machine] {
        Write(world, machine);
        machine.SyncNow();
      });
    });
  }

  void Write(World& world, Machine& machine) {
    const PersonId person = dice_.DrawFixed<PersonId>();
    world.Act(machine, "writes", [&](Replica& replica) {
      return Record(replica, ReviewOf(person, dice_.Below(100)), {}, machine.Wall());
    });
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Rewriters() { return std::make_unique<RewritersWorkload>(); }

}  // namespace chibo::sim

// Members come and go: people move from one cell to another, and the new cell enters them,
// sometimes before the transfer has arrived.
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class MembersWorkload final : public Workload {
 public:
  std::string_view name() const override { return "members"; }

  void Start(World& world) override {
    dice_ = world.Dice("members");
    std::vector<Machine*> cells;
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role == pb::SECRETARY) {
        cells.push_back(machine.get());
      }
    }
    for (Machine* from : cells) {
      Machine* to = cells[dice_.Below(cells.size())];
      if (to == from || dice_.Below(3) != 0) {
        continue;
      }
      const PersonId person = dice_.DrawFixed<PersonId>();
      const UnitId home = world.seat(*from).unit;
      const UnitId next = world.seat(*to).unit;
      const auto write = [&world](Machine* machine, const pb::Action& action) {
        world.Act(*machine, "moves",
                  [&](Replica& replica) { return Record(replica, action, {}, machine->Wall()); });
      };
      world.AtTimes(dice_, 1, [=] { write(from, RosterOf({person}, home)); });
      world.AtTimes(dice_, 1, [=] { write(from, TransferOf(person, home, next)); });
      world.AtTimes(dice_, 1, [=] { write(to, RosterOf({person}, next)); });
    }
  }

 private:
  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Members() { return std::make_unique<MembersWorkload>(); }

}  // namespace chibo::sim

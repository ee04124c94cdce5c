// A committee's server that shows some of its cells another history than the others: its disk runs
// on a second machine, to which these connect for some hours, and each writes on by itself. In the
// end all cells talk to one and both to the province: the fork is seen.
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class TwinsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "twins"; }

  void Start(World& world) override {
    dice_ = world.Dice("twins");
    std::vector<Machine*> servers;
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role == pb::SERVER && machine.get() != &world.top()) {
        servers.push_back(machine.get());
      }
    }
    Machine* of = servers[dice_.Below(servers.size())];
    world.AtTimes(dice_, 1, [this, &world, of] { Split(world, *of); });
  }

 private:
  void Split(World& world, Machine& of) {
    std::vector<Machine*> cells;
    for (const auto& machine : world.machines()) {
      if (world.parent(*machine) == &of && machine->number() != 0) {
        cells.push_back(machine.get());
      }
    }
    if (!of.up() || of.allowance().rotten || cells.empty()) {
      return;
    }
    Machine& twin = world.AddCopy(of, true, of.name() + "-twin");
    twin.Start();
    world.Reached("server_with_two_histories");
    std::vector<Machine*> misled;
    for (Machine* cell : cells) {
      if (dice_.Below(2) == 0) {
        world.Reseat(*cell, twin);
        misled.push_back(cell);
      }
    }
    for (Machine* server : {&of, &twin}) {
      for (std::uint64_t i = 1 + dice_.Below(3); i > 0; --i) {
        const UnitId home = world.seat(*cells[dice_.Below(cells.size())]).unit;
        world.events().After(Duration(dice_.Below(7'200'000)),
                             [this, &world, server, home] { Write(world, *server, home); });
      }
    }
    for (Machine* cell : cells) {
      world.events().After(Duration(7'200'000 + dice_.Below(7'200'000)),
                           [cell] { cell->SyncNow(); });
    }
    world.events().After(Duration(18'000'000), [&world, &of, misled] {
      for (Machine* cell : misled) {
        world.Reseat(*cell, of);
      }
    });
  }

  void Write(World& world, Machine& server, const UnitId& home) {
    const UnitId& place = world.seat(server).unit;
    const PersonId person = dice_.DrawFixed<PersonId>();
    world.Act(server, "posts", [&](Replica& replica) {
      return Record(replica, PostingOf(person, place, home, place), {}, server.Wall());
    });
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Twins() { return std::make_unique<TwinsWorkload>(); }

}  // namespace chibo::sim

// Somebody makes copies of a data directory and later puts an old one back: of a cell's laptop, of
// a committee's server, of the province's.
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class RestoresWorkload final : public Workload {
 public:
  std::string_view name() const override { return "restores"; }

  void Start(World& world) override {
    dice_ = world.Dice("restores");
    for (const auto& machine : world.machines()) {
      if (dice_.Below(5) == 0) {
        Plan(world, *machine);
      }
    }
  }

 private:
  void Plan(World& world, Machine& machine) {
    auto kept = std::make_shared<std::vector<test::FaultVfs::Image>>();
    kept->push_back(machine.Backup());
    world.AtTimes(dice_, 2, [kept, &machine] {
      if (machine.up() && !machine.allowance().rotten) {
        kept->push_back(machine.Backup());
      }
    });
    world.AtTimes(dice_, 1 + dice_.Below(2), [this, kept, &world, &machine] {
      const test::FaultVfs::Image& image = (*kept)[dice_.Below(kept->size())];
      if (machine.up()) {
        machine.Crash(false, Duration(60'000));
      }
      machine.PutBack(image);
      world.Note(machine.name() + " is put back");
      world.Reached(world.seat(machine).role == pb::SERVER ? "server_put_back" : "cell_put_back");
    });
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Restores() { return std::make_unique<RestoresWorkload>(); }

}  // namespace chibo::sim

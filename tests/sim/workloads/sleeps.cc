// A laptop is closed with everything open, and opened again hours later.
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class SleepsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "sleeps"; }

  void Start(World& world) override {
    dice_ = world.Dice("sleeps");
    for (const auto& machine : world.machines()) {
      world.AtTimes(dice_, dice_.Below(3), [this, &world, raw = machine.get()] {
        if (raw->up()) {
          world.Reached(raw->syncing() ? "slept_while_syncing" : "slept");
          raw->Sleep(Duration(1 + dice_.Below(20'000'000)));
        }
      });
    }
  }

 private:
  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Sleeps() { return std::make_unique<SleepsWorkload>(); }

}  // namespace chibo::sim

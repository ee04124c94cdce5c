// Clocks on the wall jump by years, stand still, run backwards.
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class WrongClocksWorkload final : public Workload {
 public:
  std::string_view name() const override { return "wrong clocks"; }

  void Start(World& world) override {
    dice_ = world.Dice("wrong clocks");
    for (const auto& machine : world.machines()) {
      world.AtTimes(dice_, dice_.Below(4), [this, &world, raw = machine.get()] {
        // Up to fifty years either way.
        const auto hours = static_cast<std::int64_t>(dice_.Below(876'000)) - 438'000;
        const int rate = static_cast<int>(dice_.Below(3)) - 1;
        raw->clock().Jump(world.now(), std::chrono::hours(hours), rate);
        world.Reached("clock_jumped");
      });
    }
  }

 private:
  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> WrongClocks() { return std::make_unique<WrongClocksWorkload>(); }

}  // namespace chibo::sim

// Processes are killed at any moment, and start again a little later.
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class CrashesWorkload final : public Workload {
 public:
  std::string_view name() const override { return "crashes"; }

  void Start(World& world) override {
    dice_ = world.Dice("crashes");
    for (const auto& machine : world.machines()) {
      Machine* raw = machine.get();
      world.AtTimes(dice_, dice_.Below(4), [this, raw] {
        if (raw->up()) {
          raw->Crash(false, Duration(1 + dice_.Below(3'600'000)));
        }
      });
    }
  }

 private:
  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Crashes() { return std::make_unique<CrashesWorkload>(); }

}  // namespace chibo::sim

// A disk is full for some hours.
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class FullDisksWorkload final : public Workload {
 public:
  std::string_view name() const override { return "full disks"; }

  void Start(World& world) override {
    dice_ = world.Dice("full disks");
    for (const auto& machine : world.machines()) {
      if (dice_.Below(4) != 0) {
        continue;
      }
      world.AtTimes(dice_, 1, [this, &world, raw = machine.get()] {
        raw->FillDisk(true);
        world.Reached("disk_full");
        world.events().After(Duration(1 + dice_.Below(36'000'000)),
                             [raw] { raw->FillDisk(false); });
      });
    }
  }

 private:
  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> FullDisks() { return std::make_unique<FullDisksWorkload>(); }

}  // namespace chibo::sim

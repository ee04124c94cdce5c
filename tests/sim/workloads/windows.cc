// When which node syncs: a line is up for a moment now and then, rarely or often.
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class WindowsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "windows"; }
  void Start(World& world) override {
    SeededRandom dice = world.Dice("windows");
    for (const auto& machine : world.machines()) {
      const std::uint64_t count = 1 + dice.Below(2 * world.options().actions);
      world.AtTimes(dice, count, [raw = machine.get()] {
        if (!raw->asleep()) {
          raw->SyncNow();
        }
      });
    }
  }
};

}  // namespace

std::unique_ptr<Workload> Windows() { return std::make_unique<WindowsWorkload>(); }

}  // namespace chibo::sim

// A laptop that has lost its line without hearing of it comes up under another address and connects
// again: two sessions of one pair live side by side, whose bytes and commits mix in any order.
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class RoamersWorkload final : public Workload {
 public:
  std::string_view name() const override { return "roamers"; }

  void Start(World& world) override {
    dice_ = world.Dice("roamers");
    for (const auto& machine : world.machines()) {
      Machine* raw = machine.get();
      if (raw != &world.top()) {
        world.AtTimes(dice_, dice_.Below(4), [this, &world, raw] { Roam(world, *raw); });
      }
    }
  }

 private:
  void Roam(World& world, Machine& machine) {
    if (!machine.up() || machine.asleep()) {
      return;
    }
    machine.SyncNow();
    for (std::uint64_t i = 1 + dice_.Below(2); i > 0; --i) {
      world.events().After(Duration(dice_.Below(6000)), [&world, &machine] {
        if (machine.up() && !machine.asleep() && machine.syncing() &&
            world.ConnectBeside(machine)) {
          world.Reached("two_sessions_of_one_pair");
        }
      });
    }
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Roamers() { return std::make_unique<RoamersWorkload>(); }

}  // namespace chibo::sim

// Some computers run an older program that does not know all kinds of records yet: it keeps them,
// passes them on and lists them; one day it is replaced, and then they count there too (I19).
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class OldersWorkload final : public Workload {
 public:
  std::string_view name() const override { return "olders"; }

  void Start(World& world) override {
    dice_ = world.Dice("olders");
    for (const auto& machine : world.machines()) {
      Machine* raw = machine.get();
      if (dice_.Below(3) != 0) {
        continue;
      }
      raw->RunProgram(true);
      world.Reached("older_program");
      // The others are brought up to date in the end.
      world.AtTimes(dice_, dice_.Below(2), [raw] {
        if (raw->up() && raw->older()) {
          raw->RunProgram(false);
        }
      });
    }
  }

 private:
  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Olders() { return std::make_unique<OldersWorkload>(); }

}  // namespace chibo::sim

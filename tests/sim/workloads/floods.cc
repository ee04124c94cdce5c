// A cell with a good key records and sends small records without end: each is valid. The others go
// on beside it, and nobody's memory or disk grows by more than it was sent (I12, I13).
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

constexpr std::uint64_t kRecords = 150;

class FloodsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "floods"; }

  void Start(World& world) override {
    dice_ = world.Dice("floods");
    std::vector<Machine*> cells;
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role == pb::SECRETARY) {
        cells.push_back(machine.get());
      }
    }
    Machine* flooder = cells[dice_.Below(cells.size())];
    person_ = dice_.DrawFixed<PersonId>();
    world.AtTimes(dice_, 1, [this, &world, flooder] { Go(world, *flooder, kRecords); });
  }

 private:
  // Some at a time, and everything it has at once, whether or not a connection is open already.
  void Go(World& world, Machine& flooder, std::uint64_t left) {
    for (std::uint64_t i = 1 + dice_.Below(12); i > 0 && left > 0; --i, --left) {
      world.Act(flooder, "floods", [&](Replica& replica) {
        return Record(replica, ReviewOf(person_, left), {}, flooder.Wall());
      });
    }
    if (!flooder.up()) {
      return;
    }
    if (flooder.syncing() && !flooder.asleep()) {
      world.ConnectBeside(flooder);
      world.Reached("flooded_on_two_lines");
    }
    flooder.SyncNow();
    for (const auto& machine : world.machines()) {
      if (machine.get() != &flooder && world.parent(*machine) == world.parent(flooder) &&
          machine->number() != 0 && machine->up() && !machine->asleep()) {
        machine->SyncNow();
      }
    }
    if (left == 0) {
      world.Reached("flood");
      return;
    }
    world.events().After(Duration(1 + dice_.Below(60'000)),
                         [this, &world, &flooder, left] { Go(world, flooder, left); });
  }

  SeededRandom dice_{0};
  PersonId person_;
};

}  // namespace

std::unique_ptr<Workload> Floods() { return std::make_unique<FloodsWorkload>(); }

}  // namespace chibo::sim

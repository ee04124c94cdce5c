// A cell's directory is copied to a second computer and both go on: with the proof of continuity
// (the whole computer was copied), then their streams fork; or without it, then the copy begins new
// ones.
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class ClonesWorkload final : public Workload {
 public:
  std::string_view name() const override { return "clones"; }

  void Start(World& world) override {
    dice_ = world.Dice("clones");
    std::vector<Machine*> cells;
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role == pb::SECRETARY) {
        cells.push_back(machine.get());
      }
    }
    Machine* of = cells[dice_.Below(cells.size())];
    world.AtTimes(dice_, 1, [this, &world, of] { Copy(world, *of); });
  }

 private:
  void Copy(World& world, Machine& of) {
    const bool whole = dice_.Below(2) == 0;
    if (!of.up() || of.allowance().revoked || of.allowance().rotten) {
      return;
    }
    Machine& copy = world.AddCopy(of, whole);
    world.Reached(whole ? "computer_copied" : "directory_copied");
    copy.Start();
    for (std::uint64_t i = 1 + dice_.Below(3); i > 0; --i) {
      world.events().After(Duration(dice_.Below(20'000'000)), [this, &world, &copy] {
        world.Act(copy, "copy records", [&](Replica& replica) {
          return Record(replica, ReviewOf(dice_.DrawFixed<PersonId>(), 0), {}, copy.Wall());
        });
      });
      world.events().After(Duration(dice_.Below(20'000'000)), [&copy] { copy.SyncNow(); });
    }
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Clones() { return std::make_unique<ClonesWorkload>(); }

}  // namespace chibo::sim

// A cell says that its committee's streams go on further than the committee itself holds them, with
// entries that it made up: what a server that went back in time would be glad to get.
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/raw_entries.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class LiarsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "liars"; }

  void Start(World& world) override {
    dice_ = world.Dice("liars");
    std::vector<Machine*> cells;
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role == pb::SECRETARY) {
        cells.push_back(machine.get());
      }
    }
    Machine* liar = cells[dice_.Below(cells.size())];
    liar->allowance().hostile = true;
    world.AtTimes(dice_, 1 + dice_.Below(3), [this, &world, liar] { Lie(world, *liar); });
  }

 private:
  void Lie(World& world, Machine& liar) {
    bool lied = false;
    world.Act(liar, "makes up", [&](Replica& replica) -> Status {
      for (const Stream* stream : replica.streams().All()) {
        const bool fits = !stream->own && stream->kind != pb::LINE &&
                          stream->branches.size() == 1 &&
                          stream->branches.front().signed_size == stream->size();
        if (fits && dice_.Below(2) == 0) {
          lied = true;
          return AppendRaw(liar, *stream, {static_cast<std::uint32_t>(pb::Record::kUnit), "x"});
        }
      }
      return {};
    });
    if (lied && liar.up()) {
      world.Reached("entry_made_up");
      liar.Crash(false, Duration(1000));
    }
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Liars() { return std::make_unique<LiarsWorkload>(); }

}  // namespace chibo::sim

// A cell runs a newer program and records a kind that nobody else knows yet: it is kept, passed on
// and listed everywhere.
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/raw_entries.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

constexpr std::uint32_t kKindOfTomorrow = 9999;

class NewerWorkload final : public Workload {
 public:
  std::string_view name() const override { return "newer"; }

  void Start(World& world) override {
    dice_ = world.Dice("newer");
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role == pb::SECRETARY && dice_.Below(4) == 0) {
        world.AtTimes(dice_, 1, [this, &world, raw = machine.get()] { Write(world, *raw); });
      }
    }
  }

 private:
  void Write(World& world, Machine& machine) {
    bool written = false;
    world.Act(machine, "records a new kind", [&](Replica& replica) -> Status {
      for (const Stream* stream : replica.streams().All()) {
        const bool fits = stream->own && !stream->retired && stream->kind == pb::LINE &&
                          stream->branches.size() == 1;
        if (fits) {
          written = true;
          CHIBO_TRY(AppendRaw(machine, *stream, {kKindOfTomorrow, dice_.Draw(40)}));
          break;
        }
      }
      return {};
    });
    if (!written || !machine.up()) {
      return;
    }
    world.Reached("unknown_kind_recorded");
    machine.Crash(false, Duration(1000));
    world.events().After(Duration(2000), [&world, &machine] {
      world.Act(machine, "rebuilds", [](Replica& replica) { return replica.RebuildView(); });
    });
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Newer() { return std::make_unique<NewerWorkload>(); }

}  // namespace chibo::sim

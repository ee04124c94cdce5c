// The secretary and the deputy of a cell each record the same meeting on their own machine.
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class MeetingsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "meetings"; }

  void Start(World& world) override {
    dice_ = world.Dice("meetings");
    for (const auto& deputy : world.machines()) {
      if (world.seat(*deputy).role != pb::DEPUTY || dice_.Below(2) == 0) {
        continue;
      }
      const std::vector<PersonId> persons{dice_.DrawFixed<PersonId>(), dice_.DrawFixed<PersonId>()};
      const std::uint64_t number = dice_.Below(20);
      for (const auto& machine : world.machines()) {
        if (world.seat(*machine).unit == world.seat(*deputy).unit) {
          world.AtTimes(dice_, 1, [&world, raw = machine.get(), persons, number] {
            if (world.Act(*raw, "records a meeting", [&](Replica& replica) {
                  return Record(replica, MeetingOf(persons, number), {}, raw->Wall());
                })) {
              world.Reached("same_meeting_recorded");
            }
          });
        }
      }
    }
  }

 private:
  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Meetings() { return std::make_unique<MeetingsWorkload>(); }

}  // namespace chibo::sim

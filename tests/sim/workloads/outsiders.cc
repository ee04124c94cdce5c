// Devices with a good key and the wrong scope: a committee's server begins streams in the name of
// the province, a cell's device streams of kinds that cells do not write. Those below or above take
// them in; nothing in them counts anywhere.
#include <set>

#include "proto/record.h"
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/workloads/raw_entries.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class OutsidersWorkload final : public Workload {
 public:
  std::string_view name() const override { return "outsiders"; }

  void Start(World& world) override {
    dice_ = world.Dice("outsiders");
    Machine* outsider = world.machines()[1 + dice_.Below(world.machines().size() - 1)].get();
    world.AtTimes(dice_, 1 + dice_.Below(2), [this, &world, outsider] { Begin(world, *outsider); });
  }

  void Check(World& world) override {
    for (const auto& machine : world.machines()) {
      CHECK(machine->node().replica().view().VisitFacts([&](const Fact& fact) {
        if (begun_.contains(fact.name.stream)) {
          world.Reached("outsiders_record_judged");
          if (fact.counts()) {
            world.Violate("I3", machine->name() +
                                    " counts what an outsider wrote: " + ToString(fact.name) +
                                    " as " + pb::StreamKind_Name(fact.stream_kind));
          }
        }
        return true;
      }));
    }
  }

 private:
  void Begin(World& world, Machine& outsider) {
    const World::Seat& seat = world.seat(outsider);
    const UnitId& above = world.seat(*world.parent(outsider)).unit;
    const bool server = seat.role == pb::SERVER;
    const bool down = dice_.Below(2) == 0;
    // What may stand in a line alone; in the superior's name also what may stand there.
    const PersonId person = dice_.DrawFixed<PersonId>();
    const pb::Action action = dice_.Below(2) == 0 && server
                                  ? PostingOf(person, above, seat.unit, above)
                                  : RosterOf({person}, seat.unit);
    if (outsider.allowance().revoked) {
      return;
    }
    std::optional<StreamId> begun;
    const bool done = world.Act(outsider, "speaks for others", [&](Replica&) -> Status {
      const pb::Record& record = action.records(0);
      const RawRecord raw{static_cast<std::uint32_t>(record.body_case()), PayloadOf(record)};
      CHIBO_TRY_VALUE(begun, server ? BeginRaw(outsider, pb::DOWN, above, UnitId(), raw)
                             : down ? BeginRaw(outsider, pb::DOWN, seat.unit, UnitId(), raw)
                                    : BeginRaw(outsider, pb::TO, seat.unit, above, raw));
      return {};
    });
    if (begun) {
      begun_.insert(*begun);
      world.Disown(*begun);
    }
    if (done && outsider.up()) {
      world.Reached(server ? "server_speaks_for_its_superior" : "cell_speaks_as_a_committee");
      outsider.RunProgram(outsider.older());  // a view that knows of it
    }
  }

  SeededRandom dice_{0};
  std::set<StreamId> begun_;
};

}  // namespace

std::unique_ptr<Workload> Outsiders() { return std::make_unique<OutsidersWorkload>(); }

}  // namespace chibo::sim

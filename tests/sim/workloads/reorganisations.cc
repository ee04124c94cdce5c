// The committee renames, merges, splits and dissolves cells while these are offline and write on.
#include <array>

#include "node/recorder.h"
#include "proto/signed_object.h"
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

// What the next change of a unit names: the record of its last change, or of its establishment.
Result<Bytes> PreviousOf(const Replica& replica, const UnitId& unit) {
  const auto history = replica.projector().organisation().HistoryOf(unit);
  if (history.empty()) {
    return Fail(Code::kNotFound, "unit_unknown", unit.hex());
  }
  CHIBO_TRY_VALUE(const auto fact, replica.view().FactAt(history.back(), 0));
  if (!fact || fact->record == nullptr) {
    return Fail(Code::kNotFound, "unit_unknown", unit.hex());
  }
  return Bytes(BodyDigest(*fact->record).view());
}

class ReorganisationsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "reorganisations"; }

  void Start(World& world) override {
    dice_ = world.Dice("reorganisations");
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role == pb::SERVER && dice_.Below(2) == 0) {
        world.AtTimes(dice_, 1 + dice_.Below(2),
                      [this, &world, raw = machine.get()] { Change(world, *raw); });
      }
    }
  }

 private:
  void Change(World& world, Machine& server) {
    std::vector<UnitId> below;
    for (const auto& machine : world.machines()) {
      const World::Seat& seat = world.seat(*machine);
      if (world.parent(*machine) == &server && seat.role == pb::SECRETARY) {
        below.push_back(seat.unit);
      }
    }
    constexpr std::array kKinds{pb::RENAME, pb::MERGE, pb::SPLIT, pb::DISSOLVE};
    const pb::ChangeKind kind = kKinds[dice_.Below(kKinds.size())];
    const std::uint64_t first = dice_.Below(1000);
    const std::uint64_t second = dice_.Below(1000);
    if (below.size() < 2) {
      return;
    }
    const UnitId& from = below[first % below.size()];
    const UnitId& into = below[second % below.size()];
    if (kind != pb::RENAME && from == into) {
      return;
    }
    const std::uint64_t number = ++number_;
    const bool done = world.Act(server, "changes a unit", [&](Replica& replica) -> Status {
      pb::Action action;
      pb::UnitChangeBody& body = *action.add_records()->mutable_unit_change()->mutable_body();
      body.set_kind(kind);
      body.add_from(Bytes(from.view()));
      body.set_effective(20191001);
      body.set_decision_no(std::to_string(number) + "-QĐ/ĐU");
      if (kind == pb::RENAME) {
        body.set_name("Chi bộ đổi tên lần " + std::to_string(number));
      } else {
        body.add_into(Bytes(into.view()));
      }
      if (kind == pb::SPLIT) {
        body.add_into(Bytes(from.view()));
      }
      CHIBO_TRY_VALUE(const Bytes previous, PreviousOf(replica, from));
      body.add_previous(previous);
      Signers signers;
      CHIBO_TRY_VALUE(signers.officer, server.node().FindOfficer());
      return Record(replica, action, signers, server.Wall());
    });
    if (done) {
      world.Reached("unit_change_" + pb::ChangeKind_Name(kind));
    }
  }

  SeededRandom dice_{0};
  std::uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<Workload> Reorganisations() { return std::make_unique<ReorganisationsWorkload>(); }

}  // namespace chibo::sim

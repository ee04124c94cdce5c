// The secretary and the deputy of a cell each record the same meeting on their own machine, not
// quite alike; once one of them holds both, the chair picks the one that goes on.
#include "chibo/view.pb.h"
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

pb::Ref RefOf(const RecordName& name) {
  pb::Ref ref;
  ref.set_stream(Bytes(name.stream.view()));
  ref.set_index(name.index);
  ref.set_position(name.position);
  return ref;
}

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
            Meet(world, *raw, persons, number);
          });
          world.AtTimes(dice_, 2, [this, &world, raw = machine.get(), chair = persons.front()] {
            Choose(world, *raw, chair);
          });
        }
      }
    }
  }

  // Where the choice counts, the meeting is no open case any more.
  void Check(World& world) override {
    for (const auto& machine : world.machines()) {
      const Replica& replica = machine->node().replica();
      std::set<RecordName> settled;
      for (const auto& [choice, chosen] : choices_) {
        const auto fact = replica.view().FactAt(choice, 0);
        CHECK(fact.has_value());
        if (*fact && (*fact)->counts()) {
          settled.insert(chosen);
        }
      }
      CHECK(replica.view().VisitDerived(DerivedTable::kCase, [&](const DerivedRow& derived) {
        pb::CaseRow row;
        CHECK(row.ParseFromString(derived.value));
        if (row.type() == pb::CASE_DUPLICATE_MEETING) {
          Look(world, *machine, settled, row);
        }
        return true;
      }));
    }
  }

 private:
  static void Meet(World& world, Machine& machine, const std::vector<PersonId>& persons,
                   std::uint64_t number) {
    pb::Action action = MeetingOf(persons, number);
    action.mutable_records(0)->mutable_meeting()->add_topics("Ghi tại " + machine.name());
    if (world.Act(machine, "records a meeting",
                  [&](Replica& replica) { return Record(replica, action, {}, machine.Wall()); })) {
      world.Reached("same_meeting_recorded");
    }
  }

  void Choose(World& world, Machine& machine, const PersonId& chair) {
    std::optional<RecordName> written;
    std::vector<RecordName> held;
    world.Act(machine, "chooses a meeting", [&](Replica& replica) -> Status {
      CHIBO_TRY_VALUE(const auto facts, replica.view().FactsOf(KeyOfKind(pb::Record::kMeeting)));
      for (const Fact& fact : facts) {
        if (fact.counts() && fact.record->meeting().chair() == chair.view()) {
          held.push_back(fact.name);
        }
      }
      if (held.size() < 2) {
        return Fail(Code::kNotFound, "record_not_held");
      }
      pb::Action action;
      pb::DuplicateChoice& choice = *action.add_records()->mutable_duplicate_choice();
      *choice.mutable_canonical() = RefOf(held.front());
      *choice.add_duplicates() = RefOf(held.back());
      choice.set_reason("Chủ trì chọn");
      return Record(replica, action, {}, machine.Wall(), &written);
    });
    if (written) {
      choices_[*written] = held.front();
      world.Reached("meeting_chosen");
    }
  }

  void Look(World& world, const Machine& machine, const std::set<RecordName>& settled,
            const pb::CaseRow& row) {
    bool chosen = false;
    for (const pb::Ref& ref : row.evidence()) {
      const RecordName name{StreamId::FromChecked(ref.stream()), ref.index(), ref.position()};
      chosen = chosen || settled.contains(name);
    }
    world.Reached(row.state() == pb::CASE_CLOSED ? "duplicate_meeting_settled"
                                                 : "duplicate_meeting_open");
    if (chosen && row.evidence_size() == 2 && row.state() != pb::CASE_CLOSED) {
      world.Violate("I16", machine.name() + " still asks which record of a meeting goes on");
    }
  }

  SeededRandom dice_{0};
  std::map<RecordName, RecordName> choices_;  // what goes on, by the choice
};

}  // namespace

std::unique_ptr<Workload> Meetings() { return std::make_unique<MeetingsWorkload>(); }

}  // namespace chibo::sim

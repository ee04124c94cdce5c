// A cell's year: meetings with minutes, vote sessions with tallies, review reports, proposals (also
// of the same person from two places), and decisions of the committee, early and late.
#include <array>
#include <map>

#include "node/decide.h"
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

constexpr std::array kGrades{pb::KHTNV, pb::HTNV, pb::HTTNV, pb::HTXSNV};

class ReviewsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "reviews"; }

  void Setup(World& world) override {
    dice_ = world.Dice("reviews");
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role != pb::SECRETARY) {
        continue;
      }
      const UnitId& cell = world.seat(*machine).unit;
      for (std::uint64_t i = 3 + dice_.Below(3); i > 0; --i) {
        persons_[cell].push_back(dice_.DrawFixed<PersonId>());
      }
      CHECK(world.Act(*machine, "roster", [&](Replica& replica) {
        return Record(replica, RosterOf(persons_[cell], cell), {}, machine->Wall());
      }));
    }
  }

  void Start(World& world) override {
    for (const auto& machine : world.machines()) {
      Machine* raw = machine.get();
      if (world.seat(*raw).role == pb::SERVER) {
        world.AtTimes(dice_, 1 + dice_.Below(3),
                      [this, &world, raw] { DecideAgreed(world, *raw); });
        world.AtTimes(dice_, dice_.Below(3), [this, &world, raw] { Post(world, *raw); });
        continue;
      }
      world.AtTimes(dice_, 1 + dice_.Below(2 * world.options().actions),
                    [this, &world, raw] { Write(world, *raw); });
    }
  }

 private:
  const PersonId& AnyOf(const std::vector<PersonId>& persons) {
    return persons[dice_.Below(persons.size())];
  }

  pb::Action Draw(World& world, const std::vector<PersonId>& persons) {
    ++number_;
    switch (dice_.Below(5)) {
      case 0:
        return MeetingOf(persons, number_);
      case 1:
        return VoteOn(persons, number_, dice_, world.ballots());
      case 2:
        return ReviewOf(AnyOf(persons), number_);
      default: {
        const PersonId& person = AnyOf(persons);
        return ProposalFor(person, kGrades[dice_.Below(kGrades.size())]);
      }
    }
  }

  void Write(World& world, Machine& machine) {
    const auto persons = persons_.find(world.seat(machine).unit);
    pb::Action action = Draw(world, persons->second);
    // Now and then nobody thinks of what was proposed before, and both words stand.
    const bool thinks = dice_.Below(4) != 0 && action.records(0).has_proposal();
    world.Act(machine, "records", [&](Replica& replica) -> Status {
      if (thinks) {
        CHIBO_TRY(TakeBackEarlier(replica, action));
      }
      return Record(replica, action, {}, machine.Wall());
    });
  }

  // Somebody who is also reviewed at the committee, with a level of its own there: a conflict.
  void Post(World& world, Machine& server) {
    const auto at = dice_.Below(persons_.size());
    auto home = persons_.begin();
    std::advance(home, static_cast<std::ptrdiff_t>(at));
    const PersonId& person = AnyOf(home->second);
    const pb::Grade grade = kGrades[dice_.Below(kGrades.size())];
    const UnitId& place = world.seat(server).unit;
    world.Act(server, "posts", [&](Replica& replica) {
      return Record(replica, PostingOf(person, place, home->first, place), {}, server.Wall());
    });
    if (world.Act(server, "proposes", [&](Replica& replica) {
          return Record(replica, ProposalFor(person, grade), {}, server.Wall());
        })) {
      world.Reached("proposal_from_a_second_place");
    }
  }

  void DecideAgreed(World& world, Machine& server) {
    const std::uint64_t number = ++number_;
    bool decided = false;
    world.Act(server, "decides", [&](Replica& replica) -> Status {
      CHIBO_TRY_VALUE(const Issuer officer, server.node().FindOfficer());
      DecisionRequest request;
      request.authority = world.seat(server).unit;
      request.period = kPeriod;
      request.number = std::to_string(number) + "-QĐ/ĐU";
      request.date = 20191220;
      request.issuer = officer.certificate.value_or(CertificateId());
      request.all_agreed = true;
      CHIBO_TRY_VALUE(const Decided done, Decide(replica, officer, request, false, server.Wall()));
      decided = done.signed_and_recorded;
      return {};
    });
    if (decided) {
      world.Reached("decision");
    }
  }

  SeededRandom dice_{0};
  std::map<UnitId, std::vector<PersonId>> persons_;
  std::uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<Workload> Reviews() { return std::make_unique<ReviewsWorkload>(); }

}  // namespace chibo::sim

// I16: what stands in the top committee's table follows from what was proposed and decided. Of a
// person whom nobody has decided about: the level is the one that all proposals name that stand
// (that none of the same unit names as replaced; of a committee only where it has posted that
// person), none where they differ, and nobody is graded.
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

struct Said {
  pb::Grade grade = pb::GRADE_NONE;
  UnitId place;
};
using Saying = std::map<RecordName, Said>;

class GradingChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I16"; }

  void AtRest(World& world) override {
    Machine& top = world.top();
    if (!top.up()) {
      return;
    }
    Read(top);
    for (const auto& [person, saying] : said_) {
      if (!decided_.contains(person) && !unclear_.contains(person)) {
        Check(world, top, person, saying);
      }
    }
  }

 private:
  void Read(Machine& top) {
    const Status read = top.node().replica().view().VisitFacts([&](const Fact& fact) {
      if (fact.record != nullptr) {
        Take(fact);
      }
      return true;
    });
    CHECK(read.has_value());
  }

  void Take(const Fact& fact) {
    const pb::Record& record = *fact.record;
    const bool counts = fact.standing == SetAside::kCounts;
    if (record.has_decision()) {
      for (const pb::DecisionRow& row : record.decision().body().rows()) {
        decided_.insert(row.subject().id());
      }
    } else if (record.has_unit_change() && record.unit_change().body().kind() != pb::RENAME) {
      for (const Bytes& unit : record.unit_change().body().from()) {
        changed_.insert(unit);
      }
    } else if (record.has_posting() && counts) {
      posted_.insert({record.posting().person(), fact.unit});
    } else if (record.has_membership() && counts) {
      const auto [home, fresh] = home_.emplace(record.membership().person(), fact.unit);
      if (!fresh && home->second != fact.unit) {
        unclear_.insert(record.membership().person());
      }
    } else if (record.has_transfer()) {
      unclear_.insert(record.transfer().person());
    } else if (record.has_proposal() && !counts) {
      unclear_.insert(record.proposal().subject().id());
    } else if (record.has_proposal()) {
      said_[record.proposal().subject().id()][fact.name] = {record.proposal().grade(), fact.unit};
      for (const pb::Ref& ref : record.proposal().supersedes()) {
        replaced_.insert({fact.unit, *NameOf(ref)});
      }
    }
  }

  void Check(World& world, Machine& top, const Bytes& person, const Saying& saying) {
    std::set<pb::Grade> grades;
    for (const auto& [name, said] : saying) {
      const auto home = home_.find(person);
      // Where a unit has ended, what it said is an opinion, and its members are elsewhere.
      if (home == home_.end() || changed_.contains(Bytes(home->second.view())) ||
          changed_.contains(Bytes(said.place.view()))) {
        return;
      }
      if (replaced_.contains({said.place, name})) {
        world.Reached("proposal_replaced");
        continue;
      }
      if (said.place == home->second || posted_.contains({person, said.place})) {
        grades.insert(said.grade);
      }
    }
    const pb::Grade expected = grades.size() == 1 ? *grades.begin() : pb::GRADE_NONE;
    pb::Subject subject;
    subject.set_kind(pb::MEMBER);
    subject.set_id(person);
    const OutcomeRows rows(top.node().replica().view());
    const auto row = rows.Find(*SubjectId::From(subject), "2019");
    CHECK(row.has_value());
    world.Reached(grades.size() > 1 ? "differing_proposals_checked" : "proposal_checked");
    if (!*row || (*row)->proposed() != expected || (*row)->state() == pb::GRADED) {
      world.Violate(invariant(), top.name() + " shows level " +
                                     std::to_string(*row ? (*row)->proposed() : 0) + " for " +
                                     ToHex(person).substr(0, 8) + ", of which " +
                                     std::to_string(grades.size()) + " levels are proposed");
    }
  }

  std::map<Bytes, Saying> said_;
  std::map<Bytes, UnitId> home_;
  std::set<std::pair<Bytes, UnitId>> posted_;
  std::set<std::pair<UnitId, RecordName>> replaced_;
  std::set<Bytes> decided_;
  std::set<Bytes> changed_;  // units
  std::set<Bytes> unclear_;
};

}  // namespace

std::unique_ptr<Checker> Grading() { return std::make_unique<GradingChecker>(); }

}  // namespace chibo::sim

// What a decision is held against before it is signed, and how it is drafted.
#include "domain/decision.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/domain/commune.h"

namespace chibo {
namespace {

class Decisions : public testing::Test {
 protected:
  DecisionRequest Request(const std::string& authority) {
    DecisionRequest request;
    request.authority = Commune::Unit(authority);
    request.period = "2019";
    request.number = "11-QĐ/ĐU";
    request.date = 20191220;
    return request;
  }
  std::vector<pb::DecisionBody> Draft(const DecisionRequest& request) {
    const Rows rows = world.All();
    auto parts = DraftDecision(world.context(), rows, request);
    CHECK(parts.has_value());
    return *std::move(parts);
  }
  std::vector<DecisionFinding> Check(const std::vector<pb::DecisionBody>& parts) {
    const Rows rows = world.All();
    auto findings = CheckDecision(world.context(), rows, parts);
    CHECK(findings.has_value());
    return *std::move(findings);
  }
  static std::set<std::string> RulesOf(const std::vector<DecisionFinding>& findings) {
    std::set<std::string> rules;
    for (const DecisionFinding& one : findings) {
      if (one.finding.severity == Severity::kBlock && !one.overridden) {
        rules.insert(one.finding.rule);
      }
    }
    return rules;
  }
  std::set<std::string> RulesAgainst(const std::string& authority, const Choice& choice) {
    DecisionRequest request = Request(authority);
    request.choices = {choice};
    return RulesOf(Check(Draft(request)));
  }

  Commune world;
  const SubjectId a = Commune::Member("a");
};

// Whoever decides without the papers is told that nobody here has looked.
TEST_F(Decisions, APaperThatDoesNotComeUpIsSaidToBeOutOfSight) {
  world.Enter("xa-1", "a");
  const Fact proposal = world.Propose("xa-1", a, pb::HTTNV);
  DecisionRequest request = Request("district");
  request.choices = {{a, pb::HTTNV, "-", {}}};
  const auto told = [&](const char* observer) {
    // Reports stay with the direct superior.
    struct : FactSource {
      Result<std::vector<Fact>> FactsOf(const FactKey& key) const override {
        CHIBO_TRY_VALUE(auto facts, all->FactsOf(key));
        if (blind) {
          std::erase_if(facts, [](auto& fact) { return fact.record->has_review_report(); });
        }
        return facts;
      }
      const FactSource* all = nullptr;
      bool blind = false;
    } seen;
    Context context = world.context();
    seen.all = &context.facts;
    seen.blind = observer == std::string("district");
    const Context here{seen, context.organisation, context.packs, context.groups,
                       Commune::Unit(observer)};
    const Rows rows = world.All();
    const auto parts = DraftDecision(here, rows, request);
    std::vector<std::string> said;
    const auto findings = CheckDecision(here, rows, *parts);
    for (const DecisionFinding& one : *findings) {
      if (one.finding.rule == "R12") {
        EXPECT_EQ(one.finding.severity, Severity::kWarn);
        EXPECT_EQ(one.finding.values, std::vector{"unit:" + Commune::Unit("xa-1").hex()});
        said.push_back(one.finding.message);
      }
    }
    return said;
  };
  EXPECT_EQ(told("district"), std::vector<std::string>{"finding_papers_not_seen"});
  EXPECT_EQ(told("xa"), std::vector<std::string>{});
}

TEST_F(Decisions, AllAgreedTakesThoseWhoWaitForThisAuthorityAndNothingStandsInTheWay) {
  world.Enter("xa-1", "a");
  world.Enter("xa-1", "b");  // no proposal
  world.Enter("xa-2", "c");  // two proposals that differ
  world.Post("xa", "c", "xa-ubnd", "", false);
  world.Enter("cq-1", "d");  // another committee's
  world.Propose("xa-1", a, pb::HTTNV);
  world.Propose("xa-2", Commune::Member("c"), pb::HTTNV);
  world.Propose("xa-ubnd", Commune::Member("c"), pb::HTNV, 20191206, "xa");
  world.Propose("cq-1", Commune::Member("d"), pb::HTTNV);
  DecisionRequest request = Request("xa");
  request.all_agreed = true;
  const auto parts = Draft(request);
  ASSERT_EQ(parts.size(), 1u);
  ASSERT_EQ(parts[0].rows_size(), 1);
  EXPECT_EQ(SubjectId::From(parts[0].rows(0).subject()), a);
  EXPECT_EQ(parts[0].rows(0).grade(), pb::HTTNV);
  EXPECT_EQ(parts[0].rows(0).weighed_size(), 1);
  EXPECT_EQ(parts[0].pack().size(), 32u);
  EXPECT_FALSE(Blocks(Check(parts)));
  request.kinds = {pb::ORGANISATION};
  const Rows rows = world.All();
  EXPECT_EQ(DraftDecision(world.context(), rows, request).error().code, Code::kNotFound);
}

TEST_F(Decisions, WhomAllAgreedPassesOverIsNamedWithWhatStandsInTheWay) {
  world.Enter("xa-1", "a");
  pb::Record not_reviewed;
  *not_reviewed.mutable_member() = Commune::Entry("b");
  world.Write("xa-1", not_reviewed);
  for (const char* name : {"a", "b"}) {
    world.Propose("xa-1", Commune::Member(name), pb::HTTNV);
  }
  DecisionRequest request = Request("xa");
  request.all_agreed = true;
  const Rows rows = world.All();
  const auto left = *LeftOut(world.context(), rows, request);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(SubjectId::From(left[0].subject()), Commune::Member("b"));
  ASSERT_GE(left[0].findings_size(), 1);
  EXPECT_EQ(left[0].findings(0).rule(), "R12");
  EXPECT_EQ(Draft(request)[0].rows_size(), 1);
  request.all_agreed = false;
  EXPECT_TRUE(LeftOut(world.context(), rows, request)->empty());
}

TEST_F(Decisions, EachCellGetsItsOwnPartOfAtMostTwoHundredRows) {
  for (int i = 0; i < 450; ++i) {
    const std::string name = "m" + std::to_string(i);
    const std::string cell = i < 50 ? "xa-1" : "xa-2";
    world.Enter(cell, name);
    world.Propose(cell, Commune::Member(name), pb::HTTNV);
  }
  DecisionRequest request = Request("xa");
  request.all_agreed = true;
  const auto parts = Draft(request);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].rows_size(), 50);
  EXPECT_EQ(parts[1].rows_size() + parts[2].rows_size(), 400);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].part(), i + 1);
    EXPECT_EQ(parts[i].parts(), 3u);
    EXPECT_LE(parts[i].ByteSizeLong(), kDecisionBytesMax);
    EXPECT_EQ(*Addressees(world.context(), parts[i]),
              std::vector<UnitId>{Commune::Unit(i == 0 ? "xa-1" : "xa-2")});
  }
}

TEST_F(Decisions, GoesToTheHomeCellAndToWhoKeepsThePapersOfEachPlaceWeighed) {
  world.Enter("xa-1", "a");
  world.Post("district", "a", "cq-hoi", "district", true);
  world.Propose("xa-1", a, pb::HTTNV);
  world.Propose("cq-hoi", a, pb::HTTNV, 20191206, "cq");
  DecisionRequest request = Request("district");
  request.all_agreed = true;
  const auto units = Addressees(world.context(), Draft(request)[0]);
  EXPECT_EQ(std::set<UnitId>(units->begin(), units->end()),
            (std::set<UnitId>{Commune::Unit("xa-1"), Commune::Unit("cq")}));
}

TEST_F(Decisions, ADifferenceIsSettledOnlyWithAllOfItWeighedAndAReason) {
  world.Enter("xa-1", "a");
  world.Post("xa", "a", "xa-ubnd", "", false);
  world.Propose("xa-1", a, pb::HTTNV);
  world.Propose("xa-ubnd", a, pb::HTNV, 20191206, "xa");
  EXPECT_EQ(RulesAgainst("xa", {a, pb::HTTNV, "seen both", {}}), std::set<std::string>());
  EXPECT_EQ(RulesAgainst("xa", {a, pb::HTTNV, "", {}}), std::set<std::string>{"R31"});
  DecisionRequest request = Request("xa");
  request.choices = {{a, pb::HTTNV, "seen one", {"R31"}}};
  auto parts = Draft(request);
  parts[0].mutable_rows(0)->mutable_weighed()->RemoveLast();
  EXPECT_EQ(RulesOf(Check(parts)), std::set<std::string>{"R31"});
  request.choices[0].grade = pb::GRADE_NONE;
  const Rows rows = world.All();
  EXPECT_EQ(DraftDecision(world.context(), rows, request).error().reason,
            "decision_no_agreed_level");
}

TEST_F(Decisions, OnlyTheAuthorityOrOneAboveItDecides) {
  world.Enter("xa-1", "a");
  world.Propose("xa-1", a, pb::HTTNV);
  EXPECT_EQ(RulesAgainst("cq", {a, pb::HTTNV, "", {}}), std::set<std::string>{"R33"});
  EXPECT_EQ(RulesAgainst("cq", {a, pb::HTTNV, "we say so", {"R33"}}), std::set<std::string>{"R33"});
  EXPECT_TRUE(RulesAgainst("district", {a, pb::HTTNV, "", {}}).empty());
}

TEST_F(Decisions, WhoIsOutsideTheGradingIsNotGraded) {
  pb::Member exempt = Commune::Entry("a");
  exempt.set_status(pb::EXEMPT);
  world.Enter("xa-1", exempt);
  EXPECT_EQ(RulesAgainst("xa", {a, pb::HTTNV, "all the same", {"R20"}}),
            std::set<std::string>{"R20"});
}

TEST_F(Decisions, AReviewIsNeededAndAReasonWithItsRuleCanSetItAside) {
  pb::Record record;
  *record.mutable_member() = Commune::Entry("a");
  world.Write("xa-1", record);
  world.Propose("xa-1", a, pb::HTTNV);
  EXPECT_EQ(RulesAgainst("xa", {a, pb::HTTNV, "", {}}), std::set<std::string>{"R12"});
  EXPECT_EQ(RulesAgainst("xa", {a, pb::HTTNV, "", {"R12"}}), std::set<std::string>{"R12"})
      << "an override says why";
  EXPECT_TRUE(RulesAgainst("xa", {a, pb::HTTNV, "reviewed on paper", {"R12"}}).empty());
}

TEST_F(Decisions, ACivilServantsOwnGradeComesFirstAndBoundsTheHighestLevel) {
  pb::Member member = Commune::Entry("a");
  member.set_civil_servant(true);
  world.Enter("xa-1", member);
  world.Propose("xa-1", a, pb::HTXSNV);
  EXPECT_TRUE(RulesAgainst("xa", {a, pb::HTXSNV, "", {}}).contains("R13"));
  pb::Record grade;
  grade.mutable_civil_servant_grade()->set_person(Bytes(Commune::Person("a").view()));
  grade.mutable_civil_servant_grade()->set_period("2019");
  grade.mutable_civil_servant_grade()->set_grade(pb::HTTNV);
  world.Write("xa-1", grade);
  const auto rules = RulesAgainst("xa", {a, pb::HTXSNV, "", {}});
  EXPECT_FALSE(rules.contains("R13"));
  EXPECT_TRUE(rules.contains("R53"));
  EXPECT_FALSE(RulesAgainst("xa", {a, pb::HTTNV, "-", {}}).contains("R53"));
}

TEST_F(Decisions, CommitteesAreBoundByTheirOrganisationAlsoWithinOneDecision) {
  for (const SubjectId& subject : {Commune::Org("xa"), Commune::Committee("xa")}) {
    world.Review("xa", subject);
  }
  world.Propose("xa", Commune::Org("xa"), pb::HTTNV);
  world.Propose("xa", Commune::Committee("xa"), pb::HTXSNV);
  pb::Record group;
  pb::PeerGroupBody& body = *group.mutable_peer_group()->mutable_body();
  body.set_id("X1");
  body.set_period("2019");
  body.set_owner(Bytes(Commune::Unit("district").view()));
  *body.add_subjects() = Commune::Org("xa").ToMessage();
  *body.add_subjects() = Commune::Committee("xa").ToMessage();
  world.Write("district", group);
  DecisionRequest request = Request("district");
  request.choices = {{Commune::Org("xa"), pb::HTTNV, "", {}},
                     {Commune::Committee("xa"), pb::HTXSNV, "", {}}};
  EXPECT_TRUE(RulesOf(Check(Draft(request))).contains("R50"));
  request.choices[1].grade = pb::HTTNV;
  request.choices[1].reason = "not above the body";
  EXPECT_FALSE(RulesOf(Check(Draft(request))).contains("R50"));
}

TEST_F(Decisions, ASecondLevelForThePeriodIsRefusedUntilTheFirstIsCancelled) {
  world.Enter("xa-1", "a");
  const Fact proposal = world.Propose("xa-1", a, pb::HTTNV);
  const Fact decision = world.Decide("xa", a, pb::HTTNV, {proposal});
  EXPECT_EQ(RulesAgainst("xa", {a, pb::HTNV, "on reflection", {}}), std::set<std::string>{"R32"});
  world.Cancel("xa", decision);
  EXPECT_TRUE(RulesAgainst("xa", {a, pb::HTNV, "on reflection", {}}).empty());
}

TEST_F(Decisions, AnEarlierDecisionWithoutANumberIsNamedByItsAuthority) {
  world.Enter("xa-1", "a");
  const Fact proposal = world.Propose("xa-1", a, pb::HTTNV);
  const auto earlier = [&](pb::Grade grade) {
    DecisionRequest request = Request("xa");
    request.choices = {{a, grade, "on reflection", {}}};
    for (const DecisionFinding& one : Check(Draft(request))) {
      if (one.finding.rule == "R32") {
        return std::pair(one.finding.message, one.finding.values);
      }
    }
    return std::pair(std::string(), std::vector<std::string>());
  };
  pb::Record record;
  pb::DecisionBody& body = *record.mutable_decision()->mutable_body();
  body.set_authority(Bytes(Commune::Unit("xa").view()));
  body.set_date(20191220);
  body.set_period("2019");
  *body.add_rows()->mutable_subject() = a.ToMessage();
  body.mutable_rows(0)->set_grade(pb::HTTNV);
  *body.mutable_rows(0)->add_weighed() = Refer(proposal);
  world.Write("xa", record, 20191220);
  const std::vector<std::string> said{"unit:" + Commune::Unit("xa").hex(), "grade:HTTNV"};
  EXPECT_EQ(earlier(pb::HTNV),
            std::pair(std::string("finding_decided_otherwise_before_unnumbered"), said));
  EXPECT_EQ(earlier(pb::HTTNV), std::pair(std::string("finding_decided_before_unnumbered"), said));
}

TEST_F(Decisions, AnotherPackThanTheOneInForceIsTold) {
  world.Enter("xa-1", "a");
  world.Propose("xa-1", a, pb::HTTNV);
  DecisionRequest request = Request("xa");
  request.all_agreed = true;
  auto parts = Draft(request);
  parts[0].set_pack(Bytes(32, 'x'));
  const auto findings = Check(parts);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].finding.message, "finding_pack_mismatch");
  EXPECT_FALSE(Blocks(findings));
}

}  // namespace
}  // namespace chibo

// T1 and T3: sums, shares, hidden reasons, coverage, cuts.
#include "domain/table.h"

#include <gtest/gtest.h>

#include "tests/domain/commune.h"

namespace chibo {
namespace {

TEST(Table, SharesAreHalfUpToTwoDecimals) {
  // Figures of the published tables.
  EXPECT_EQ(HundredthsOf({710, 4516}), 1572u);
  EXPECT_EQ(HundredthsOf({3420, 4516}), 7573u);
  EXPECT_EQ(HundredthsOf({365, 4516}), 808u);
  EXPECT_EQ(HundredthsOf({21, 4516}), 47u);
  EXPECT_EQ(HundredthsOf({2203, 2276}), 9679u);
  EXPECT_EQ(HundredthsOf({588, 756}), 7778u);
  EXPECT_EQ(HundredthsOf({377, 382}), 9869u);
  EXPECT_EQ(HundredthsOf({1, 8}), 1250u);
  EXPECT_EQ(HundredthsOf({1, 20000}), 1u);
  EXPECT_EQ(HundredthsOf({0, 0}), 0u);
}

class LevelTables : public testing::Test {
 protected:
  LevelTable Members(const std::string& unit = "", std::optional<CivilDate> tree = {}) {
    const Rows rows = world.All();
    Cut cut;
    cut.tree_date = tree;
    if (!unit.empty()) {
      cut.unit = Commune::Unit(unit);
    }
    std::uint64_t counted = 0;
    auto table = MembersByLevel(world.context(), rows, "2019", cut, {},
                                [&counted](const pb::OutcomeRow&) { ++counted; });
    CHECK(table.has_value());
    EXPECT_EQ(counted, table->register_total);
    return *std::move(table);
  }
  void EnterWith(const std::string& cell, const std::string& name, pb::MemberStatus status) {
    pb::Member member = Commune::Entry(name);
    member.set_status(status);
    world.Enter(cell, member);
  }
  Commune world;
};

TEST_F(LevelTables, EverybodyOnTheRegisterIsSomewhere) {
  world.Enter("xa-1", "a");
  world.Decide("xa", Commune::Member("a"), pb::HTXSNV);
  world.Enter("xa-2", "b");
  world.Propose("xa-2", Commune::Member("b"), pb::HTTNV);
  EnterWith("cq-1", "c", pb::EXEMPT);
  EnterWith("cq-1", "d", pb::LEFT);
  const LevelTable table = Members();
  EXPECT_TRUE(table.AddsUp());
  EXPECT_EQ(table.register_total, 3u);
  EXPECT_EQ(table.graded, 1u);
  EXPECT_EQ(table.levels[pb::HTXSNV], 1u);
  EXPECT_EQ(table.not_graded_by.at(pb::REASON_EXEMPT), 1u);
  EXPECT_EQ(table.pending_by.at(pb::REASON_AWAITING_DECISION), 1u);
  EXPECT_EQ(table.ShareOf(pb::HTXSNV), (Share{1, 1}));
  EXPECT_EQ(table.coverage.cells, 4u);
  EXPECT_EQ(table.coverage.cells_with_data, 2u);
}

TEST_F(LevelTables, OneProposalMoreChangesTheDecidedTableByExactlyOne) {
  std::vector<LevelTable> tables;
  for (const pb::Grade grade : {pb::HTTNV, pb::HTNV}) {
    Commune one;
    for (int i = 0; i < 12; ++i) {
      const std::string name = "m" + std::to_string(i);
      one.Enter("xa-1", name);
      one.Propose("xa-1", Commune::Member(name), i == 7 ? grade : pb::HTTNV);
    }
    DecisionRequest request;
    request.authority = Commune::Unit("xa");
    request.period = "2019";
    request.all_agreed = true;
    const Rows before = one.All();
    const auto parts = DraftDecision(one.context(), before, request);
    ASSERT_TRUE(parts.has_value());
    for (const pb::DecisionBody& part : *parts) {
      pb::Record record;
      *record.mutable_decision()->mutable_body() = part;
      one.Write("xa", record);
    }
    const Rows after = one.All();
    tables.push_back(*MembersByLevel(one.context(), after, "2019", {}));
  }
  EXPECT_EQ(tables[0].levels[pb::HTTNV], 12u);
  EXPECT_EQ(tables[1].levels[pb::HTTNV], 11u);
  EXPECT_EQ(tables[1].levels[pb::HTNV], 1u);
  tables[1].levels = tables[0].levels;
  EXPECT_EQ(tables[0], tables[1]);
}

TEST_F(LevelTables, ReasonsThatCouldNameSomebodyAreSummedInACut) {
  for (int i = 0; i < 9; ++i) {
    EnterWith("xa-1", "e" + std::to_string(i), pb::EXEMPT);
  }
  for (int i = 0; i < 6; ++i) {
    EnterWith("xa-1", "p" + std::to_string(i), pb::ABSENT);
  }
  EnterWith("xa-1", "s", pb::SUSPENDED);
  const LevelTable whole = Members();
  EXPECT_EQ(whole.not_graded_by.at(pb::REASON_SUSPENDED), 1u);
  EXPECT_EQ(whole.hidden_reasons, 0u);
  const LevelTable cut = Members("xa-1");
  EXPECT_EQ(cut.not_graded, 16u);
  // The one alone could be told from the sum: the next reason goes with it.
  EXPECT_EQ(cut.hidden_reasons, 7u);
  EXPECT_EQ(cut.not_graded_by, (std::map<pb::Reason, std::uint64_t>{{pb::REASON_EXEMPT, 9}}));
  EXPECT_TRUE(cut.AddsUp());
}

TEST_F(LevelTables, CutsByUnitAddUpToTheWhole) {
  world.Enter("xa-1", "a");
  world.Enter("xa-2", "b");
  world.Enter("cq-1", "c");
  world.Enter("dn", "d");
  EXPECT_EQ(Members().register_total, 4u);
  EXPECT_EQ(Members("district").register_total, 4u);
  EXPECT_EQ(Members("xa").register_total, 2u);
  EXPECT_EQ(Members("cq").register_total, 1u);
  EXPECT_EQ(Members("dn").register_total, 1u);
}

TEST_F(LevelTables, ATableCanBeCutByTheTreeOfThenOrOfLater) {
  world.Enter("xa-1", "a");
  pb::Record change;
  pb::UnitChangeBody& body = *change.mutable_unit_change()->mutable_body();
  body.set_kind(pb::MERGE);
  body.add_from(Bytes(Commune::Unit("xa-1").view()));
  body.add_into(Bytes(Commune::Unit("cq-1").view()));
  body.set_effective(20200701);
  world.Write("district", change);
  EXPECT_EQ(Members("xa").register_total, 1u);
  EXPECT_EQ(Members("xa", 20201231).register_total, 0u);
  EXPECT_EQ(Members("cq", 20201231).register_total, 1u);
}

TEST_F(LevelTables, OrganisationsWithoutARowWaitForTheirProposal) {
  world.Decide("district", Commune::Org("xa"), pb::HTTNV);
  const Rows rows = world.All();
  const auto table = OrganisationsByLevel(world.context(), rows, "2019", {});
  EXPECT_TRUE(table->AddsUp());
  EXPECT_EQ(table->register_total, 3u);
  EXPECT_EQ(table->levels[pb::HTTNV], 1u);
  EXPECT_EQ(table->pending_by.at(pb::REASON_NO_PROPOSAL), 2u);
}

TEST_F(LevelTables, CoverageKnowsWhenItWasLastHeardOf) {
  world.Enter("xa-1", "a");
  const Rows rows = world.All();
  const Timestamp early{Duration(1000)};
  const Timestamp late{Duration(9000)};
  const auto table = MembersByLevel(world.context(), rows, "2019", {},
                                    [&](const UnitId& unit) -> std::optional<Timestamp> {
                                      return unit == Commune::Unit("xa-1")   ? std::optional(early)
                                             : unit == Commune::Unit("xa-2") ? std::optional(late)
                                                                             : std::nullopt;
                                    });
  EXPECT_EQ(table->coverage.newest, late);
  EXPECT_EQ(table->coverage.oldest, early);
}

}  // namespace
}  // namespace chibo

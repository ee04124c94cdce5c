// A file of decisions: what is wrong with it is told at once, and it is signed whole or not at all.
#include "node/cli/decision_file.h"

#include <gtest/gtest.h>

#include "tests/must.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

const Timestamp kNow{std::chrono::milliseconds(1'577'000'000'000)};

using Lines = std::vector<std::string_view>;
// Line, column, reason.
using Told = std::vector<std::tuple<std::size_t, std::size_t, std::string>>;

Told ToldOf(const std::vector<DecisionProblem>& problems) {
  Told told;
  for (const DecisionProblem& problem : problems) {
    told.emplace_back(problem.line, problem.column, problem.error.reason);
  }
  return told;
}

TEST(DecisionFile, EveryLineThatCannotBeReadIsToldWithItsColumn) {
  const DecisionFile file =
      ReadDecisionFile({R"({"do":"decide","subject":"Hà Văn Sáu|19800415"})", "", " \r",
                        R"({"do":"waiver","reason":"Đã xem"x})", R"(["decide"])",
                        R"({"phase":"1","do":"decree"})", R"({"do":"decide")"},
                       "");
  EXPECT_EQ(ToldOf(file.problems), (Told{{4, 33, "decision_line_not_json"},
                                         {5, 0, "decision_line_unknown"},
                                         {6, 19, "decision_line_unknown"},
                                         {7, 15, "decision_line_not_json"}}));
  ASSERT_EQ(file.lines.size(), 1U);
  EXPECT_EQ(file.lines.front().number, 1U);
  EXPECT_EQ(file.lines.front().what, "decide");
}

TEST(DecisionFile, ThePhaseChoosesLinesButForgivesNone) {
  const DecisionFile file = ReadDecisionFile({R"({"do":"decide_agreed","phase":"a"})",
                                              R"({"do":"decide","phase":"b"})", R"({"phase":"a")"},
                                             "b");
  EXPECT_EQ(ToldOf(file.problems), (Told{{3, 13, "decision_line_not_json"}}));
  ASSERT_EQ(file.lines.size(), 1U);
  EXPECT_EQ(file.lines.front().number, 2U);
}

class DecisionFileTest : public ::testing::Test {
 protected:
  DecisionFileTest() {
    InitCrypto();
    commune_ = SimNode::Found("Xã thử", random_, kNow);
    cell_ = SimNode::Join(*commune_, commune_->AddUnit("xa-1", pb::CELL, kNow), pb::SECRETARY,
                          random_, kNow);
    for (const char* name : {"Lê Thị Mai", "Phạm Văn Hai", "Vũ Đình Ba"}) {
      const std::string person = "@person:" + std::string(name) + "|19760109";
      const std::string subject = R"({"id":")" + person + R"("})";
      cell_->Record({R"({"member":{"person":"@new","name":")" + std::string(name) +
                     R"(","birth":19760109,"admitted":20010203,"official":20020203}})"},
                    kNow);
      cell_->Record(
          {R"({"review_report":{"subject":)" + subject + R"(,"period":"2019","signed":20191128}})",
           R"({"proposal":{"subject":)" + subject + R"(,"period":"2019","grade":"HTTNV"}})"},
          kNow);
    }
    Must(SyncOnce(*cell_, *commune_, kNow).child);
  }

  DecidedFile Decide(const Lines& lines, bool dry_run = false) {
    DecisionFileOptions options;
    options.officer = commune_->officer();
    options.period = "2019";
    options.dry_run = dry_run;
    options.now = kNow;
    return Must(DecideLines(commune_->replica(), ReadDecisionFile(lines, ""), options));
  }
  // Whose level is decided here.
  std::size_t Graded() const {
    std::size_t graded = 0;
    Must(commune_->replica().view().VisitDerived(
        DerivedTable::kOutcome, [&](const DerivedRow& derived) {
          pb::OutcomeRow row;
          graded += row.ParseFromString(derived.value) && row.state() == pb::GRADED ? 1 : 0;
          return true;
        }));
    return graded;
  }

  static constexpr std::string_view kMai =
      R"({"do":"decide","subject":"Lê Thị Mai|19760109","grade":"HTTNV","number":"1"})";
  static constexpr std::string_view kHai =
      R"({"do":"decide","subject":"Phạm Văn Hai|19760109","grade":"HTTNV","number":"2"})";
  static constexpr std::string_view kAgreed =
      R"({"do":"decide_agreed","subjects":"members","number":"3"})";

  SeededRandom random_{62};
  std::unique_ptr<SimNode> commune_;
  std::unique_ptr<SimNode> cell_;
};

TEST_F(DecisionFileTest, AllLinesAreSignedEachSeeingThoseBeforeIt) {
  const DecidedFile decided = Decide({kMai, kAgreed});
  EXPECT_EQ(ToldOf(decided.problems), Told());
  EXPECT_TRUE(decided.kept);
  ASSERT_EQ(decided.lines.size(), 2U);
  ASSERT_EQ(decided.lines[1].decided->parts.size(), 1U);
  EXPECT_EQ(decided.lines[1].decided->parts.front().rows_size(), 2)
      << "who is decided in the line before waits no more";
  EXPECT_EQ(Graded(), 3U);
  // Nobody waits: nothing is wrong with that.
  EXPECT_EQ(ToldOf(Decide({kAgreed}).problems), Told());
}

TEST_F(DecisionFileTest, OneBadLineAndNothingIsSigned) {
  const Hash before = commune_->digest();
  const DecidedFile decided = Decide(
      {kMai, R"({"do":"decide","subject":"Lê Văn Không|19760109","grade":"HTTNV"})",
       R"({"do":"decide","subject":"Vũ Đình Ba|19760109","grade":"TỐT"})", R"({"do":)",
       R"({"do":"decide","subject":"Vũ Đình Ba|19760109","grade":"HTTNV","overrides":[12]})",
       R"({"do":"waiver","rule":"R51","subject":"@person:Lê Thị Mai|19760109","date":"31/02/2019"})",
       R"({"do":"confirmation","subject":"Vũ Đình Ba|19760109","reason":"Giữ nguyên"})", kHai});
  EXPECT_EQ(ToldOf(decided.problems), (Told{{2, 26, "person_unknown"},
                                            {3, 56, "grade_unknown"},
                                            {4, 7, "decision_line_not_json"},
                                            {5, 76, "decision_override_unreadable"},
                                            {6, 76, "date_does_not_exist"},
                                            {7, 32, "confirmation_without_case"}}));
  EXPECT_FALSE(decided.kept);
  EXPECT_EQ(decided.lines.size(), 2U);
  EXPECT_FALSE(decided.lines.front().decided->signed_and_recorded);
  EXPECT_EQ(commune_->digest(), before);
  EXPECT_EQ(Graded(), 0U);
  // What was taken back has left nothing in memory either.
  EXPECT_TRUE(Decide({kMai, kHai}).kept);
  EXPECT_EQ(Graded(), 2U);
}

TEST_F(DecisionFileTest, ALineThatARuleBlocksBlocksTheFile) {
  const Hash before = commune_->digest();
  const DecidedFile decided =
      Decide({kMai, R"({"do":"decide","subject":"Phạm Văn Hai|19760109","grade":"HTXSNV"})"});
  EXPECT_EQ(ToldOf(decided.problems), (Told{{2, 0, "decision_blocked"}}));
  EXPECT_EQ(decided.problems.front().error.code, Code::kBlocked);
  const auto& findings = decided.problems.front().findings;
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(),
                          [](const DecisionFinding& one) { return one.finding.rule == "R31"; }));
  EXPECT_FALSE(decided.kept);
  EXPECT_EQ(commune_->digest(), before);
}

TEST_F(DecisionFileTest, TwoLinesAboutOneCaseAreAMistake) {
  for (const Lines& lines : {Lines{kMai, kHai, kMai}, Lines{kAgreed, "", kMai}}) {
    const DecidedFile decided = Decide(lines);
    EXPECT_EQ(ToldOf(decided.problems), (Told{{3, 26, "decision_twice_in_file"}}));
    EXPECT_EQ(decided.problems.front().other_line, 1U);
    EXPECT_FALSE(decided.kept);
  }
  EXPECT_EQ(Graded(), 0U);
}

TEST_F(DecisionFileTest, ADryRunSeesWhatWouldComeOfItAndSignsNothing) {
  const Hash before = commune_->digest();
  const DecidedFile decided = Decide({kMai, kAgreed}, true);
  EXPECT_EQ(ToldOf(decided.problems), Told());
  EXPECT_FALSE(decided.kept);
  ASSERT_EQ(decided.lines.size(), 2U);
  EXPECT_EQ(decided.lines[1].decided->parts.front().rows_size(), 2);
  EXPECT_EQ(commune_->digest(), before);
}

}  // namespace
}  // namespace chibo

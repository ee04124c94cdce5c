// Recording: what is written is kept as it is; what a person's key signs has to be possible.
#include "node/recorder.h"

#include <gtest/gtest.h>

#include "node/unheeded.h"
#include "tests/must.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

std::string Bytes64(ByteView bytes) { return "\"" + ToBase64(bytes) + "\""; }

class RecorderTest : public ::testing::Test {
 protected:
  RecorderTest() {
    InitCrypto();
    commune_ = SimNode::Found("Xã thử", random_, kNow);
    const UnitId cell = commune_->AddUnit("xa-1", pb::CELL, kNow);
    cell_ = SimNode::Join(*commune_, cell, pb::SECRETARY, random_, kNow);
    Must(Record(
        {R"({"member":{"person":)" + Bytes64(chair_.view()) + R"(,"name":"Lê Thị Mai"}})",
         R"({"member":{"person":)" + Bytes64(teller_.view()) + R"(,"name":"Hà Văn Sáu"}})"}));
  }

  Result<Recorded> Record(const std::vector<std::string>& lines, const Signers& signers = {}) {
    return RecordLines(cell_->replica(), lines, signers, kNow);
  }
  Signers Board() { return {{{chair_, &chair_key_}, {teller_, &teller_key_}}, std::nullopt}; }

  std::string Session() const {
    return R"({"vote_session":{"meeting":{"position":0},"method":"SECRET_BALLOT","period":"2019","subjects":[{"id":)" +
           Bytes64(chair_.view()) +
           R"(}],"base":{"official":2,"eligible":2,"present":2},"tellers":[)" +
           Bytes64(teller_.view()) + R"(],"chair":)" + Bytes64(chair_.view()) + "}}";
  }
  // issued, returned, valid, invalid, and votes for good.
  std::string Tally(const std::string& session, const std::array<int, 5>& numbers) const {
    return R"({"tally":{"session":)" + session + R"(,"rows":[{"subject":{"id":)" +
           Bytes64(chair_.view()) + R"(},"issued":)" + std::to_string(numbers[0]) +
           R"(,"returned":)" + std::to_string(numbers[1]) + R"(,"valid":)" +
           std::to_string(numbers[2]) + R"(,"invalid":)" + std::to_string(numbers[3]) +
           R"(,"votes":[0,)" + std::to_string(numbers[4]) + ",0,0]}]}}";
  }
  std::string Signed(const std::string& positions, const std::string& contents = "[]") const {
    return R"({"attestation":{"positions":)" + positions + R"(,"contents":)" + contents +
           R"(,"attestors":[{"person":)" + Bytes64(teller_.view()) +
           R"(,"act":"TALLY_TELLER"},{"person":)" + Bytes64(chair_.view()) +
           R"(,"act":"TALLY_CHAIR"}]}})";
  }
  // A meeting, its vote and the tally, signed by the board.
  std::string Sitting(const std::array<int, 5>& numbers, bool attested = true,
                      const std::string& positions = "[2]") const {
    return R"({"records":[{"meeting":{"kinds":["REVIEW"],"period":"2019","start_ms":1575500000000}},)" +
           Session() + "," + Tally(R"({"position":1})", numbers) +
           (attested ? "," + Signed(positions) : "") + R"(],"labels":["","phien","phieu"]})";
  }

  SeededRandom random_{61};
  PersonId chair_ = random_.DrawFixed<PersonId>();
  PersonId teller_ = random_.DrawFixed<PersonId>();
  SigningKey chair_key_{SecretKey::Draw(random_)};
  SigningKey teller_key_{SecretKey::Draw(random_)};
  std::unique_ptr<SimNode> commune_;
  std::unique_ptr<SimNode> cell_;
};

TEST_F(RecorderTest, NobodysKeySignsATallyThatCannotBe) {
  struct Wrong {
    std::array<int, 5> numbers;
    std::string reason;
    std::string sum;
  };
  const Hash before = cell_->digest();
  for (const Wrong& wrong :
       {Wrong{{3, 3, 3, 0, 3}, "tally_more_ballots_than_present", "3 > 2"},
        Wrong{{1, 2, 2, 0, 2}, "tally_more_returned_than_issued", "2 > 1"},
        Wrong{{2, 2, 1, 0, 1}, "tally_returned_is_not_valid_and_invalid", "2 ≠ 1 + 0"},
        Wrong{{2, 2, 2, 0, 1}, "tally_votes_are_not_the_valid_ballots", "1 ≠ 2"}}) {
    const auto refused = Record({Sitting(wrong.numbers)}, Board());
    ASSERT_FALSE(refused) << wrong.reason;
    EXPECT_EQ(refused.error().code, Code::kBadInput);
    EXPECT_EQ(refused.error().reason, wrong.reason);
    EXPECT_EQ(refused.error().where, "line 1: records[2].tally.rows[0]: " + wrong.sum);
  }
  EXPECT_EQ(cell_->digest(), before) << "nothing is recorded by half";
  EXPECT_TRUE(Record({Sitting({2, 2, 2, 0, 2})}, Board()));
}

TEST_F(RecorderTest, WhatEverySuperiorNeedsIsNotKeptToTheDirectOne) {
  const std::string member = R"({"member":{"person":)" + Bytes64(chair_.view()) +
                             R"(,"name":"Lê Thị Mai","official":20000101}})";
  const auto refused = Record({R"({"records":[)" + member + R"(],"parent_only":[0]})"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "kind_not_narrowed");
  EXPECT_EQ(refused.error().where, "line 1: records[0].member");
  EXPECT_TRUE(Record({R"({"records":[)" + member + "]}"}));
}

// R12 and the like hold for a decision whichever way it is typed.
TEST_F(RecorderTest, ADecisionTypedInIsHeldAgainstTheRulesBeforeItIsSigned) {
  const std::string subject = R"({"id":)" + Bytes64(chair_.view()) + "}";
  Must(Record({R"({"proposal":{"subject":)" + subject + R"(,"period":"2019","grade":"HTTNV"}})"}));
  Must(SyncOnce(*cell_, *commune_, kNow).child);
  Signers officer;
  officer.officer = commune_->officer();
  const auto decide = [&](const std::string& grade, std::vector<DecisionFinding>* blocked_by) {
    return RecordLines(commune_->replica(),
                       {R"({"decision":{"body":{"authority":)" + Bytes64(commune_->unit().view()) +
                        R"(,"period":"2019","number":"4","date":20191220,"rows":[{"subject":)" +
                        subject + R"(,"grade":")" + grade + R"("}]}}})"},
                       officer, kNow, blocked_by);
  };
  const Hash before = commune_->digest();
  std::vector<DecisionFinding> blocked_by;
  const auto refused = decide("HTXSNV", &blocked_by);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kBlocked);
  EXPECT_EQ(refused.error().reason, "decision_blocked");
  EXPECT_TRUE(std::any_of(blocked_by.begin(), blocked_by.end(),
                          [](const DecisionFinding& one) { return one.finding.rule == "R31"; }));
  EXPECT_EQ(commune_->digest(), before) << "nothing is signed or recorded";
}

// The board signs the session along with its tally, as the guide has it.
TEST_F(RecorderTest, WhatIsInOrderIsListedNowhere) {
  const auto recorded = Must(Record({Sitting({2, 2, 2, 0, 2}, true, "[1,2]")}, Board()));
  EXPECT_TRUE(Must(UnheededIn(cell_->replica(), recorded.names)).empty());
}

TEST_F(RecorderTest, WithoutASignatureAnyNumbersAreRecorded) {
  const auto recorded = Record({Sitting({9, 7, 1, 1, 5}, false)});
  ASSERT_TRUE(recorded);
  EXPECT_EQ(recorded->records, 3U);
  std::size_t listed = 0;
  Must(cell_->replica().view().VisitSetAside([&](const Fact& fact) {
    listed += fact.record->has_tally() ? 1 : 0;
    return true;
  }));
  EXPECT_EQ(listed, 1U) << "and stand in the list for want of signatures";
}

// The session may have been written before, by the same file or an earlier one; so may the tally.
TEST_F(RecorderTest, ATallyIsAddedUpWhereverItsSessionWasWritten) {
  const auto late = Record({Sitting({2, 2, 2, 0, 2}, false),
                            R"({"records":[)" + Tally(R"("@record:phien")", {3, 3, 3, 0, 3}) + "," +
                                Signed("[0]") + "]}"},
                           Board());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, "tally_more_ballots_than_present");
  EXPECT_EQ(late.error().where, "line 2: records[0].tally.rows[0]: 3 > 2");
  const auto earlier = Must(Record({Sitting({2, 2, 1, 0, 1}, false)}));
  RecordName tally = earlier.names.front();
  tally.position = 2;
  const auto fact = Must(cell_->replica().view().FactAt(tally, 0));
  const auto signed_later =
      Record({Signed("[]", "[" + Bytes64(fact->content.view()) + "]")}, Board());
  ASSERT_FALSE(signed_later);
  EXPECT_EQ(signed_later.error().reason, "tally_returned_is_not_valid_and_invalid");
}

TEST_F(RecorderTest, ACorrectionIsHeldToTheSame) {
  const auto recorded = Must(Record({Sitting({2, 2, 2, 0, 2})}, Board()));
  const std::string correction =
      R"({"records":[{"tally_correction":{"tally":"@record:phieu","reason":"Đếm lại","rows":[{"subject":{"id":)" +
      Bytes64(chair_.view()) + R"(},"issued":3,"returned":3,"valid":3,"votes":[3,0,0,0]}]}},)" +
      Signed("[0]") + "]}";
  const auto refused = Record({correction}, Board());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "line 1: records[0].tally_correction.rows[0]: 3 > 2");
}

TEST_F(RecorderTest, WhatNothingTakesUpIsFoundAmongWhatWasWritten) {
  const PersonId stranger = random_.DrawFixed<PersonId>();
  const auto proposal = [](const PersonId& person) {
    return R"({"proposal":{"subject":{"id":)" + Bytes64(person.view()) +
           R"(},"period":"2019","grade":"HTTNV"}})";
  };
  const auto recorded = Must(Record({proposal(chair_), proposal(stranger)}));
  const auto unheeded = Must(UnheededIn(cell_->replica(), recorded.names));
  ASSERT_EQ(unheeded.size(), 1U);
  EXPECT_EQ(unheeded.front().fact.name, recorded.names.back());
  EXPECT_EQ(unheeded.front().parts.front().why, Unheeded::kSubjectUnknown);
  std::size_t all = 0;
  Must(VisitUnheeded(cell_->replica(), [&](const UnheededRecord& one) {
    EXPECT_EQ(one.fact.name, recorded.names.back());
    return ++all > 0;
  }));
  EXPECT_EQ(all, 1U);
}

}  // namespace
}  // namespace chibo

// The view is a pure function of the set of entries: random sets in random order, batching and
// restarts.
#include <gtest/gtest.h>

#include "tests/node/observer.h"
#include "tests/node/pieces.h"
#include "tests/node/sample_lines.h"

namespace chibo {
namespace {

std::string Member(const std::string& name) {
  return R"({"records":[{"member":{"person":"@new","name":")" + name +
         R"(","birth":19800201,"admitted":20050301,"official":20060301}}]})";
}

std::string Home(const std::string& name, const std::string& unit) {
  return R"({"membership":{"person":"@person:)" + name + R"(|19800201","unit":"@unit:)" + unit +
         R"(","kind":"HOME","from":20050301}})";
}

std::string Proposes(const std::string& name, const std::string& grade) {
  return R"({"proposal":{"subject":{"id":"@person:)" + name +
         R"(|19800201"},"period":"2019","grade":")" + grade + R"("}})";
}

class OrderTest : public ::testing::Test {
 protected:
  OrderTest() {
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ = SimNode::Join(*province_, commune, pb::SERVER, random_, kNow);
    for (const std::string code : {"xa01-cb01", "xa01-cb02"}) {
      const UnitId unit = commune_->AddUnit(code, pb::CELL, kNow);
      cells_.push_back(SimNode::Join(*commune_, unit, pb::SECRETARY, random_, kNow));
      cells_.back()->Record({Member("An " + code), Member("Bình " + code)}, kNow);
      cells_.back()->Record(
          {Home("An " + code, code), Home("Bình " + code, code), Proposes("An " + code, "HTTNV"),
           Proposes("Bình " + code, "HTXSNV"), Proposes("An " + code, "HTNV")},
          kNow);
    }
    for (SimNode* node : {province_.get(), commune_.get(), cells_[0].get(), cells_[1].get()}) {
      const auto more = PiecesOf(*node);
      pieces_.insert(pieces_.end(), more.begin(), more.end());
    }
  }

  SeededRandom random_{23};
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> commune_;
  std::vector<std::unique_ptr<SimNode>> cells_;
  std::vector<Piece> pieces_;
};

TEST_F(OrderTest, EqualSetsOfEntriesGiveEqualViews) {
  const Settings settings = province_->replica().settings();
  for (int round = 0; round < 12; ++round) {
    // A random set: of each stream as many entries as the dice say.
    std::map<StreamId, std::uint64_t> upto;
    std::vector<Piece> chosen;
    for (const Piece& piece : pieces_) {
      if (!upto.contains(piece.stream)) {
        upto[piece.stream] = 1 + random_.Below(8);
      }
      if (piece.index < upto[piece.stream]) {
        chosen.push_back(piece);
      }
    }
    std::optional<Hash> first;
    for (int order = 0; order < 4; ++order) {
      std::vector<Piece> waiting = chosen;
      if (order > 0) {
        Shuffle(waiting, random_);
      }
      Observer observer(settings, random_);
      while (!waiting.empty()) {
        TakeSome(observer, waiting, random_, kNow);
        if (random_.Below(4) == 0) {
          observer.Start();
        }
      }
      const Hash digest = observer.Digest();
      EXPECT_EQ(first.value_or(digest), digest) << "round " << round << " order " << order;
      first = digest;
      ASSERT_TRUE(observer.replica().RebuildView());
      EXPECT_EQ(observer.Digest(), digest) << "rebuilt, round " << round << " order " << order;
    }
  }
}

TEST_F(OrderTest, AnotherSetGivesAnotherView) {
  const Settings settings = province_->replica().settings();
  Observer whole(settings, random_);
  Observer part(settings, random_);
  EXPECT_TRUE(TakeIn(whole, pieces_, kNow).empty());
  EXPECT_TRUE(TakeIn(part, {pieces_.begin(), pieces_.end() - 1}, kNow).empty());
  EXPECT_NE(whole.Digest(), part.Digest());
}

}  // namespace
}  // namespace chibo

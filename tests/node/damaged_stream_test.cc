// A server of whose store one stream is damaged goes on with all the others.
#include <gtest/gtest.h>

#include "tests/must.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

// What happens to which stream in whose store, the commune's ("xa01") or the province's ("top").
struct Harm {
  std::string at;
  std::string unit;  // whose stream
  pb::StreamKind kind;
  std::string other;  // of a TO: for whom
  std::string statement;
};

void PrintTo(const Harm& harm, std::ostream* out) {
  *out << "at " << harm.at << ", " << harm.unit << " " << harm.kind << " " << harm.other << ": "
       << harm.statement;
}

class DamagedStreamTest : public ::testing::TestWithParam<Harm> {
 protected:
  DamagedStreamTest() {
    InitCrypto();
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ = SimNode::Join(*province_, commune, pb::SERVER, random_, kNow);
    for (const std::string code : {"cb01", "cb02"}) {
      const UnitId unit = commune_->AddUnit(code, pb::CELL, kNow);
      cells_.push_back(SimNode::Join(*commune_, unit, pb::SECRETARY, random_, kNow));
    }
    WriteAndSend("A");
  }

  void WriteAndSend(const std::string& name) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      cells_[i]->Record({MemberLine(name + std::to_string(i + 1))}, kNow);
    }
    // What the province does not hold yet of this has to be read from the commune's store.
    for (const auto& cell : cells_) {
      outcomes_.push_back(SyncOnce(*cell, *commune_, kNow).child);
    }
  }
  void SyncAll() {
    for (const auto& cell : cells_) {
      outcomes_.push_back(SyncOnce(*cell, *commune_, kNow).child);
    }
    outcomes_.push_back(SyncOnce(*commune_, *province_, kNow).child);
  }
  UnitId UnitOf(const std::string& code) const {
    for (SimNode* node : {province_.get(), commune_.get(), cells_[0].get()}) {
      if (node->replica().settings().unit_code == code) {
        return node->unit();
      }
    }
    return UnitId();
  }
  void Damage(const Harm& harm) {
    SimNode& node = harm.at == "top" ? *province_ : *commune_;
    std::size_t count = 0;
    for (const Stream* stream : node.replica().streams().All()) {
      const bool meant = stream->unit == UnitOf(harm.unit) && stream->kind == harm.kind &&
                         (harm.other.empty() || stream->other == UnitOf(harm.other));
      if (meant) {
        damaged_ = stream->id.hex().substr(0, 16);
        Must(node.sql().Execute(harm.statement + " AND stream_no = " + std::to_string(stream->no) +
                                ";"));
        ++count;
      }
    }
    ASSERT_EQ(count, 1u);
  }

  SeededRandom random_{61};
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> commune_;
  std::vector<std::unique_ptr<SimNode>> cells_;
  std::vector<Status> outcomes_;
  std::string damaged_;
};

TEST_P(DamagedStreamTest, DoesNotHoldUpTheOthers) {
  SyncAll();
  WriteAndSend("B");
  Damage(GetParam());
  outcomes_.clear();
  WriteAndSend("C");
  province_->AddUnit("xa02", pb::GRASSROOTS_BODY, kNow);
  SyncAll();
  SyncAll();
  for (SimNode* node : {commune_.get(), province_.get()}) {
    for (const std::string name : {"A2", "B2", "C2"}) {
      EXPECT_TRUE(MemberNames(*node).contains(name))
          << node->replica().settings().unit_code << " " << name;
    }
  }
  EXPECT_TRUE(cells_[1]->status().covered());
  // Whoever is concerned is told which stream it is; nobody is told of anything else.
  for (const Status& outcome : outcomes_) {
    EXPECT_TRUE(outcome || outcome.error().where.find(damaged_) != std::string::npos)
        << ToString(outcome.error());
  }
}

std::vector<Harm> Harms() {
  std::vector<Harm> harms;
  for (const Harm& stream :
       {Harm{"xa01", "cb01", pb::LINE, "", ""}, Harm{"xa01", "top", pb::DOWN, "", ""},
        Harm{"xa01", "xa01", pb::TO, "cb01", ""}, Harm{"xa01", "xa01", pb::DOWN, "", ""},
        Harm{"top", "cb01", pb::LINE, "", ""}, Harm{"top", "xa01", pb::TO, "cb01", ""}}) {
    for (const std::string statement : {
             "DELETE FROM entry WHERE idx = 0",
             "DELETE FROM entry WHERE idx = 1",
             "DELETE FROM entry WHERE idx = 2",
             "DELETE FROM entry WHERE idx > 0",
             "DELETE FROM entry WHERE idx >= 0",
             "UPDATE entry SET body = x'00' WHERE idx > 0",
             "UPDATE entry SET header = x'ff' WHERE idx > 0",
             "UPDATE entry SET leaf = x'00' WHERE idx > 0",
             "UPDATE entry SET leaf = zeroblob(32) WHERE idx > 0",
             "DELETE FROM secret WHERE reach >= 0",
             "UPDATE secret SET value = x'00' WHERE reach >= 0",
             "DELETE FROM checkpoint WHERE size > 0",
         }) {
      harms.push_back(stream);
      harms.back().statement = statement;
    }
  }
  return harms;
}

INSTANTIATE_TEST_SUITE_P(Everywhere, DamagedStreamTest, ::testing::ValuesIn(Harms()));

}  // namespace
}  // namespace chibo

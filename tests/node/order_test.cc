// The view is a pure function of the set of entries: random sets in random order, batching and
// restarts.
#include <gtest/gtest.h>

#include "tests/node/observer.h"

namespace chibo {
namespace {

const Timestamp kNow{std::chrono::milliseconds(1'575'500'000'000)};

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

// One entry of a stream, as a chunk of its own.
struct Piece {
  StreamId stream;
  std::uint64_t index = 0;
  EntryBytes bytes;
  Signature signature;
  StreamSecrets secrets;
};

// Everything a node has written, entry by entry.
std::vector<Piece> PiecesOf(SimNode& node) {
  std::vector<Piece> pieces;
  for (const Stream* stream : node.replica().streams().All()) {
    if (!stream->own) {
      continue;
    }
    const auto secrets = node.replica().log().Secrets(stream->no);
    const auto entries = node.replica().log().ReadEntries(stream->no, 0, 0, SIZE_MAX, SIZE_MAX);
    CHECK(secrets && entries);
    for (const StoredEntry& entry : *entries) {
      const auto close = node.replica().log().CheckpointAtLeast(stream->no, 0, entry.index + 1);
      CHECK(close && *close && (*close)->size == entry.index + 1);
      pieces.push_back(
          {stream->id, entry.index, {entry.header, entry.body}, (*close)->signature, *secrets});
    }
  }
  return pieces;
}

SubmittedChunk ChunkOf(const Piece& piece) {
  SubmittedChunk submitted;
  submitted.from_parent = true;
  submitted.chunk.stream = Bytes(piece.stream.view());
  submitted.chunk.from = piece.index;
  submitted.chunk.entries = {piece.bytes};
  submitted.chunk.close.signed_size = piece.index + 1;
  submitted.chunk.close.signature = piece.signature;
  submitted.chunk.secrets = piece.secrets;
  return submitted;
}

// Gives back what came too early.
std::vector<Piece> TakeIn(Observer& observer, std::vector<Piece> batch) {
  std::vector<SubmittedChunk> chunks;
  for (const Piece& piece : batch) {
    chunks.push_back(ChunkOf(piece));
  }
  const auto reports = observer.replica().Ingest(std::move(chunks), kNow);
  std::vector<Piece> early;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports[i].error) {
      early.push_back(batch[i]);
    }
  }
  return early;
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
      for (std::size_t i = waiting.size(); order > 0 && i > 1; --i) {
        std::swap(waiting[i - 1], waiting[random_.Below(i)]);
      }
      Observer observer(settings, random_);
      while (!waiting.empty()) {
        const std::size_t size = 1 + random_.Below(waiting.size());
        std::vector<Piece> batch(waiting.begin(), waiting.begin() + static_cast<long>(size));
        waiting.erase(waiting.begin(), waiting.begin() + static_cast<long>(size));
        const auto early = TakeIn(observer, std::move(batch));
        waiting.insert(waiting.end(), early.begin(), early.end());
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
  EXPECT_TRUE(TakeIn(whole, pieces_).empty());
  EXPECT_TRUE(TakeIn(part, {pieces_.begin(), pieces_.end() - 1}).empty());
  EXPECT_NE(whole.Digest(), part.Digest());
}

}  // namespace
}  // namespace chibo

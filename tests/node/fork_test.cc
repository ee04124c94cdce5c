// Streams with several branches: where each is kept, whatever came first.
#include <gtest/gtest.h>

#include <algorithm>

#include "proto/checkpoint.h"
#include "tests/node/observer.h"
#include "tests/node/sample_lines.h"

namespace chibo {
namespace {

// Who signs branch after branch of one stream.
class ForkingWriter {
 public:
  // Entries of one branch from index 0 on, and their leaves.
  struct Branch {
    std::vector<EntryBytes> entries;
    std::vector<Hash> leaves;
  };

  ForkingWriter(const NetworkId& network, Random& random)
      : network_(network), random_(random), device_(SecretKey::Draw(random)) {
    pb::EntryHeader header;
    pb::Genesis& genesis = *header.mutable_genesis();
    genesis.set_network(Bytes(network.view()));
    genesis.set_device(Bytes(device_.public_key().view()));
    genesis.set_certificate(Bytes("none"));
    genesis.set_kind(pb::LINE);
    genesis.set_unit(random.Draw(16));
    for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
      secrets_[reach] = random.DrawFixed<StreamSecret>();
      genesis.add_salts(Bytes(SecretCommitment(reach, *secrets_[reach]).view()));
    }
    genesis.set_incarnation(random.Draw(16));
    const Bytes bytes = header.SerializeAsString();
    id_ = StreamIdOf(bytes);
    const Entry entry{bytes, {}};
    trunk_.entries.push_back({bytes, EncodeBody(entry)});
    trunk_.leaves.push_back(EntryLeaf(id_, 0, entry));
    Grow(trunk_, 2);
  }

  const StreamId& id() const { return id_; }
  // The genesis and two entries, with which every branch begins.
  const Branch& trunk() const { return trunk_; }
  // The first `at` entries of a branch and `count` that are its own.
  Branch Leave(const Branch& from, std::size_t at, int count) {
    Branch branch;
    branch.entries.assign(from.entries.begin(), from.entries.begin() + static_cast<long>(at));
    branch.leaves.assign(from.leaves.begin(), from.leaves.begin() + static_cast<long>(at));
    Grow(branch, count);
    return branch;
  }

  SubmittedChunk Chunk(const Branch& branch, std::size_t from, std::size_t to) const {
    SubmittedChunk submitted;
    submitted.from_parent = true;
    submitted.chunk.stream = Bytes(id_.view());
    submitted.chunk.from = from;
    submitted.chunk.entries.assign(branch.entries.begin() + static_cast<long>(from),
                                   branch.entries.begin() + static_cast<long>(to));
    const Hash root = MerkleRoot(std::span(branch.leaves).first(to));
    submitted.chunk.close.signature = SignCheckpoint(device_, network_, {id_, to, root});
    submitted.chunk.secrets = secrets_;
    return submitted;
  }

 private:
  void Grow(Branch& branch, int count) {
    for (int i = 0; i < count; ++i) {
      pb::Record record;
      record.mutable_member()->set_person(random_.Draw(16));
      record.mutable_member()->set_name("Nguyễn Văn An");
      const auto entry = MakeEntry(id_, branch.leaves.size(), {}, {record}, {pb::ALL}, secrets_);
      CHECK(entry);
      branch.leaves.push_back(EntryLeaf(id_, branch.leaves.size(), *entry));
      branch.entries.push_back({entry->header, EncodeBody(*entry)});
    }
  }

  NetworkId network_;
  Random& random_;
  SigningKey device_;
  StreamSecrets secrets_;
  StreamId id_;
  Branch trunk_;
};

class NodeForkTest : public ::testing::Test {
 protected:
  NodeForkTest() {
    InitCrypto();
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    settings_ = province_->replica().settings();
    writer_.emplace(settings_.network, random_);
    // The second leaves the first, the third the second, the fourth the third.
    first_ = writer_->Leave(writer_->trunk(), 3, 5);
    second_ = writer_->Leave(first_, 4, 5);
    third_ = writer_->Leave(second_, 6, 4);
    fourth_ = writer_->Leave(third_, 8, 2);
  }

  static void Take(Observer& observer, SubmittedChunk chunk) {
    std::vector<SubmittedChunk> chunks;
    chunks.push_back(std::move(chunk));
    for (const CommitReport& report : observer.replica().Ingest(std::move(chunks), kNow)) {
      EXPECT_FALSE(report.error) << ToString(*report.error);
    }
  }

  // Every branch is there, and reads back as it was written.
  void ExpectHeld(Observer& observer, const std::vector<const ForkingWriter::Branch*>& branches) {
    const Stream* stream = observer.replica().streams().Find(writer_->id());
    ASSERT_NE(stream, nullptr);
    EXPECT_EQ(stream->branches.size(), branches.size());
    for (const ForkingWriter::Branch* branch : branches) {
      const Hash root = MerkleRoot(branch->leaves);
      const auto row =
          std::find_if(stream->branches.begin(), stream->branches.end(),
                       [&](const BranchRow& candidate) { return candidate.peaks.Root() == root; });
      ASSERT_NE(row, stream->branches.end());
      EXPECT_EQ(*observer.replica().log().Leaves(stream->no, row->branch, branch->leaves.size()),
                branch->leaves);
      const auto entries =
          observer.replica().log().ReadEntries(stream->no, row->branch, 0, SIZE_MAX, SIZE_MAX);
      ASSERT_TRUE(entries) << ToString(entries.error());
      ASSERT_EQ(entries->size(), branch->leaves.size());
      for (std::size_t i = 0; i < entries->size(); ++i) {
        EXPECT_EQ((*entries)[i].leaf, branch->leaves[i]);
      }
    }
  }

  SeededRandom random_{31};
  std::unique_ptr<SimNode> province_;
  Settings settings_;
  std::optional<ForkingWriter> writer_;
  ForkingWriter::Branch first_;
  ForkingWriter::Branch second_;
  ForkingWriter::Branch third_;
  ForkingWriter::Branch fourth_;
};

// In one transaction, as after a long silence or when a store is filled again.
TEST_F(NodeForkTest, AThousandStreamsOfOneChildAreRegisteredAtOnce) {
  const UnitId child = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
  std::vector<SubmittedChunk> chunks;
  std::vector<StreamId> streams;
  for (int i = 0; i < 1000; ++i) {
    const ForkingWriter writer(settings_.network, random_);
    chunks.push_back(writer.Chunk(writer.trunk(), 0, writer.trunk().leaves.size()));
    chunks.back().from_parent = false;
    chunks.back().from = child;
    streams.push_back(writer.id());
  }
  Replica& replica = province_->replica();
  for (const CommitReport& report : replica.Ingest(std::move(chunks), kNow)) {
    ASSERT_FALSE(report.error) << ToString(*report.error);
  }
  for (const StreamId& id : streams) {
    const auto registered = replica.log().RegisteredOf(id);
    ASSERT_TRUE(registered);
    ASSERT_EQ(registered->size(), 1U);
    EXPECT_EQ(registered->front().at.size, 3U);
  }
}

TEST_F(NodeForkTest, ABranchSharesWithTheOneItReallyLeft) {
  Observer observer(settings_, random_);
  for (const auto* branch : {&first_, &second_, &third_, &fourth_}) {
    Take(observer, writer_->Chunk(*branch, 0, branch->leaves.size()));
  }
  ExpectHeld(observer, {&first_, &second_, &third_, &fourth_});
}

TEST_F(NodeForkTest, WhatIsHeldDoesNotDependOnWhichBranchCameFirst) {
  std::vector<const ForkingWriter::Branch*> order{&first_, &second_, &third_, &fourth_};
  std::sort(order.begin(), order.end());
  std::optional<Hash> digest;
  do {
    Observer observer(settings_, random_);
    for (const auto* branch : order) {
      Take(observer, writer_->Chunk(*branch, 0, branch->leaves.size()));
    }
    ExpectHeld(observer, order);
    EXPECT_EQ(digest.value_or(observer.Digest()), observer.Digest());
    digest = observer.Digest();
    observer.Start();
    ASSERT_TRUE(observer.replica().RebuildView());
    EXPECT_EQ(observer.Digest(), *digest);
  } while (std::next_permutation(order.begin(), order.end()));
}

// A chunk that begins where two branches already differ does not say which of them it continues;
// its signature does.
TEST_F(NodeForkTest, TheSignatureSaysWhichBranchAChunkContinues) {
  for (const auto* left : {&first_, &second_}) {
    Observer observer(settings_, random_);
    Take(observer, writer_->Chunk(first_, 0, first_.leaves.size()));
    Take(observer, writer_->Chunk(second_, 0, second_.leaves.size()));
    const auto fresh = writer_->Leave(*left, 6, 3);
    Take(observer, writer_->Chunk(fresh, 6, 8));
    Take(observer, writer_->Chunk(fresh, 8, 9));
    ExpectHeld(observer, {&first_, &second_, &fresh});
  }
}

TEST_F(NodeForkTest, AnUnsignedContinuationOfAnyBranchIsRefused) {
  Observer observer(settings_, random_);
  Take(observer, writer_->Chunk(first_, 0, first_.leaves.size()));
  Take(observer, writer_->Chunk(second_, 0, second_.leaves.size()));
  const auto fresh = writer_->Leave(second_, 6, 3);
  SubmittedChunk chunk = writer_->Chunk(fresh, 6, 9);
  chunk.chunk.close.signature = writer_->Chunk(first_, 0, 5).chunk.close.signature;
  const auto reports = observer.replica().Ingest({chunk}, kNow);
  ASSERT_TRUE(reports.front().error);
  EXPECT_EQ(reports.front().error->code, Code::kBadSignature);
}

}  // namespace
}  // namespace chibo

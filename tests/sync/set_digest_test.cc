#include "sync/set_digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace chibo {
namespace {

class SetDigestTest : public testing::Test {
 protected:
  SetDigestTest() {
    SeededRandom random(4);
    key_ = SecretKey::Draw(random);
    for (std::uint64_t i = 1; i <= 5; ++i) {
      HeldStream& stream = streams_.emplace_back();
      stream.id = random.DrawFixed<StreamId>();
      stream.size = i;
      stream.root = random.DrawFixed<Hash>();
    }
  }
  SecretKey key_;
  std::vector<HeldStream> streams_;
};

TEST_F(SetDigestTest, OrderDoesNotMatter) {
  const SetDigest digest = DigestOf(key_, streams_);
  std::reverse(streams_.begin(), streams_.end());
  EXPECT_EQ(DigestOf(key_, streams_), digest);
}

TEST_F(SetDigestTest, EveryPartOfEveryStreamMatters) {
  const SetDigest digest = DigestOf(key_, streams_);
  auto changed = streams_;
  ++changed[2].size;
  EXPECT_NE(DigestOf(key_, changed), digest);
  changed = streams_;
  changed[2].root = Hash();
  EXPECT_NE(DigestOf(key_, changed), digest);
  changed = streams_;
  changed[2].id = StreamId();
  EXPECT_NE(DigestOf(key_, changed), digest);
  changed.pop_back();
  EXPECT_NE(DigestOf(key_, changed), digest);
  // Twice the same is not nothing.
  changed = streams_;
  changed.push_back(changed[0]);
  changed.push_back(changed[0]);
  EXPECT_NE(DigestOf(key_, changed), digest);
  SeededRandom random(5);
  EXPECT_NE(DigestOf(SecretKey::Draw(random), streams_), digest);
}

TEST_F(SetDigestTest, CanBeKeptUpToDate) {
  StreamSetDigest digest(key_);
  for (const HeldStream& stream : streams_) {
    digest.Add(stream);
  }
  EXPECT_EQ(digest.value(), DigestOf(key_, streams_));
  for (std::size_t i = 0; i < 100; ++i) {
    HeldStream& stream = streams_[i % streams_.size()];
    digest.Remove(stream);
    ++stream.size;
    digest.Add(stream);
  }
  EXPECT_EQ(digest.value(), DigestOf(key_, streams_));
  for (const HeldStream& stream : streams_) {
    digest.Remove(stream);
  }
  EXPECT_EQ(digest.value(), DigestOf(key_, {}));
  EXPECT_TRUE(digest.value().is_zero());
}

TEST_F(SetDigestTest, AForkCountsAllBranchesWhicheverIsFollowed) {
  HeldStream a = streams_[0];
  HeldStream b = streams_[1];
  b.id = a.id;
  a.forked = b.forked = true;
  a.branches = BranchesRoot(std::vector{a, b});
  b.branches = BranchesRoot(std::vector{b, a});
  EXPECT_EQ(DigestOf(key_, std::vector{a}), DigestOf(key_, std::vector{b}));
  HeldStream alone = streams_[0];
  EXPECT_NE(DigestOf(key_, std::vector{a}), DigestOf(key_, std::vector{alone}));
}

TEST_F(SetDigestTest, TextsThatAreLackingCount) {
  const std::vector<EntryRun> runs = {{2, 5}, {9, 10}};
  const auto lacking = LackingEntries(runs);
  ASSERT_TRUE(lacking.has_value());
  EXPECT_EQ(lacking->from, 2U);
  Bytes bytes;
  for (const std::uint64_t number : {2, 5, 9, 10}) {
    AppendU64(bytes, number);
  }
  EXPECT_EQ(lacking->entries.view(), Sha256(bytes).view().substr(0, 8));
  EXPECT_EQ(LackingEntries({}), std::nullopt);

  const SetDigest whole = DigestOf(key_, streams_);
  auto changed = streams_;
  changed[2].lacking = lacking;
  EXPECT_NE(DigestOf(key_, changed), whole);
  EXPECT_EQ(RootWithTexts(changed[2]),
            Sha256(Bytes(changed[2].root.view()) + Bytes(lacking->entries.view())));
  EXPECT_EQ(RootWithTexts(streams_[2]), streams_[2].root);
  const SetDigest one = DigestOf(key_, changed);
  changed[2].lacking = LackingEntries(std::vector<EntryRun>{{2, 5}});
  EXPECT_NE(DigestOf(key_, changed), one);
  // Of a fork in what stands for its branches.
  EXPECT_NE(BranchesRoot(std::vector{changed[2], changed[3]}),
            BranchesRoot(std::vector{streams_[2], streams_[3]}));
}

TEST_F(SetDigestTest, BothSidesOfAPairHaveOneKey) {
  SeededRandom random(6);
  const DhKey child(SecretKey::Draw(random));
  const DhKey parent(SecretKey::Draw(random));
  const DhKey other(SecretKey::Draw(random));
  const NetworkId network = NetworkId::FromChecked(Bytes(32, 'n'));
  const auto key = SetDigestKey(network, child, parent.public_key());
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->view(), SetDigestKey(network, parent, child.public_key())->view());
  EXPECT_NE(key->view(), SetDigestKey(network, other, child.public_key())->view());
  EXPECT_NE(key->view(), SetDigestKey(NetworkId(), child, parent.public_key())->view());
  EXPECT_EQ(SetDigestKey(network, child, DhPublicKey()), std::nullopt);
}

}  // namespace
}  // namespace chibo

// Root keys: the promised set takes over, and no other.
#include "node/root_set.h"

#include <gtest/gtest.h>

#include "proto/signed_object.h"
#include "storage/sqlite/sqlite_connection.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

SigningKey NewKey(Random& random) { return SigningKey(SecretKey::Draw(random)); }

RootKeys PublicHalves(const std::vector<SigningKey>& keys, std::uint32_t threshold) {
  RootKeys set{threshold, {}};
  for (const SigningKey& key : keys) {
    set.keys.push_back(key.public_key());
  }
  return set;
}

std::vector<const SigningKey*> First(const std::vector<SigningKey>& keys, std::size_t count) {
  std::vector<const SigningKey*> first;
  for (std::size_t i = 0; i < count; ++i) {
    first.push_back(&keys[i]);
  }
  return first;
}

class RootSetTest : public ::testing::Test {
 protected:
  RootSetTest() {
    InitCrypto();
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ = SimNode::Join(*province_, commune, pb::SERVER, random_, kNow);
    after_.push_back(NewKey(random_));
  }

  void ExpectEverythingCounts() {
    for (SimNode* node : {province_.get(), commune_.get()}) {
      EXPECT_TRUE(node->replica().view().VisitSetAside([&](const Fact& fact) {
        // The old signatures stand where they stood, and say nothing any more.
        const auto issuer = fact.record == nullptr || TraitsOf(fact.kind)->object.empty()
                                ? CertificateId()
                                : IssuerOf(*fact.record).value_or(CertificateId());
        EXPECT_TRUE(issuer.is_zero() && fact.standing == SetAside::kBadSignature)
            << ToString(fact.name) << " kind " << fact.kind << ": " << Name(fact.standing);
        return true;
      }));
    }
  }

  SeededRandom random_{41};
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> commune_;
  std::vector<SigningKey> after_;
};

TEST_F(RootSetTest, ThePromisedSetTakesOverEverywhere) {
  const auto changed =
      ChangeRootSet(province_->replica(), {&province_->root_key(), &province_->next_root_key()},
                    PublicHalves(after_, 1), kNow);
  ASSERT_TRUE(changed) << ToString(changed.error());
  EXPECT_EQ(changed->version, 2u);
  EXPECT_EQ(changed->signed_again, 3u) << "the topmost unit, its officer and its server";
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  for (SimNode* node : {province_.get(), commune_.get()}) {
    ASSERT_TRUE(node->replica().authority().RootSet());
    EXPECT_EQ(node->replica().authority().RootSet()->version(), 2u);
  }
  ExpectEverythingCounts();

  // Work goes on, below and above.
  const UnitId cell = commune_->AddUnit("xa01-cb01", pb::CELL, kNow);
  const auto joined = SimNode::Join(*commune_, cell, pb::SECRETARY, random_, kNow);
  EXPECT_TRUE(SyncOnce(*joined, *commune_, kNow).child);
  province_->AddUnit("xa02", pb::GRASSROOTS_BODY, kNow);
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  ExpectEverythingCounts();
  const Hash digest = commune_->digest();
  ASSERT_TRUE(commune_->replica().RebuildView());
  EXPECT_EQ(commune_->digest(), digest);

  // And once more, to what the second promised.
  const std::vector<SigningKey> last{NewKey(random_)};
  EXPECT_TRUE(ChangeRootSet(province_->replica(), {&province_->next_root_key(), &after_[0]},
                            PublicHalves(last, 1), kNow));
  EXPECT_EQ(province_->replica().authority().RootSet()->version(), 3u);
}

TEST_F(RootSetTest, ASetThatWasNotPromisedIsNotAccepted) {
  // Signed by the present root key, and by its own; but nobody promised it.
  const SigningKey stranger = NewKey(random_);
  pb::Record record;
  pb::RootSetBody& body = *record.mutable_root_set()->mutable_body();
  body = MakeRootSet(RootKeys{1, {stranger.public_key()}}, {});
  body.set_version(2);
  body.set_name("Tỉnh thử");
  body.set_random(random_.Draw(16));
  const NetworkId& network = province_->replica().settings().network;
  AddSignature(network, province_->root_key(), record);
  AddSignature(network, stranger, record);
  ASSERT_TRUE(province_->replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
    Draft draft;
    draft.claimed = kNow;
    draft.Add(record);
    CHIBO_TRY(writer.Append(pb::DOWN, UnitId(), std::move(draft)));
    return {};
  }));
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  for (SimNode* node : {province_.get(), commune_.get()}) {
    EXPECT_EQ(node->replica().authority().RootSet()->version(), 1u);
  }
}

TEST_F(RootSetTest, TakesTheKeysOfBothSets) {
  for (const SigningKey* one : {&province_->root_key(), &province_->next_root_key()}) {
    const auto changed = ChangeRootSet(province_->replica(), {one}, PublicHalves(after_, 1), kNow);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().reason, "root_keys_missing");
  }
  EXPECT_EQ(ChangeRootSet(commune_->replica(), {}, {}, kNow).error().reason, "root_not_here");
}

TEST_F(RootSetTest, WithoutAPromiseNothingFollows) {
  ASSERT_TRUE(ChangeRootSet(province_->replica(),
                            {&province_->root_key(), &province_->next_root_key()}, {}, kNow));
  const auto again = ChangeRootSet(province_->replica(), {&province_->next_root_key()}, {}, kNow);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "root_set_without_next");
}

// ---- Several holders

class ManyRootKeysTest : public ::testing::Test {
 protected:
  ManyRootKeysTest() {
    InitCrypto();
    for (int i = 0; i < 3; ++i) {
      first_.push_back(NewKey(random_));
      next_.push_back(NewKey(random_));
    }
    NewKeyOptions options;
    authority_ = MakeKey(options, random_)->key;
    options.device = true;
    device_ = MakeKey(options, random_)->key;
    sql_ = *OpenSqlite("", SqliteOptions{.kind = SqliteKind::kMemory});
  }

  // A network of 2 of 3 keys, signed by these.
  void Found(const std::vector<const SigningKey*>& signers) {
    plan_.name = "Tỉnh thử";
    plan_.unit_code = "top";
    plan_.unit_name = "Tỉnh thử";
    NetworkKeys keys{First(first_, 3), 2, PublicHalves(next_, 2), &*authority_, &*device_};
    NetworkStart start = PlanNetwork(plan_, keys, random_);
    LogStore log(*sql_, at_rest_);
    ASSERT_TRUE(log.OpenSchema());
    ASSERT_TRUE(PutSettings(start.settings, log));
    Replica::Parts parts;
    parts.sql = sql_.get();
    parts.at_rest = &at_rest_;
    parts.random = &random_;
    parts.device = &device_->sign;
    parts.noise = device_->noise->public_key();
    parts.seal = &*device_->seal;
    replica_ = *Replica::Open(parts);
    keys.root = signers;
    ASSERT_TRUE(FoundNetwork(*replica_, start, plan_, keys, kNow));
  }

  SeededRandom random_{43};
  std::vector<SigningKey> first_;
  std::vector<SigningKey> next_;
  std::optional<UnlockedKey> authority_;
  std::optional<UnlockedKey> device_;
  NetworkPlan plan_;
  NoProtection at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::unique_ptr<Replica> replica_;
};

TEST_F(ManyRootKeysTest, TwoOfThreeFoundAndChange) {
  Found(First(first_, 2));
  EXPECT_TRUE(OfficerOf(*replica_, authority_->sign));
  std::vector<const SigningKey*> keys = First(first_, 1);
  keys.push_back(&next_[1]);
  keys.push_back(&next_[2]);
  EXPECT_EQ(ChangeRootSet(*replica_, keys, {}, kNow).error().where, "1/2");
  keys.push_back(&first_[2]);
  ASSERT_TRUE(ChangeRootSet(*replica_, keys, PublicHalves(first_, 3), kNow));
  EXPECT_EQ(replica_->authority().RootSet()->version(), 2u);
  EXPECT_TRUE(OfficerOf(*replica_, authority_->sign));
}

TEST_F(ManyRootKeysTest, OneOfThreeIsNotEnough) {
  Found(First(first_, 1));
  EXPECT_FALSE(OfficerOf(*replica_, authority_->sign));
}

}  // namespace
}  // namespace chibo

#include "sync/pairing.h"

#include <gtest/gtest.h>

namespace chibo {
namespace {

class PairingTest : public testing::Test {
 protected:
  PairingTest() : child_key_(SecretKey()), parent_key_(SecretKey()) {
    child_key_ = DhKey(SecretKey::Draw(random_));
    parent_key_ = DhKey(SecretKey::Draw(random_));
    child_.channel.initiator = true;
    child_.channel.network = NetworkId::FromChecked(Bytes(32, 'n'));
    child_.channel.static_key = child_key_;
    child_.parent_key = Sha256(parent_key_.public_key().view());
    child_.request = "may I?";
    parent_.channel.network = child_.channel.network;
    parent_.channel.static_key = parent_key_;
    parent_.answer = [this](ByteView request, const DhPublicKey& peer) -> Result<PairReply> {
      asked_ = request;
      asked_by_ = peer;
      return PairReply{false, "the certificate"};
    };
  }

  // Runs both until nothing moves, `fragment` bytes at a time.
  void Run(std::size_t fragment = SIZE_MAX) {
    pairing_child_.emplace(child_, random_, Tick{});
    pairing_parent_.emplace(parent_, random_, Tick{});
    for (bool moved = true; moved;) {
      moved = Move(*pairing_child_, *pairing_parent_, parent_status_, fragment);
      moved = Move(*pairing_parent_, *pairing_child_, child_status_, fragment) || moved;
    }
  }
  static bool Move(Pairing& from, Pairing& to, Status& status, std::size_t fragment) {
    bool moved = false;
    for (Bytes bytes; from.PollTransmit(fragment, bytes) > 0; bytes.clear()) {
      moved = true;
      if (const Status handled = to.HandleBytes(bytes, Tick{}); !handled && status) {
        status = handled;
      }
    }
    return moved;
  }

  SeededRandom random_{3};
  DhKey child_key_;
  DhKey parent_key_;
  PairingOptions child_;
  PairingOptions parent_;
  std::optional<Pairing> pairing_child_;
  std::optional<Pairing> pairing_parent_;
  Status child_status_;
  Status parent_status_;
  Bytes asked_;
  std::optional<DhPublicKey> asked_by_;
};

TEST_F(PairingTest, TheRequestGoesUpAndTheGrantComesBack) {
  Run(1);
  EXPECT_TRUE(child_status_ && parent_status_);
  EXPECT_TRUE(pairing_child_->done());
  EXPECT_TRUE(pairing_parent_->done());
  EXPECT_EQ(asked_, "may I?");
  EXPECT_EQ(asked_by_, child_key_.public_key());
  ASSERT_TRUE(pairing_child_->reply().has_value());
  EXPECT_EQ(pairing_child_->reply()->grant, "the certificate");
  EXPECT_TRUE(pairing_child_->HandleClosed());
  EXPECT_TRUE(pairing_parent_->HandleClosed());
}

TEST_F(PairingTest, WaitingIsAnAnswer) {
  parent_.answer = [](ByteView, const DhPublicKey&) -> Result<PairReply> {
    return PairReply{true, {}};
  };
  Run();
  EXPECT_TRUE(pairing_child_->done());
  EXPECT_TRUE(pairing_child_->reply()->waiting);
}

TEST_F(PairingTest, AnotherKeyHearsNothingOfTheChild) {
  child_.parent_key = Sha256("another key");
  Run();
  EXPECT_EQ(child_status_.error().code, Code::kNotKnown);
  EXPECT_EQ(pairing_parent_->peer(), std::nullopt);
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(pairing_parent_->HandleClosed().error().code, Code::kCut);
}

TEST_F(PairingTest, RefusalsAreTold) {
  parent_.answer = [](ByteView, const DhPublicKey&) -> Result<PairReply> {
    return Fail(Code::kNotAllowed, "invite_used");
  };
  Run();
  EXPECT_EQ(parent_status_.error().reason, "invite_used");
  EXPECT_EQ(child_status_.error().code, Code::kNotAllowed);
  EXPECT_EQ(child_status_.error().reason, "parent_refuses_request");
  EXPECT_FALSE(pairing_child_->done());
}

TEST_F(PairingTest, AnotherNetworkDoesNotOpen) {
  parent_.channel.network = NetworkId::FromChecked(Bytes(32, 'm'));
  Run();
  EXPECT_EQ(child_status_.error().code, Code::kWrongNetwork);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(PairingTest, SilenceAndCutsAreNoSuccess) {
  Pairing child(child_, random_, Tick{});
  ASSERT_TRUE(child.NextTimeout().has_value());
  EXPECT_TRUE(child.HandleTimeout(*child.NextTimeout() - Duration(1)));
  Pairing parent(parent_, random_, Tick{});
  EXPECT_EQ(parent.HandleClosed().error().code, Code::kCut);
  EXPECT_EQ(child.HandleTimeout(*child.NextTimeout()).error().code, Code::kSilent);
}

TEST_F(PairingTest, AListenerTellsPatternsApart) {
  Pairing child(child_, random_, Tick{});
  Bytes bytes;
  child.PollTransmit(kPrefaceBytes, bytes);
  EXPECT_EQ(PatternOf(bytes), NoisePattern::kXx);
  EXPECT_EQ(PatternOf(bytes.substr(0, 7)), std::nullopt);
  EXPECT_EQ(PatternOf("GET / HT"), std::nullopt);
  bytes[6] = '\x09';
  EXPECT_EQ(PatternOf(bytes), std::nullopt);
}

}  // namespace
}  // namespace chibo

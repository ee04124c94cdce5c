#include <gtest/gtest.h>

#include "tests/sync/session_pair.h"

namespace chibo {
namespace {

// A world in which everything has been said once.
World Settled() {
  World world;
  world.Record(*world.line, 3, 300);
  EXPECT_TRUE(Sync(world));
  return world;
}

TEST(Session, NothingNewIsOneRoundTripAndFewBytes) {
  World world = Settled();
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_EQ(pair.flights(), 3);  // there and back, and the child's last word
  EXPECT_LE(pair.bytes(), 260U);
  EXPECT_EQ(pair.bytes(), pair.child().counts().bytes_in + pair.child().counts().bytes_out);
  EXPECT_EQ(pair.bytes_up() + pair.bytes_down(), 214U);
}

TEST(Session, FirstSyncCarriesEverythingBothWays) {
  World world;
  world.Record(*world.line, 40, 300);
  FakeWriter& decisions = world.AddWriter(false);
  world.Decide(decisions, 400);
  world.Decide(decisions, 400);
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  EXPECT_EQ(world.child.registered(*world.line), 41U);
  EXPECT_EQ(world.child.cursor, world.parent.outbox.size());
  EXPECT_EQ(world.child.lineage, world.parent.lineage);
  EXPECT_EQ(pair.child().counts().entries_out, 41U);
  EXPECT_EQ(pair.parent().counts().entries_in, 41U);
  EXPECT_TRUE(world.child.spool.empty());
  EXPECT_TRUE(world.parent.spool.empty());
}

TEST(Session, OneMeetingWithItsReceiptIsOneRoundTrip) {
  World world = Settled();
  world.Record(*world.line, 1, 1000);
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_EQ(pair.flights(), 3);
  EXPECT_EQ(world.child.registered(*world.line), 5U);
  EXPECT_LE(pair.bytes(), 1000U + 600U);
}

TEST(Session, NewsFromAboveComeWithTheWelcome) {
  World world = Settled();
  FakeWriter& decisions = world.AddWriter(false);
  world.Decide(decisions, 300);
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_EQ(pair.flights(), 3);
  EXPECT_TRUE(Agree(world));
}

TEST(Session, MoreFromAboveThanFitsTheWelcomeFollowsOnceItIsConfirmed) {
  World world = Settled();
  FakeWriter& decisions = world.AddWriter(false);
  for (int i = 0; i < 30; ++i) {
    world.Decide(decisions, 1000);
  }
  SessionPair pair(world);
  EXPECT_TRUE(pair.Step());
  EXPECT_LT(pair.bytes_down(), 4096U + 200U);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
}

TEST(Session, WorksByteByByte) {
  World world;
  world.Record(*world.line, 12, 300);
  world.Decide(world.AddWriter(false), 3000);
  SessionPair::Options options;
  options.fragment = 1;
  options.poll = 1;
  SessionPair pair(world, options);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
}

TEST(Session, ManyStreamsGoByHelloAndByInventory) {
  World world;
  for (int i = 0; i < 80; ++i) {
    FakeWriter& writer = world.AddWriter(true);
    world.child.Open(writer);
    world.Record(writer, 1, 60);
  }
  SessionPair::Options options;
  options.child.pace.handshake_news_bytes = 0;
  SessionPair pair(world, options);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
}

TEST(Session, MoreThanAWindowWaitsForAnswers) {
  World world;
  world.Record(*world.line, 60, 1000);
  SessionPair::Options options;
  options.parent.credit_bytes = 8000;
  options.child.chunk_bytes_aim = 2000;
  SessionPair pair(world, options);
  pair.Step();
  pair.Step();
  // Each step brings an answer: never more than the credit and one chunk are under way.
  const std::size_t before = pair.bytes_up();
  pair.Step();
  EXPECT_LE(pair.bytes_up() - before, 8000U + 4000U);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
}

TEST(Session, MoreThanAWindowComesDown) {
  World world = Settled();
  FakeWriter& decisions = world.AddWriter(false);
  for (int i = 0; i < 36; ++i) {
    world.Decide(decisions, 45'000);
  }
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
}

TEST(Session, BusyParentIsAskedNothing) {
  World world;
  world.Record(*world.line, 3, 300);
  SessionPair::Options options;
  options.parent.retry_after_s = 90;
  options.parent.admit = [](const DhPublicKey&) -> Result<Exchange*> {
    ADD_FAILURE() << "asked who it is";
    return Fail(Code::kNotKnown, "never");
  };
  SessionPair pair(world, options);
  pair.Run();
  EXPECT_EQ(pair.child_status().error().code, Code::kBusy);
  EXPECT_EQ(pair.parent_status().error().code, Code::kBusy);
  EXPECT_EQ(pair.child().retry_after_s(), 90U);
  EXPECT_EQ(pair.parent_exchange().reads, 0U);
}

TEST(Session, UnknownChildIsToldSo) {
  World world;
  SessionPair::Options options;
  options.parent.admit = [](const DhPublicKey&) -> Result<Exchange*> {
    return Fail(Code::kNotKnown, "key_not_known");
  };
  SessionPair pair(world, options);
  pair.Run();
  EXPECT_EQ(pair.child_status().error().code, Code::kNotKnown);
  EXPECT_EQ(pair.child_status().error().reason, "not_known_there");
  EXPECT_EQ(pair.parent_status().error().code, Code::kNotKnown);
}

TEST(Session, SilentPeersAreGivenUp) {
  World world;
  SessionPair pair(world);
  const Tick start = pair.now;
  ASSERT_EQ(pair.child().NextTimeout(), start + Duration(limits::kHandshakeMsMax));
  EXPECT_TRUE(pair.child().HandleTimeout(start + Duration(limits::kHandshakeMsMax - 1)));
  const Status late = pair.child().HandleTimeout(start + Duration(limits::kHandshakeMsMax));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kSilent);
  EXPECT_EQ(pair.child().HandleClosed().error().code, Code::kSilent);
}

TEST(Session, SingleBytesBuyNoTimeBeforeTheHandshake) {
  World world;
  SessionPair pair(world);
  Bytes hello;
  pair.child().PollTransmit(8, hello);
  EXPECT_TRUE(pair.parent().HandleBytes(hello.substr(0, 4), Tick(Duration(40'000))));
  EXPECT_FALSE(pair.parent().HandleTimeout(Tick(Duration(limits::kHandshakeMsMax))));
}

TEST(Session, OwnCommitsAreWaitedForWithoutTimeOut) {
  World world;
  world.Record(*world.line, 3, 300);
  SessionPair::Options options;
  options.commit_parent = false;
  SessionPair pair(world, options);
  pair.Step();
  EXPECT_EQ(pair.parent().NextTimeout(), std::nullopt);
  EXPECT_NE(pair.child().NextTimeout(), std::nullopt);
  pair.now += Duration(3600'000);
  EXPECT_TRUE(pair.parent().HandleTimeout(pair.now));
  const auto reports = pair.parent_exchange().Commit();
  EXPECT_TRUE(pair.parent().HandleCommitted(reports, pair.now));
  EXPECT_EQ(pair.parent().NextTimeout(), pair.now + Duration(limits::kSilenceMsMax));
}

TEST(Session, NoEndIsNoSuccess) {
  World world;
  world.Record(*world.line, 1, 100);
  SessionPair::Options options;
  SessionPair whole(world, options);
  World again = World();
  again.Record(*again.line, 1, 100);
  whole.Run();
  ASSERT_TRUE(whole.ok());
  options.cut_up = whole.bytes_up() - 1;  // the last byte of End
  SessionPair cut(again, options);
  cut.Run();
  EXPECT_TRUE(cut.child().done());
  EXPECT_EQ(cut.parent_status().error().code, Code::kCut);
  // Nothing is lost by it: everything was durable.
  EXPECT_TRUE(Agree(again));
}

}  // namespace
}  // namespace chibo

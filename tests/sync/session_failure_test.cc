// Stores that refuse, fail or cannot be read, on either side; and random days of all of it.
#include <gtest/gtest.h>

#include "tests/sync/session_pair.h"

namespace chibo {
namespace {

TEST(SessionFailure, AFullDiskAtTheParentIsNoReceipt) {
  for (const std::size_t news_bytes : {std::size_t{4096}, std::size_t{0}}) {
    World world;
    world.Record(*world.line, 3, 200);
    SessionPair::Options options;
    options.child.pace.handshake_news_bytes = news_bytes;
    SessionPair pair(world, options);
    pair.parent_exchange().commit_failure = Code::kDiskFull;
    pair.Run();
    EXPECT_EQ(pair.parent_status().error().code, Code::kDiskFull);
    ASSERT_FALSE(pair.child_status());
    EXPECT_EQ(pair.child_status().error().code, Code::kNotReceived);
    EXPECT_EQ(pair.child_status().error().reason, "peer_cannot_write");
    EXPECT_TRUE(Sync(world));
    EXPECT_TRUE(Agree(world));
  }
}

TEST(SessionFailure, AFullDiskAtTheChildKeepsTheCursor) {
  World world;
  world.Decide(world.AddWriter(false), 300);
  SessionPair pair(world);
  pair.child_exchange().commit_failure = Code::kDiskFull;
  pair.Run();
  EXPECT_EQ(pair.child_status().error().code, Code::kDiskFull);
  EXPECT_FALSE(pair.parent_status());
  EXPECT_EQ(world.child.cursor, 0U);
  EXPECT_TRUE(Sync(world));
  EXPECT_TRUE(Agree(world));
}

TEST(SessionFailure, OneStreamRefusedDoesNotStopTheOthers) {
  World world;
  FakeWriter& other = world.AddWriter(true);
  world.child.Open(other);
  world.Record(other, 3, 100);
  world.Record(*world.line, 3, 100);
  for (const std::size_t news_bytes : {std::size_t{4096}, std::size_t{0}}) {
    SessionPair::Options options;
    options.child.pace.handshake_news_bytes = news_bytes;
    SessionPair pair(world, options);
    pair.parent_exchange().refuse = [&](const ReceivedChunk& chunk) -> std::optional<Code> {
      return world.line->id.view().starts_with(chunk.stream) ? std::optional(Code::kNotAllowed)
                                                             : std::nullopt;
    };
    pair.Run();
    ASSERT_FALSE(pair.child_status());
    EXPECT_EQ(pair.child_status().error().code, Code::kNotReceived);
    EXPECT_NE(pair.child_status().error().where.find("NotAllowed"), std::string::npos);
    EXPECT_FALSE(pair.parent_status());
    EXPECT_EQ(world.parent.Find(world.line->id.view()), nullptr);
    EXPECT_EQ(world.child.registered(other), 4U);
  }
  EXPECT_TRUE(Sync(world));
  EXPECT_TRUE(Agree(world));
}

TEST(SessionFailure, WhatIsRefusedFromAboveIsNotPassedOver) {
  World world;
  FakeWriter& first = world.AddWriter(false);
  FakeWriter& second = world.AddWriter(false);
  world.Decide(first, 100);
  world.Decide(second, 100);
  SessionPair pair(world);
  pair.child_exchange().refuse = [&](const ReceivedChunk& chunk) -> std::optional<Code> {
    return first.id.view().starts_with(chunk.stream) && !chunk.stream.empty()
               ? std::optional(Code::kBehind)
               : std::nullopt;
  };
  pair.Run();
  ASSERT_FALSE(pair.child_status());
  EXPECT_EQ(pair.child_status().error().code, Code::kBehind);
  EXPECT_EQ(world.child.cursor, 1U);  // up to what was refused
  EXPECT_NE(world.child.Find(second.id.view()), nullptr);
  EXPECT_TRUE(Sync(world));
  EXPECT_TRUE(Agree(world));
  EXPECT_EQ(world.child.cursor, world.parent.outbox.size());
}

TEST(SessionFailure, ADamagedStreamIsNamedAndTheOthersGo) {
  World world;
  FakeWriter& other = world.AddWriter(true);
  world.child.Open(other);
  world.Record(other, 3, 100);
  world.Record(*world.line, 3, 100);
  SessionPair::Options options;
  options.child.pace.handshake_news_bytes = 0;  // nothing is read before
  SessionPair pair(world, options);
  pair.child_exchange().damaged = world.line->id;
  pair.Run();
  ASSERT_FALSE(pair.child_status());
  EXPECT_EQ(pair.child_status().error().code, Code::kDamaged);
  EXPECT_EQ(pair.child_status().error().where, world.line->id.hex());
  EXPECT_EQ(world.child.registered(other), 4U);
}

TEST(SessionFailure, AParentThatCannotReadSaysSo) {
  World world;
  FakeWriter& first = world.AddWriter(false);
  FakeWriter& second = world.AddWriter(false);
  world.Decide(first, 100);
  world.Decide(second, 100);
  SessionPair pair(world);
  pair.parent_exchange().damaged = first.id;
  pair.Run();
  ASSERT_FALSE(pair.child_status());
  EXPECT_EQ(pair.child_status().error().code, Code::kBehind);
  EXPECT_NE(world.child.Find(second.id.view()), nullptr);
  EXPECT_EQ(world.child.cursor, 1U);
}

TEST(SessionFailure, OutboxItemsWithNothingInThemOnlyMoveTheCursor) {
  World world;
  world.parent.Offer(world.registers->id, 0, 1, 1);
  ASSERT_TRUE(Sync(world));
  EXPECT_EQ(world.child.cursor, world.parent.outbox.size());
  world.parent.Offer(world.registers->id, 0, 1, 1);
  world.parent.Offer(world.registers->id, 0, 1, 1);
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_EQ(world.child.cursor, world.parent.outbox.size());
}

TEST(SessionFailure, ManyThingsAtOnceComeToAnEnd) {
  // One session, everything to do: a fork, a lost tail on each side, news, and more than fits the
  // Welcome.
  World world;
  FakeWriter& decisions = world.AddWriter(false);
  FakeWriter& other = world.AddWriter(true);
  world.child.Open(other);
  world.Record(other, 5, 100);
  world.Record(*world.line, 5, 100);
  world.Decide(decisions, 200);
  ASSERT_TRUE(Sync(world));
  const FakeNode child = world.child;
  const FakeNode parent = world.parent;
  world.Record(other, 5, 100);
  world.Record(*world.line, 5, 100);
  world.Decide(decisions, 200);
  ASSERT_TRUE(Sync(world));
  const FakeNode later = world.child;
  world.child = child;
  world.Record(*world.line, 3, 150);
  FakeWriter& fresh = world.AddWriter(true);
  world.child.Open(fresh);
  world.Record(fresh, 10, 2000);
  for (int i = 0; i < 10; ++i) {
    world.Decide(decisions, 1000);
  }
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  world.parent = parent;
  world.parent.lineage = world.random.Draw(8);
  EXPECT_TRUE(Sync(world));
  EXPECT_TRUE(Agree(world));
  world.child = later;
  EXPECT_TRUE(Sync(world));
  EXPECT_TRUE(Agree(world));
}

// Goal: whatever happens, in whatever order, once the link holds one session makes both sides
// agree, and nothing that was acknowledged is gone. Method: random days; a small model of what the
// parent has acknowledged.
class RandomDays : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomDays, EndInAgreement) {
  SeededRandom random(GetParam());
  World world;
  world.random = SeededRandom(GetParam() + 1000);
  std::vector<FakeWriter*> up = {world.line};
  std::vector<FakeWriter*> down = {&world.AddWriter(false)};
  std::uint64_t acknowledged = 0;  // of the first stream
  SessionPair::Options options;
  for (int day = 0; day < 14; ++day) {
    switch (random.Below(5)) {
      case 0:
        up.push_back(&world.AddWriter(true));
        world.child.Open(*up.back());
        break;
      case 1:
        world.Decide(*down[random.Below(down.size())], 20 + random.Below(600));
        break;
      case 2:
        down.push_back(&world.AddWriter(false));
        break;
      default:
        world.Record(*up[random.Below(up.size())], 1 + random.Below(4), 20 + random.Below(500));
        break;
    }
    options.fragment = 1 + random.Below(3000);
    options.poll = 1 + random.Below(5000);
    options.seed = random.Below(1 << 30);
    options.child.chunk_bytes_aim = 200 + random.Below(4000);
    options.parent.chunk_bytes_aim = 200 + random.Below(4000);
    options.cut_up = random.Below(2) == 0 ? std::optional(random.Below(4000)) : std::nullopt;
    options.cut_down = random.Below(3) == 0 ? std::optional(random.Below(2000)) : std::nullopt;
    options.commit_parent = random.Below(6) != 0;
    SessionPair pair(world, options);
    pair.Run();
    options.child.pace = pair.ok() ? Pace() : AfterCut(options.child.pace, pair.child().opened());
    EXPECT_GE(world.child.registered(*world.line), acknowledged);
    acknowledged = world.child.registered(*world.line);
    if (acknowledged > 0) {
      EXPECT_GE(world.parent.Find(world.line->id.view())->branches.front().size(), acknowledged);
    }
  }
  SessionPair last(world);
  last.Run();
  ASSERT_TRUE(last.ok()) << last.Why();
  EXPECT_TRUE(Agree(world));
  for (const FakeWriter* writer : up) {
    EXPECT_EQ(world.child.registered(*writer),
              world.parent.Find(writer->id.view())->branches.front().size());
  }
  SessionPair nothing(world);
  nothing.Run();
  EXPECT_TRUE(nothing.ok());
  EXPECT_LE(nothing.bytes(), 260U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDays, testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace chibo

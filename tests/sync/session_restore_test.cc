// Stores that went back in time, and copies that part.
#include <gtest/gtest.h>

#include "tests/sync/session_pair.h"

namespace chibo {
namespace {

World SettledWithDecisions() {
  World world;
  world.Record(*world.line, 6, 200);
  world.Decide(world.AddWriter(false), 200);
  EXPECT_TRUE(Sync(world));
  return world;
}

void ExpectNothingNew(World& world) {
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_EQ(pair.flights(), 3);
  EXPECT_LE(pair.bytes(), 260U);
}

TEST(SessionRestore, AChildFetchesItsOwnTailBack) {
  World world = SettledWithDecisions();
  const FakeNode old = world.child;
  world.Record(*world.line, 4, 200);
  world.Decide(*world.writers[2], 300);
  ASSERT_TRUE(Sync(world));
  world.child = old;
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  EXPECT_EQ(world.child.Find(world.line->id.view())->branches.front().size(), 11U);
  ExpectNothingNew(world);
}

TEST(SessionRestore, AnEmptyChildFetchesEverything) {
  World world = SettledWithDecisions();
  world.Record(*world.line, 4, 200);
  FakeWriter& other = world.AddWriter(true);
  world.child.Open(other);
  ASSERT_TRUE(Sync(world));
  world.child = FakeNode();
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  ExpectNothingNew(world);
}

TEST(SessionRestore, AChildThatOpenedANewStreamSendsItAndFetchesTheOld) {
  World world = SettledWithDecisions();
  const FakeNode old = world.child;
  world.Record(*world.line, 4, 200);
  ASSERT_TRUE(Sync(world));
  world.child = old;
  FakeWriter& again = world.AddWriter(true);
  world.child.Open(again);
  world.Record(again, 2, 200);
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  ExpectNothingNew(world);
}

TEST(SessionRestore, AParentIsGivenAgainWhatItLost) {
  World world = SettledWithDecisions();
  const FakeNode old = world.parent;
  world.Record(*world.line, 4, 200);
  world.Decide(*world.writers[2], 300);
  ASSERT_TRUE(Sync(world));
  // Not proven to go on where it stopped: new lineage, and what is registered from now on stands in
  // a new stream.
  world.parent = old;
  world.parent.lineage = world.random.Draw(8);
  FakeWriter& registers = world.AddWriter(false);
  world.parent.Open(registers);
  world.parent.Offer(registers.id, 0, 0, 1);
  world.registers = &registers;
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  EXPECT_EQ(world.child.lineage, world.parent.lineage);
  EXPECT_EQ(world.parent.Find(world.line->id.view())->branches.front().size(), 11U);
  ExpectNothingNew(world);
}

TEST(SessionRestore, AParentThatWentBackUnawareIsFoundOut) {
  World world = SettledWithDecisions();
  const FakeNode old = world.parent;
  world.Record(*world.line, 4, 200);
  ASSERT_TRUE(Sync(world));
  world.parent = old;  // the same lineage, a smaller head
  SessionPair pair(world);
  pair.Run();
  // It has written its register twice by now: both branches are on both sides.
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  EXPECT_EQ(world.parent.Find(world.line->id.view())->branches.front().size(), 11U);
  EXPECT_TRUE(Sync(world));
  EXPECT_TRUE(Agree(world));
}

TEST(SessionRestore, AnEmptyParentIsGivenEverything) {
  World world = SettledWithDecisions();
  World fresh;
  world.parent = FakeNode();
  world.parent.lineage = world.random.Draw(8);
  FakeWriter& registers = world.AddWriter(false);
  world.parent.Open(registers);
  world.parent.Offer(registers.id, 0, 0, 1);
  world.registers = &registers;
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  ExpectNothingNew(world);
}

// A copy of the child's directory wrote on, elsewhere.
World Forked(std::size_t ours, std::size_t theirs) {
  World world = SettledWithDecisions();
  const FakeNode clone = world.child;
  world.Record(*world.line, theirs, 200);
  EXPECT_TRUE(Sync(world));
  world.child = clone;
  world.Record(*world.line, ours, 150);
  return world;
}

class SessionFork : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(SessionFork, BothSidesKeepBothBranches) {
  World world = Forked(GetParam().first, GetParam().second);
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  EXPECT_EQ(world.child.Find(world.line->id.view())->branches.size(), 2U);
  EXPECT_EQ(world.parent.Find(world.line->id.view())->branches.size(), 2U);
  ExpectNothingNew(world);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SessionFork,
                         testing::Values(std::pair(3, 3), std::pair(1, 8), std::pair(8, 1),
                                         std::pair(40, 25), std::pair(25, 40)));

TEST(SessionRestore, AForkIsFoundWithoutNewsBesideHello) {
  World world = Forked(60, 50);
  SessionPair::Options options;
  options.child.pace.handshake_news_bytes = 0;
  SessionPair pair(world, options);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  // Only what lies past the fork travels: the 8 entries before it do not.
  EXPECT_EQ(pair.child().counts().entries_out, 60U);
}

TEST(SessionRestore, BothBranchesGrowAndMeetAgain) {
  World world = Forked(4, 3);
  ASSERT_TRUE(Sync(world));
  const FakeNode clone = world.child;
  world.Record(*world.line, 2, 100);
  ASSERT_TRUE(Sync(world));
  EXPECT_TRUE(Agree(world));
  world.child = clone;
  world.Record(*world.line, 3, 100);
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  EXPECT_EQ(world.parent.Find(world.line->id.view())->branches.size(), 3U);
}

TEST(SessionRestore, AForkOfAStreamFromAbove) {
  World world = SettledWithDecisions();
  FakeWriter& decisions = *world.writers[2];
  const FakeNode old = world.parent;
  world.Decide(decisions, 300);
  ASSERT_TRUE(Sync(world));
  world.parent = old;
  world.parent.lineage = world.random.Draw(8);
  world.Decide(decisions, 250);
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  EXPECT_EQ(world.child.Find(decisions.id.view())->branches.size(), 2U);
  EXPECT_EQ(world.parent.Find(decisions.id.view())->branches.size(), 2U);
}

// The parent's disk runs on two machines: the outbox of the second goes on behind something that
// this child, whose cursor is the first one's, has never seen.
TEST(SessionRestore, AParentsSecondMachineIsFollowedFromWhereItParted) {
  World world = SettledWithDecisions();
  FakeWriter& decisions = *world.writers[2];
  const FakeNode second = world.parent;
  world.Decide(decisions, 300);
  ASSERT_TRUE(Sync(world));
  world.parent = second;
  world.Decide(decisions, 250);
  world.Decide(decisions, 200);
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  EXPECT_EQ(world.child.Find(decisions.id.view())->branches.size(), 2U);
  EXPECT_EQ(world.parent.Find(decisions.id.view())->branches.size(), 2U);
  ExpectNothingNew(world);
}

TEST(SessionRestore, CopiesThatWereLostSilentlyAreFoundByTheDigest) {
  World world = SettledWithDecisions();
  // The cursor says that everything was applied; a row is gone all the same.
  FakeBranch& copy = world.child.Find(world.writers[2]->id.view())->branches.front();
  copy.entries.pop_back();
  copy.leaves.pop_back();
  copy.checkpoints.erase(std::prev(copy.checkpoints.end()));
  SessionPair pair(world);
  pair.Run();
  EXPECT_TRUE(pair.ok()) << pair.Why();
  EXPECT_TRUE(Agree(world));
  ExpectNothingNew(world);
}

}  // namespace
}  // namespace chibo

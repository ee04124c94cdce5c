// Texts that one side, or both, hold an entry without: a store went back in time and was given the
// entries by somebody who may not read them.
#include <gtest/gtest.h>

#include <algorithm>

#include "sync/set_digest.h"
#include "sync/stream_compare.h"
#include "tests/sync/session_pair.h"

namespace chibo {
namespace {

// Of a stream that goes up and one that comes down, each with 41 entries, both sides hold all.
struct Texts {
  Texts() : up(*world.line), down(world.AddWriter(false)) {
    world.Record(up, 40, 900);
    for (int i = 0; i < 40; ++i) {
      world.Decide(down, 900);
    }
    EXPECT_TRUE(Sync(world));
  }
  // Which entries are held without their texts: first, end, first, end, …
  std::vector<std::uint64_t> LackingIn(FakeNode& node, const FakeWriter& writer,
                                       std::size_t branch = 0) {
    std::vector<std::uint64_t> bounds;
    const auto& entries = node.Find(writer.id.view())->branches.at(branch).entries;
    for (std::uint64_t i = 0; i < entries.size(); ++i) {
      const bool lacks = !entries[i].body.empty() && entries[i].body.front() == 0;
      if (lacks != (bounds.size() % 2 == 1)) {
        bounds.push_back(i);
      }
    }
    return bounds;
  }
  bool SyncWell() {
    SessionPair pair(world);
    pair.Run();
    EXPECT_TRUE(pair.ok()) << pair.Why();
    entries_up = pair.child().counts().entries_out;
    entries_down = pair.parent().counts().entries_out;
    return pair.ok();
  }
  void ExpectIdle() {
    SessionPair pair(world);
    pair.Run();
    EXPECT_TRUE(pair.ok()) << pair.Why();
    EXPECT_EQ(pair.flights(), 3);
    EXPECT_LE(pair.bytes(), 260U);
  }

  World world;
  FakeWriter& up;
  FakeWriter& down;
  std::uint64_t entries_up = 0;
  std::uint64_t entries_down = 0;
};

using Bounds = std::vector<std::uint64_t>;

TEST(SessionText, WhoLacksTextsIsSentThemAgain) {
  for (const bool parent_lacks : {true, false}) {
    for (const bool upward : {true, false}) {
      Texts texts;
      FakeNode& node = parent_lacks ? texts.world.parent : texts.world.child;
      const FakeWriter& writer = upward ? texts.up : texts.down;
      node.LoseTexts(writer, 30, 100);
      ASSERT_TRUE(texts.SyncWell());
      EXPECT_EQ(texts.LackingIn(node, writer), Bounds()) << parent_lacks << upward;
      EXPECT_EQ(parent_lacks ? texts.entries_up : texts.entries_down, 11U);
      EXPECT_EQ(parent_lacks ? texts.entries_down : texts.entries_up, 0U);
      texts.ExpectIdle();
    }
  }
}

TEST(SessionText, WhatBothLackIsNotSentAgain) {
  Texts texts;
  for (FakeNode* node : {&texts.world.child, &texts.world.parent}) {
    node->LoseTexts(texts.up, 12, 20);
    node->LoseTexts(texts.down, 3, 5);
  }
  texts.ExpectIdle();
  // Nor when something new goes the same way.
  texts.world.Record(texts.up, 1, 100);
  texts.world.Decide(texts.down, 100);
  ASSERT_TRUE(texts.SyncWell());
  EXPECT_EQ(texts.entries_up, 1U);
  EXPECT_EQ(texts.entries_down, 2U);  // its receipt
  texts.ExpectIdle();
}

// Each has what the other lacks: after one session both have all of it.
TEST(SessionText, BothSidesFillInWhatTheOtherLacks) {
  for (const bool upward : {true, false}) {
    Texts texts;
    const FakeWriter& writer = upward ? texts.up : texts.down;
    // That both begin at one place does not hide that they differ further on.
    for (const std::uint64_t first : {5U, 8U}) {
      texts.world.child.LoseTexts(writer, 5, 7);
      texts.world.parent.LoseTexts(writer, 5, 7);
      texts.world.child.LoseTexts(writer, first, 12);
      texts.world.parent.LoseTexts(writer, 20, 30);
      ASSERT_TRUE(texts.SyncWell());
      EXPECT_EQ(texts.LackingIn(texts.world.child, writer), (Bounds{5, 7}));
      EXPECT_EQ(texts.LackingIn(texts.world.parent, writer), (Bounds{5, 7}));
      texts.ExpectIdle();
    }
  }
}

TEST(SessionText, AnOlderCopyOfTheChildBringsTextsAndIsGivenItsTail) {
  for (const bool upward : {true, false}) {
    Texts texts;
    FakeWriter& writer = upward ? texts.up : texts.down;
    const FakeNode old = texts.world.child;
    if (upward) {
      texts.world.Record(writer, 20, 300);
    } else {
      for (int i = 0; i < 20; ++i) {
        texts.world.Decide(writer, 300);
      }
    }
    ASSERT_TRUE(Sync(texts.world));
    texts.world.child = old;
    texts.world.parent.LoseTexts(writer, 35, 45);
    ASSERT_TRUE(texts.SyncWell());
    EXPECT_TRUE(Agree(texts.world));
    EXPECT_EQ(texts.LackingIn(texts.world.parent, writer), (Bounds{41, 45}));
    EXPECT_EQ(texts.LackingIn(texts.world.child, writer), (Bounds{41, 45}));
    texts.ExpectIdle();
  }
}

TEST(SessionText, AParentThatWentBackIsGivenItsTailAndGivesTexts) {
  for (const bool upward : {true, false}) {
    Texts texts;
    FakeWriter& writer = upward ? texts.up : texts.down;
    const FakeNode old = texts.world.parent;
    if (upward) {
      texts.world.Record(writer, 20, 300);
    } else {
      for (int i = 0; i < 20; ++i) {
        texts.world.Decide(writer, 300);
      }
    }
    ASSERT_TRUE(Sync(texts.world));
    texts.world.parent = old;
    texts.world.parent.lineage = texts.world.random.Draw(8);
    FakeWriter& registers = texts.world.AddWriter(false);
    texts.world.parent.Open(registers);
    texts.world.parent.Offer(registers.id, 0, 0, 1);
    texts.world.registers = &registers;
    texts.world.child.LoseTexts(writer, 35, 45);
    ASSERT_TRUE(texts.SyncWell());
    EXPECT_TRUE(Agree(texts.world));
    // Of what goes up it is seen when both are as long, and then without a new word from anybody.
    ASSERT_TRUE(texts.SyncWell());
    EXPECT_EQ(texts.LackingIn(texts.world.parent, writer), (Bounds{41, 45}));
    EXPECT_EQ(texts.LackingIn(texts.world.child, writer), (Bounds{41, 45}));
    texts.ExpectIdle();
  }
}

// A copy of the directory wrote on: both branches, with texts lacking on both sides.
TEST(SessionText, TextsOfForkedStreamsAreFilledIn) {
  for (const bool before : {true, false}) {
    Texts texts;
    const FakeNode clone = texts.world.child;
    texts.world.Record(texts.up, 9, 200);
    ASSERT_TRUE(Sync(texts.world));
    texts.world.child = clone;
    texts.world.Record(texts.up, 7, 200);
    if (before) {
      texts.world.parent.LoseTexts(texts.up, 38, 43);
      ASSERT_TRUE(texts.SyncWell());
    } else {
      ASSERT_TRUE(texts.SyncWell());
      texts.world.parent.LoseTexts(texts.up, 38, 43);
    }
    ASSERT_TRUE(texts.SyncWell());
    texts.world.child.LoseTexts(texts.up, 44, 46);
    texts.world.parent.LoseTexts(texts.up, 47, 49);
    ASSERT_TRUE(texts.SyncWell());
    EXPECT_TRUE(Agree(texts.world));
    // Past the fork a parent's own branch alone had the texts of.
    for (const std::size_t branch : {0U, 1U}) {
      EXPECT_EQ(texts.LackingIn(texts.world.parent, texts.up, branch),
                texts.LackingIn(texts.world.child, texts.up, 1 - branch));
    }
    texts.ExpectIdle();
  }
}

// Whoever says that texts are lacking and never takes them costs one tail a session, as with a size
// that is too small, and the session ends.
TEST(SessionText, WhoNeverTakesTextsIsSentThemOnce) {
  for (const bool parent_lacks : {true, false}) {
    for (const bool upward : {true, false}) {
      Texts texts;
      FakeNode& node = parent_lacks ? texts.world.parent : texts.world.child;
      node.LoseTexts(upward ? texts.up : texts.down, 30, 100);
      node.fills_in = false;
      SessionPair pair(texts.world);
      pair.Run();
      const auto up = pair.child().counts().entries_out;
      const auto down = pair.parent().counts().entries_out;
      EXPECT_EQ(parent_lacks ? up : down, 11U);
      EXPECT_EQ(parent_lacks ? down : up, 0U);
      EXPECT_EQ(pair.ok(), upward) << pair.Why();
      if (!upward) {
        EXPECT_EQ(pair.child_status().error().code, Code::kBehind);
      }
    }
  }
}

TEST(SessionText, WhatCannotBeLackingIsMalformed) {
  const HeldStream stream = [] {
    HeldStream held;
    held.size = 7;
    held.lacking = LackingEntries(std::vector<EntryRun>{{3, 5}});
    return held;
  }();
  Texts texts;
  FakeExchange exchange(texts.world.child, false, nullptr);
  const pb::Held told = Tell(exchange, stream);
  EXPECT_EQ(told.lacking().from(), 3U);
  EXPECT_TRUE(CheckHeld(told, true));
  EXPECT_TRUE(Says(told, stream.lacking));
  EXPECT_FALSE(Says(told, std::nullopt));
  EXPECT_FALSE(Says(told, LackingEntries(std::vector<EntryRun>{{3, 6}})));
  pb::Held wrong = told;
  wrong.mutable_lacking()->set_from(7);
  EXPECT_FALSE(CheckHeld(wrong, true));
  wrong = told;
  wrong.mutable_lacking()->set_entries("1234567");
  EXPECT_FALSE(CheckHeld(wrong, true));
}

// What is refused is not waited for.
TEST(SessionText, ARefusalEndsTheWaitingForTexts) {
  for (const bool parent_lacks : {true, false}) {
    for (const bool upward : {true, false}) {
      Texts texts;
      FakeNode& node = parent_lacks ? texts.world.parent : texts.world.child;
      const FakeWriter& writer = upward ? texts.up : texts.down;
      node.LoseTexts(writer, 30, 100);
      SessionPair pair(texts.world);
      FakeExchange& receiving = parent_lacks ? pair.parent_exchange() : pair.child_exchange();
      receiving.refuse = [&](const ReceivedChunk& chunk) -> std::optional<Code> {
        return writer.id.view().starts_with(chunk.stream) ? std::optional(Code::kNotAllowed)
                                                          : std::nullopt;
      };
      pair.Run();
      ASSERT_FALSE(pair.child_status().has_value());
      // Told, not cut off waiting.
      EXPECT_NE(pair.child_status().error().code, Code::kCut) << parent_lacks << upward;
    }
  }
}

// Cut at any byte, what is lacking comes all the same, and a chunk that was begun is gone on with.
TEST(SessionText, CutAnywhereTheNextSessionGoesOn) {
  Texts whole;
  whole.world.parent.LoseTexts(whole.up, 10, 100);
  whole.world.child.LoseTexts(whole.down, 10, 100);
  SessionPair::Options options;
  SessionPair all(whole.world, options);
  all.Run();
  ASSERT_TRUE(all.ok());
  std::uint64_t resumed = 0;
  for (std::size_t at = 1; at < std::max(all.bytes_up(), all.bytes_down()); at += 397) {
    for (const bool up : {true, false}) {
      Texts texts;
      texts.world.parent.LoseTexts(texts.up, 10, 100);
      texts.world.child.LoseTexts(texts.down, 10, 100);
      SessionPair::Options cut;
      (up ? cut.cut_up : cut.cut_down) = at;
      SessionPair(texts.world, cut).Run();
      SessionPair again(texts.world);
      again.Run();
      ASSERT_TRUE(again.ok()) << again.Why() << " after " << at;
      resumed += again.child().counts().bytes_resumed + again.parent().counts().bytes_resumed;
      ASSERT_EQ(texts.LackingIn(texts.world.parent, texts.up), Bounds()) << at;
      ASSERT_EQ(texts.LackingIn(texts.world.child, texts.down), Bounds()) << at;
    }
  }
  EXPECT_GT(resumed, 0U);
}

}  // namespace
}  // namespace chibo

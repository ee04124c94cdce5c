#include "sync/frame.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "proto/limits.h"

namespace chibo {
namespace {

TEST(Frame, HasTheseBytes) {
  Bytes message;
  AppendFrame(message, FrameType::kHello, "ab");
  AppendFrame(message, FrameType::kNotForMe, {});
  AppendFrame(message, FrameType::kChunkPart, Bytes(200, 'x'));
  EXPECT_EQ(ToHex(ByteView(message).substr(0, 9)), "01026162180009c801");
  EXPECT_EQ(message.size(), 9 + 200U);
}

TEST(Frame, ComesBackAsWritten) {
  Bytes message;
  AppendFrame(message, FrameType::kHello, "hello");
  AppendFrame(message, FrameType::kEnd, {});
  message += ByteView("\xc8\x02\x01\x02", 4);  // a type that nobody knows yet
  const auto frames = ParseFrames(message);
  ASSERT_TRUE(frames.has_value());
  ASSERT_EQ(frames->size(), 3U);
  EXPECT_EQ(frames->at(0).type, 1);
  EXPECT_EQ(frames->at(0).body, "hello");
  EXPECT_EQ(frames->at(1).type, 19);
  EXPECT_TRUE(frames->at(1).body.empty());
  EXPECT_EQ(frames->at(2).type, 200);
  EXPECT_TRUE(ParseFrames({})->empty());
}

TEST(Frame, PaddingReachesAMultipleOfSixteenAndIsSkipped) {
  for (std::size_t size = 0; size < 70; ++size) {
    Bytes message;
    AppendFrame(message, FrameType::kHello, Bytes(size, 'x'));
    const std::size_t before = message.size();
    PadMessage(message);
    EXPECT_EQ(message.size() % 16, 0U);
    EXPECT_LE(message.size(), before + 17);
    const auto frames = ParseFrames(message);
    ASSERT_TRUE(frames.has_value());
    ASSERT_EQ(frames->size(), 1U);
    EXPECT_EQ(frames->at(0).body.size(), size);
    const Bytes once = message;
    PadMessage(message);
    EXPECT_EQ(message, once);
  }
}

TEST(Frame, PaddingHoldsNothing) {
  EXPECT_EQ(ParseFrames(ByteView("\x02\x01\x01", 3)).error().code, Code::kMalformed);
}

TEST(Frame, RefusesAMessageCutAtEveryByteOfAFrame) {
  Bytes message;
  AppendFrame(message, FrameType::kWelcome, Bytes(300, 'x'));
  for (std::size_t size = 1; size < message.size(); ++size) {
    const auto frames = ParseFrames(ByteView(message).substr(0, size));
    ASSERT_FALSE(frames.has_value()) << size;
    EXPECT_EQ(frames.error().code, Code::kMalformed);
  }
}

TEST(Frame, RefusesSizesOverTheLimitAndLongForms) {
  Bytes largest;
  AppendFrame(largest, FrameType::kChunkPart, Bytes(limits::kFrameBytesMax, 'x'));
  EXPECT_TRUE(ParseFrames(largest).has_value());
  Bytes over("\x09");
  AppendVarint(over, limits::kFrameBytesMax + 1);
  over += Bytes(limits::kFrameBytesMax + 1, 'x');
  EXPECT_EQ(ParseFrames(over).error().code, Code::kTooLarge);
  Bytes huge("\x09");
  AppendVarint(huge, ~std::uint64_t{0});
  EXPECT_EQ(ParseFrames(huge).error().code, Code::kTooLarge);
  EXPECT_EQ(ParseFrames(ByteView("\x09\x81\x00x", 4)).error().code, Code::kMalformed);
}

TEST(Frame, GarbageIsFramesOrAnErrorAndNeverMoreThanItHolds) {
  SeededRandom random(3);
  for (int round = 0; round < 20000; ++round) {
    const Bytes garbage = random.Draw(random.Below(64));
    const auto frames = ParseFrames(garbage);
    if (!frames) {
      continue;
    }
    std::size_t held = 0;
    for (const Frame& frame : *frames) {
      held += 2 + frame.body.size();
    }
    EXPECT_LE(held, garbage.size());
  }
}

}  // namespace
}  // namespace chibo

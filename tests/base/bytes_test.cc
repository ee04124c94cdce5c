#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace chibo {
namespace {

TEST(Hex, GoesThereAndBackAndReadsEitherCase) {
  const Bytes bytes("\x00\x7f\x80\xff", 4);
  EXPECT_EQ(ToHex(bytes), "007f80ff");
  EXPECT_EQ(FromHex("007F80ff"), bytes);
  EXPECT_EQ(FromHex(""), Bytes());
}

TEST(Hex, RefusesOddLengthsAndOtherDigits) {
  for (const char* text : {"0", "0g", "g0", "0x00", " 00", "00 "}) {
    EXPECT_EQ(FromHex(text), std::nullopt) << text;
  }
}

TEST(Base64, WritesTheVectorsOfTheRfc) {
  EXPECT_EQ(ToBase64(""), "");
  EXPECT_EQ(ToBase64("f"), "Zg==");
  EXPECT_EQ(ToBase64("fo"), "Zm8=");
  EXPECT_EQ(ToBase64("foo"), "Zm9v");
  EXPECT_EQ(ToBase64("foob"), "Zm9vYg==");
  EXPECT_EQ(ToBase64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(ToBase64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(ToBase64(Bytes("\xfb\xff\xbf", 3)), "+/+/");
}

TEST(Base64, GoesThereAndBack) {
  SeededRandom random(1);
  for (std::size_t size = 0; size < 70; ++size) {
    const Bytes bytes = random.Draw(size);
    EXPECT_EQ(FromBase64(ToBase64(bytes)), bytes);
  }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n",
                           "Zm 9v===", "Zg==Zg==", "-_-_", "=m9v"}) {
    EXPECT_EQ(FromBase64(text), std::nullopt) << text;
  }
}

TEST(Integers, AreBigEndian) {
  Bytes bytes;
  AppendU16(bytes, 0x0102);
  AppendU32(bytes, 0x03040506);
  AppendU64(bytes, 0x0708090a0b0c0d0e);
  EXPECT_EQ(ToHex(bytes), "0102030405060708090a0b0c0d0e");
  EXPECT_EQ(ReadU16(bytes), 0x0102);
  EXPECT_EQ(ReadU32(ByteView(bytes).substr(2)), 0x03040506U);
  EXPECT_EQ(ReadU64(ByteView(bytes).substr(6)), 0x0708090a0b0c0d0eU);
}

TEST(Varint, GoesThereAndBackInShortestForm) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{127}, std::uint64_t{128},
        std::uint64_t{16383}, std::uint64_t{16384}, std::uint64_t{1} << 63, UINT64_MAX}) {
    Bytes bytes;
    AppendVarint(bytes, value);
    const Bytes varint = bytes;
    bytes += "rest";
    ByteView in = bytes;
    EXPECT_EQ(TakeVarint(in), value);
    EXPECT_EQ(in, "rest");
    for (std::size_t cut = 0; cut < varint.size(); ++cut) {
      ByteView part = ByteView(varint).substr(0, cut);
      EXPECT_EQ(TakeVarint(part), std::nullopt);
    }
  }
}

TEST(Varint, RefusesLongFormsAndOverflow) {
  for (const char* hex : {"8000", "ff00", "808080808000", "ffffffffffffffffff02",
                          "ffffffffffffffffffff01", "80808080808080808000"}) {
    const Bytes bytes = *FromHex(hex);
    ByteView in = bytes;
    EXPECT_EQ(TakeVarint(in), std::nullopt) << hex;
    EXPECT_EQ(in.size(), bytes.size()) << "nothing is taken by a refusal";
  }
}

TEST(Take, GivesNothingWhenThereIsLess) {
  ByteView in = "abc";
  EXPECT_EQ(Take(in, 4), std::nullopt);
  EXPECT_EQ(Take(in, 2), "ab");
  EXPECT_EQ(in, "c");
  EXPECT_EQ(Take(in, 1), "c");
  EXPECT_EQ(Take(in, 0), "");
}

using Four = FixedBytes<struct FourTag, 4>;

TEST(FixedBytes, TakesItsOwnSizeOnly) {
  EXPECT_EQ(Four::From("abc"), std::nullopt);
  EXPECT_EQ(Four::From("abcde"), std::nullopt);
  EXPECT_EQ(Four::From("abcd")->view(), "abcd");
  EXPECT_EQ(Four::FromHexText("61626364"), Four::From("abcd"));
  EXPECT_EQ(Four::FromHexText("6162636"), std::nullopt);
}

TEST(FixedBytes, ComparesAsUnsignedBytes) {
  EXPECT_LT(*Four::From(Bytes("\x7f\0\0\0", 4)), *Four::From(Bytes("\x80\0\0\0", 4)));
  EXPECT_TRUE(Four().is_zero());
  EXPECT_FALSE(Four::From("abcd")->is_zero());
}

}  // namespace
}  // namespace chibo

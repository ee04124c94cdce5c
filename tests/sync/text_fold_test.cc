#include "sync/text_fold.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "proto/crypto.h"

namespace chibo {
namespace {

constexpr ByteView kLower =
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ";
constexpr ByteView kUpper =
    "AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬBCDĐEÈÉẺẼẸÊỀẾỂỄỆGHIÌÍỈĨỊKLMNOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢPQRSTUÙÚỦŨỤƯỪỨỬỮỰVXYỲÝỶỸỴ";

std::optional<Bytes> RoundTrip(ByteView text) {
  const auto folded = FoldText(text);
  if (!folded) {
    return std::nullopt;
  }
  ByteView rest = *folded;
  Bytes out;
  EXPECT_TRUE(UnfoldText(rest, text.size(), out));
  EXPECT_TRUE(rest.empty());
  return out;
}

TEST(TextFold, ASyllableTakesOneByteOrTwo) {
  for (const ByteView text : {"đảng bộ công đồng dân", "Chi bộ thảo luận việc làm đường thôn."}) {
    EXPECT_EQ(RoundTrip(text), text);
  }
  EXPECT_EQ(FoldText("đảng bộ công đồng dân")->size(), 5U);
  EXPECT_EQ(FoldText("Đảng bộ CÔNG")->size(), 5U);
  EXPECT_LE(FoldText("Chi bộ thảo luận việc làm đường thôn.")->size(), 15U);
}

TEST(TextFold, EveryLetterAndCaseComesBack) {
  for (const ByteView text :
       {kLower, kUpper, ByteView("đảng Đảng ĐẢNG đẢng ĐảNG Ý Ở ý ở"),
        ByteView("UBND xã Đông Anh, TP. Thanh Hóa; COVID-19 km2 xa01-cb03"),
        ByteView("Nguyễn-Văn An/Bình (bí thư) “bốn tốt” ‘hai’ – 5 m² \"một\"")}) {
    EXPECT_EQ(RoundTrip(text), text);
  }
}

TEST(TextFold, SpacesComeBackWhereverTheyStand) {
  for (const ByteView text :
       {" đảng", "đảng ", "  ", "đảng  bộ", " đảng  , bộ ,công( dân )  ", "đảng\n bộ\n\ncông \tdân",
        "15 đảng 15đảng15 bộ", "đảng.Bộ .công", "“ đảng ” “bộ”"}) {
    EXPECT_EQ(RoundTrip(text), text) << text;
  }
}

// Folded texts lie in chunks that were cut off and in exports: the codes cannot change.
TEST(TextFold, TheCodesStayWhatTheyAre) {
  EXPECT_EQ(ToHex(*FoldText("Đảng bộ xã, ở (thôn) …, 5 m²\n")),
            "010005d72cd82028eb8f2920048c2c2035ef62048f0a");
  EXPECT_EQ(Sha256(SyllableTable()).hex(),
            "db8cbb7287fcca01b7402633b0266f2b899134befd09e30d3524b042b029b93f");
}

TEST(TextFold, KeepsWhatHasNoCode) {
  for (const ByteView text : {"Ƀơ Nơ̆k Êđê 你好 ok và thêm mấy chữ đủ dài để bù lại", "\t tab \r\n",
                              "e\xcc\x81 NFD trong một câu tiếng Việt có nhiều dấu"}) {
    EXPECT_EQ(RoundTrip(text), text);
  }
}

TEST(TextFold, RefusesWhatIsNotTextOrWouldGrow) {
  const std::vector<Bytes> refused = {
      Bytes("a\0b", 3),   "bell \a",      "\x7f",     "\xff\xfe",
      "\xc0\x80",         "\xed\xa0\x80", "\xe1\xba", "\xe1",
      "\xf5\x80\x80\x80", "\xe0\x80\x80", "你好",     "\xc2\x85",
  };
  for (const Bytes& bytes : refused) {
    EXPECT_FALSE(FoldText(bytes).has_value()) << ToHex(bytes);
  }
}

// Pieces of words, spaces, signs and cases in any order.
TEST(TextFold, WhateverTextComesBack) {
  const std::vector<Bytes> pieces = {"đảng", "Bộ", "CÔNG", "a", "A", "xz", " ",  "  ",
                                     "\n",   ",",  "(",    "“", "”", "-",  "15", "你",
                                     "Ý",    "ở",  "Ĩ",    ".", "/", "ñ"};
  SeededRandom random(9);
  for (int round = 0; round < 20000; ++round) {
    Bytes text;
    for (std::uint64_t left = random.Below(12); left > 0; --left) {
      text += pieces[random.Below(pieces.size())];
    }
    if (const auto back = RoundTrip(text)) {
      ASSERT_EQ(*back, text);
    }
  }
}

TEST(TextFold, GarbageUnfoldsToAtMostWhatWasAskedFor) {
  SeededRandom random(5);
  for (int round = 0; round < 50000; ++round) {
    const Bytes garbage = random.Draw(random.Below(12));
    const std::size_t size = random.Below(20);
    ByteView rest = garbage;
    Bytes out = "kept";
    if (UnfoldText(rest, size, out)) {
      ASSERT_EQ(out.size(), 4 + size);
    }
    ASSERT_LE(out.size(), 4 + size);
    ASSERT_TRUE(out.starts_with("kept"));
  }
}

TEST(TextFold, AMarkWithoutItsSyllableIsRefused) {
  for (const Bytes& folded :
       {Bytes(1, kFoldCapital), Bytes(1, kFoldJoin), Bytes(1, kFoldSign), Bytes(2, kFoldCapital),
        Bytes({kFoldCapital, ' '}), Bytes({kFoldSign, '\xfe'}), Bytes("\xff\xff", 2)}) {
    ByteView rest = folded;
    Bytes out;
    EXPECT_FALSE(UnfoldText(rest, 3, out)) << ToHex(folded);
  }
}

}  // namespace
}  // namespace chibo

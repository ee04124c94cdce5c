#include "sync/text_fold.h"

#include <gtest/gtest.h>

#include "base/random.h"

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

TEST(TextFold, EveryVietnameseLetterTakesOneByte) {
  std::size_t letters = 0;
  for (const ByteView text : {kLower, kUpper}) {
    EXPECT_EQ(RoundTrip(text), text);
    letters += FoldText(text)->size();
  }
  EXPECT_EQ(letters, 2 * (67 + 22U));
  EXPECT_EQ(FoldText("Đảng bộ “bốn tốt” – 5 m²\n")->size(), 25U);
}

// Folded texts lie in chunks that were cut off and in exports: the codes cannot change.
TEST(TextFold, TheCodesStayWhatTheyAre) {
  EXPECT_EQ(ToHex(*FoldText("àáđÀỴĐ“…")), "8081c2c305060710");
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
    ASSERT_LE(out.size(), 4 + size + 3);
    ASSERT_TRUE(out.starts_with("kept"));
  }
  ByteView zero("\0", 1);
  Bytes out;
  EXPECT_FALSE(UnfoldText(zero, 1, out));
}

}  // namespace
}  // namespace chibo

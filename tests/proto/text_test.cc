#include "proto/text.h"

#include <gtest/gtest.h>

#include "proto/lines.h"

namespace chibo {
namespace {

TEST(PlainText, TakesWhatPeopleWrite) {
  for (const char* text : {"", "Nguyễn Văn An", "Đảng bộ xã Đông Hoàng – cụm 1", "a\u0301", "日本",
                           "\U0001F1FB\U0001F1F3", "\u200d", "\ufeff", "=1+1"}) {
    EXPECT_TRUE(IsPlainText(text, Lines::kOne)) << text;
  }
}

TEST(PlainText, TakesLineFeedsInFreeTextOnly) {
  for (const char* text : {"a\nb", "a\tb", "a\r\nb"}) {
    EXPECT_TRUE(IsPlainText(text, Lines::kMany));
    EXPECT_FALSE(IsPlainText(text, Lines::kOne));
  }
}

TEST(PlainText, RefusesControlAndDirectionCharacters) {
  for (const std::string_view text :
       {std::string_view("a\0b", 3), std::string_view("\x1b[2J"), std::string_view("\x7f"),
        std::string_view("\u0080"), std::string_view("\u009f"), std::string_view("\u2028"),
        std::string_view("\u2029"), std::string_view("\u202a"), std::string_view("An\u202enA"),
        std::string_view("\u2066"), std::string_view("\u2069"), std::string_view("\b")}) {
    EXPECT_FALSE(IsPlainText(text, Lines::kOne));
    EXPECT_FALSE(IsPlainText(text, Lines::kMany));
  }
}

TEST(Utf8, IsNotYetPlainText) { EXPECT_TRUE(IsUtf8("\x1b[2J \u202e \U0001F1FB\n")); }

TEST(PlainText, RefusesWhatIsNotUtf8) {
  // A lone tail, cut ones, overlong ones, a surrogate, beyond the last plane.
  for (const char* text :
       {"\x80", "\xbf", "\xc3", "\xe1\xbb", "\xf0\x9f\x87", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf",
        "\xe0\x9f\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3(", "\xe1\xbb("}) {
    EXPECT_FALSE(IsUtf8(text));
    EXPECT_FALSE(IsPlainText(text, Lines::kMany));
  }
  for (const char* text : {"\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsPlainText(text, Lines::kMany));
  }
}

TEST(TakeLine, GivesWholeLinesOnly) {
  std::string_view text = "a\n\nb";
  EXPECT_EQ(TakeLine(text), "a");
  EXPECT_EQ(TakeLine(text), "");
  EXPECT_EQ(TakeLine(text), std::nullopt);
  EXPECT_EQ(text, "b");
}

TEST(ParseDecimal, HasOneSpellingPerNumber) {
  EXPECT_EQ(ParseDecimal("0"), 0U);
  EXPECT_EQ(ParseDecimal("18446744073709551615"), UINT64_MAX);
  for (const char* text :
       {"", "00", "01", "+1", "-1", " 1", "1 ", "1x", "0x1", "18446744073709551616"}) {
    EXPECT_EQ(ParseDecimal(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace chibo

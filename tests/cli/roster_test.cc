#include "node/cli/roster.h"

#include <gtest/gtest.h>

#include "node/cli/csv.h"

namespace chibo {
namespace {

constexpr std::string_view kHead =
    "Họ và tên,Ngày sinh,Giới tính,Dân tộc,Ngày vào Đảng,Ngày chính thức,Số thẻ,CCCD,Điện thoại,"
    "Chức vụ,Ghi chú\n";

Roster Read(const std::string& text) {
  auto roster = ReadRoster(text);
  EXPECT_TRUE(roster) << (roster ? "" : ToString(roster.error()));
  return roster ? *std::move(roster) : Roster();
}

std::string_view ReasonOf(const std::string& text) {
  const auto roster = ReadRoster(text);
  EXPECT_FALSE(roster);
  return roster ? "" : roster.error().reason;
}

RosterProblem OnlyProblem(const std::string& text) {
  const Roster roster = Read(text);
  EXPECT_EQ(roster.problems.size(), 1U);
  return roster.problems.empty() ? RosterProblem() : roster.problems.front();
}

TEST(Roster, ReadsEveryColumn) {
  const Roster roster = Read(
      std::string(kHead).append("Lê Thị Mai,09/01/1976,Nữ,Mường,03/02/2001,03/02/2002,00.123456,"
                                "999976123456,0000123456,Bí thư chi bộ,\"khen, 2018\"\n"));
  ASSERT_TRUE(roster.problems.empty());
  ASSERT_EQ(roster.persons.size(), 1U);
  const RosterPerson& person = roster.persons.front();
  EXPECT_EQ(person.line, 2U);
  EXPECT_EQ(person[RosterColumn::kName], "Lê Thị Mai");
  EXPECT_EQ(person.birth, 19760109U);
  EXPECT_EQ(person.admitted, 20010203U);
  EXPECT_EQ(person.official, 20020203U);
  EXPECT_EQ(person[RosterColumn::kEthnicity], "Mường");
  EXPECT_EQ(person[RosterColumn::kCard], "00.123456");
  EXPECT_EQ(person[RosterColumn::kNote], "khen, 2018");
}

TEST(Roster, ReadsTheSameFromEveryShapeOfFile) {
  const std::string plain = "Họ và tên,Ngày sinh,Ngày vào Đảng\nLê Thị Mai,09/01/1976,03/02/2001\n";
  const RosterPerson wanted = Read(plain).persons.front();
  for (const std::string& text :
       {"\xef\xbb\xbf" + plain,
        std::string("Họ và tên;Ngày sinh;Ngày vào Đảng\r\nLê Thị Mai;09/01/1976;03/02/2001\r\n"),
        std::string("Ngày vào Đảng\tHọ và tên\tNgày sinh\n2001-02-03\tLê Thị Mai\t1976-01-09"),
        std::string("HỌ VÀ TÊN,ngày  sinh,NGÀY VÀO ĐẢNG\n  Lê Thị  Mai ,9/1/1976,3/2/2001\n"),
        // The same letters in Unicode NFD.
        std::string("Ho\xcc\xa3 va\xcc\x80 te\xcc\x82n,Nga\xcc\x80y sinh,Nga\xcc\x80y va\xcc\x80o "
                    "\xc4\x90\x61\xcc\x89ng\n"
                    "Le\xcc\x82 Thi\xcc\xa3 Mai,09/01/1976,03/02/2001\n")}) {
    SCOPED_TRACE(text);
    const Roster roster = Read(text);
    EXPECT_TRUE(roster.problems.empty());
    ASSERT_EQ(roster.persons.size(), 1U);
    EXPECT_EQ(roster.persons.front()[RosterColumn::kName], wanted[RosterColumn::kName]);
    EXPECT_EQ(roster.persons.front().birth, wanted.birth);
    EXPECT_EQ(roster.persons.front().admitted, wanted.admitted);
  }
}

TEST(Roster, TellsEveryBadLineAtOnce) {
  const Roster roster = Read(
      "Họ và tên,Ngày sinh,Ngày vào Đảng,Ngày chính thức\n"
      "Lê Thị Mai,31/02/1976,03/02/2001,\n"
      ",09/01/1976,03/02/2001,\n"
      "\n"
      "Lê Văn Hai,,03/02/2001,soon\n"
      "Lê Văn Ba,09/01/1976,03/02/1975,\n"
      "Lê Văn Tư,09/01/1976,03/02/2001,03/02/2000\n");
  const std::vector<RosterProblem> wanted = {
      {2, "Ngày sinh", "roster_date_unreadable"},
      {3, "Họ và tên", "roster_cell_empty"},
      {5, "Ngày chính thức", "roster_date_unreadable"},
      {5, "Ngày sinh", "roster_cell_empty"},
      {6, "Ngày vào Đảng", "roster_dates_reversed"},
      {7, "Ngày chính thức", "roster_dates_reversed"},
  };
  EXPECT_EQ(roster.problems, wanted);
}

TEST(Roster, CountsLinesThroughQuotedLineEnds) {
  const Roster roster = Read(
      "Họ và tên,Ngày sinh,Ngày vào Đảng,Ghi chú\n"
      "Lê Thị Mai,09/01/1976,03/02/2001,\"a\nb\"\n"
      "Lê Văn Hai,x,03/02/2001,\n");
  ASSERT_EQ(roster.problems.size(), 1U);
  EXPECT_EQ(roster.problems.front().line, 4U);
  EXPECT_EQ(roster.persons.front()[RosterColumn::kNote], "a b");
}

TEST(Roster, RefusesTheSamePersonTwice) {
  const RosterProblem problem = OnlyProblem(
      "Họ và tên,Ngày sinh,Ngày vào Đảng\n"
      "Lê Thị Mai,09/01/1976,03/02/2001\nLê Thị  Mai,1976-01-09,03/02/2001\n");
  EXPECT_EQ(problem.line, 3U);
  EXPECT_EQ(problem.reason, "roster_person_twice");
}

TEST(Roster, RefusesRowsThatDoNotFitTheHead) {
  EXPECT_EQ(OnlyProblem("Họ và tên,Ngày sinh,Ngày vào Đảng\nLê,Mai,09/01/1976,03/02/2001\n").reason,
            "roster_cells_too_many");
  EXPECT_EQ(ReasonOf("Họ và tên,Ngày sinh\nLê Thị Mai,09/01/1976\n"), "roster_column_missing");
  EXPECT_EQ(ReasonOf("Họ và tên,Họ tên,Ngày sinh,Ngày vào Đảng\n"), "roster_column_twice");
}

TEST(Roster, RefusesTextThatNoListMayHold) {
  EXPECT_EQ(ReasonOf("Họ và tên\xff,Ngày sinh\n"), "csv_not_utf8");
  EXPECT_EQ(ReasonOf(""), "csv_empty");
  EXPECT_EQ(OnlyProblem("Họ và tên,Ngày sinh,Ngày vào Đảng\n" + std::string(300, 'a') +
                        ",09/01/1976,03/02/2001\n")
                .reason,
            "roster_cell_too_long");
}

TEST(Roster, SaysWhichColumnsItPassedOver) {
  const Roster roster =
      Read("STT,Họ và tên,Ngày sinh,Ngày vào Đảng\n1,Lê Mai,09/01/1976,03/02/2001\n");
  EXPECT_EQ(roster.passed_over, std::vector<std::string>{"STT"});
  EXPECT_FALSE(roster.columns.contains(RosterColumn::kPhone));
}

TEST(Roster, OneBadLineHidesNoOther) {
  const Roster roster = Read(
      "\n\nHọ và tên;Ngày sinh;Ngày vào Đảng\nH\xe0 Văn Páo;09/01/1976;03/02/2001\n"
      "Lê Mai;31/02/1976;03/02/2001\nLê Na;09/01/1976;\xff\n\"Lê Ba;1;2\n");
  const std::vector<RosterProblem> told = {{4, "Họ và tên", "roster_cell_not_utf8"},
                                           {5, "Ngày sinh", "roster_date_unreadable"},
                                           {6, "Ngày vào Đảng", "roster_cell_not_utf8"},
                                           {7, "Họ và tên", "csv_quote_open"}};
  EXPECT_EQ(roster.problems, told);
}

TEST(Csv, RowsThatAreNoTextAreToldWhereAllOrNothingIsRead) {
  const auto latin = ReadCsv("a,b\n1,2\nH\xe0,2\n");
  ASSERT_TRUE(latin);
  EXPECT_EQ(CheckRows(*latin).error().where, "3");
  const auto open = ReadCsv("a,b\n1,2\n\"1,2\n");
  ASSERT_TRUE(open);
  EXPECT_EQ(CheckRows(*open).error().reason, "csv_quote_open");
  EXPECT_EQ(ReadCsv("\xff\xfe").error().reason, "csv_not_utf8");
}

TEST(Csv, WritesNoFormulas) {
  for (const char* text : {"=1+1", "+84", "-5", "@x"}) {
    EXPECT_EQ(CsvCell(text), std::string("'") + text);
  }
  EXPECT_EQ(CsvCell("a \"b\", c"), "\"a \"\"b\"\", c\"");
  EXPECT_EQ(CsvLine({"", "b"}), ",b\r\n");
}

TEST(Csv, ReadsWhatItWrites) {
  const std::vector<std::string> cells = {"a,b", "c\"d", "e", ""};
  const auto table = ReadCsv(CsvLine({"x", "y", "z", "w"}) + CsvLine(cells));
  ASSERT_TRUE(table);
  ASSERT_EQ(table->rows.size(), 1U);
  EXPECT_EQ(table->rows.front().cells, cells);
}

}  // namespace
}  // namespace chibo

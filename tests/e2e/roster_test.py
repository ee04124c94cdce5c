# ctest label: e2e
"""Rosters as spreadsheets save them, and rosters with mistakes: all of them told at once, nothing imported by half."""

import unicodedata

from refusal import CATALOGUE, RefusalCase, sentence
from world import World

HEAD = ["Họ và tên", "Ngày sinh", "Giới tính", "Ngày vào Đảng", "Ghi chú"]
ROWS = [
    ["Lê Thị Mai", "09/01/1976", "Nữ", "03/02/2001", "khen; thưởng"],
    ["Phạm Văn Hải", "15/04/1980", "Nam", "10/06/2005", ""],
    ["Nguyễn Đình Bảo", "1/2/1969", "Nam", "22/12/1994", ""],
]


def csv(rows, comma=","):
    def cell(text):
        return f'"{text}"' if comma in text else text

    return "".join(comma.join(map(cell, row)) + "\n" for row in rows)


def iso(row):
    def date(text):
        day, month, year = text.split("/")
        return f"{year}-{month:>02}-{day:>02}"

    return [row[0], date(row[1]), row[2], date(row[3]), row[4]]


AS_TYPED = csv([HEAD, *ROWS])
SAVED_OTHERWISE = {
    "byte order mark": "\ufeff" + AS_TYPED,
    "semicolons": csv([HEAD, *ROWS], ";"),
    "decomposed": unicodedata.normalize("NFD", AS_TYPED),
    "other ends of lines": AS_TYPED.replace("\n", "\r\n"),
    "ISO dates": csv([HEAD, *map(iso, ROWS)]),
    "other order": csv([row[::-1] for row in [HEAD, *ROWS]]),
    "capitals": csv([[head.upper() for head in HEAD], *ROWS]),
    "spaces and empty lines": AS_TYPED.replace(",", " , ").replace('"khen; thưởng"', "khen; thưởng").replace("\n", "\n\n"),
    "a column of its own": csv([row + [str(i)] for i, row in enumerate([[*HEAD], *ROWS])]).replace(",0\n", ",Cỡ áo\n"),
}

# Line, column, reason of every mistake in BAD.
MISTAKES = [
    (2, "Ngày sinh", "roster_date_unreadable"),
    (2, "Ngày vào Đảng", "roster_date_unreadable"),
    (3, "Họ và tên", "roster_cell_empty"),
    (3, "Ngày sinh", "roster_cell_empty"),
    (4, "Ngày vào Đảng", "roster_dates_reversed"),
    (6, "Họ và tên", "roster_person_twice"),
    (7, "Ghi chú", "roster_cell_too_long"),
    (8, "Ghi chú", "text_not_plain"),
    (9, "6", "roster_cells_too_many"),
]
BAD = csv([
    HEAD,
    ["Lê Thị Mai", "31/02/1976", "Nữ", "hôm qua", ""],
    ["", "", "Nam", "10/06/2005", ""],
    ["Vũ Văn Tư", "15/04/1980", "Nam", "10/06/1979", ""],
    ["Trần Thị Năm", "15/04/1981", "Nữ", "10/06/2005", ""],
    ["Trần Thị Năm", "15/04/1981", "Nữ", "10/06/2006", ""],
    ["Hồ Văn Sáu", "15/04/1982", "Nam", "10/06/2005", "dài" * 1000],
    ["Bùi Thị Bảy", "15/04/1983", "Nữ", "10/06/2005", "chữ\u202eđảo"],
    ["Đỗ Văn Tám", "15/04/1984", "Nam", "10/06/2005", "", "thừa"],
])  # fmt: skip


class Roster(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_cell()

    def import_words(self, content):
        self.world.inputs += 1
        path = self.world.file(f"hand/{self.world.inputs}.csv", content)
        return "member", "import", "--dir", self.world.path("cell"), path

    def test_the_same_people_however_it_was_saved(self):
        first = self.world.ask(*self.import_words(AS_TYPED))
        self.assertEqual((3, 0, 0), (first["added"], first["updated"], first["unchanged"]))
        for how, content in SAVED_OTHERWISE.items():
            with self.subTest(how):
                again = self.world.ask(*self.import_words(content))
                self.assertEqual((0, 0, 3, 0), tuple(again[k] for k in ("added", "updated", "unchanged", "entries")))
                self.assertEqual(["Cỡ áo"] if "own" in how else [], again["columns_passed_over"])
        entries = self.world.entries("cell").values()
        members = [r["record"]["member"] for entry in entries for r in entry["records"] if r["kind"] == "member"]
        self.assertEqual([(row[0], row[4]) for row in ROWS], [(m["name"], m.get("note", "")) for m in members])

    def test_every_mistake_is_told_in_either_language_and_nobody_imported(self):
        before = self.world.ask("member", "list", "--dir", self.world.path("cell"))
        words = self.import_words(BAD)
        answer = self.world.try_run(*words, "--json")
        self.assertEqual((2, "roster_has_problems"), (answer.code, answer.json["error"]["reason"]))
        told = [(problem["line"], problem["column"], problem["reason"]) for problem in answer.json["problems"]]
        self.assertEqual(MISTAKES, sorted(told))
        for language in ("vi", "en"):
            spoken = self.world.try_run(*words, "--lang", language)
            *lines, last = spoken.err.strip().splitlines()
            self.assert_spoken(language, "roster_has_problems", last)
            self.assertIn(f"({words[-1]})", last)
            places = CATALOGUE[language]["cli"]
            wanted = [
                sentence(language, reason, places["at_line_column"].format(line, column))
                for line, column, reason in MISTAKES
            ]
            self.assertEqual(sorted(wanted), sorted(lines))
        self.assertEqual(before, self.world.ask("member", "list", "--dir", self.world.path("cell")))

    def test_files_that_are_no_rosters(self):
        self.assert_refused(2, "roster_column_missing", *self.import_words(csv([HEAD[:1] + HEAD[2:], ["A", "B", "C", "D"]])))
        self.assert_refused(2, "roster_column_twice", *self.import_words(csv([HEAD + HEAD[:1]])))
        self.assert_refused(2, "csv_empty", *self.import_words(""))
        self.assert_refused(2, "csv_not_utf8", *self.import_words(AS_TYPED.encode("utf-16")))

    def test_bytes_that_are_no_text_hide_no_other_mistake(self):
        lines = [",".join(row).encode() for row in (["Họ và tên", "Ngày sinh", "Ngày vào Đảng"],
                 ["Lê Thị Mai", "09/01/1976", "03/02/2001"], ["Lê Văn Cả", "31/02/1976", "03/02/2001"])]  # fmt: skip
        latin = "Hà Thị Páo,10/01/1976,03/02/2001".encode("latin-1", "replace")
        content = b"\r\n".join([b"", *lines, latin, lines[1].replace(b"Mai", b"Na"), latin, b'"mo,1'])
        answer = self.world.try_run(*self.import_words(content), "--json")
        told = [(problem["line"], problem["column"], problem["reason"]) for problem in answer.json["problems"]]
        self.assertEqual([(4, "Ngày sinh", "roster_date_unreadable"), (5, "Họ và tên", "roster_cell_not_utf8"),
                          (7, "Họ và tên", "roster_cell_not_utf8"), (8, "Họ và tên", "csv_quote_open")], told)  # fmt: skip
        self.assertEqual(2, answer.code)

    def test_who_is_very_like_somebody_here_is_asked_about(self):
        head = ["Họ và tên", "Ngày sinh", "Ngày vào Đảng", "Số thẻ"]
        row = ["Lò Thị Mận", "04/05/1990", "02/09/2015", ""]
        other_day = ["Lò Thị Mận", "05/05/1990", "02/09/2015", ""]
        members = len(self.world.ask("member", "list", "--dir", self.world.path("cell")))
        self.world.ask(*self.import_words(csv([head, row])))
        for alike in (other_day, ["LÒ THỊ MẬN", *row[1:]], ["Lo Thi Man", *row[1:]]):
            answer = self.world.try_run(*self.import_words(csv([head, alike])), "--json")
            told = [problem["reason"] for problem in answer.json["problems"]]
            self.assertEqual((2, ["roster_person_alike"]), (answer.code, told), alike)
        # Together with what is wrong with other lines.
        bad = [["Hồ Thị Tám", "31/02/1990", row[2], ""], other_day, ["Hồ Thị Chín", row[1], "hôm qua", ""]]
        answer = self.world.try_run(*self.import_words(csv([head, *bad])), "--json")
        told = [(problem["line"], problem["column"], problem["reason"]) for problem in answer.json["problems"]]
        self.assertEqual([(2, "Ngày sinh", "roster_date_unreadable"), (3, "Họ và tên", "roster_person_alike"),
                          (4, "Ngày vào Đảng", "roster_date_unreadable")], told)  # fmt: skip
        # With the card number it is the same person, whose day of birth is corrected.
        for line in (row[:3] + ["38.000001"], other_day[:3] + ["38.000001"]):
            answer = self.world.ask(*self.import_words(csv([head, line])))
            self.assertEqual((0, 1), (answer["added"], answer["updated"]))
        listed = self.world.ask("member", "list", "--dir", self.world.path("cell"))
        self.assertEqual(members + 1, len(listed))
        self.assertEqual([19900505], [m["birth"] for m in listed if m["name"] == "Lò Thị Mận"])
        # Another card is another person.
        answer = self.world.ask(*self.import_words(csv([head, [row[0], "06/05/1990", row[2], "38.000002"]])))
        self.assertEqual((1, 0), (answer["added"], answer["updated"]))


if __name__ == "__main__":
    import unittest

    unittest.main()

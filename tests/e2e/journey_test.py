# ctest label: e2e
"""One cell, its committee and the province: from the first key to a table, by commands a person can type."""

import json
import unittest

from world import World

ROSTER = """\
Họ và tên,Ngày sinh,Giới tính,Dân tộc,Ngày vào Đảng,Ngày chính thức,Số thẻ,CCCD,Điện thoại,Chức vụ,Ghi chú
Lê Thị Mai,09/01/1976,Nữ,Kinh,03/02/2001,03/02/2002,00.111111,999976111111,0000111111,Bí thư chi bộ,
Phạm Văn Hai,15/04/1980,Nam,Mường,10/06/2005,10/06/2006,00.222222,999980222222,0000222222,,
Vũ Đình Ba,20/12/1969,Nam,Thái,22/12/1994,22/12/1995,00.333333,999969333333,0000333333,,MARKERROSTER
"""
MAI, HAI, BA = "Lê Thị Mai|19760109", "Phạm Văn Hai|19800415", "Vũ Đình Ba|19691220"


def member(person):
    return {"kind": "MEMBER", "id": f"@person:{person}"}


def review_meeting():
    """The lines of a record file: a meeting with its minutes, and a proposal about three members."""
    people = [f"@person:{p}" for p in (MAI, HAI, BA)]
    meeting = {"kinds": ["REVIEW"], "period": "2019", "topics": ["Kiểm điểm năm 2019"], "start_ms": 1575200000000,
               "end_ms": 1575207200000, "chair": people[0], "minute_taker": people[1], "present": people}  # fmt: skip
    attestors = [{"person": people[0], "act": "MINUTES_CHAIR"}, {"person": people[1], "act": "MINUTES_TAKER"}]
    return [
        {"records": [{"meeting": meeting}, {"minutes": {"meeting": {"position": 0}, "text": "MARKERMINUTES"}},
                     {"attestation": {"positions": [0, 1], "attestors": attestors}}],
         "labels": ["review", "", ""], "claimed_time_ms": 1575207300000},
        {"records": [{"review_report": {"subject": member(p), "period": "2019", "form": "2A", "text": "MARKERREVIEW",
                                        "signed": 20191128}} for p in (MAI, HAI, BA)]},
        {"proposal": {"subject": member(MAI), "period": "2019", "grade": "HTXSNV",
                      "rows": [{"subject": member(HAI), "grade": "HTTNV"}, {"subject": member(BA), "grade": "HTNV"}]}},
    ]  # fmt: skip


def lines(actions):
    return "".join(json.dumps(action, ensure_ascii=False) + "\n" for action in actions)


class Journey(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        cls.network = world.create_network_with_commune()
        world.add_unit("xa01", "xa01-cb01", "cell", "Chi bộ thôn 1")
        cls.server = world.serve("xa01", "--listen", "127.0.0.1:0")
        # From here on the committee's directory is held by its server: commands are handed over.
        world.join("xa01", "cell", "xa01-cb01", "--role", "secretary", address=cls.server.address)
        cls.roster = world.file("roster.csv", ROSTER)
        cls.imported = world.ask("member", "import", "--dir", world.path("cell"), cls.roster)
        world.run("key", "person", "--dir", world.path("cell"), "--person", f"S1={MAI}", "--person", f"S2={HAI}",
                  "--key-cost", "least")  # fmt: skip
        cls.before_record = world.ask("status", "--dir", world.path("cell"), passphrase=False)
        cls.recorded = world.ask(
            "record", "--dir", world.path("cell"), world.file("year.jsonl", lines(review_meeting())),
            "--sign-as", "S1,S2",
        )  # fmt: skip
        cls.only_here = world.ask("status", "--dir", world.path("cell"), passphrase=False)
        cls.synced = world.ask("sync", "--dir", world.path("cell"))
        cls.received = world.ask("status", "--dir", world.path("cell"), passphrase=False)
        world.run("key", "approve", "--dir", world.path("xa01"))

    def test_the_network_has_an_id(self):
        self.assertRegex(self.network, r"^[0-9a-f]{64}$")

    def test_an_import_counts_people(self):
        self.assertEqual((3, 0, 0), tuple(self.imported[k] for k in ("added", "updated", "unchanged")))

    def test_what_is_recorded_is_only_here_until_the_superior_has_it(self):
        self.assertEqual(3, self.recorded["entries"])
        self.assertEqual(0, self.only_here["received"])
        self.assertGreater(self.only_here["only_here"], self.before_record["only_here"])
        self.assertEqual(0, self.received["only_here"])
        self.assertEqual(self.only_here["only_here"], self.received["received"])
        self.assertEqual("Đảng bộ xã Hoa Sim", self.received["by"])
        self.assertRegex(self.received["at"], r"^20\d\d-\d\d-\d\dT")
        self.assertEqual(0, self.synced["only_here"])
        self.assertEqual(1, self.synced["attempts"])

    def test_a_second_sync_has_nothing_to_send(self):
        again = self.world.ask("sync", "--dir", self.world.path("cell"))
        self.assertEqual(0, again["entries_out"])

    def test_importing_again_writes_nothing(self):
        again = self.world.ask("member", "import", "--dir", self.world.path("cell"), self.roster)
        self.assertEqual((0, 0, 3, 0), tuple(again[k] for k in ("added", "updated", "unchanged", "entries")))

    def test_nothing_lies_open_on_the_cells_disk(self):
        found = {marker: 0 for marker in ("MARKERMINUTES", "MARKERROSTER", "MARKERREVIEW", "Phạm Văn Hai")}
        for path in self.world.path("cell").rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                for marker in found:
                    found[marker] += content.count(marker.encode())
        self.assertEqual({0}, set(found.values()), found)

    def test_the_committee_decides_and_the_table_shows_it(self):
        world = self.world
        report = ("report", "--dir", world.path("xa01"), "--table", "members", "--period", "2019")
        before = world.ask(*report)
        self.assertEqual(3, before["register"])
        self.assertEqual(0, before["graded"])
        dry = world.try_run("decide", "--dir", world.path("xa01"), "--agreed", "--subjects", "members", "--period",
                            "2019", "--number", "12-QĐ/ĐU", "--dry-run", "--json")  # fmt: skip
        self.assertIn(dry.code, (0, 5), str(dry))
        self.assertFalse(dry.json["signed"])
        decided = world.try_run("decide", "--dir", world.path("xa01"), "--subject", HAI, "--grade", "HTTNV", "--period",
                                "2019", "--number", "12-QĐ/ĐU", "--reason", "Thống nhất với chi bộ", "--json")  # fmt: skip
        self.assertEqual(0, decided.code, str(decided))
        after = world.ask(*report)
        self.assertEqual(1, after["graded"])
        self.assertEqual(1, after["levels"]["HTTNV"]["count"])
        self.assertTrue(after["adds_up"])
        text = world.run(*report, "--lang", "vi").out
        self.assertIn("Hoàn thành tốt nhiệm vụ", text)
        # Whose table it is, and how complete, goes with it, on paper and in a spreadsheet.
        csv = world.run(*report, "--csv", "--lang", "vi").out
        self.assertTrue(csv.startswith("\ufeff"))
        for told in (text, csv):
            for words in ("Đảng bộ xã Hoa Sim và cấp dưới, mạng Thanh Hóa", "Lập lúc ", "Nhận sớm nhất "):
                self.assertIn(words, told)
            self.assertNotIn("MINH HỌA", told)
        self.assertIn("Máy này chưa có bộ quy định nào nêu kỳ 2019", csv)
        # The decision comes down to the cell.
        world.run("sync", "--dir", world.path("cell"))
        rows = world.ask("report", "--dir", world.path("cell"), "--table", "members", "--period", "2019", "--rows")
        self.assertIn((HAI, "HTTNV"), {(row["subject"], row["grade"]) for row in rows["rows"]})

    def test_the_log_can_be_shown_exported_and_proved(self):
        world = self.world
        streams = world.ask("log", "show", "--dir", world.path("xa01"))
        line = next(s for s in streams if s["unit"] == "xa01-cb01" and s["kind"] == "line")
        shown = world.ask("log", "show", "--dir", world.path("xa01"), "--stream", line["stream"][:16])
        self.assertEqual(line["size"], len(shown["entries"]))
        world.run("log", "export", "--dir", world.path("xa01"), "--stream", line["stream"], "--out", world.path("x"))
        self.assertTrue(world.path("x", "checkpoint").read_text().startswith("chibo/v0/" + self.network[:32]))
        self.assertTrue(list(world.path("x", "tile", "entries").rglob("*")))
        world.run("log", "prove", "--dir", world.path("xa01"), line["stream"][:16] + "/2", "--out", world.path("p"))
        self.assertTrue(world.path("p.tlog-proof").read_text().startswith("c2sp.org/tlog-proof@v1\nindex 2\n"))
        self.assertEqual([], world.ask("log", "set-aside", "--dir", world.path("xa01")))

    def test_rebuilding_the_view_changes_nothing(self):
        for directory in ("xa01", "cell"):
            rebuilt = self.world.ask("rebuild", "--dir", self.world.path(directory))
            self.assertEqual(rebuilt["before"], rebuilt["after"], directory)

    def test_typed_commands_write_each_kind(self):
        world = self.world
        written = world.ask(
            "write", "leave", "--dir", world.path("cell"), f"person=@person:{BA}", "kind=SICK", "from=01/03/2019",
            "to=2019-03-20",
        )  # fmt: skip
        self.assertEqual(1, written["records"])
        stream = written["names"][0].split("/")
        shown = world.ask("log", "show", "--dir", world.path("cell"), "--stream", stream[0])
        leave = shown["entries"][int(stream[1])]["records"][0]["record"]["leave"]
        self.assertEqual((20190301, 20190320), (leave["from"], leave["to"]))

    def test_units_and_devices_are_listed(self):
        codes = {unit["code"] for unit in self.world.ask("unit", "list", "--dir", self.world.path("xa01"))}
        self.assertLessEqual({"thanhhoa", "xa01", "xa01-cb01"}, codes)
        devices = self.world.ask("device", "list", "--dir", self.world.path("xa01"), "--unit", "xa01-cb01")
        self.assertEqual(["secretary"], [device["role"] for device in devices])


if __name__ == "__main__":
    unittest.main()

# ctest label: e2e
"""What somebody meets who uses the program for the first time: invites that work once, sentences that say what is."""

import base64
import random
import re
import socket
import threading
import unittest

from refusal import RefusalCase
from world import World


class Invites(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        cls.server = world.serve("prov", "--listen", "127.0.0.1:0")
        cls.prov = ("--dir", world.path("prov"))

    def setUp(self):
        self.number = self.id().rsplit(".", 1)[-1]
        self.invite = self.world.path(self.number, "invite")
        self.world.path(self.number).mkdir()
        self.world.run("invite", *self.prov, "--unit", "cb01", "--address", self.server.address, "--out", self.invite)

    def ask_to_join(self, name, code=4, reason="approval_waits"):
        """A device asks over a connection; its fingerprint."""
        answer = self.world.try_run("join", "--dir", self.world.path(self.number, name), "--invite", self.invite,
                                    "--key-cost", "least", "--json")  # fmt: skip
        self.assertEqual((code, reason), (answer.code, answer.json["error"]["reason"]), str(answer))
        return answer.json.get("fingerprint")

    def make_request(self, name):
        """A device asks by file; the file and its fingerprint."""
        path = self.world.path(self.number, f"{name}.request")
        answer = self.world.ask("join", "--dir", self.world.path(self.number, name), "--invite", self.invite, "--out", path,
                                "--key-cost", "least")  # fmt: skip
        return path, answer["fingerprint"]

    def pending(self):
        return [request["fingerprint"] for request in self.world.ask("device", "pending", *self.prov)]

    def tearDown(self):
        self.world.run("device", "refuse", *self.prov, "--pending")

    def test_an_invite_lets_one_device_in(self):
        first = self.ask_to_join("first")
        self.assertEqual(first, self.ask_to_join("first"), "the same request again is no second one")
        self.ask_to_join("second", 5, "parent_refuses_request")
        self.assertEqual([first], self.pending())
        self.world.run("device", "approve", *self.prov, "--pending")
        self.ask_to_join("third", 5, "parent_refuses_request")
        request, _ = self.make_request("fourth")
        self.assert_refused(5, "request_unknown_invite", "device", "approve", *self.prov, request, "--out", "-")
        self.world.run("join", "--dir", self.world.path(self.number, "first"))

    def test_two_requests_of_one_invite_are_not_approved_together(self):
        requests = [self.make_request(name)[0] for name in ("first", "second")]
        self.assert_refused(5, "request_unknown_invite", "device", "approve", *self.prov, *requests, "--out-dir",
                            self.world.path(self.number))  # fmt: skip
        # Nothing of it was done: the first can still be approved, and again.
        for _ in range(2):
            self.world.run("device", "approve", *self.prov, requests[0], "--out", self.world.path(self.number, "cert"))

    def test_an_officer_approves_one_and_refuses_another(self):
        good = self.ask_to_join("good")
        self.setUpInvite("other")
        other = self.ask_to_join("other")
        self.assertEqual({good, other}, set(self.pending()))
        self.assert_refused(2, "request_not_waiting", "device", "approve", *self.prov, "--fingerprint", "0000 0000")
        self.world.run("device", "refuse", *self.prov, "--fingerprint", other)
        self.ask_to_join("other", 5, "parent_refuses_request")
        self.assertEqual([good], self.pending())
        approved = self.world.ask("device", "approve", *self.prov, "--fingerprint", good.replace(" ", ""))["approved"]
        self.assertEqual([good], [request["fingerprint"] for request in approved])

    def setUpInvite(self, name):
        self.invite = self.world.path(self.number, f"{name}.invite")
        self.world.run("invite", *self.prov, "--unit", "cb01", "--address", self.server.address, "--out", self.invite)

    def test_a_file_is_compared_before_it_is_approved(self):
        request, fingerprint = self.make_request("cell")
        shown = self.world.run("device", "pending", *self.prov, request).out
        self.assertIn(fingerprint, shown)
        certificate = self.world.path(self.number, "cert")
        approve = ("device", "approve", *self.prov, request, "--out", certificate)
        self.assert_refused(2, "request_not_waiting", *approve, "--fingerprint", "0000 0000 0000 0000 0000")
        self.assertFalse(certificate.exists())
        self.world.run(*approve, "--fingerprint", fingerprint)
        self.assertTrue(certificate.exists())
        self.assert_refused(5, "request_already_approved", "device", "refuse", *self.prov, request)

    def test_the_fingerprint_is_shown_before_the_pass_phrase_is_asked_for(self):
        request, fingerprint = self.make_request("cell")
        asked = self.world.try_run("device", "approve", *self.prov, request, "--out", "-", passphrase=False)
        self.assertEqual(5, asked.code, str(asked))
        self.assertIn(fingerprint, asked.err)

    def test_nothing_waits(self):
        for words in (("pending",), ("approve", "--pending"), ("refuse", "--pending")):
            answer = self.world.run("device", *words, *self.prov, "--lang", "vi")
            self.assertEqual("Không có yêu cầu nào đang chờ phê duyệt.\n", answer.out)


MAI = "Lê Thị Mai|09/01/1976"
ROSTER = "Họ và tên,Ngày sinh,Ngày vào Đảng\nLê Thị Mai,09/01/1976,03/02/2001\nPhạm Văn Hai,15/04/1980,10/06/2005\n"


class Typing(RefusalCase):
    """A secretary types: dates as people write them, and answers that name what was typed."""

    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_cell()
        cls.cell = ("--dir", world.path("cell"))
        world.run("member", "import", *cls.cell, world.file("roster.csv", ROSTER))

    def say(self, *words, language="vi"):
        return self.world.run(*words, "--lang", language).out

    def newest(self, kind):
        """The record of that kind written last."""
        records = [(place[1], record["record"]) for place, entry in self.world.entries("cell").items()
                   for record in entry["records"] if record["kind"] == kind]  # fmt: skip
        return max(records, key=lambda found: found[0])[1][kind]

    def test_a_day_a_time_and_a_person_as_people_write_them(self):
        self.world.run("write", "meeting", *self.cell, "kinds=regular", "period=2019", "start_ms=05/12/2019 19:30",
                       f"chair=@person:{MAI}")  # fmt: skip
        self.assertEqual("1575549000000", self.newest("meeting")["start_ms"])
        self.world.run("write", "leave", *self.cell, "kind=SICK", f"person=@person:{MAI}", "from=01/03/2019",
                       "to=2019-06-30")  # fmt: skip
        leave = self.newest("leave")
        self.assertEqual((20190301, 20190630), (leave["from"], leave["to"]))

    def where(self, reason, *words):
        return self.assert_refused(2, reason, "write", *words[:1], *self.cell, *words[1:])["where"]

    def test_a_refusal_names_the_field_as_it_was_typed(self):
        for wanted, reason, *words in (
            ("from: 30/02/2019", "date_does_not_exist", "leave", "from=30/02/2019"),
            ("from: abc", "number_unreadable", "leave", "from=abc"),
            ("start_ms: 25h", "time_unreadable", "meeting", "start_ms=25h"),
            ("kinds[0]: TEA; REGULAR | THEMATIC | REVIEW | CONGRESS", "enum_unknown", "meeting", "kinds=TEA"),
            ("present[0]: Mai", "reference_unreadable", "meeting", "kinds=REGULAR", "present=Mai"),
            ("excused[0]", "field_has_parts", "meeting", "kinds=REGULAR", "excused=Mai"),
            ("meeting: x", "reference_unreadable", "minutes", "meeting=x"),
        ):
            with self.subTest(words=words):
                self.assertEqual(wanted, self.where(reason, *words))

    def test_the_first_value_of_an_enum_is_one_of_those_possible(self):
        where = self.where("enum_unknown", "proposal", 'subject={"kind":"HUMAN"}')
        self.assertEqual("subject.kind: HUMAN; MEMBER | ORGANISATION | COMMITTEE | LEADERSHIP", where)

    def test_a_line_of_a_file_is_named_with_its_field(self):
        line = self.world.file("hand/line.jsonl", '{"meeting": {"kinds": ["REGULAR"], "chair": 5}}\n')
        error = self.assert_refused(2, "reference_unreadable", "record", *self.cell, line)
        self.assertEqual(f"{line}, line 1: meeting.chair", error["where"])
        units = self.world.file("hand/units.csv", "code,kind,name\nCB 9,cell,x\n")
        error = self.assert_refused(2, "unit_code_unfit", "unit", "add", "--dir", self.world.path("prov"), "--units",
                                    units)  # fmt: skip
        self.assertEqual(f"{units}, line 2: CB 9", error["where"])

    def test_an_empty_file_records_nothing_and_says_so(self):
        empty = self.world.file("hand/empty.jsonl", "\n")
        self.assertEqual("Không có dòng nào để ghi: chưa ghi gì.\n", self.say("record", *self.cell, empty))

    def test_no_id_stands_for_a_unit(self):
        for unit, directory in (("thanhhoa", "prov"), ("cb01", "cell")):
            error = self.assert_refused(2, "unit_not_directly_below", "invite", "--dir", self.world.path(directory),
                                        "--unit", unit, "--out", self.world.path("hand", "no"))  # fmt: skip
            self.assertEqual(unit, error["where"])

    def test_a_missing_pass_phrase_says_whose(self):
        asked = self.world.try_run("member", "list", *self.cell, "--lang", "vi", passphrase=False)
        self.assertEqual(5, asked.code)
        self.assertIn("(máy này)", asked.err)

    def test_lists_are_in_words(self):
        for words, wanted in (
            (("unit", "list"), "cb01\tChi bộ cơ sở\tthanhhoa\tChi bộ cơ sở\n"),
            (("device", "list"), "\tmáy bí thư\t"),
            (("key", "list"), "device\tmáy này\t"),
            (("log", "show"), "  sổ gửi lên\t"),
        ):
            with self.subTest(words=words):
                self.assertIn(wanted, self.say(*words, *self.cell))
        held = self.world.ask("log", "show", *self.cell)
        line = next(stream["stream"] for stream in held if stream["kind"] == "line")
        shown = self.say("log", "show", *self.cell, "--stream", line)
        self.assertIn("\tMột dòng danh sách đảng viên", shown)
        self.assertTrue(shown.startswith("0\t\t"), "what opens a book says no time")

    def test_columns_of_the_help_stand_under_each_other(self):
        listed = self.world.try_run("status", "--help", "--lang", "vi", passphrase=False).out.splitlines()
        starts = [found.end() for found in (re.match(r"  -.*?  +(?=\S)", line) for line in listed) if found]
        self.assertEqual({28}, set(starts), "\n".join(listed))
        self.assertIn("--dir GIÁ TRỊ  ", "\n".join(listed))

    def test_a_case_is_of_a_period_that_can_be(self):
        self.assert_refused(2, "period_unreadable", "cases", *self.cell, "--period", "nam")
        self.assert_refused(1, "report_table_unknown", "report", *self.cell, "--table", "x", "--period", "2019")


class Standing(unittest.TestCase):
    """What status, sync and report say of where a record stands."""

    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        for code in ("cb01", "cb02"):
            world.add_unit("prov", code, "grassroots_cell", f"Chi bộ {code}")
        cls.server = world.serve("prov", "--listen", "127.0.0.1:0")
        for code in ("cb01", "cb02"):
            world.join("prov", code, code, address=cls.server.address)

    def say(self, *words, **more):
        return self.world.run(*words, "--lang", "vi", **more)

    def test_a_book_with_nothing_in_it_was_received_by_nobody(self):
        cell = ("--dir", self.world.path("cb01"))
        self.assertIn("Không còn gì chưa gửi.", self.say("status", *cell).out)
        self.assertIn("Máy này chưa ghi gì để gửi;", self.say("sync", *cell).out)
        self.assertNotIn("đã nhận lúc", self.say("status", *cell).out)

    def test_a_report_is_of_the_unit_it_is_asked_at(self):
        world = self.world
        pack = world.file("hand/pack.json", '{"id": "P2019", "name": "Quy định", "periods": ["2019"]}')
        roster = world.file("hand/roster.csv", ROSTER)
        cell, prov = ("--dir", world.path("cb02")), ("--dir", world.path("prov"))
        world.run("member", "import", *cell, roster)
        told = self.say("report", *cell, "--table", "members", "--period", "2019")
        self.assertIn("chưa có bộ quy định nào nêu kỳ 2019", told.err)
        self.assertIn("Đã ghi 1 mục (1 bản ghi).\n", self.say("write", "rule-pack", *prov, "--from", pack).out)
        world.run("sync", *cell)
        other = ("--dir", world.path("cb01"))
        world.run("sync", *other)
        table = ("--table", "members", "--period", "2019")
        self.assertEqual(2, world.ask("report", *prov, *table)["register"])
        self.assertEqual(2, world.ask("report", *cell, *table)["register"])
        self.assertEqual(0, world.ask("report", *other, *table)["register"])
        rows = self.say("report", *cell, *table, "--rows")
        self.assertEqual("Quy định về cách tính tỷ lệ xuất sắc chưa đối chiếu văn bản gốc; xem chi tiết bằng chibo rules.\n", rows.err)
        self.assertIn("Lê Thị Mai\tChi bộ cb02\tChưa xếp loại: Chưa có đề nghị xếp loại\n", rows.out)
        out = world.path("hand", "table.csv")
        told = self.say("report", *prov, *table, "--csv", "--out", out)
        self.assertEqual(f"Đã ghi bảng tổng hợp vào {out}.\n", told.out)

    def test_nobody_waits_for_a_certificate(self):
        answer = self.say("key", "approve", "--dir", self.world.path("prov"))
        self.assertEqual("Không có khóa cá nhân nào đang chờ chứng nhận.\n", answer.out)

    def test_a_device_is_replaced_once(self):
        world = self.world
        world.add_unit("prov", "cb03", "grassroots_cell", "Chi bộ cb03")
        world.join("prov", "cb03", "cb03")
        replace = ("device", "replace", "--dir", world.path("prov"), "--unit", "cb03", "--reason", "Máy mất", "--out")
        world.run(*replace, world.path("hand", "again"))
        answer = world.try_run(*replace, world.path("hand", "once-more"), "--json")
        self.assertEqual((2, "device_revoked_before"), (answer.code, answer.json["error"]["reason"]))


class Cutter:
    """Something between a cell and its superior: takes what comes, begins to answer, and ends."""

    def __init__(self):
        self.calls = 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listening.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                call, _ = self.listening.accept()
            except OSError:
                return
            with call:
                self.calls += 1
                call.recv(8192)
                call.sendall(b"\0")


class Syncing(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_cell()
        cls.cell = ("--dir", world.path("cell"))

    def test_bytes_that_move_are_no_progress(self):
        noise = base64.b64encode(random.Random(5).randbytes(6000)).decode()
        self.world.record("cell", {"meeting": {"kinds": ["REGULAR"], "period": "2019", "topics": [noise]}})
        cutter = Cutter()
        self.addCleanup(cutter.listening.close)
        answer = self.world.try_run("sync", *self.cell, "--parent", cutter.address, "--tries", "2", "--json")
        self.assertNotEqual(0, answer.code, str(answer))
        self.assertEqual((2, 2), (answer.json["attempts"], cutter.calls))
        self.assertGreater(answer.json["bytes_in"] + answer.json["bytes_out"], 600)


if __name__ == "__main__":
    unittest.main()

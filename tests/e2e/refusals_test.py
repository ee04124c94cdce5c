# ctest label: e2e
"""What goes wrong is said in one sentence, in both languages, with the right exit code, and nothing is lost."""

import hashlib
import json
import os
import re
import socket
import subprocess
import unittest

from refusal import RefusalCase
from world import PROGRAM, VERIFIER, World

VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹáàãéèíìóòõúùý]")


class Refusals(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        cls.network = world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        world.join("prov", "cell", "cb01")

    def cell(self, *words):
        return (*words, "--dir", self.world.path("cell"))

    def test_usage(self):
        self.assertEqual(1, self.world.try_run(passphrase=False).code)
        self.assert_refused(1, "usage_option_missing", "status", passphrase=False)
        self.assert_refused(1, "usage_words_unknown", *self.cell("status"), "--faster")
        self.assertEqual(1, self.world.try_run(*self.cell("status"), "--lang", "fr").code)
        self.assert_refused(1, "usage_option_twice", *self.cell("status"), "--dir", "x", passphrase=False)
        for tries in ("abc", "0", "-1", "1000000000000"):
            self.assert_refused(1, "tries_unreadable", *self.cell("sync"), "--parent", "127.0.0.1:7", f"--tries={tries}")

    def test_no_option_is_passed_over_in_silence(self):
        top = ("--dir", self.world.path("prov"))
        for option, word in (("grade", "HTNV"), ("reason", "vì sao"), ("override", "R31=vì sao"), ("kind", "member")):
            self.assert_refused(1, "usage_options_clash", "decide", *top, "--agreed", "--period", "2019", f"--{option}", word)
        units = self.world.file("units.csv", "code,kind,name,parent\n")
        for words in (("unit", "add", "--code", "cb02"), ("invite", "--unit", "cb01", "--out", self.world.path("i"))):
            self.assert_refused(1, "usage_options_clash", *words, *top, "--units", units)
        self.assert_refused(1, "usage_option_missing", *self.cell("report"), "--table", "members", "--period", "2019",
                            "--out", self.world.path("table.csv"))  # fmt: skip
        self.assert_refused(1, "usage_option_missing", "write", "meeting", "--dir", self.world.path("cell"))

    def test_a_unit_is_established_by_its_superior(self):
        before = self.world.sizes("prov")
        self.assert_refused(5, "unit_established_by_its_superior", "unit", "add", "--dir", self.world.path("prov"),
                            "--code", "cb09", "--kind", "cell", "--name", "Chi bộ 9", "--parent", "cb01")  # fmt: skip
        self.assertEqual(before, self.world.sizes("prov"))

    def test_a_roster_is_of_a_cell(self):
        roster = self.world.file("roster.csv", "Họ và tên,Ngày sinh,Ngày vào Đảng\nLê Thị Mai,09/01/1976,03/02/2001\n")
        before = self.world.sizes("prov")
        self.assert_refused(5, "roster_not_of_a_cell", "member", "import", "--dir", self.world.path("prov"), roster)
        self.assertEqual(before, self.world.sizes("prov"))

    def test_a_device_that_waits_to_be_approved_says_so(self):
        world = self.world
        invite, place = world.path("waiting.invite"), world.path("waiting")
        world.run("invite", "--dir", world.path("prov"), "--unit", "cb01", "--role", "deputy", "--out", invite)
        world.run("join", "--dir", place, "--invite", invite, "--out", world.path("waiting.request"), "--key-cost", "least")
        self.assertFalse(world.ask("status", "--dir", place)["approved"])
        self.assertIn("chưa được cấp trên chấp thuận", world.run("status", "--dir", place, "--lang", "vi").out)
        self.assertTrue(world.ask(*self.cell("status"))["approved"])

    def test_an_address_that_is_none(self):
        for address in ("localhost", "127.0.0.1:99999", "127.0.0.1:", ":7400", "::1:7400", "[::1:7400", "a:b:1"):
            self.assert_refused(2, "address_unreadable", *self.cell("sync"), "--parent", address)

    def test_nothing_a_node_lives_of_is_written_over(self):
        for name in ("chibo.db", "keys/device.key"):
            path = self.world.path("cell") / name
            before = path.read_bytes()
            self.assert_refused(2, "output_place_taken", *self.cell("report"), "--table", "members", "--period", "2019",
                                "--csv", "--out", path)  # fmt: skip
            self.assertEqual(before, path.read_bytes())

    def test_a_pipe_takes_what_is_written_and_stays_one(self):
        pipe = self.world.path("pipe")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.world.run(*self.cell("report"), "--table", "members", "--period", "2019", "--csv", "--out", pipe)
        self.assertTrue(pipe.is_fifo())
        self.assertTrue(os.read(reader, 4096))

    def test_an_answer_that_does_not_arrive(self):
        for taken in (lambda: os.dup2(os.open("/dev/full", os.O_WRONLY), 1), lambda: os.close(1)):
            for words in (("log", "show"), ("member", "list", "--json"), ("status", "--help")):
                answer = self.world.try_run(*self.cell(*words), limit=taken)
                self.assertEqual(6, answer.code, str(answer))
                self.assert_spoken("en", "output_lost", answer.err)

    def test_a_wrong_pass_phrase(self):
        wrong = self.world.file("wrong", "không phải\n")
        self.assert_refused(5, "passphrase_wrong", *self.cell("cases"), passphrase=wrong)
        verify = ("--dir", self.world.path("cell"), "--network", self.network, "--passphrase-file", wrong)
        self.assert_verifier_refuses(5, {"vi": "Mật khẩu", "en": "[Pp]ass-phrase"}, *verify)
        # An officer's pass-phrase, asked for by a command that signs.
        self.assert_refused(5, "passphrase_wrong", "unit", "add", "--dir", self.world.path("prov"), "--code", "x", "--kind",
                            "cell", "--name", "X", passphrase=wrong)  # fmt: skip

    def test_no_pass_phrase_and_nobody_to_ask(self):
        self.assert_refused(5, "passphrase_needed", *self.cell("cases"), passphrase=False)

    def test_what_could_not_be_begun_can_be_begun_again(self):
        invite, backup = self.world.path("hand/again.invite"), self.world.path("hand/again-backup")
        self.world.run("invite", "--dir", self.world.path("prov"), "--unit", "cb01", "--role", "deputy", "--out", invite)
        self.world.run(*self.cell("backup"), "--out", backup, "--with-keys")
        (backup / "keys/device.key").write_bytes(b"no key")
        manifest = json.loads((backup / "manifest.json").read_text())
        for file in manifest["files"]:
            file["sha256"] = hashlib.sha256((backup / file["file"]).read_bytes()).hexdigest()
        (backup / "manifest.json").write_text(json.dumps(manifest))
        there = self.world.path("there")
        there.mkdir()
        for place in (there, self.world.path("not-there")):
            for code, reason, *words in (
                (5, "passphrase_needed", "join", "--invite", invite, "--out", self.world.path("request"), "--key-cost", "least"),
                (5, "passphrase_needed", "network", "create", "--name", "X", "--key-cost", "least"),
                (2, "key_file_unreadable", "restore", "--from", backup),
            ):
                with self.subTest(words=words[:2], place=place):
                    self.assert_refused(code, reason, *words, "--dir", place, passphrase=False)
                    self.assertEqual([], list(place.iterdir()) if place is there else [place] * place.exists())

    def test_a_backup_whose_list_is_something_else(self):
        folder = self.world.path("strange-backup")
        folder.mkdir()
        for manifest in ("5", "[]", "{}", '{"format": 5}', '{"format": "chibo-backup/0", "files": [5]}', "\0"):
            (folder / "manifest.json").write_text(manifest)
            self.assert_refused(2, "backup_unreadable", "restore", "--from", folder, "--dir", self.world.path("restored"),
                                passphrase=False)  # fmt: skip

    def test_what_cannot_be_given_out_is_not_begun(self):
        file = self.world.file("hand/no-folder", "x")
        before = self.world.sizes("prov")
        self.assert_refused(6, "file_not_written", "device", "replace", "--dir", self.world.path("prov"), "--unit", "cb01",
                            "--reason", "x", "--out", file / "invite")  # fmt: skip
        self.assertEqual(before, self.world.sizes("prov"))
        self.assertFalse(any(device["revoked"] for device in self.world.ask("device", "list", "--dir", self.world.path("prov"))))

    def test_a_pass_phrase_file_of_an_editor_that_marks_its_files(self):
        marked = self.world.file("hand/marked", b"\xef\xbb\xbf" + self.world.passphrase.read_bytes().replace(b"\n", b"\r\n"))
        self.world.run(*self.cell("cases"), passphrase=marked)
        self.world.run("--dir", self.world.path("cell"), "--network", self.network, passphrase=marked, program=VERIFIER)

    def test_status_needs_no_pass_phrase(self):
        self.assertEqual(0, self.world.try_run(*self.cell("status"), passphrase=False).code)

    def test_directories_that_are_none(self):
        empty = self.world.path("empty")
        empty.mkdir(exist_ok=True)
        self.assert_refused(6, "directory_without_store", "status", "--dir", empty, passphrase=False)
        self.assert_refused(6, "directory_not_found", "status", "--dir", self.world.path("none"), passphrase=False)

    def test_a_directory_that_may_not_be_read(self):
        closed = self.world.path("closed")
        closed.mkdir(exist_ok=True)
        user = self.world.as_a_user(closed)
        closed.chmod(0)
        self.addCleanup(closed.chmod, 0o700)
        self.assert_refused(6, "directory_unreadable", "status", "--dir", closed, passphrase=False, **user)

    def test_a_second_process(self):
        import fcntl

        with open(self.world.path("cell/lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assert_refused(6, "directory_in_use", *self.cell("cases"))
            self.assert_refused(6, "directory_in_use", *self.cell("status"))

    def test_a_record_file_is_all_or_nothing(self):
        lines = '{"civil_servant_grade":{"person":"@new","period":"2019","grade":"HTTNV"}}\n{"meeting":{"kinds":["TEA"]}}\n'
        bad = self.world.file("bad.jsonl", lines)
        before = self.world.ask(*self.cell("status"), passphrase=False)["only_here"]
        answer = self.world.try_run(*self.cell("record"), bad, "--json")
        self.assertEqual(2, answer.code, str(answer))
        self.assertIn("line 2", answer.json["error"]["where"])
        self.assertEqual(before, self.world.ask(*self.cell("status"), passphrase=False)["only_here"])

    def test_references_to_nobody(self):
        lines = '{"civil_servant_grade":{"person":"@person:Không Ai|19000101","period":"2019","grade":"HTTNV"}}\n'
        self.assert_refused(2, "person_unknown", *self.cell("record"), self.world.file("nobody.jsonl", lines))

    def test_files_that_are_not_there(self):
        self.assert_refused(2, "file_not_found", *self.cell("record"), self.world.path("nowhere.jsonl"))

    def test_an_invite_that_is_none(self):
        self.assert_refused(
            2, "invite_unreadable", "join", "--dir", self.world.path("new"), "--invite", self.world.file("inv", "hello"),
            "--out", self.world.path("request"),
        )  # fmt: skip

    def test_a_certificate_of_another_network(self):
        other = World()
        self.addCleanup(other.close)
        other.create_network()
        other.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        other.join("prov", "cell", "cb01")
        self.assert_refused(3, "grant_of_another_network", *self.cell("join"), "--cert", other.path("hand/cell.cert"))

    def test_a_request_nobody_invited(self):
        invite = self.world.path("hand/second.invite")
        self.world.run("invite", "--dir", self.world.path("prov"), "--unit", "cb01", "--role", "deputy", "--out", invite)
        request = self.world.path("hand/second.request")
        self.world.run("join", "--dir", self.world.path("second"), "--invite", invite, "--out", request, "--key-cost",
                       "least")  # fmt: skip
        broken = bytearray(request.read_bytes())
        broken[20] ^= 1
        answer = self.world.try_run("device", "approve", "--dir", self.world.path("prov"),
                                    self.world.file("broken", bytes(broken)), "--out", self.world.path("c"), "--json")  # fmt: skip
        self.assertIn(answer.code, (2, 3, 5), str(answer))

    def test_the_officers_key_stays_with_the_officer(self):
        self.assert_refused(5, "officer_key_missing", *self.cell("unit", "add"), "--code", "x", "--kind", "cell",
                            "--name", "X")  # fmt: skip

    def test_nobody_listens(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.assert_refused(4, "parent_unreachable", *self.cell("sync"), "--parent", f"127.0.0.1:{port}", "--tries", "1")

    def test_a_pass_phrase_over_a_descriptor(self):
        read, write = os.pipe()
        os.write(write, self.world.passphrase.read_bytes())
        os.close(write)
        done = subprocess.run(
            [PROGRAM, *map(str, self.cell("cases", "--json"))],
            env={**self.world.environment, "CHIBO_PASSPHRASE_FD": str(read)},
            pass_fds=[read],
            capture_output=True,
        )
        os.close(read)
        self.assertEqual((0, b"[]\n"), (done.returncode, done.stdout), done.stderr.decode())

    def test_vietnamese_by_the_environment(self):
        answer = self.world.try_run("status", environment={"LANG": "vi_VN.UTF-8"}, passphrase=False)
        self.assertRegex(answer.err, VIETNAMESE)

    def test_a_pass_phrase_can_be_changed(self):
        world = World()
        self.addCleanup(world.close)
        world.create_network()
        fresh = world.file("fresh", "mật khẩu mới\n")
        world.run("key", "passphrase", "--dir", world.path("prov"), "--key", "authority", "--new-passphrase-file", fresh,
                  "--key-cost", "least")  # fmt: skip
        add = ("unit", "add", "--dir", world.path("prov"), "--code", "x", "--kind", "district", "--name", "X")
        self.assertEqual(5, world.try_run(*add).code)
        world.run(*add, passphrase=fresh)


if __name__ == "__main__":
    unittest.main()

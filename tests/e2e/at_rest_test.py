# ctest label: e2e
"""What a cell's laptop shows to who takes its disk: nothing of what was written, none of the keys."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

import keyfile
from world import PASSPHRASE, PROGRAM, VERIFIER, World

NAME = "Lê Thị Mai"
ROSTER = f"""\
Họ và tên,Ngày sinh,Ngày vào Đảng,Số thẻ,CCCD,Điện thoại,Chức vụ,Ghi chú
{NAME},09/01/1976,03/02/2001,00.111111,999976111111,0000111111,DAUCHUCVU,DAUGHICHU
"""
PERSON = f"@person:{NAME}|19760109"
FOLDED = "thi-mai"  # as in a file's name
LABEL = f"Kiểm điểm đồng chí {NAME}"
MARKERS = [NAME, FOLDED, LABEL, "DAUCHUCVU", "DAUGHICHU", "00.111111", "999976111111", "0000111111", "DAUNOIDUNG", "DAUBIENBAN", "DAUKIEMDIEM",
           "DAUDENGHI"]  # fmt: skip
LONG = 400  # actions of one command
JOURNAL = 32 * 1024  # bytes of a journal that only the long write makes


def actions(text="DAUNOIDUNG"):
    return [
        {"meeting": {"kinds": ["REGULAR"], "start_ms": 1575200000000, "topics": [text], "chair": PERSON}},
        {"records": [{"meeting": {"kinds": ["REVIEW"], "start_ms": 1575200000000, "chair": PERSON}},
                     {"minutes": {"meeting": {"position": 0}, "text": "DAUBIENBAN"}},
                     {"attestation": {"positions": [0, 1], "attestors": [{"person": PERSON, "act": "MINUTES_CHAIR"}]}}]},
        {"review_report": {"subject": {"id": PERSON}, "period": "2019", "form": "2A", "text": "DAUKIEMDIEM"}},
        {"proposal": {"subject": {"id": PERSON}, "period": "2019", "grade": "HTTNV", "note": "DAUDENGHI"}},
    ]  # fmt: skip


def unlimited_core():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class AtRest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "cell", "cb01", address=server.address)
        world.run("member", "import", "--dir", world.path("cell"), world.file("hand/roster.csv", ROSTER))
        world.run("key", "person", "--dir", world.path("cell"), "--person", f"{NAME}|19760109", "--key-cost", "least")
        cls.sign_as = ("--sign-as", "S1")
        world.run("write", "meeting", "--dir", world.path("cell"), "kinds=REGULAR", f"chair={PERSON}", "--label", LABEL)
        world.ask("record", "--dir", world.path("cell"), cls.input(actions()), *cls.sign_as)
        world.run("sync", "--dir", world.path("cell"))
        world.run("key", "approve", "--dir", world.path("prov"))
        world.run("sync", "--dir", world.path("cell"))

    @classmethod
    def input(cls, lines):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        return cls.world.file(f"hand/{len(lines)}.jsonl", text)

    def setUp(self):
        self.cell = self.world.path(self.id().rsplit(".", 1)[1])
        shutil.copytree(self.world.path("cell"), self.cell)
        self.secrets = {f"{path.stem} {i}": secret
                        for path in sorted((self.cell / "keys").glob("*.key"))
                        for i, secret in enumerate(keyfile.secrets_of(path, PASSPHRASE))}  # fmt: skip
        # Device: to sign, to connect, what lies at rest. Person: to sign.
        self.assertEqual(["S1 0", "device 0", "device 1", "device 2", "device 3"], sorted(self.secrets))

    def found(self, folder):
        """Markers and secrets in any file below, each with its file."""
        wanted = {marker: marker.encode() for marker in MARKERS} | self.secrets
        wanted |= {f"{name} in hex": secret.hex().encode() for name, secret in self.secrets.items()}
        found = []
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.name.encode() + b"\n" + path.read_bytes()
                found += [(name, path.name) for name, secret in wanted.items() if secret in content]
        return found

    def test_the_markers_are_really_there_for_who_has_the_pass_phrase(self):
        shown = str(self.world.entries(self.cell)) + str(self.world.ask("member", "list", "--dir", self.cell))
        self.assertEqual([], [marker for marker in MARKERS if marker not in (FOLDED, LABEL) and marker not in shown])
        self.world.run("write", "minutes", "--dir", self.cell, f"meeting=@record:{LABEL}", "text=…")

    def test_whose_key_it_is_is_told_to_who_has_the_pass_phrase(self):
        words = ("key", "list", "--dir", self.cell)
        for passphrase, label in ((True, NAME), (False, ""), (self.world.file("hand/wrong", "sai\n"), "")):
            listed = {key["key"]: key["label"] for key in self.world.ask(*words, passphrase=passphrase)}
            self.assertEqual((label, {"S1", "device"}), (listed["S1"], set(listed)))
        # By the person's name as well: the register says whose key it is.
        self.world.run("record", "--dir", self.cell, self.input(actions()), "--again", "--sign-as", NAME)

    def test_what_an_older_version_left_in_plain_is_sealed(self):
        record = next(f"{stream}/{index}/0" for (stream, index), entry in self.world.entries(self.cell).items()
                      if entry["records"] and entry["records"][0]["kind"] == "meeting")  # fmt: skip
        stream, index, position = record.split("/")
        name = bytes.fromhex(stream) + int(index).to_bytes(8, "big") + int(position).to_bytes(4, "big")
        with sqlite3.connect(self.cell / "chibo.db") as store:
            store.execute("INSERT INTO node_value(key, value) VALUES(?, ?)", (f"label/Họp {NAME}", name))
        self.assertIn((NAME, "chibo.db"), self.found(self.cell))
        self.world.run("write", "minutes", "--dir", self.cell, f"meeting=@record:Họp {NAME}", "text=…")
        self.assertEqual([], self.found(self.cell))

    def test_nothing_lies_open_in_any_file(self):
        self.assertEqual([], self.found(self.cell))
        for folder in ("state", "temporary"):
            self.assertEqual([], self.found(self.world.path(folder)))
        # A server's disk is its operator's: the same search finds what lies there.
        self.assertIn("DAUNOIDUNG", {name for name, _ in self.found(self.world.path("prov"))})

    def test_nothing_lies_open_in_a_backup_or_what_making_it_leaves(self):
        self.world.run("backup", "--dir", self.cell, "--out", self.world.path("backup"), "--with-keys")
        self.assertEqual([], self.found(self.world.path("backup")))
        self.assertEqual([], self.found(self.cell))

    def journal_bytes(self):
        try:
            return (self.cell / "chibo.db-journal").stat().st_size
        except FileNotFoundError:
            return 0

    def test_nothing_lies_open_in_a_journal_that_a_killed_write_left(self):
        before = self.world.entries(self.cell)
        long = self.input(actions() * (LONG // 4))
        journals = 0
        for _ in range(20):
            process = subprocess.Popen(
                [PROGRAM, "record", "--dir", self.cell, long, *self.sign_as, "--passphrase-file", self.world.passphrase],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.world.environment,
            )  # fmt: skip
            # The journal of the long write has pages in it.
            while process.poll() is None and self.journal_bytes() < JOURNAL:
                time.sleep(0.001)
            process.kill()
            process.wait()
            if self.journal_bytes() >= JOURNAL:
                journals += 1
                self.assertEqual([], self.found(self.cell))
                if journals == 3:
                    break
        self.assertGreater(journals, 0, "no write was killed midway")
        # What was killed midway was not acknowledged, and is not there by half.
        self.assertEqual(before, self.world.entries(self.cell))
        self.assertEqual([], self.found(self.cell))

    def test_a_process_that_dies_leaves_no_core(self):
        process = subprocess.Popen(
            [PROGRAM, "serve", "--dir", self.cell, "--json", "--passphrase-file", self.world.passphrase],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.world.environment, cwd=self.cell,
            preexec_fn=unlimited_core,
        )  # fmt: skip
        self.assertIn(b"listening", process.stdout.readline())
        with open(f"/proc/{process.pid}/limits") as limits:
            core = next(line.split() for line in limits if line.startswith("Max core file size"))
        self.assertEqual(["0", "0"], core[4:6])
        process.send_signal(signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = -signal.SIGABRT
        process.stdout.close()
        self.assertEqual(signal.SIGABRT, os.WTERMSIG(status))
        self.assertFalse(os.WCOREDUMP(status))
        self.assertEqual([], self.found(self.cell))

    def test_none_that_has_a_pass_phrase_may_leave_a_core(self):
        # Each waits for its pass-phrase at a pipe that nobody writes to.
        pipe = self.world.path("hand/pipe")
        os.mkfifo(pipe)
        self.addCleanup(pipe.unlink)
        for words in ([PROGRAM, "cases", "--dir", self.cell], [PROGRAM, "sync", "--dir", self.cell],
                      [VERIFIER, "--dir", self.cell, "--network", self.world.network]):  # fmt: skip
            with self.subTest(words[:2]), subprocess.Popen(
                [*words, "--passphrase-file", pipe], env=self.world.environment, preexec_fn=unlimited_core
            ) as process:
                try:
                    with open(pipe, "wb"):  # opens when the other side does
                        with open(f"/proc/{process.pid}/limits") as limits:
                            core = next(line.split() for line in limits if line.startswith("Max core file size"))
                        self.assertEqual(["0", "0"], core[4:6])
                        # The kernel gives what belongs to a process that may not be dumped to root.
                        self.assertEqual(0, os.stat(f"/proc/{process.pid}/mem").st_uid)
                finally:
                    process.kill()

    def test_no_other_process_of_the_same_user_looks_inside(self):
        server = self.world.serve(self.cell, **self.world.as_a_user(self.cell))
        # The kernel gives what belongs to a process that may not be looked into to root.
        self.assertEqual(0, os.stat(f"/proc/{server.process.pid}/mem").st_uid)


if __name__ == "__main__":
    unittest.main()

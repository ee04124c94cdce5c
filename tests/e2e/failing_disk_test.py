# ctest label: e2e
"""A disk that fails to write, or to say that it has written, at every place of a command (strace makes the system calls
fail): said in one sentence in each language, whole or not at all, and what was acknowledged before is still there."""

import json
import shutil
import subprocess
import unittest

from refusal import RefusalCase
from world import World, leave, place_of

STRACE = shutil.which("strace")
SYNCS, WRITES = "fsync,fdatasync", "pwrite64"


def may_trace():
    """Whether system calls can be made to fail here."""
    words = [STRACE, "-f", "-qq", "-o", "/dev/null", "-e", "trace=read", "-e", "inject=read:error=EIO", "cat", "/dev/null"]
    return STRACE is not None and subprocess.run(words, capture_output=True).returncode != 0


def failing(calls, error, when):
    """Words in front of a program: its `when`-th call fails ("3+": that and all later ones). Signals reach the program."""
    return [STRACE, "-D", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}:when={when}"]


class FailingDisk(RefusalCase):
    @classmethod
    def setUpClass(cls):
        if not may_trace():
            raise unittest.SkipTest("strace cannot trace here")
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        cls.server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "cell", "cb01", address=cls.server.address)
        cls.line = world.file("hand/line.jsonl", json.dumps(leave(20190301)) + "\n")
        cls.record = ("record", "--dir", world.path("cell"), cls.line, "--again")
        cls.sync = ("sync", "--dir", world.path("cell"), "--tries", "2")
        cls.acknowledged = []

    def count(self, calls):
        """How many such calls recording one line takes."""
        trace = self.world.path("trace")
        before = [STRACE, "-f", "-qq", "-o", trace, "-e", f"trace={calls}"]
        self.acknowledged += self.world.ask(*self.record, before=before)["names"]
        return len(trace.read_text().splitlines())

    def assert_recorded_or_refused(self, reasons, before):
        held = sum(self.world.sizes("cell").values())
        answer = self.world.try_run(*self.record, "--json", before=before)
        new = sum(self.world.sizes("cell").values()) - held
        if answer.code == 0:
            self.acknowledged += answer.json["names"]
            self.assertGreaterEqual(new, 1)
        else:
            self.assertEqual(6, answer.code, str(answer))
            self.assertIn(answer.json["error"]["reason"], reasons)
            # What failed when it was already written may stand. A successor begins with an entry of its own.
            self.assertLessEqual(new, 2)
        return answer.code

    def tearDown(self):
        self.acknowledged += self.world.ask(*self.record)["names"]
        self.assertEqual(0, self.world.ask(*self.sync)["only_here"])
        cell, prov = self.world.entries("cell"), self.world.entries("prov")
        self.assertEqual([], [name for name in self.acknowledged
                              if cell[place_of(name)]["leaf"] != prov[place_of(name)]["leaf"]])  # fmt: skip
        self.assertEqual([], self.world.set_aside("prov"))
        for directory in ("cell", "prov"):
            self.world.verify(directory)

    def assert_at_every_call(self, calls, error, reasons, step=1):
        refused = 0
        for number in range(1, self.count(calls) + 1, step):
            with self.subTest(number=number):
                refused += self.assert_recorded_or_refused(reasons, failing(calls, error, number)) != 0
        self.assertGreater(refused, 5)

    def test_every_sync_of_recording(self):
        self.assert_at_every_call(SYNCS, "EIO", {"disk_failing", "state_not_writable"})

    def test_every_write_of_recording(self):
        self.assert_at_every_call(WRITES, "EIO", {"store_io", "disk_failing", "state_not_writable"})

    def test_writes_of_recording_on_a_full_disk(self):
        self.assert_at_every_call(WRITES, "ENOSPC", {"disk_full"}, step=3)

    def test_it_is_said_in_both_languages(self):
        for calls, error, when, reason in ((SYNCS, "EIO", "4", "disk_failing"), (WRITES, "EIO", "4+", "store_io"),
                                           (WRITES, "ENOSPC", "4+", "disk_full"), (SYNCS, "EIO", "1+", "state_not_writable")):  # fmt: skip
            with self.subTest(reason):
                self.assert_refused(6, reason, *self.record, before=failing(calls, error, when))

    def test_syncs_of_a_cell_that_receives(self):
        for when in ("1", "3", "6", "9", "12", "1+", "8+"):
            with self.subTest(when=when):
                self.acknowledged += self.world.ask(*self.record)["names"]
                answer = self.world.try_run(*self.sync, "--json", before=failing(SYNCS, "EIO", when))
                self.assertIn(answer.code, (0, 6), str(answer))

    def test_a_server_whose_disk_begins_to_fail(self):
        for calls, error, when in ((SYNCS, "EIO", "20+"), (SYNCS, "EIO", "21"), (WRITES, "EIO", "60+"), (WRITES, "ENOSPC", "60+")):
            with self.subTest(calls=calls, error=error, when=when):
                address = self.server.address
                self.assertEqual(0, self.server.end())
                failing_server = self.world.serve("prov", "--listen", address, before=failing(calls, error, when))
                try:
                    received = self.received_until_it_fails()
                finally:
                    failing_server.kill()
                    type(self).server = self.world.serve("prov", "--listen", address)
                held = self.world.sizes("prov")
                self.assertEqual([], [name for name in received if place_of(name)[1] >= held[place_of(name)[0]]])

    def received_until_it_fails(self):
        """Names that a sync which ended with 0 has had received."""
        for _ in range(20):
            known = list(self.acknowledged)
            self.acknowledged += self.world.ask(*self.record)["names"]
            answer = self.world.try_run(*self.sync, "--json")
            if answer.code != 0:
                self.assertEqual(4, answer.code, str(answer))
                return known
            self.assertEqual(0, answer.json["only_here"])
        self.fail("it did not fail")


if __name__ == "__main__":
    unittest.main()

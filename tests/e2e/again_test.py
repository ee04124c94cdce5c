# ctest label: e2e
"""The same file recorded again: what stands already is said and not written twice, unless that is meant; also by who does
not know whether the first time went through."""

import datetime
import json
import random
import subprocess
import time
import unittest

from failing_disk_test import SYNCS, failing, may_trace
from world import PROGRAM, World, leave

LINES = 40
KILLS = 12
SPOKEN = {
    "vi": ("đã ghi rồi, lúc ", "Không ghi lại; nếu thật sự muốn ghi thêm một lần nữa thì thêm --again.", "Không ghi thêm gì mới."),
    "en": ("recorded already, ", "They were not recorded again; where that is meant, add --again.", "Nothing new was recorded."),
}


class Again(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        world.join("prov", "cell", "cb01")
        cls.cell = world.path("cell")
        world.record("cell", leave(20190101))
        cls.day = datetime.date(2019, 1, 1)

    def lines(self, count):
        """Lines that no other test has."""
        type(self).day += datetime.timedelta(days=1)
        return (json.dumps(leave(int(f"{self.day:%Y%m%d}"))) + "\n") * count

    def file(self, count=2):
        return self.world.file(f"hand/{self.id().rsplit('.', 1)[1]}.jsonl", self.lines(count))

    def record(self, path, *words, **more):
        return self.world.ask("record", "--dir", self.cell, path, *words, **more)

    def held(self):
        return sum(self.world.sizes("cell").values())

    def test_stands_once_and_it_is_said_where(self):
        path = self.file()
        first = self.record(path)
        self.assertEqual([], first["already"])
        held = self.held()
        second = self.record(path)
        self.assertEqual((0, 0, []), (second["entries"], second["records"], second["names"]))
        (already,) = second["already"]
        self.assertRegex(already.pop("at"), r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$")
        self.assertEqual(
            {"file": str(path), "lines": 2, "entries": 2, "records": 2, "first": first["names"][0].rpartition("/")[0],
             "last": first["names"][1].rpartition("/")[0]}, already)  # fmt: skip
        for language, (already, instead, nothing) in SPOKEN.items():
            answer = self.world.run("record", "--dir", self.cell, path, "--lang", language)
            said, last = answer.out.splitlines()
            self.assertEqual(nothing, last)
            self.assertTrue(said.startswith(f"{path}: {already}"), said)
            self.assertTrue(said.endswith(instead), said)
            for name in first["names"]:
                self.assertIn(name.rpartition("/")[0], said)
        self.assertEqual(held, self.held())

    def test_twice_where_it_is_meant(self):
        path = self.file()
        self.record(path)
        again = self.record(path, "--again")
        self.assertEqual((2, []), (again["records"], again["already"]))
        self.assertEqual(0, self.record(path)["records"])

    def test_of_what_was_added_at_the_end_only_that(self):
        path = self.file()
        self.record(path)
        with open(path, "a") as file:
            file.write("\n" + self.lines(3))
        grown = self.record(path)
        self.assertEqual((3, 2), (grown["records"], grown["already"][0]["lines"]))
        self.assertEqual(5, self.record(path)["already"][0]["records"])

    def test_a_file_beside_others_and_from_standard_input(self):
        one, other = self.file(), self.world.file("hand/other.jsonl", self.lines(1))
        self.record(one)
        both = self.record(one, other)
        self.assertEqual((1, [str(one)]), (both["records"], [already["file"] for already in both["already"]]))
        piped = self.record("-", stdin=other.read_bytes())
        self.assertEqual((0, ["-"]), (piped["records"], [already["file"] for already in piped["already"]]))

    def test_by_what_serves_the_directory(self):
        path = self.file()
        self.record(path)
        server = self.world.serve(self.cell)
        try:
            self.assertEqual(0, self.record(path)["records"])
            self.assertEqual(2, self.record(path, "--again")["records"])
        finally:
            server.end()

    def test_what_is_typed_twice_is_meant_twice(self):
        held = self.held()
        for _ in range(2):
            self.world.run("write", "leave", "--dir", self.cell, "person=@new", "kind=SICK", "from=05/03/2019", "to=06/03/2019")
        self.assertEqual(held + 2, self.held())

    def test_after_a_kill_at_any_moment(self):
        rng = random.Random(34)
        begun = time.monotonic()
        self.record(self.file(LINES))
        whole = time.monotonic() - begun
        written = set()
        for _ in range(KILLS):
            path, before = self.file(LINES), self.leaves()
            process = subprocess.Popen(
                [PROGRAM, "record", "--dir", self.cell, path, "--passphrase-file", self.world.passphrase],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=self.world.environment,
            )  # fmt: skip
            time.sleep(rng.uniform(0.5, 1.1) * whole)
            process.kill()
            process.wait()
            written.add(bool(self.record(path)["already"]))
            self.assertEqual(before + LINES, self.leaves())
        self.assertIn(False, written, "no kill came before the commit")

    @unittest.skipUnless(may_trace(), "strace cannot trace here")
    def test_after_a_sync_that_failed_wherever_it_did(self):
        answers = []
        for number in range(1, 40):
            path, before = self.file(1), self.leaves()
            words = ("record", "--dir", self.cell, path, "--json")
            failed = self.world.try_run(*words, before=failing(SYNCS, "EIO", number))
            if failed.code == 0:
                break
            self.assertEqual(6, failed.code, str(failed))
            answers.append(bool(self.record(path)["already"]))
            self.assertEqual(before + 1, self.leaves(), number)
        self.assertEqual({True, False}, set(answers), "some failed before it was written, and some after")

    def leaves(self):
        return sum(record["kind"] == "leave" for entry in self.world.entries("cell").values() for record in entry["records"])


if __name__ == "__main__":
    unittest.main()

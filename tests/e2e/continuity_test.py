# ctest label: e2e
"""Killed, copied, restored and handed-over directories: nothing acknowledged is lost, nothing is written twice."""

import base64
import json
import os
import shutil
import stat
import unittest

from world import World, leave


class Continuity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        world.join("prov", "first", "cb01")
        cls.line = world.file("line.jsonl", json.dumps(leave(20190301)) + "\n")

    def setUp(self):
        # Each test has a cell directory of its own, at a place of its own, gone on with once.
        self.cell = self.world.path(self.id().rsplit(".", 1)[1])
        shutil.copytree(self.world.path("first"), self.cell)
        self.record()

    def record(self, cell=None):
        return self.world.ask("record", "--dir", cell or self.cell, self.line, "--again")["names"][0]

    def stream(self, name):
        return name.split("/")[0]

    def test_a_directory_goes_on_with_its_stream(self):
        self.assertEqual(self.stream(self.record()), self.stream(self.record()))

    def test_a_copy_begins_a_new_stream(self):
        before = self.record()
        copy = self.cell.with_name("copy")
        shutil.copytree(self.cell, copy)
        written = self.record(copy)
        self.assertNotEqual(self.stream(before), self.stream(written))
        self.assertEqual(self.stream(written), self.stream(self.record(copy)), "and goes on with that one")
        self.assertEqual(self.stream(before), self.stream(self.record()), "the original goes on with its own")

    def test_an_older_state_put_back_begins_a_new_stream(self):
        before = self.record()
        older = (self.cell / "chibo.db").read_bytes()
        self.assertEqual(self.stream(before), self.stream(self.record()))
        (self.cell / "chibo.db").write_bytes(older)
        answer = self.world.run("record", "--dir", self.cell, self.line, "--again", "--json")
        self.assertNotEqual(self.stream(before), self.stream(answer.json["names"][0]))

    def test_of_two_older_states_put_back_in_turn_neither_passes_for_the_one_that_went_on(self):
        before = self.record()
        first = (self.cell / "chibo.db").read_bytes()
        # One start more, and more entries than the first will have when it has gone on by one start.
        self.world.record(self.cell, *(leave(20190300 + day) for day in range(1, 6)))
        second = (self.cell / "chibo.db").read_bytes()
        (self.cell / "chibo.db").write_bytes(first)
        went_on = self.record()
        self.assertNotEqual(self.stream(before), self.stream(went_on))
        (self.cell / "chibo.db").write_bytes(second)
        self.assertNotIn(self.stream(self.record()), {self.stream(before), self.stream(went_on)})

    def test_a_restored_backup_begins_a_new_stream(self):
        before = self.record()
        backup = self.cell.with_name("backup")
        self.world.run("backup", "--dir", self.cell, "--out", backup, "--with-keys")
        restored = self.cell.with_name("restored")
        self.world.run("restore", "--dir", restored, "--from", backup, passphrase=False)
        self.assertNotEqual(self.stream(before), self.stream(self.record(restored)))
        # In the very place it came from, too.
        shutil.rmtree(self.cell)
        self.world.run("restore", "--dir", self.cell, "--from", backup, passphrase=False)
        self.assertNotEqual(self.stream(before), self.stream(self.record()))

    def test_a_backup_goes_over_nothing(self):
        self.record()
        store = (self.cell / "chibo.db").read_bytes()
        for place in (self.cell, self.world.path("prov")):
            answer = self.world.try_run("backup", "--dir", self.cell, "--out", place, "--json")
            self.assertEqual((2, "backup_place_taken"), (answer.code, answer.json["error"]["reason"]))
        self.assertEqual(store, (self.cell / "chibo.db").read_bytes())

    def test_keys_are_in_a_backup_only_when_asked_for_and_root_keys_never(self):
        for directory in (self.cell, self.world.path("prov")):
            with self.subTest(directory=directory.name):
                plain, keys = directory.with_name(directory.name + "-plain"), directory.with_name(directory.name + "-keys")
                self.world.run("backup", "--dir", directory, "--out", plain)
                self.world.run("backup", "--dir", directory, "--out", keys, "--with-keys")
                self.assertEqual([], list(plain.rglob("*.key")))
                kept = {path.stem for path in (directory / "keys").glob("*.key")}
                self.assertIn("device", kept)
                self.assertEqual({name for name in kept if not name.startswith("root")},
                                 {path.stem for path in (keys / "keys").glob("*.key")})  # fmt: skip
                again = directory.with_name(directory.name + "-again")
                words = ("restore", "--dir", again, "--from", plain)
                answer = self.world.try_run(*words, "--json", passphrase=False)
                self.assertEqual("restore_keys_missing", answer.json["error"]["reason"])
                self.assertNotEqual(0, answer.code)
                self.assertFalse(again.exists())
                self.world.run(*words, "--keys", keys, passphrase=False)
                self.assertEqual(self.world.entries(directory), self.world.entries(again))

    def test_a_backup_says_what_was_held_and_confirmed(self):
        backup = self.cell.with_name("told")
        self.record()
        self.world.run("backup", "--dir", self.cell, "--out", backup)
        told = {stream["stream"]: stream for stream in json.loads((backup / "manifest.json").read_text())["streams"]}
        shown = self.world.ask("log", "show", "--dir", self.cell)
        self.assertEqual({stream["stream"] for stream in shown}, set(told))
        for stream in shown:
            branch = told[stream["stream"]]["branches"][0]
            out = self.cell.with_name("told-" + stream["stream"][:16])
            self.world.run("log", "export", "--dir", self.cell, "--stream", stream["stream"], "--out", out)
            _, size, root = (out / "checkpoint").read_text().splitlines()[:3]
            self.assertEqual((int(size), base64.b64decode(root).hex()), (branch["signed_size"], branch["root"]))
            self.assertEqual(stream["size"], branch["size"])

    def test_a_damaged_backup_is_refused(self):
        backup = self.cell.with_name("damaged")
        self.world.run("backup", "--dir", self.cell, "--out", backup, "--with-keys")
        store = bytearray((backup / "chibo.db").read_bytes())
        store[len(store) // 2] ^= 1
        (backup / "chibo.db").write_bytes(store)
        answer = self.world.try_run("restore", "--dir", self.cell.with_name("never"), "--from", backup, "--json",
                                    passphrase=False)  # fmt: skip
        self.assertEqual((3, "backup_damaged"), (answer.code, answer.json["error"]["reason"]))

    def test_what_lies_in_a_directory_is_its_owners_alone(self):
        server = self.world.serve(self.cell)
        for path in [self.cell, *self.cell.rglob("*")]:
            mode = stat.S_IMODE(os.lstat(path).st_mode)
            self.assertEqual(0, mode & 0o077, f"{path} {mode:o}")
        self.assertTrue(stat.S_ISSOCK(os.lstat(self.cell / "chibo.sock").st_mode))
        self.assertEqual(0, server.end(), "SIGTERM ends it well")
        self.assertFalse((self.cell / "chibo.sock").exists())

    def test_commands_are_handed_to_the_process_that_serves(self):
        before = self.record()
        server = self.world.serve(self.cell)
        # The device's pass-phrase is not asked for again: serve has the key.
        handed = self.world.run("record", "--dir", self.cell, self.line, "--again", "--json", passphrase=False).json["names"][0]
        self.assertEqual(self.stream(before), self.stream(handed))
        refused = self.world.try_run("serve", "--dir", self.cell, "--json")
        self.assertEqual((6, "directory_in_use"), (refused.code, refused.json["error"]["reason"]))
        server.kill()
        # A socket that a dead process left is in nobody's way.
        self.assertEqual(self.stream(before), self.stream(self.record()))


if __name__ == "__main__":
    unittest.main()

# ctest label: e2e
"""What a machine does to the program: full and read-only disks, foreign and damaged directories, a second process,
clocks that are years off. Each time one sentence in each language, the right exit code, and nothing lost."""

import os
import resource
import shutil
import subprocess
import unittest

from refusal import RefusalCase
from world import FAKETIME, VERIFIER, World, hurried, leave, place_of


def mounted(path, size):
    """A small disk of its own at `path`; False when this user may not mount one."""
    path.mkdir()
    return os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "chibo-test", path], capture_output=True
    ).returncode == 0  # fmt: skip


class Surroundings(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        cls.network = world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        cls.server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "first", "cb01", address=cls.server.address)
        world.record("first", leave(20190201))
        world.run("sync", "--dir", world.path("first"))
        cls.line = world.file("hand/line.jsonl", '{"leave":{"person":"@new","kind":"SICK","from":20190301,"to":20190301}}\n')
        cls.many = world.file("hand/many.jsonl", cls.line.read_text() * 3000)

    def setUp(self):
        self.cell = self.world.path(self.id().rsplit(".", 1)[1])
        shutil.copytree(self.world.path("first"), self.cell)

    def only_here(self, cell=None):
        return self.world.ask("status", "--dir", cell or self.cell)["only_here"]

    def record(self, cell=None, line=None):
        return "record", "--dir", cell or self.cell, line or self.line, "--again"

    # ---- disks

    def disk(self, size="3m"):
        """A small disk with the cell's directory on it; the test is skipped where none can be mounted."""
        disk = self.cell.with_name(self.cell.name + "-disk")
        if not mounted(disk, size):
            self.skipTest("may not mount a small disk here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], capture_output=True)
        shutil.copytree(self.cell, disk / "cell")
        return disk

    def fill(self, disk, leave_bytes):
        filler = disk / "filler"
        with open(filler, "wb") as file:
            space = os.statvfs(disk)
            file.write(bytes(max(0, space.f_bavail * space.f_frsize - leave_bytes)))
        return filler

    def test_a_full_disk_at_the_cell(self):
        disk = self.disk()
        cell = disk / "cell"
        name = self.world.ask(*self.record(cell))["names"][0]
        filler = self.fill(disk, 64 * 1024)
        self.assert_refused(6, "disk_full", *self.record(cell, self.many))
        filler.unlink()
        self.fill(disk, 0)
        self.assert_refused(6, "disk_full", *self.record(cell))
        # What is there can still be read, saved, and sent.
        self.assertEqual(1, self.only_here(cell))
        self.assertIn(place_of(name), self.world.entries(cell))
        (disk / "filler").unlink()
        self.world.run(*self.record(cell))
        self.assertEqual(0, self.world.ask("sync", "--dir", cell)["only_here"])
        self.assertEqual([], self.world.set_aside("prov"))
        for directory in (cell, "prov"):
            self.world.verify(directory)

    def test_files_that_may_not_grow(self):
        size = (self.cell / "chibo.db").stat().st_size

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8192, size + 8192))

        self.assert_refused(6, "disk_full", *self.record(line=self.many), limit=limit)
        before = self.only_here()
        self.world.run(*self.record())
        self.assertEqual(before + 1, self.only_here())
        self.world.verify(self.cell)

    def test_too_little_memory(self):
        def within(megabytes, *words):
            size = int(megabytes * (1 << 20))
            return self.world.try_run(*words, limit=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)))

        least = 16
        while within(least, "--help").code != 0:
            least *= 1.05
        before, refused, words = self.only_here(), 0, self.record(line=self.many)
        for step in range(1, 60):
            answer = within(least * 1.07**step, *words, "--json")
            if answer.code == 0:
                break
            self.assertEqual((6, "OutOfMemory"), (answer.code, answer.json["error"]["code"]), str(answer))
            refused += answer.json["error"]["reason"] == "out_of_memory"
        self.assertEqual(0, answer.code, str(answer))
        self.assertGreater(refused, 1)
        # All or nothing, each time; memory may also have run out when it was done and only to be said.
        done, rest = divmod(self.only_here() - before, 3000)
        self.assertEqual(0, rest)
        self.assertIn(done, range(1, step + 1))
        self.world.verify(self.cell)

    def test_a_full_disk_at_the_superior(self):
        disk = self.cell.with_name("superior-disk")
        if not mounted(disk, "6m"):
            self.skipTest("may not mount a small disk here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], capture_output=True)
        world = World()
        self.addCleanup(world.close)
        world.create_network_with_cell()
        shutil.copytree(world.path("prov"), disk / "prov")
        server = world.serve(disk / "prov", "--listen", "127.0.0.1:0")
        world.run("record", "--dir", world.path("cell"), self.many)
        filler = self.fill(disk, 64 * 1024)
        sync = ("sync", "--dir", world.path("cell"), "--parent", server.address, "--tries", "1")
        world_of_class, self.world = self.world, world
        try:
            self.assert_refused(4, "peer_cannot_write", *sync)
        finally:
            self.world = world_of_class
        self.assertEqual(3000, world.ask("status", "--dir", world.path("cell"))["only_here"])
        filler.unlink()
        # A server that was full goes on when there is room.
        self.assertEqual(0, world.ask(*sync)["only_here"])

    def test_a_disk_that_may_only_be_read(self):
        disk = self.disk()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        cell = disk / "cell"
        self.assert_refused(6, "store_not_writable", *self.record(cell))
        self.assert_refused(6, "store_not_writable", "status", "--dir", cell)
        verified = self.world.try_run("--dir", cell, "--network", self.network, program=VERIFIER)
        self.assertEqual(0, verified.code, str(verified))

    def test_a_directory_that_may_only_be_read(self):
        user = self.world.as_a_user(self.cell)
        self.cell.chmod(0o500)
        self.addCleanup(self.cell.chmod, 0o700)
        self.assert_refused(6, "store_not_writable", *self.record(), **user)
        self.world.verify(self.cell)

    def test_nowhere_to_keep_the_state(self):
        nowhere = self.world.file("hand/file", "no folder")
        self.assert_refused(6, "state_not_writable", *self.record(), environment={"XDG_STATE_HOME": f"{nowhere}/x"})

    # ---- directories

    def test_a_store_of_another_program(self):
        import sqlite3

        for name, content in (("words", b"something else entirely, " * 100), ("empty", b"")):
            (self.cell / "chibo.db").write_bytes(content)
            answer = self.world.try_run("status", "--dir", self.cell, "--json")
            self.assertEqual(6 if not content else 3, answer.code, f"{name} {answer}")
            if content:
                self.assertEqual(content, (self.cell / "chibo.db").read_bytes(), "it was not touched")
        (self.cell / "chibo.db").unlink()
        with sqlite3.connect(self.cell / "chibo.db") as other:
            other.execute("CREATE TABLE t(x)")
        before = (self.cell / "chibo.db").read_bytes()
        self.assert_refused(6, "store_of_another_program", *self.record())
        self.assertEqual(before, (self.cell / "chibo.db").read_bytes())

    def test_a_store_of_a_newer_program(self):
        import sqlite3

        with sqlite3.connect(self.cell / "chibo.db") as store:
            store.execute("UPDATE schema_version SET version = version + 1 WHERE part = 'log'")
        before = (self.cell / "chibo.db").read_bytes()
        self.assert_refused(6, "store_newer_format", *self.record())
        self.assertEqual(before, (self.cell / "chibo.db").read_bytes())

    def test_a_store_that_lost_an_entry_is_not_said_to_be_received(self):
        import sqlite3

        self.world.run(*self.record())
        with sqlite3.connect(self.cell / "chibo.db") as store:
            store.execute("DELETE FROM entry WHERE rowid = (SELECT max(rowid) FROM entry)")
        self.assert_refused(3, "entry_missing", "status", "--dir", self.cell)

    def test_a_store_of_another_device(self):
        world = self.world
        world.add_unit("prov", "cb02", "grassroots_cell", "Chi bộ khác")
        world.join("prov", "other-unit", "cb02")
        world.join("prov", "other-device", "cb01", "--role", "deputy")
        elsewhere = World()
        self.addCleanup(elsewhere.close)
        elsewhere.create_network()
        elsewhere.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        elsewhere.join("prov", "cell", "cb01")
        here = ("--dir", self.cell)
        own = (self.cell / "chibo.db").read_bytes()
        for store in (world.path("other-unit"), world.path("other-device"), elsewhere.path("cell"), elsewhere.path("prov")):
            shutil.copyfile(store / "chibo.db", self.cell / "chibo.db")
            with self.subTest(store=store):
                for words in (
                    ("status",), ("log", "show"), ("member", "list"), ("cases",), ("device", "list"), ("rebuild",), ("sync",),
                    ("serve",), ("backup", "--out", world.path("hand", "no-backup")), ("record", self.line),
                    ("join", "--cert", world.path("hand", "first.cert")), ("join",),
                ):  # fmt: skip
                    self.assert_refused(6, "store_of_another_device", *words, *here)
        (self.cell / "chibo.db").write_bytes(own)
        world.run(*self.record())
        world.verify(self.cell)

    def test_a_backup_with_keys_of_another_device(self):
        world = self.world
        world.add_unit("prov", "cb03", "grassroots_cell", "Chi bộ thứ ba")
        world.join("prov", "third", "cb03")
        backup, there = world.path("hand", "a-backup"), world.path("hand", "there")
        world.run("backup", "--dir", self.cell, "--out", backup)
        self.assert_refused(6, "store_of_another_device", "restore", "--dir", there, "--from", backup, "--keys",
                            world.path("third"))  # fmt: skip
        self.assertFalse(there.exists())
        world.run("restore", "--dir", there, "--from", backup, "--keys", self.cell)
        world.run("member", "list", "--dir", there)

    def test_a_directory_without_its_key(self):
        held = self.world.entries(self.cell)
        key = self.cell / "keys/device.key"
        key.rename(key.with_suffix(".elsewhere"))
        self.assert_refused(6, "device_key_missing", *self.record())
        key.with_suffix(".elsewhere").rename(key)
        self.assertEqual(held, self.world.entries(self.cell))
        self.world.verify(self.cell)

    def test_a_key_file_that_is_none(self):
        (self.cell / "keys/device.key").write_bytes(b"not a key at all")
        answer = self.world.try_run(*self.record(), "--json")
        self.assertEqual(2, answer.code, str(answer))
        self.assertEqual("key_file_unreadable", answer.json["error"]["reason"])

    def test_a_file_in_place_of_the_directory(self):
        self.assert_refused(6, "directory_not_found", *self.record(self.world.file("hand/file", "no folder")))

    def test_a_second_process(self):
        server = self.world.serve(self.cell)
        self.assert_refused(6, "directory_in_use", "serve", "--dir", self.cell)
        # The socket is gone: nothing can be handed over, and nothing is opened beside it.
        (self.cell / "chibo.sock").unlink()
        self.assert_refused(6, "directory_in_use", *self.record())
        server.end()
        self.world.run(*self.record())
        self.assertEqual(1, self.only_here())
        self.world.verify(self.cell)

    def test_a_path_longer_than_a_sockets_name(self):
        cell = self.cell.with_name("x" * 90) / ("y" * 90) / "cell"
        cell.parent.mkdir(parents=True)
        self.cell.rename(cell)
        server = self.world.serve(cell)
        # Without a pass-phrase only the program that serves can have written it.
        name = self.world.ask(*self.record(cell), passphrase=False)["names"][0]
        self.assertIn(place_of(name), self.world.entries(cell))
        self.assertTrue((cell / "chibo.sock").is_socket())
        self.assertEqual(0, server.end())
        self.assertFalse((cell / "chibo.sock").exists())

    def test_the_id_of_another_network(self):
        other = self.network[:-1] + ("0" if self.network[-1] != "0" else "1")
        for directory in (self.cell, self.world.path("prov")):
            answer = self.world.try_run("--dir", directory, "--network", other, "--json", program=VERIFIER, passphrase=False)
            self.assertEqual(3, answer.code, str(answer))
            self.assert_verifier_refuses(3, {"vi": "mạng", "en": "network"}, "--dir", directory, "--network", other)

    # ---- clocks

    @unittest.skipIf(FAKETIME is None, "faketime is not installed")
    def test_clocks_that_are_years_off(self):
        held = {}
        for year in ("1970-01-01 00:00:05", "2000-02-29 12:00:00", "2099-06-01 12:00:00"):
            with self.subTest(year):
                at = {"before": [FAKETIME, year]}
                written = self.world.ask(*self.record(), **at)["names"][0]
                synced = self.world.ask("sync", "--dir", self.cell, **at)
                self.assertEqual(0, synced["only_here"])
                # When it was received is the superior's to say.
                self.assertNotIn(year[:4], synced["at"])
                held[place_of(written)] = year[:4]
                for language in ("vi", "en"):
                    said = self.world.run("status", "--dir", self.cell, "--lang", language, **at)
                    self.assertNotIn("-", said.out)
        entries = self.world.entries("prov")
        self.assertEqual(held, {place: entries[place]["claimed"][:4] for place in held})
        self.assertEqual([], self.world.set_aside("prov"))
        rebuilt = self.world.ask("rebuild", "--dir", self.cell, before=[FAKETIME, "1970-01-01 00:00:05"])
        self.assertEqual(rebuilt["before"], rebuilt["after"])
        for directory in (self.cell, "prov"):
            self.world.verify(directory)

    @unittest.skipIf(FAKETIME is None, "faketime is not installed")
    def test_a_servers_clock_that_jumps_while_it_serves(self):
        jump = self.world.file("hand/jump", "+0")
        self.world.run(*self.record())
        server = self.world.serve(self.cell, "--parent", self.server.address, "--listen", "127.0.0.1:0", environment={
            "LD_PRELOAD": hurried(1)["LD_PRELOAD"], "FAKETIME_TIMESTAMP_FILE": str(jump), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"})  # fmt: skip
        claimed = []
        for offset in ("+70y", "-50y", "+1y", "-1d"):
            jump.write_text(offset)
            name = self.world.ask(*self.record(), passphrase=False)["names"][0]
            self.assertEqual(0, self.world.ask("sync", "--dir", self.cell, passphrase=False)["only_here"])
            claimed.append(self.world.entries("prov")[place_of(name)]["claimed"][:4])
        self.assertEqual(0, server.end())
        self.assertEqual(4, len({year for year in claimed}), claimed)
        self.assertEqual([], self.world.set_aside("prov"))
        for directory in (self.cell, "prov"):
            self.world.verify(directory)

    @unittest.skipIf(FAKETIME is None, "faketime is not installed")
    def test_a_whole_network_of_the_wrong_year(self):
        world = World()
        self.addCleanup(world.close)
        real_run = world.try_run
        world.try_run = lambda *words, **more: real_run(*words, **{"before": [FAKETIME, "1970-01-01 00:00:05"], **more})
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "cell", "cb01", address=server.address)
        world.record("cell", leave(20190201))
        self.assertEqual(0, world.ask("sync", "--dir", world.path("cell"))["only_here"])


if __name__ == "__main__":
    unittest.main()

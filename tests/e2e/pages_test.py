# ctest label: e2e
"""Pages of a store's file that SQLite itself cannot read. Of the derived tables nothing is lost; of the log what can still be
read, and the rest comes back from whoever has it. The old file is kept."""

import contextlib
import sqlite3
import unittest

from failing_disk_test import failing, may_trace
from world import VERIFIER, World, leave

PAGE = 4096


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_commune()
        cls.prov = world.serve("prov", "--listen", "127.0.0.1:0")
        world.add_unit("xa01", "xa01-cb01", "cell", "Chi bộ thôn 1")
        with cls.serving():
            world.join("xa01", "cell", "xa01-cb01", address=cls.xa01.address)
            cls.sync()
            for day in range(20191001, 20191025):
                world.record("cell", *[leave(day) for _ in range(4)])
            cls.sync()
        cls.cell, cls.commune = world.path("cell"), world.path("xa01")
        cls.kept_files = {
            path: path.read_bytes()
            for folder in ("cell", "xa01", "state")
            for path in world.path(folder).rglob("*")
            if path.is_file()
        }

    def setUp(self):
        self.put_back()

    def put_back(self):
        """The cell and its commune as they were before anything was damaged."""
        for folder in ("cell", "xa01", "state"):
            for path in self.world.path(folder).rglob("*"):
                if not path.is_dir() and path not in self.kept_files:
                    path.unlink()
        for path, content in self.kept_files.items():
            path.write_bytes(content)

    @classmethod
    @contextlib.contextmanager
    def serving(cls):
        address = cls.xa01.address if hasattr(cls, "xa01") else "127.0.0.1:0"
        cls.xa01 = cls.world.serve("xa01", "--listen", address, "--parent", cls.prov.address)
        try:
            yield
        finally:
            cls.xa01.end()

    @classmethod
    def sync(cls):
        for directory in ("cell", "xa01", "cell", "xa01"):
            cls.world.run("sync", "--dir", cls.world.path(directory))

    def store(self, directory):
        return self.world.path(directory, "chibo.db")

    def pages_of(self, directory, *names):
        """The pages of tables and indexes: those above leaves first, the leaves in their order."""
        with contextlib.closing(sqlite3.connect(self.store(directory))) as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            marks = ", ".join("?" * len(names))
            pages = store.execute(
                f"SELECT pageno FROM dbstat WHERE name IN ({marks}) AND pagetype <> 'overflow' ORDER BY path", names
            ).fetchall()
        return [page for (page,) in pages]

    def spoil(self, directory, *pages):
        with open(self.store(directory), "r+b") as file:
            for page in pages:
                self.assertGreater(page, 1)
                file.seek((page - 1) * PAGE)
                file.write(b"\xa5" * PAGE)

    def digest(self, directory="xa01"):
        return self.world.ask("rebuild", "--dir", self.world.path(directory))["after"]

    def kept(self, directory):
        return sorted(path.name for path in self.world.path(directory).iterdir() if ".damaged" in path.name)

    def repaired(self, directory, code):
        answer = self.world.try_run("repair", "--dir", self.world.path(directory), "--json")
        self.assertEqual(code, answer.code, answer)
        return answer.json

    def test_of_the_view_are_made_anew_by_either_command(self):
        before, entries = self.digest(), self.world.entries("xa01")
        view = ("fact", "fact_key", "view_stream", "derived", "sqlite_autoindex_fact_1", "fact_set_aside", "derived_part",
                "sqlite_autoindex_view_stream_1", "view_state", "outbox")  # fmt: skip
        for number, name in enumerate(view):
            for command in ("rebuild", "repair") if name == "derived" else (("rebuild", "repair")[number % 2],):
                with self.subTest(name=name, command=command):
                    pages = self.pages_of("xa01", name)
                    self.spoil("xa01", pages[0])
                    if command == "rebuild":
                        rebuilt = self.world.ask("rebuild", "--dir", self.commune)
                        self.assertEqual((None, before, None), (rebuilt["before"], rebuilt["after"], rebuilt["changed"]))
                    else:
                        shown = self.world.try_run("repair", "--dir", self.commune, "--dry-run", "--json")
                        self.assertEqual((3, True), (shown.code, len(shown.json["pages"]["damaged"]) > 0), shown)
                        found = self.repaired("xa01", 0)
                        self.assertEqual([], [t for t in found["pages"]["tables"] if t["lost"] or t["more_may_be_lost"]])
                        self.assertEqual(before, found["view"]["digest"])
                    self.assertEqual(before, self.digest())
        self.assertEqual(entries, self.world.entries("xa01"))
        self.assertEqual(1 + len(view), len(self.kept("xa01")))
        self.world.verify("xa01")

    def test_rows_of_the_view_that_differ_are_found(self):
        before = self.digest()
        with contextlib.closing(sqlite3.connect(self.store("xa01"))) as store, store:
            store.execute("UPDATE fact SET standing = 1 WHERE rowid = (SELECT MAX(rowid) FROM fact)")
        for _ in range(2):
            shown = self.dry_run(3)
            self.assertEqual({"damaged": True, "digest": before}, shown["view"])
            self.assertEqual("store_needs_repair", shown["error"]["reason"])
        found = self.repaired("xa01", 0)
        self.assertEqual({"damaged": True, "digest": before}, found["view"])
        self.assertEqual({"damaged": False, "digest": before}, self.dry_run(0)["view"])
        self.assertEqual(False, self.repaired("xa01", 0)["view"]["damaged"])

    def test_rows_of_the_view_that_are_gone_are_found(self):
        before = self.digest()
        with contextlib.closing(sqlite3.connect(self.store("xa01"))) as store, store:
            store.execute("DELETE FROM fact WHERE rowid = (SELECT MAX(rowid) FROM fact)")
        self.assertEqual({"damaged": True, "digest": before}, self.dry_run(3)["view"])
        self.assertEqual({"damaged": True, "digest": before}, self.repaired("xa01", 0)["view"])
        self.assertEqual(before, self.digest())

    def dry_run(self, code):
        """What a repair would find; it leaves every byte as it is."""
        content = self.store("xa01").read_bytes()
        answer = self.world.try_run("repair", "--dir", self.commune, "--dry-run", "--json")
        self.assertEqual(code, answer.code, answer)
        self.assertEqual(content, self.store("xa01").read_bytes())
        return answer.json

    @unittest.skipUnless(may_trace(), "strace cannot trace here")
    def test_a_disk_that_is_full_while_pages_are_got_over_is_called_so(self):
        (page, *_) = self.pages_of("xa01", "derived")
        reasons = set()
        for number in range(1, 40):
            self.put_back()
            self.spoil("xa01", page)
            # What the system says of the folder after that is not the reason.
            then = ["-P", str(self.commune), "-e", "trace=fsync,close", "-e", "inject=close:error=EIO"]
            words = failing("fsync", "ENOSPC", number) + then
            answer = self.world.try_run("repair", "--dir", self.commune, "--json", before=words)
            if answer.code == 0:
                break
            self.assertEqual(6, answer.code, str(answer))
            reasons.add(answer.json["error"]["reason"])
        self.assertLessEqual(reasons, {"disk_full", "disk_failing"})
        self.assertIn("disk_full", reasons)

    def lose_and_get_back(self, directory, name, place):
        """Spoils one page of a table or an index; returns what the repair said."""
        self.put_back()
        before = self.world.entries(directory)
        self.spoil(directory, self.pages_of(directory, name)[place])
        answer = self.world.try_run("repair", "--dir", self.world.path(directory), "--json")
        self.assertIn(answer.code, (0, 4), answer)
        checked = self.world.try_run("--dir", self.world.path(directory), "--network", self.world.network, "--json",
                                     program=VERIFIER)  # fmt: skip
        # Where the first entries are gone there may be nothing yet by which the others could be judged.
        self.assertLessEqual({p["what"] for p in checked.json["problems"]}, {"root_set_missing"})
        with self.serving():
            self.sync()
            self.assertLessEqual(before.items(), self.world.entries(directory).items())
            status = self.world.ask("status", "--dir", self.world.path(directory))
            self.assertEqual([], status["quarantine"])
            self.world.record("cell", leave(20191101))
            self.sync()
            self.assertEqual(0, self.world.ask("status", "--dir", self.cell)["only_here"])
        for place in ("cell", "xa01"):
            self.world.verify(place)
            self.assertEqual([], self.world.set_aside(place))
        return answer.json

    def test_of_entries_are_named_and_come_back(self):
        for directory in ("cell", "xa01"):
            for name in ("entry", "sqlite_autoindex_entry_1"):
                for place in (0, -1):  # above leaves, and a leaf
                    with self.subTest(directory=directory, name=name, place=place):
                        found = self.lose_and_get_back(directory, name, place)
                        self.assertIn("entry", found["pages"]["damaged"])

    def test_of_every_other_table_of_the_log(self):
        tables = ("branch", "checkpoint", "secret", "registered", "stream", "sqlite_autoindex_stream_1",
                  "sqlite_autoindex_node_value_1", "schema_version")  # fmt: skip
        for number, name in enumerate(tables):
            directory = ("cell", "xa01")[number // 2 % 2]
            with self.subTest(directory=directory, name=name):
                self.lose_and_get_back(directory, name, -1)

    def test_without_settings_nothing_is_guessed(self):
        for name, said in (("node_value", "node_value"), ("sqlite_schema", "sqlite_schema")):
            with self.subTest(name=name):
                self.put_back()
                pages = [page for page in self.pages_of("xa01", name) if page > 1]
                self.assertTrue(pages)
                self.spoil("xa01", *pages)
                spoiled = self.store("xa01").read_bytes()
                answer = self.world.try_run("repair", "--dir", self.commune)
                self.assertEqual(3, answer.code, answer)
                self.assertIn(said, answer.err)
                self.assertIn("chibo restore", answer.err)
                self.assertEqual(spoiled, self.store("xa01").read_bytes())
                self.assertEqual([], [p for p in self.commune.iterdir() if p.name.endswith(".rescue")])

    def test_every_command_that_meets_them_says_what_to_do(self):
        self.spoil("xa01", *self.pages_of("xa01", "entry"))
        for words in (("rebuild",), ("backup", "--out", self.world.path("backup"))):
            answer = self.world.try_run(*words, "--dir", self.commune)
            self.assertEqual(3, answer.code, answer)
            self.assertIn("chibo repair", answer.err)

    def test_the_verifier_names_the_stream(self):
        self.spoil("cell", *self.pages_of("cell", "entry")[:1])
        found = self.world.try_run("--dir", self.cell, "--network", self.world.network, program=VERIFIER)
        self.assertEqual(3, found.code, found)
        self.assertNotIn("0000000000000000", found.out + found.err)
        self.assertNotIn("No root set", found.out + found.err)


if __name__ == "__main__":
    unittest.main()

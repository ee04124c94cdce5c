# ctest label: e2e
"""Directories put back from any older copy, by the program's own backup or by plain copying: nothing that was received
is lost, nothing is written twice in one place, and everybody goes on."""

import shutil
import unittest

from world import World, place_of

STEPS = 3
GRADE = {"civil_servant_grade": {"person": "@new", "period": "2019", "grade": "HTTNV"}}


class Restore(unittest.TestCase):
    """Province, commune and a cell have worked for a while; of every step there are two copies of each directory."""

    # Every copy is put back in one way or the other, the oldest in both.
    COPIES = (("backup", 0), ("copy", 1), ("backup", 2), ("copy", 0))

    @classmethod
    def setUpClass(cls):
        # For all tests: each ends with everything whole again.
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_commune()
        prov = world.serve("prov", "--listen", "127.0.0.1:0")
        xa01 = world.serve("xa01", "--listen", "127.0.0.1:0", "--parent", prov.address)
        cls.servers = {"prov": prov, "xa01": xa01}
        cls.cells = []
        cls.written = []
        for step in range(STEPS):
            # Each step brings a new unit too: what the committees themselves wrote is more than receipts.
            code = f"xa01-cb0{step}"
            world.add_unit("xa01", code, "cell", f"Chi bộ thôn {step}")
            world.join("xa01", code, code, address=xa01.address)
            cls.cells.append(code)
            cls.write_all()
            cls.sync_all()
            for directory in ("prov", "xa01", cls.cells[0]):
                cls.copy(directory, step)

    @classmethod
    def write_all(cls):
        for cell in cls.cells:
            cls.written += cls.world.record(cell, GRADE)

    @classmethod
    def sync_all(cls):
        # Twice: what goes down again after it came up.
        for directory in 2 * (*cls.cells, "xa01"):
            cls.world.run("sync", "--dir", cls.world.path(directory))

    @classmethod
    def copy(cls, directory, step):
        # Keys are kept apart, from the first time on.
        if step == 0:
            cls.world.run("backup", "--dir", cls.world.path(directory), "--out", cls.world.path("keys", directory),
                          "--with-keys")  # fmt: skip
        cls.world.run("backup", "--dir", cls.world.path(directory), "--out", cls.world.path("backup", directory, str(step)))
        # Nothing is being written at this moment.
        shutil.copytree(cls.world.path(directory), cls.world.path("copied", directory, str(step)),
                        ignore=shutil.ignore_patterns("chibo.sock"))  # fmt: skip

    def put_back(self, how, directory, step):
        path = self.world.path(directory)
        shutil.rmtree(path)
        if how == "backup":
            self.world.run("restore", "--dir", path, "--from", self.world.path("backup", directory, str(step)),
                           "--keys", self.world.path("keys", directory), passphrase=False)  # fmt: skip
        else:
            shutil.copytree(self.world.path("copied", directory, str(step)), path)

    def leaves_of(self, directory):
        return {place: entry["leaf"] for place, entry in self.world.entries(directory).items()}

    def assert_whole(self, directory, before=()):
        """Everything ever acknowledged is held, and nothing of what was held has changed or is set aside."""
        held = self.leaves_of(directory)
        if directory not in self.cells:
            self.assertLessEqual({place_of(name) for name in self.written}, set(held))
        self.assertLessEqual(dict(before).items(), held.items())
        self.assertEqual([], self.world.set_aside(directory))
        shown = self.world.ask("log", "show", "--dir", self.world.path(directory))
        self.assertEqual([], [stream for stream in shown if stream["forked"]])

    def test_of_a_cell(self):
        cell = self.cells[0]
        for how, step in self.COPIES:
            with self.subTest(how=how, step=step):
                before = self.leaves_of(cell)
                streams = {stream for stream, _ in before}
                self.put_back(how, cell, step)
                # At once, without having asked anybody: a stream of its own.
                new = self.world.record(cell, GRADE)[0]
                self.written.append(new)
                self.assertNotIn(place_of(new)[0], streams)
                self.sync_all()
                self.assert_whole(cell, before)
                self.assert_whole("xa01", before)
                self.assertEqual(0, self.world.ask("status", "--dir", self.world.path(cell))["only_here"])

    def restore_server(self, how, directory, step, *parent):
        server = self.servers[directory]
        before = self.leaves_of(directory)
        server.kill()
        self.put_back(how, directory, step)
        self.servers[directory] = self.world.serve(directory, "--listen", server.address, *parent)
        return before

    def test_of_a_committees_server(self):
        for how, step in self.COPIES:
            with self.subTest(how=how, step=step):
                before = self.restore_server(how, "xa01", step, "--parent", self.servers["prov"].address)
                # Its superior gives it back what it lost, its own certificates of younger units among it.
                self.world.run("sync", "--dir", self.world.path("xa01"))
                self.write_all()
                self.sync_all()
                self.assert_whole("xa01", before)
                self.assert_whole("prov")

    def test_of_the_topmost_server(self):
        for how, step in self.COPIES:
            with self.subTest(how=how, step=step):
                before = self.restore_server(how, "prov", step)
                self.write_all()
                self.sync_all()
                self.assert_whole("prov", before)
                self.assert_whole("xa01")

    def test_a_backup_is_not_made_over_something_else(self):
        cell = self.world.path(self.cells[0])
        taken = self.world.try_run("restore", "--dir", cell, "--from", self.world.path("backup", self.cells[0], "0"),
                                   "--keys", self.world.path("keys", self.cells[0]), "--json",
                                   passphrase=False)  # fmt: skip
        self.assertEqual((2, "directory_taken"), (taken.code, taken.json["error"]["reason"]))
        self.assert_whole(self.cells[0])


if __name__ == "__main__":
    unittest.main()

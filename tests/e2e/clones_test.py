# ctest label: e2e
"""A committee's server whose disk was copied and runs twice: both go on, and what children sent to either one reaches the top
and the other."""

import shutil

from refusal import RefusalCase
from world import World, leave, place_of


class Clones(RefusalCase):
    def setUp(self):
        self.world = world = World()
        self.addCleanup(world.close)
        world.create_network_with_commune()
        self.prov = world.serve("prov", "--listen", "127.0.0.1:0")
        for number in (1, 2):
            world.add_unit("xa01", f"xa01-cb0{number}", "cell", f"Chi bộ thôn {number}")
            world.join("xa01", f"cell{number}", f"xa01-cb0{number}")
        self.written = []
        with_all = self.world.serve("xa01", "--listen", "127.0.0.1:0", "--parent", self.prov.address)
        for cell in ("cell1", "cell2"):
            self.send(cell, with_all)
        world.run("sync", "--dir", world.path("xa01"))
        self.assertEqual(0, with_all.end())

    def serve(self, directory):
        return self.world.serve(directory, "--listen", "127.0.0.1:0", "--parent", self.prov.address)

    def send(self, cell, server):
        """A record of this cell goes to that server."""
        self.written += self.world.record(cell, leave(20190201))
        self.world.run("sync", "--dir", self.world.path(cell), "--parent", server.address)

    def decide(self, directory):
        """The committee writes something itself."""
        code = f"xa01-{len(self.written)}-{directory}"
        self.world.add_unit(directory, code, "cell", "Chi bộ mới")

    def assert_all_at_the_top(self):
        held = self.world.sizes("prov")
        self.assertEqual([], [name for name in self.written if place_of(name)[1] >= held.get(place_of(name)[0], 0)])

    def assert_nothing_set_aside(self, *directories):
        for directory in directories:
            self.assertEqual([], self.world.set_aside(directory), directory)
            shown = self.world.ask("log", "show", "--dir", self.world.path(directory))
            self.assertEqual([], [stream for stream in shown if stream["forked"]], directory)

    def test_a_copy_beside_its_original(self):
        shutil.copytree(self.world.path("xa01"), self.world.path("copy"))
        original, copy = self.serve("xa01"), self.serve("copy")
        for server in (original, copy, original):
            self.send("cell1", server)
            self.send("cell2", copy)
            for directory in ("xa01", "copy"):
                self.decide(directory)
        # Whatever either one has goes up, comes down to the other, and the cells are told of it.
        for _ in range(2):
            for directory in ("xa01", "copy"):
                self.world.run("sync", "--dir", self.world.path(directory))
        for cell in ("cell1", "cell2"):
            for server in (original, copy):
                self.send(cell, server)
        self.world.run("sync", "--dir", self.world.path("xa01"))
        self.world.run("sync", "--dir", self.world.path("copy"))
        self.assert_all_at_the_top()
        self.assert_nothing_set_aside("prov", "xa01", "copy", "cell1", "cell2")
        for server in (original, copy):
            self.assertEqual(0, server.end())
        for directory in ("prov", "xa01", "copy", "cell1", "cell2"):
            self.world.verify(directory)


if __name__ == "__main__":
    import unittest

    unittest.main()

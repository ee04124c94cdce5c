# ctest label: e2e
"""Lines that cut, turn bits over, stall, or bring one byte at a time: nothing false is taken in, nothing is lost, and what
the line allows goes through."""

import line
from line import DOWN, UP, Line
from refusal import RefusalCase
from world import World, hurried, leave

ENTRIES = 20
SAMPLES = 5  # of the bytes of a session, each way


class Lines(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        cls.server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "cell", "cb01", address=cls.server.address)
        world.run("sync", "--dir", world.path("cell"))
        # How long a session is, each way.
        cls.bytes = {UP: 0, DOWN: 0}

        def count(_number, way, _at, block, send):
            cls.bytes[way] += len(block)
            send(block)

        cls.write()
        cls.sync(count, tries=1)

    @classmethod
    def write(cls):
        """News on both sides."""
        cls.world.add_unit("prov", f"cb-{len(cls.world.sizes('prov'))}-{cls.world.inputs}", "grassroots_cell", "Chi bộ mới")
        return cls.world.record("cell", *[leave(20190201)] * ENTRIES)

    @classmethod
    def words(cls, address, tries):
        return "sync", "--dir", cls.world.path("cell"), "--parent", address, "--tries", str(tries)

    @classmethod
    def sync(cls, carry, tries=8, **more):
        """One that goes through in the end."""
        road = Line(cls.server.address, carry)
        try:
            return cls.world.ask(*cls.words(road.address, tries), **more)
        finally:
            road.close()

    def spoiled(self):
        """Places of a session to be spoiled at: the beginnings, ends, and some in between."""
        for way, size in self.bytes.items():
            yield from ((way, place * (size - 1) // (SAMPLES - 1)) for place in range(SAMPLES))

    def assert_through(self, answer, connections):
        self.assertEqual(0, answer["only_here"])
        self.assertEqual(connections, answer["attempts"])
        self.assertEqual({}, {stream: size for stream, size in self.world.sizes("cell").items()
                              if self.world.sizes("prov")[stream] != size})  # fmt: skip
        self.assertEqual([], self.world.set_aside("prov"))

    def tearDown(self):
        for directory in ("cell", "prov"):
            self.world.verify(directory)

    def test_one_byte_at_a_time(self):
        self.write()
        self.assert_through(self.sync(line.byte_by_byte, tries=1), 1)

    def test_a_bit_turned_over(self):
        for way, place in self.spoiled():
            with self.subTest(way=way, place=place):
                self.write()
                # Where it was a size, more is waited for than ever comes.
                answer = self.sync(line.flip(way, place), environment=hurried(20))
                self.assert_through(answer, answer["attempts"])

    def test_bits_turned_over_each_time(self):
        self.write()
        waits = self.world.ask("status", "--dir", self.world.path("cell"))["only_here"]
        for way, reason in ((UP, "peer_hung_up"), (DOWN, "peer_is_not_chibo")):
            road = Line(self.server.address, line.flip(way, 40, connections=1000))
            self.addCleanup(road.close)
            self.assert_refused(4, reason, *self.words(road.address, 2))
            self.assertEqual(waits, self.world.ask("status", "--dir", self.world.path("cell"))["only_here"])
        self.assert_through(self.sync(line.as_it_comes), 1)

    def test_a_cut(self):
        for way, place in self.spoiled():
            with self.subTest(way=way, place=place):
                self.write()
                answer = self.sync(line.cut(way, place), environment=hurried(10))
                self.assert_through(answer, answer["attempts"])
                self.assertIn(answer["attempts"], (1, 2))

    def test_a_line_that_falls_silent(self):
        for way, place in ((UP, 200), (DOWN, 200)):
            with self.subTest(way=way, place=place):
                self.write()
                stall = line.Stall(way, place, connections=1000)
                road = Line(self.server.address, stall)
                self.addCleanup(road.close)
                self.addCleanup(stall.let_go.set)
                self.assert_refused(4, "peer_is_silent", *self.words(road.address, 1), environment=hurried(100))
                self.assert_through(self.sync(line.as_it_comes), 1)


if __name__ == "__main__":
    import unittest

    unittest.main()

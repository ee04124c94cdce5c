# ctest label: e2e
"""Nodes that serve sync by themselves: what is new below goes up soon, what comes from above is fetched on a schedule."""

import time
import unittest

from world import World

MAI = "@person:Lê Thị Mai|19760109"
ROSTER = "Họ và tên,Ngày sinh,Ngày vào Đảng\nLê Thị Mai,09/01/1976,03/02/2001\n"
# Long beside what is waited for, on a machine that is busy with other things.
PATIENCE_S = 60


class Schedule(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_commune()
        world.add_unit("xa01", "cb01", "cell", "Chi bộ thôn 1")
        world.join("xa01", "cell", "cb01")
        world.run("member", "import", "--dir", world.path("cell"), world.file("roster.csv", ROSTER))

    def wait(self, what, holds):
        end = time.monotonic() + PATIENCE_S
        while not holds():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.2)

    def held(self, directory):
        return sum(self.world.sizes(directory).values())

    def only_here(self, directory):
        return self.world.ask("status", "--dir", self.world.path(directory))["only_here"]

    def test_new_papers_go_up_soon_and_what_comes_from_above_is_fetched_on_the_schedule(self):
        world = self.world
        commune = world.serve("xa01", "--listen", "127.0.0.1:0")
        # Nothing but what is new makes this one talk within the hour.
        cell = world.serve("cell", "--parent", commune.address, "--every", "3600")
        self.wait("the first session", lambda: self.only_here("cell") == 0)
        world.record("cell", {"proposal": {"subject": {"id": MAI}, "period": "2019", "grade": "HTTNV"}})
        self.wait("what was recorded beside the server goes up", lambda: self.only_here("cell") == 0)
        cell.end()

        cell = world.serve("cell", "--parent", commune.address, "--every", "1")
        self.wait("the first session of the second", lambda: self.only_here("cell") == 0)
        time.sleep(2)
        before = self.held("cell")
        world.add_unit("xa01", "cb02", "cell", "Chi bộ thôn 2")
        self.wait("what is new above comes without anybody asking", lambda: self.held("cell") > before)
        cell.end()
        commune.end()


if __name__ == "__main__":
    unittest.main()

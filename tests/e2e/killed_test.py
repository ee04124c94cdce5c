# ctest label: e2e
"""Killed while recording, sending and receiving, at random moments: what was acknowledged stays acknowledged."""

import unittest

from kill_loop import KillLoop

CYCLES = 16
HITS = 5  # at the least


class Killed(unittest.TestCase):
    def assert_loses_nothing(self, kind):
        loop = KillLoop(seed=3)
        self.addCleanup(loop.close)
        cycles = 0
        while cycles < CYCLES or loop.kills[kind] < HITS:
            cycles += 1
            loop.cycle(kind)
            self.assertEqual([], loop.lost())
        self.assertEqual([], loop.settle())
        # Killed between the commit and the note outside the directory, continuity is not proven and a successor is begun:
        # safe, and never more often than there were kills.
        self.assertLessEqual(len({name.split("/")[0] for name in loop.recorded}), 1 + loop.kills[kind])

    def test_while_recording(self):
        self.assert_loses_nothing("recording")

    def test_the_cell_while_it_sends(self):
        self.assert_loses_nothing("sending")

    def test_the_server_while_it_receives(self):
        self.assert_loses_nothing("server receiving")

    def test_both_at_once(self):
        self.assert_loses_nothing("both")


if __name__ == "__main__":
    unittest.main()

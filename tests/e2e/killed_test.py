# ctest label: e2e
"""Killed while sending and receiving, either side, at random moments: what was acknowledged stays acknowledged."""

import json
import random
import subprocess
import time
import unittest

from world import PROGRAM, VERIFIER, World, leave, place_of

CYCLES = 24
ENTRIES_A_CYCLE = 12


class KilledWhileSyncing(unittest.TestCase):
    """This process keeps the list: names that `record` printed, and those of them that a `sync` which ended with 0
    has had received."""

    def setUp(self):
        self.world = world = World()
        self.addCleanup(world.close)
        self.network = world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        self.server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "cell", "cb01", address=self.server.address)
        self.rng = random.Random(3)
        self.recorded = []
        self.received = []

    def record(self):
        self.recorded += self.world.record("cell", *[leave(20190201)] * ENTRIES_A_CYCLE)

    def begin_sync(self):
        return subprocess.Popen(
            [PROGRAM, "sync", "--dir", self.world.path("cell"), "--tries", "1", "--json", "--passphrase-file",
             self.world.passphrase],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=self.world.environment,
        )  # fmt: skip

    def end_sync(self, process):
        out, _ = process.communicate(timeout=60)
        if process.returncode == 0:
            self.assertEqual(0, json.loads(out)["only_here"])
            self.received = list(self.recorded)
        return process.returncode

    def whole_sync(self):
        """How long one takes that nobody disturbs."""
        self.record()
        begun = time.monotonic()
        self.assertEqual(0, self.end_sync(self.begin_sync()))
        return time.monotonic() - begun

    def leaves(self, directory):
        return {place: entry["leaf"] for place, entry in self.world.entries(directory).items()}

    def assert_held_at_the_server(self, names):
        held = self.leaves("prov")
        self.assertEqual([], [name for name in names if place_of(name) not in held])

    def assert_whole(self):
        self.assertEqual(0, self.end_sync(self.begin_sync()))
        self.assertEqual(len(self.recorded), len(set(self.recorded)))
        self.assertEqual(self.recorded, self.received)
        self.assert_held_at_the_server(self.recorded)
        cell, server = self.leaves("cell"), self.leaves("prov")
        self.assertLessEqual({place_of(name): cell[place_of(name)] for name in self.recorded}.items(), server.items())
        self.assertEqual([], self.world.ask("log", "set-aside", "--dir", self.world.path("prov")))
        self.server.end()
        for directory in ("prov", "cell"):
            words = ["--dir", self.world.path(directory), "--network", self.network]
            verified = self.world.try_run(*words, program=VERIFIER, passphrase=directory == "cell")
            self.assertEqual(0, verified.code, str(verified))

    def test_the_cell(self):
        whole = self.whole_sync()
        killed = 0
        while killed < CYCLES:
            self.record()
            process = self.begin_sync()
            try:
                process.wait(timeout=self.rng.uniform(0, whole))
            except subprocess.TimeoutExpired:
                process.kill()
            killed += self.end_sync(process) < 0
        self.assert_whole()

    def test_the_server(self):
        whole = self.whole_sync()
        cut = 0
        cycles = 0
        while cycles < CYCLES or cut < CYCLES // 3:
            cycles += 1
            self.record()
            process = self.begin_sync()
            time.sleep(self.rng.uniform(0, whole))
            self.server.kill()
            cut += self.end_sync(process) == 4
            self.server = self.world.serve("prov", "--listen", self.server.address)
            self.assert_held_at_the_server(self.received)
        self.assert_whole()


if __name__ == "__main__":
    unittest.main()

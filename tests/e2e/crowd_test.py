# ctest label: e2e
"""Very many connections that are slow, or say nothing, against one server: it stays small and idle, and whoever has
something to say is heard at once."""

import contextlib
import os
import pathlib
import resource
import secrets
import socket
import time
import unittest

from world import World, leave

MANY = 5000
FEW = 1000
PREFACE = b"chib\x00\x00"
# What each kind of them says, and never goes on.
SLOW = {
    "nothing": lambda: b"",
    "half of what says what it is": lambda: PREFACE[:4],
    "half of a child's first message": lambda: PREFACE + b"\x01\x00" + b"\x02\x00" + bytes(100),
    "half of a pairing": lambda: PREFACE + b"\x02\x00" + b"\x00\x20" + secrets.token_bytes(32),
}
MEMORY_MAX = 32 << 20  # bytes that the crowd may cost: two buffers for each of a bounded number
CPU_SHARE_MAX = 0.2
PROMPT = 10  # seconds; an answer takes a fraction of one on an idle machine


def descriptors(hard):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))


class Crowd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < FEW + 200:
            raise unittest.SkipTest(f"this process may have only {hard} descriptors")
        cls.crowd = MANY if hard == resource.RLIM_INFINITY or hard > MANY + 200 else FEW
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        cls.addClassCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def world_with(self, files):
        """A server that may have `files` descriptors, and a child of it."""
        self.world = world = World()
        self.addCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        self.server = world.serve("prov", "--listen", "127.0.0.1:0", limit=descriptors(files))
        world.join("prov", "cell", "cb01", address=self.server.address)
        self.assert_heard()

    def memory(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def cpu_seconds(self):
        stat = pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def come(self, crowd, number, words):
        host, port = self.server.address.split(":")
        for _ in range(number):
            connection = crowd.enter_context(socket.create_connection((host, int(port)), timeout=30))
            try:
                connection.sendall(words())
            except ConnectionError:
                pass  # turned out already

    def assert_heard(self):
        begun = time.monotonic()
        name = self.world.record("cell", leave(20190201))[0]
        self.world.run("sync", "--dir", self.world.path("cell"), "--tries", "1")
        stream, index, _ = name.split("/")
        self.assertGreater(self.world.sizes("prov")[stream], int(index))
        self.world.add_unit("prov", f"cb{secrets.token_hex(4)}", "grassroots_cell", "Chi bộ mới")
        self.assertLess(time.monotonic() - begun, PROMPT)

    def assert_stands(self, number, words):
        before = self.memory()
        with contextlib.ExitStack() as crowd:
            self.come(crowd, number, words)
            self.assert_heard()
            used, begun = self.cpu_seconds(), time.monotonic()
            time.sleep(0.5)
            share = (self.cpu_seconds() - used) / (time.monotonic() - begun)
        self.assertLess(self.memory() - before, MEMORY_MAX)
        self.assertLess(share, CPU_SHARE_MAX, "it does nothing meanwhile")

    def test_very_many_slow_connections(self):
        print(f"{self.crowd} connections of each kind")
        self.world_with(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        for kind, words in SLOW.items():
            with self.subTest(kind):
                self.assert_stands(self.crowd, words)
        self.assertEqual(0, self.server.end())
        self.world.verify("prov")

    def test_more_than_there_are_descriptors(self):
        for files in (64, 1024):
            with self.subTest(files=files):
                self.world_with(files)
                self.assert_stands(files + 100, SLOW["nothing"])
                self.assert_stands(files + 100, SLOW["half of a child's first message"])
                self.assertEqual(0, self.server.end())
                self.world.verify("prov")


if __name__ == "__main__":
    unittest.main()

# ctest label: e2e
"""A server that takes the connection and says nothing: given up in the end, and said so."""

import shutil
import socket
import threading

from refusal import RefusalCase
from world import World, leave


class Silent(RefusalCase):
    def test_one_that_says_nothing_is_given_up(self):
        self.world = world = World()
        self.addCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        world.join("prov", "cell", "cb01")
        world.record("cell", leave(20190201))
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"127.0.0.1:{silent.getsockname()[1]}"
            said = {}

            def sync(language):
                # A directory each: both wait at the same time.
                copy = world.path(language)
                said[language] = world.try_run("sync", "--dir", copy, "--parent", address, "--tries", "1", "--lang", language)

            for language in ("vi", "en"):
                shutil.copytree(world.path("cell"), world.path(language))
            waiting = [threading.Thread(target=sync, args=[language]) for language in ("vi", "en")]
            for thread in waiting:
                thread.start()
            for thread in waiting:
                thread.join()
        for language, answer in said.items():
            self.assertEqual(4, answer.code, str(answer))
            self.assert_spoken(language, "peer_is_silent", answer.err)
            self.assertIn(address, answer.err)


if __name__ == "__main__":
    import unittest

    unittest.main()

# ctest label: e2e
"""A device joins a unit that has been writing for years: what it is given does not fit one answer."""

import base64
import random
import unittest

from world import World

GRANT_FRAME = 65_520


class LargeGrant(unittest.TestCase):
    def test_a_replacement_gets_years_of_records_over_the_line(self):
        world = World()
        self.addCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "cell", "cb01", address=server.address)
        cell, prov, following = (("--dir", world.path(name)) for name in ("cell", "prov", "next"))
        # Text that does not pack, as the papers of some years together do not.
        noise = random.Random(7)
        names = world.record("cell", *(
            {"meeting": {"kinds": ["REGULAR"], "period": "2019",
                         "topics": [base64.b64encode(noise.randbytes(3000)).decode()]}}
            for _ in range(60)
        ))  # fmt: skip
        self.assertGreater(60 * 3000, 2 * GRANT_FRAME)
        world.run("sync", *cell)
        invite = world.path("hand/next.invite")
        world.run("device", "replace", *prov, "--unit", "cb01", "--reason", "Máy hỏng", "--address", server.address, "--out",
                  invite)  # fmt: skip
        waits = world.try_run("join", *following, "--invite", invite, "--key-cost", "least")
        self.assertEqual(4, waits.code, str(waits))
        world.run("device", "approve", *prov, "--pending")
        world.run("join", *following)
        held = {f"{stream}/{index}" for stream, index in world.entries("next")}
        self.assertLessEqual({name.rsplit("/", 1)[0] for name in names}, held)
        # It can write and send, and asking once more changes nothing.
        world.run("join", *following)
        world.record("next", {"meeting": {"kinds": ["REGULAR"], "period": "2020", "topics": ["Tháng 1"]}})
        self.assertEqual(0, world.ask("sync", *following)["only_here"])


if __name__ == "__main__":
    unittest.main()

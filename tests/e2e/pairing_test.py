# ctest label: e2e
"""A device joins over a connection: no files pass from hand to hand but the invite."""

import unittest

from world import World


class Pairing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        cls.server = world.serve("prov", "--listen", "127.0.0.1:0")

    def invite(self, name, role="secretary"):
        path = self.world.path(f"{name}.invite")
        self.world.run("invite", "--dir", self.world.path("prov"), "--unit", "cb01", "--role", role, "--address",
                       self.server.address, "--out", path)  # fmt: skip
        return path

    def test_a_request_waits_for_an_officer_and_the_grant_comes_back(self):
        world, cell = self.world, self.world.path("cell")
        join = ("join", "--dir", cell, "--json")
        first = world.try_run(*join, "--invite", self.invite("cell"), "--key-cost", "least")
        self.assertEqual((4, "approval_waits"), (first.code, first.json["error"]["reason"]), str(first))
        again = world.try_run(*join)
        self.assertEqual(4, again.code, str(again))
        pending = world.ask("device", "pending", "--dir", world.path("prov"))
        self.assertEqual([first.json["fingerprint"]], [request["fingerprint"] for request in pending])
        world.run("device", "approve", "--dir", world.path("prov"), "--pending")
        self.assertEqual([], world.ask("device", "pending", "--dir", world.path("prov")))
        world.run(*join)
        world.run("member", "import", "--dir", cell,
                  world.file("roster.csv", "Họ và tên,Ngày sinh,Ngày vào Đảng\nLê Thị Mai,09/01/1976,03/02/2001\n"))  # fmt: skip
        self.assertEqual(0, world.ask("sync", "--dir", cell)["only_here"])

    def test_an_invite_of_another_network_finds_nobody(self):
        other = World()
        self.addCleanup(other.close)
        other.create_network()
        other.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        invite = other.path("invite")
        other.run("invite", "--dir", other.path("prov"), "--unit", "cb01", "--address", self.server.address, "--out", invite)
        answer = self.world.try_run("join", "--dir", self.world.path("stranger"), "--invite", invite, "--key-cost", "least",
                                    "--json")  # fmt: skip
        self.assertIn(answer.code, (3, 4, 5), str(answer))
        self.assertIn(answer.json["error"]["code"], ("WrongNetwork", "NotKnown", "Cut"), str(answer))


if __name__ == "__main__":
    unittest.main()

# ctest label: e2e
"""Root keys that are changed, units that are moved, forks that are ruled on: what only those above may order."""

import shutil

from refusal import RefusalCase
from world import World, leave

NAME = "Đỗ Thị Lý"
BIRTH = 19790305


class Authority(RefusalCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def at(self, directory):
        return "--dir", self.world.path(directory)

    def sync(self, directory, code=0):
        answer = self.world.try_run("sync", *self.at(directory), "--json")
        self.assertEqual(code, answer.code, str(answer))
        return answer.json

    def leaves(self, directory):
        """Names of the leave records a directory can read, and of those that do not count."""
        aside = {item["record"] for item in self.world.set_aside(directory) if item["kind"] == "leave"}
        held = {f"{stream}/{index}/{position}"
                for (stream, index), entry in self.world.entries(directory).items()
                for position, record in enumerate(entry["records"])
                if record["kind"] == "leave" and "record" in record}  # fmt: skip
        return held, aside


class RootKeys(Authority):
    def keys(self, directory="prov"):
        return sorted(path.stem for path in self.world.path(directory, "keys").iterdir())

    def test_three_holders_change_them_two_at_a_time(self):
        world = self.world
        root = "--root-keys", 3, "--root-threshold", 2, "--key-cost", "least"
        world.run("network", "create", *self.at("prov"), "--name", "Thanh Hóa", "--code", "thanhhoa", *root)
        self.assertEqual(["authority", "device", *(f"root-{v}-{n}" for v in (1, 2) for n in (1, 2, 3))], self.keys())
        world.add_unit("prov", "xa01", "grassroots_body", "Đảng bộ xã Hoa Sim")
        world.join("prov", "xa01", "xa01")
        # One holder has taken both keys home; a second one too many.
        home = world.path("home")
        home.mkdir()
        for name in ("root-1-2", "root-2-3", "root-1-3"):
            shutil.move(world.path("prov", "keys", f"{name}.key"), home)
        self.assert_refused(5, "root_keys_missing", "network", "rotate", *self.at("prov"), *root)
        shutil.move(home / "root-1-3.key", world.path("prov", "keys"))
        self.assertEqual(2, world.ask("network", "rotate", *self.at("prov"), *root)["version"])
        self.assertIn("root-3-1", self.keys())
        # Work goes on, and the next change takes the keys of sets two and three.
        world.add_unit("prov", "xa02", "grassroots_body", "Đảng bộ xã Hoa Ban")
        world.join("prov", "xa02", "xa02")
        self.assertEqual(3, world.ask("network", "rotate", *self.at("prov"), *root)["version"])
        server = world.serve("prov", "--listen", "127.0.0.1:0")
        for directory in ("xa01", "xa02"):
            world.run("sync", *self.at(directory), "--parent", server.address)
            self.assert_refused(5, "root_not_here", "network", "rotate", *self.at(directory), *root)

    def test_numbers_that_do_not_fit_make_nothing(self):
        for counts in (("--root-keys", 2, "--root-threshold", 3), ("--root-keys", 0), ("--root-keys", "hai")):
            self.assert_refused(1, "root_threshold_unfit", "network", "create", *self.at("prov"), "--name", "N", *counts)
            self.assertFalse(self.world.path("prov").exists())

    def test_the_topmost_units_people_are_certified_by_the_root(self):
        world = self.world
        world.create_network()
        member = {"member": {"person": "@new", "name": NAME, "birth": BIRTH, "admitted": 20050301, "official": 20060301}}
        world.record("prov", member)
        world.run("key", "person", *self.at("prov"), "--person", f"BT={NAME}|{BIRTH}", "--key-cost", "least")
        approve = "key", "approve", *self.at("prov")
        self.assertEqual(0, world.ask(*approve)["approved"], "the own officer vouches for nobody here")
        self.assertEqual(1, world.ask(*approve, "--root")["approved"])
        self.assertEqual(0, world.ask(*approve, "--root")["approved"], "once")


class MovesAndForks(Authority):
    def setUp(self):
        super().setUp()
        world = self.world
        world.create_network(name="huyen", code="huyen")
        self.huyen = world.serve("huyen", "--listen", "127.0.0.1:0")
        for code, name in (("xa01", "Đảng bộ xã Hoa Sim"), ("xa02", "Đảng bộ xã Hoa Ban")):
            world.add_unit("huyen", code, "grassroots_body", name)
            world.join("huyen", code, code, address=self.huyen.address)
        world.add_unit("xa01", "cb03", "cell", "Chi bộ thôn 3")
        self.served = {code: world.serve(code, "--listen", "127.0.0.1:0", "--parent", self.huyen.address)
                       for code in ("xa01", "xa02")}  # fmt: skip
        world.join("xa01", "cell", "cb03", address=self.served["xa01"].address)
        self.first = world.record("cell", leave(20190201))[0]
        for directory in ("cell", "xa01"):
            self.sync(directory)

    def move(self, *words):
        """The order, and how the unit's node asks its new superior in."""
        world = self.world
        world.run("unit", "move", *self.at("huyen"), "--code", "cb03", "--to", "xa02", "--number", "12-QĐ/HU", *words)
        for code in ("xa01", "xa02"):
            self.sync(code)
        invite, request, certificate = (world.path("hand", f"moved.{ending}") for ending in ("invite", "request", "cert"))
        world.run("invite", *self.at("xa02"), "--unit", "cb03", "--address", self.served["xa02"].address, "--out", invite)
        world.run("join", *self.at("cell"), "--invite", invite, "--out", request)
        self.assert_refused(5, "not_known_there", "sync", *self.at("cell"))
        world.run("device", "approve", *self.at("xa02"), request, "--out", certificate)
        world.run("join", *self.at("cell"), "--cert", certificate)

    def test_a_unit_that_is_moved_goes_on_under_its_new_superior(self):
        self.move()
        later = self.world.record("cell", leave(20190301))[0]
        self.assertEqual(0, self.sync("cell")["only_here"])
        self.assertEqual(({later}, set()), self.leaves("xa02"), "what was for the former superior stays with it")
        self.assertEqual(({self.first}, set()), self.leaves("xa01"))
        self.assertEqual(({self.first, later}, set()), self.leaves("cell"))

    def test_older_records_are_handed_over_when_the_order_says_so(self):
        self.move("--hand-over")
        self.sync("cell")
        self.assertEqual(({self.first}, set()), self.leaves("xa02"))
        self.sync("xa02")
        self.assertEqual((set(), set()), self.leaves("huyen"), "and to nobody else")

    def test_only_from_above_both_and_to_another(self):
        move = "--code", "cb03", "--to", "xa02"
        self.assert_refused(5, "move_not_competent", "unit", "move", *self.at("xa01"), *move)
        self.assert_refused(5, "move_not_competent", "unit", "move", *self.at("huyen"), "--code", "cb03", "--to", "xa01")

    # ---- forks

    def test_a_fork_is_ruled_on_and_the_ruling_reaches_the_unit(self):
        world = self.world
        self.assertEqual([], world.ask("fork", "list", *self.at("xa01")))
        self.assert_refused(2, "fork_without_choice", "fork", "rule", *self.at("xa01"), "--stream", self.first[:12],
                            "--branch", 0, "--reason", "Xem lại")  # fmt: skip
        shutil.copytree(world.path("cell"), world.path("kept"))
        shutil.copytree(world.path("state"), world.path("kept-state"))
        early = world.record("cell", leave(20190301))[0]
        self.sync("cell")
        # The disk and what proves its continuity are both set back: nothing tells that device that it forks.
        shutil.copyfile(world.path("kept", "chibo.db"), world.path("cell", "chibo.db"))
        shutil.copytree(world.path("kept-state"), world.path("state"), dirs_exist_ok=True)
        late = [world.record("cell", leave(day))[0] for day in (20190401, 20190501)]
        self.assertEqual(early, late[0])
        self.sync("cell", code=4)
        forks = world.ask("fork", "list", *self.at("xa01"))
        self.assertEqual([("cb03", [True, False])], [(f["unit"], [b["counts"] for b in f["branches"]]) for f in forks])
        self.assertEqual({early, late[1]}, self.leaves("xa01")[1])
        self.sync("xa01")
        world.run("fork", "rule", *self.at("huyen"), "--stream", forks[0]["stream"][:12], "--branch", 1, "--reason",
                  "Bản thứ hai là bản đúng")  # fmt: skip
        self.sync("xa01")
        # What was chosen is registered anew, so that device has nothing left to be received.
        self.sync("cell")
        for directory in ("huyen", "xa01", "cell"):
            ruled = world.ask("fork", "list", *self.at(directory))
            chosen = [b["size"] for f in ruled for b in f["branches"] if b["counts"]]
            self.assertEqual([int(late[1].split("/")[1]) + 1], chosen, directory)


if __name__ == "__main__":
    import unittest

    unittest.main()

# ctest label: e2e
"""Devices that are lost, stolen, replaced, copied: what was received stays, what a thief writes does not count."""

import shutil

from refusal import RefusalCase
from world import World, leave, place_of

FEBRUARY = 20190201


class Devices(RefusalCase):
    def setUp(self):
        self.world = world = World()
        self.addCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "huyen", "district", "Huyện ủy Mẫu")
        world.join("prov", "huyen", "huyen")
        world.add_unit("huyen", "xa01", "grassroots_body", "Đảng bộ xã Hoa Sim")
        world.join("huyen", "xa01", "xa01")
        world.add_unit("xa01", "xa01-cb01", "cell", "Chi bộ thôn 1")
        self.huyen = world.serve("huyen", "--listen", "127.0.0.1:0")
        self.xa01 = world.serve("xa01", "--listen", "127.0.0.1:0", "--parent", self.huyen.address)
        world.join("xa01", "cell", "xa01-cb01", address=self.xa01.address)
        self.first = self.write("cell")
        self.sync("cell")
        self.sync("xa01")

    def at(self, directory):
        return "--dir", self.world.path(directory)

    def write(self, directory):
        """One small record; its name."""
        return self.world.record(directory, leave(FEBRUARY))[0]

    def sync(self, directory, code=0):
        answer = self.world.try_run("sync", *self.at(directory), "--json")
        self.assertEqual(code, answer.code, str(answer))
        return answer.json

    def revoke(self, directory):
        return self.world.ask("device", "revoke", *self.at(directory), "--unit", "xa01-cb01", "--reason", "Mất máy")

    def devices(self, directory="xa01"):
        return self.world.ask("device", "list", *self.at(directory), "--unit", "xa01-cb01")

    def leaves(self, directory):
        """Names of the leave records a directory holds, and the reasons of those that do not count."""
        aside = {(item["record"], item["branch"]): item["reason"]
                 for item in self.world.set_aside(directory) if item["kind"] == "leave"}  # fmt: skip
        held = {f"{stream}/{index}/{position}"
                for (stream, index), entry in self.world.entries(directory).items()
                for position, record in enumerate(entry["records"]) if record["kind"] == "leave"}  # fmt: skip
        return held, aside

    # ---- revoked

    def test_a_revoked_device_is_told_so_and_loses_nothing(self):
        before = self.devices()
        revoked = self.revoke("xa01")
        self.assertEqual([False], [device["revoked"] for device in before])
        self.assertEqual([True], [device["revoked"] for device in self.devices()])
        self.assertEqual([self.first.split("/")[0]], [kept["stream"] for kept in revoked["kept"]])
        late = self.write("cell")
        self.assert_refused(5, "not_known_there", "sync", *self.at("cell"))
        self.assertEqual(({self.first}, {}), self.leaves("xa01"))
        self.assertEqual(({self.first, late}, {}), self.leaves("cell"))
        self.assertEqual(1, self.world.ask("status", *self.at("cell"))["only_here"])

    def test_what_it_wrote_before_that_was_heard_of_waits_for_a_signed_adoption(self):
        # The district revokes; the commune cannot have heard yet and takes in what the device sends.
        self.huyen.end()
        self.revoke("huyen")
        late = self.write("cell")
        self.sync("cell")
        self.assertEqual(({self.first, late}, {}), self.leaves("xa01"))
        self.huyen = self.world.serve("huyen", "--listen", self.huyen.address)
        self.sync("xa01")
        for directory in ("xa01", "huyen"):
            self.assertEqual(({self.first, late}, {(late, 0): "revoked"}), self.leaves(directory), directory)
        # Somebody has looked at it: honest work, taken in by position.
        stream, index = place_of(late)
        adopt = "adopt", *self.at("huyen"), "--stream", stream, "--from", index, "--reason", "Ghi trước khi mất máy"
        self.assert_refused(1, "adoption_range_unfit", *adopt, "--to", index)
        size = next(size for held, size in self.world.sizes("huyen").items() if held.startswith(stream))
        error = self.assert_refused(1, "adoption_range_unfit", "adopt", *self.at("huyen"), "--stream", stream, "--from", "90",
                                    "--reason", "x")  # fmt: skip
        self.assertEqual(f"--from 90 --to {size}; 0 … {size}", error["where"])
        self.world.run(*adopt)
        self.sync("xa01")
        for directory in ("xa01", "huyen"):
            self.assertEqual(({self.first, late}, {}), self.leaves(directory), directory)

    def test_devices_that_cannot_be_named(self):
        which = ("device", "revoke", *self.at("xa01"), "--reason", "Mất máy")
        self.assert_refused(2, "device_unknown", *which, "--unit", "xa01-cb09")
        self.assert_refused(2, "device_unknown", *which, "--certificate", "00ff")
        self.world.join("xa01", "second", "xa01-cb01", "--role", "deputy", address=self.xa01.address)
        self.assert_refused(2, "device_ambiguous", *which, "--unit", "xa01-cb01")
        self.world.run(*which, "--unit", "xa01-cb01", "--role", "deputy")
        self.assertEqual({"secretary": False, "deputy": True}, {d["role"]: d["revoked"] for d in self.devices()})
        # Its own device, and one above: not from here.
        self.assert_refused(5, "revoke_not_below", *which, "--unit", "xa01")
        self.assert_refused(5, "officer_key_missing", "device", "revoke", *self.at("cell"), "--reason", "Mất máy", "--unit",
                            "xa01-cb01")  # fmt: skip

    def test_the_one_that_follows_has_what_the_old_one_had(self):
        answer = self.world.ask("device", "replace", *self.at("xa01"), "--unit", "xa01-cb01", "--reason", "Đổi máy", "--address",
                                self.xa01.address, "--out", self.world.path("hand/next.invite"))  # fmt: skip
        self.assertEqual("xa01-cb01", answer["unit"])
        join = ("join", *self.at("next"))
        waits = self.world.try_run(*join, "--invite", self.world.path("hand/next.invite"), "--key-cost", "least")
        self.assertEqual(4, waits.code, str(waits))
        self.world.run("device", "approve", *self.at("xa01"), "--pending")
        self.world.run(*join)
        self.sync("next")
        self.assertEqual(({self.first}, {}), self.leaves("next"))
        later = self.write("next")
        self.sync("next")
        self.assertEqual(({self.first, later}, {}), self.leaves("xa01"))
        self.assertEqual([False, True], sorted(device["revoked"] for device in self.devices()))
        self.sync("cell", code=5)

    def test_a_server_put_back_to_before_a_device_takes_it_in_by_another_invite(self):
        def invite(name):
            path = self.world.path(f"hand/{name}.invite")
            self.world.run("invite", *self.at("xa01"), "--unit", "xa01-cb01", "--role", "deputy", "--address",
                           self.xa01.address, "--out", path)  # fmt: skip
            return path

        def stopped(act):
            self.xa01.end()
            act(self.world.path("xa01/chibo.db"), self.world.path("xa01-old.db"))
            self.xa01 = self.world.serve("xa01", "--listen", self.xa01.address)

        join = ("join", *self.at("second"), "--json")
        stopped(lambda store, kept: shutil.copyfile(store, kept))
        first = invite("first")
        self.assertEqual(4, self.world.try_run(*join, "--invite", first, "--key-cost", "least").code)
        self.world.run("device", "approve", *self.at("xa01"), "--pending")
        self.world.run(*join)
        self.sync("second")
        written = self.write("second")
        stopped(lambda store, kept: shutil.copyfile(kept, store))

        self.assert_refused(5, "not_known_there", "sync", *self.at("second"))
        self.assert_refused(5, "parent_refuses_request", *join[:-1])
        waits = self.world.try_run(*join, "--invite", invite("again"))
        self.assertEqual((4, "approval_waits"), (waits.code, waits.json["error"]["reason"]), str(waits))
        self.world.run("device", "approve", *self.at("xa01"), "--pending")
        self.world.run(*join)
        self.sync("second")
        self.assertEqual(({self.first, written}, {}), self.leaves("xa01"))

    def test_what_cannot_be_replaced_is_not_revoked(self):
        invite, taken = self.world.path("hand/other.invite"), self.world.path("hand/taken")
        taken.mkdir()
        before = self.world.sizes("huyen"), self.world.sizes("xa01")
        for code, reason, at, out, *which in (
            (2, "unit_not_directly_below", "huyen", invite, "--unit", "xa01-cb01"),
            (2, "role_not_invited", "huyen", invite, "--unit", "xa01", "--role", "authority"),
            (2, "output_there_already", "xa01", taken, "--unit", "xa01-cb01"),
            (2, "output_there_already", "xa01", self.world.passphrase, "--unit", "xa01-cb01"),
        ):
            self.assert_refused(code, reason, "device", "replace", *self.at(at), *which, "--reason", "Mất máy", "--out", out)
        self.assertFalse(invite.exists())
        self.assertEqual(before, (self.world.sizes("huyen"), self.world.sizes("xa01")))
        for directory in ("huyen", "xa01"):
            listed = self.world.ask("device", "list", *self.at(directory))
            self.assertFalse(any(device["revoked"] for device in listed), listed)

    # ---- forked

    def keep(self, name):
        """What a thief takes: the directory's store and this machine's proof that it goes on from there."""
        shutil.copytree(self.world.path("cell"), self.world.path(name, "cell"))
        shutil.copytree(self.world.path("state"), self.world.path(name, "state"))

    def put(self, name):
        # In the very place, so that everything the program looks at says that it goes on.
        shutil.copyfile(self.world.path(name, "cell/chibo.db"), self.world.path("cell/chibo.db"))
        shutil.copytree(self.world.path(name, "state"), self.world.path("state"), dirs_exist_ok=True)

    def test_a_thief_who_forks_below_what_was_registered_gains_nothing(self):
        self.keep("stolen")
        honest = self.write("cell")
        self.sync("cell")
        self.keep("honest")
        self.put("stolen")
        forged = [self.write("cell"), self.write("cell")]
        self.assertEqual(honest, forged[0], "in the same place: a fork")
        ended = self.sync("cell", code=4)
        self.assertEqual("register_does_not_cover", ended["error"]["reason"])
        # Seen at once, on both sides; the registered branch stands, the other one is listed.
        forked = {(forged[0], 1): "forked", (forged[1], 1): "forked"}
        _, aside = self.leaves("xa01")
        self.assertEqual({name for name, _ in forked}, {name for name, _ in aside})
        self.assertEqual({"forked"}, set(aside.values()))
        held, _ = self.leaves("xa01")
        self.assertEqual({self.first, honest}, held)
        status = self.world.ask("status", *self.at("cell"))
        self.assertEqual([True], [stream["forked"] for stream in status["streams"]])
        told = self.world.try_run("sync", *self.at("cell"), "--lang", "vi")
        self.assertIn("rẽ làm hai", told.err, "a person who syncs is told why it does not end")

        # The owner goes on, and nothing of the owner's is lost.
        self.put("honest")
        later = self.write("cell")
        self.sync("cell")
        held, aside = self.leaves("xa01")
        self.assertEqual({self.first, honest, later}, held)
        self.assertNotIn(later, {name for name, _ in aside} - {forged[1]})

        # The device is replaced: what the thief wrote stays set aside, now for good.
        self.revoke("xa01")
        self.sync("xa01")
        for directory in ("xa01", "huyen"):
            _, aside = self.leaves(directory)
            self.assertEqual({"revoked"}, set(aside.values()), directory)
            self.assertEqual({name for name, _ in forked}, {name for name, _ in aside}, directory)
        self.sync("cell", code=5)

    def test_a_copied_directory_runs_beside_its_original_and_both_are_received(self):
        shutil.copytree(self.world.path("cell"), self.world.path("copy"))
        served = [self.world.serve(name, "--parent", self.xa01.address) for name in ("cell", "copy")]
        written = {self.write(name) for name in ("cell", "copy", "cell", "copy")}
        streams = {name.split("/")[0] for name in written}
        self.assertEqual(2, len(streams), "the copy could not prove that it goes on")
        for _ in range(2):
            for name in ("cell", "copy"):
                self.sync(name)
        for directory in ("xa01", "cell", "copy"):
            self.assertEqual(({self.first} | written, {}), self.leaves(directory), directory)
        self.assertEqual([], [s for s in self.world.ask("log", "show", *self.at("xa01")) if s["forked"]])
        for server in served:
            self.assertEqual(0, server.end())


if __name__ == "__main__":
    import unittest

    unittest.main()

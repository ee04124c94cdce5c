# ctest label: e2e
"""Bytes of a store change by themselves. Every command that meets them says what to do, and after that what anybody else
holds is back; what nobody holds is named, and what can still be read of it can be recorded again."""

import contextlib
import json
import sqlite3
import unittest

from world import VERIFIER, World, leave


class Repair(unittest.TestCase):
    def setUp(self):
        self.world = world = World()
        self.addCleanup(world.close)
        world.create_network_with_commune()
        self.prov = world.serve("prov", "--listen", "127.0.0.1:0")
        world.add_unit("xa01", "xa01-cb01", "cell", "Chi bộ thôn 1")
        self.serve()
        world.join("xa01", "cell", "xa01-cb01", address=self.xa01.address)
        self.cell = world.path("cell")
        for day in ("20191001", "20191002", "20191003"):
            world.record("cell", leave(day))
            self.sync()

    def serve(self):
        address = self.xa01.address if hasattr(self, "xa01") else "127.0.0.1:0"
        self.xa01 = self.world.serve("xa01", "--listen", address, "--parent", self.prov.address)

    def sync(self):
        for directory in ("cell", "xa01", "cell"):
            self.world.run("sync", "--dir", self.world.path(directory))

    def line_of(self, directory, unit="xa01-cb01"):
        """The stream that the unit writes, as a directory knows it."""
        listed = self.world.ask("log", "show", "--dir", self.world.path(directory))
        return next(s for s in listed if s["unit"] == unit and s["kind"] == "line" and not s["retired"])["stream"]

    def rot(self, directory, stream, index):
        """One byte of the content of one entry."""
        with contextlib.closing(sqlite3.connect(self.world.path(directory, "chibo.db"))) as store, store:
            place = "stream_no = (SELECT no FROM stream WHERE id = ?) AND branch = 0 AND idx = ?"
            (body,) = store.execute(f"SELECT body FROM entry WHERE {place}", (bytes.fromhex(stream), index)).fetchone()
            spoiled = body[:-1] + bytes([body[-1] ^ 1])
            store.execute(f"UPDATE entry SET body = ? WHERE {place}", (spoiled, bytes.fromhex(stream), index))

    def lost(self, directory):
        status = self.world.ask("status", "--dir", self.world.path(directory), passphrase=False)
        return [(lost["state"], lost["from"], lost["to"]) for lost in status["quarantine"]]

    def repair(self, directory, code, *words):
        answer = self.world.try_run("repair", "--dir", self.world.path(directory), *words, "--json")
        self.assertEqual(code, answer.code, answer)
        return answer.json

    def test_of_a_cell(self):
        before = self.world.entries("cell")
        line = self.line_of("cell")
        self.assertEqual(0, self.world.try_run("repair", "--dir", self.cell, "--dry-run").code)
        self.rot("cell", line, 2)
        met = self.world.try_run("record", "--dir", self.cell, self.world.file("hand/a", json.dumps(leave("20191004"))))
        self.assertEqual(3, met.code, met)
        self.assertIn("chibo repair", met.err)
        self.assertIn(f"{line}/2", met.err)
        shown = self.repair("cell", 3, "--dry-run")
        self.assertEqual([(line, 2, 4)], [(d["stream"], d["from"], d["to"]) for d in shown["damaged"]])
        self.repair("cell", 4)
        self.assertEqual([("elsewhere", 2, 4)], self.lost("cell"))
        self.world.verify("cell")
        self.sync()
        self.assertEqual([], self.lost("cell"))
        self.assertLessEqual(before.items(), self.world.entries("cell").items())
        self.assertEqual([], self.world.set_aside("cell"))
        self.repair("cell", 0)
        self.world.record("cell", leave("20191005"))
        self.sync()
        self.world.verify("cell")
        self.world.verify("xa01")
        self.assertEqual(0, self.world.ask("status", "--dir", self.cell)["only_here"])

    def test_of_what_is_only_here(self):
        line = self.line_of("cell")
        for day in ("20191011", "20191012"):
            self.world.record("cell", leave(day))
        self.rot("cell", line, 4)
        out = self.world.path("hand", "again.jsonl")
        self.repair("cell", 4, "--out", out)
        self.assertEqual([("unreadable", 4, 5), ("readable", 5, 6)], self.lost("cell"))
        self.sync()
        self.assertEqual(2, len(self.lost("cell")))
        self.world.run("record", "--dir", self.cell, out)
        self.repair("cell", 0, "--give-up")
        self.assertEqual([("given_up", 4, 6)], self.lost("cell"))
        self.sync()
        days = [
            record["record"]["leave"]["from"]
            for entry in self.world.entries("xa01").values()
            for record in entry["records"]
            if record["kind"] == "leave"
        ]
        self.assertEqual([20191001, 20191002, 20191003, 20191012], sorted(days))
        self.world.verify("cell")

    def test_of_a_server(self):
        before = self.world.entries("xa01")
        line = self.line_of("xa01")
        refused = self.world.try_run("repair", "--dir", self.world.path("xa01"))
        self.assertEqual(6, refused.code, refused)
        self.xa01.kill()
        self.rot("xa01", line, 1)
        self.repair("xa01", 4)
        self.world.verify("xa01")
        self.serve()
        self.sync()
        self.assertEqual([], self.lost("xa01"))
        self.assertLessEqual(before.items(), self.world.entries("xa01").items())
        self.world.verify("xa01")
        self.world.verify("prov")

    def test_the_verifier_and_the_repair_name_the_same_place(self):
        line = self.line_of("cell")
        self.rot("cell", line, 3)
        found = self.world.try_run("--dir", self.cell, "--network", self.world.network, program=VERIFIER)
        self.assertEqual(3, found.code)
        self.assertIn(line[:16], found.out + found.err)


if __name__ == "__main__":
    unittest.main()

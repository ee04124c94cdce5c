# ctest label: e2e
"""A refusal names what was typed, by the name people have for it: no id, no field of a record that nobody has written."""

import unittest

from journey_test import MAI, ROSTER, lines, review_meeting
from refusal import CATALOGUE, RefusalCase
from world import World


class SaidClearly(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_commune()
        world.add_unit("xa01", "cb01", "cell", "Chi bộ thôn 1")
        world.join("xa01", "cell", "cb01")
        cls.prov, cls.xa01, cls.cell = (("--dir", world.path(name)) for name in ("prov", "xa01", "cell"))
        world.run("member", "import", *cls.cell, world.file("roster.csv", ROSTER))

    def test_who_has_to_sign_is_named(self):
        year = self.world.file("hand/year.jsonl", lines(review_meeting()[:1]))
        error = self.assert_refused(5, "attestor_key_missing", "record", *self.cell, year)
        self.assertEqual(f"{year}, line 1: {MAI.partition('|')[0]}", error["where"])

    def where(self, code, reason, *words):
        return self.assert_refused(code, reason, *words)["where"]

    def test_a_move_names_units_by_their_codes(self):
        move = ("unit", "move", *self.xa01, "--code", "cb01", "--to")
        self.assertEqual("cb01", self.where(5, "move_not_competent", *move, "xa01"))
        self.assertEqual("cb01", self.where(2, "unit_under_itself", *move, "cb01"))

    def test_what_is_wrong_with_a_unit_names_the_option(self):
        add = ("unit", "add", *self.prov, "--code", "xa09", "--kind", "grassroots_body", "--name")
        for empty in ("", "  "):
            self.assertEqual("--name", self.where(2, "unit_name_empty", *add, empty))
        self.assertEqual("--name", self.where(2, "name_too_long", *add, "x" * 5000))
        self.assertEqual("--type", self.where(2, "name_too_long", *add, "X", "--type", "x" * 5000))
        move = ("unit", "move", *self.xa01, "--code", "cb01", "--to", "xa01", "--number", "x" * 5000)
        self.assertEqual("--number", self.where(2, "name_too_long", *move))

    def test_a_name_that_no_key_can_have_is_not_one_that_is_taken(self):
        key = ("key", "person", *self.cell, "--key-cost", "least", "--person")
        for name in ("../x", ".x", "a,b", "device", "authority", "root-1"):
            self.assertEqual(name, self.where(2, "key_name_unfit", *key, f"{name}={MAI}"))
        self.assertEqual(f"={MAI}", self.where(2, "key_name_unfit", *key, f"={MAI}"))
        self.world.run(*key, f"S1={MAI}")
        self.assertEqual("S1", self.where(2, "key_name_taken", *key, f"S1={MAI}"))

    def test_a_network_whose_name_gives_no_code(self):
        create = ("network", "create", "--dir", self.world.path("other"), "--key-cost", "least", "--name")
        self.assertEqual("日本", self.where(2, "network_code_missing", *create, "日本"))
        self.assertEqual("--code", self.where(2, "unit_code_unfit", *create, "日本", "--code", ""))
        self.assertEqual("--name", self.where(2, "network_name_empty", *create, " "))
        self.assertFalse(self.world.path("other").exists())

    def test_a_decision_names_the_field_it_lacks(self):
        write = ("write", "decision", *self.xa01)
        self.assertEqual("authority", self.where(2, "field_required", *write, "number=4"))
        self.assertEqual("period", self.where(2, "field_required", *write, "authority=@unit:xa01"))
        self.assertEqual("rows", self.where(2, "field_required", *write, "authority=@unit:xa01", "period=2019"))
        line = self.world.file("hand/decision.jsonl", '{"decision": {"body": {"authority": "@unit:xa01"}}}\n')
        self.assertEqual(f"{line}, line 1: decision.body.period", self.where(2, "field_required", "record", *self.xa01, line))

    def test_help_lists_every_kind_of_unit(self):
        add = ("unit", "add", *self.prov, "--code", "xa09", "--name", "X")
        self.assertEqual("planet", self.where(2, "unit_kind_unknown", *add, "--kind", "planet"))
        for words in (("unit", "add"), ("network", "create")):
            for language in ("vi", "en"):
                shown = self.world.run(*words, "--help", "--lang", language, passphrase=False).out
                for kind in CATALOGUE["vi"]["unit_kind"]:
                    self.assertRegex(shown, rf"\b{kind}\b")

    def test_json_that_is_no_object_is_not_called_no_json(self):
        for text, reason in (("[]", "record_line_no_object"), ("5", "record_line_no_object"), ("{]", "record_line_not_json")):
            line = self.world.file("hand/one.jsonl", text + "\n")
            self.assertEqual(f"{line}, line 1", self.where(2, reason, "record", *self.cell, line))
        self.where(2, "record_line_no_object", "write", "meeting", *self.cell, "--from", self.world.file("hand/5", "5"))

    def test_an_invite_with_an_address_that_is_none_is_not_made(self):
        out = self.world.path("hand/nowhere.invite")
        invite = ("invite", *self.xa01, "--unit", "cb01", "--role", "deputy", "--out", out)
        replace = ("device", "replace", *self.xa01, "--unit", "cb01", "--reason", "x", "--out", out)
        for words in (invite, replace):
            for address in ("nonsense", "127.0.0.1:99999"):
                self.assertEqual(address, self.where(2, "address_unreadable", *words, "--address", address))
        self.assertFalse(out.exists())
        self.assertFalse(any(device["revoked"] for device in self.world.ask("device", "list", *self.xa01)))
        self.world.run(*invite, "--address", "127.0.0.1:7400")

    def test_an_earlier_invite_is_not_written_over(self):
        out = self.world.path("hand/once.invite")
        invite = ("invite", *self.xa01, "--unit", "cb01", "--role", "deputy", "--out")
        self.world.run(*invite, out)
        before = out.read_bytes()
        self.assertEqual(str(out), self.where(2, "output_there_already", *invite, out))
        self.assertEqual(before, out.read_bytes())
        units = self.world.file("hand/below.csv", "code,kind,name\ncb01,cell,Chi bộ thôn 1\n")
        folder = self.world.path("hand/invites")
        folder.mkdir()
        several = ("invite", *self.xa01, "--units", units, "--out", folder)
        self.world.run(*several)
        before = (folder / "cb01.txt").read_bytes()
        self.assertEqual(str(folder), self.where(2, "output_there_already", *several))
        self.assertEqual(before, (folder / "cb01.txt").read_bytes())


if __name__ == "__main__":
    unittest.main()

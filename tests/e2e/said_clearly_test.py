# ctest label: e2e
"""A refusal names what was typed, by the name people have for it: no id, no field of a record that nobody has written."""

import unittest

from journey_test import MAI, ROSTER, lines, review_meeting
from refusal import RefusalCase
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


if __name__ == "__main__":
    unittest.main()

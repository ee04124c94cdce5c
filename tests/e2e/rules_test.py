# ctest label: e2e
"""What `chibo rules` tells of the numbers that hold."""

import json
import unittest

from world import World


class Rules(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.world.create_network()

    def rules(self, *words):
        return self.world.ask("rules", "--dir", self.world.path("prov"), "--period", "2019", *words)

    def publish(self, *parameters):
        pack = {"id": "P", "name": "Quy định thử", "periods": ["2019"],
                "parameters": [{"name": n, "value": v, "verified": True, "source": "Văn bản 1"} for n, v in parameters]}  # fmt: skip
        path = self.world.file("pack.json", json.dumps(pack, ensure_ascii=False))
        self.world.run("write", "rule-pack", "--dir", self.world.path("prov"), "--from", path)

    def test_without_a_pack_the_defaults_hold_and_it_says_so(self):
        rules = self.rules()
        self.assertEqual("", rules["pack"])
        self.assertEqual({""}, {p["pack"] for p in rules["parameters"]})
        text = self.world.run("rules", "--dir", self.world.path("prov"), "--period", "2019", "--lang", "vi").out
        self.assertIn("Chưa có bộ quy định nào cho kỳ 2019", text)

    def test_what_a_pack_says_holds_and_what_cannot_hold_is_named(self):
        self.publish(("excellent_cap_percent", "15"), ("threshold_htxsnv", "2/3>="), ("grading_date", "20191231"))
        rules = self.rules()
        cap = next(p for p in rules["parameters"] if p["name"] == "excellent_cap_percent")
        self.assertEqual(("15", True, "Văn bản 1", rules["pack"]),
                         tuple(cap[k] for k in ("value", "verified", "source", "pack")))  # fmt: skip
        self.assertEqual({("threshold_htxsnv", "parameter_value_unclear"), ("grading_date", "parameter_unknown")},
                         {(r["name"], r["why"]) for r in rules["refused"]})  # fmt: skip

    def test_a_period_that_is_none_is_refused(self):
        answer = self.world.try_run("rules", "--dir", self.world.path("prov"), "--period", "19", "--json")
        self.assertEqual((2, "period_unreadable"), (answer.code, answer.json["error"]["reason"]))


if __name__ == "__main__":
    unittest.main()

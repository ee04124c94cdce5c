# ctest label: e2e
"""A file of many decisions, as a committee hands it over after its meeting: all of it is signed, or nothing."""

import json
import unittest

from journey_test import BA, HAI, MAI, ROSTER, lines, review_meeting
from world import World


def decide(person, grade, **more):
    return json.dumps({"do": "decide", "subject": person, "grade": grade, "number": "12-QĐ/ĐU", **more}, ensure_ascii=False)


class DecisionFile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_commune()
        world.add_unit("xa01", "xa01-cb01", "cell", "Chi bộ thôn 1")
        cls.server = world.serve("xa01", "--listen", "127.0.0.1:0")
        world.join("xa01", "cell", "xa01-cb01", address=cls.server.address)
        world.run("member", "import", "--dir", world.path("cell"), world.file("roster.csv", ROSTER))
        world.run("key", "person", "--dir", world.path("cell"), "--person", f"S1={MAI}", "--person", f"S2={HAI}",
                  "--key-cost", "least")  # fmt: skip
        world.run("record", "--dir", world.path("cell"), world.file("year.jsonl", lines(review_meeting())),
                  "--sign-as", "S1,S2")  # fmt: skip
        world.run("sync", "--dir", world.path("cell"))
        world.run("key", "approve", "--dir", world.path("xa01"))

    def given(self, *decisions):
        return self.world.file("hand/decisions.jsonl", "".join(line + "\n" for line in decisions))

    def decide(self, *words):
        return self.world.try_run("decide", "--dir", self.world.path("xa01"), "--file", self.world.path("hand/decisions.jsonl"),
                                  "--period", "2019", *words)  # fmt: skip

    def test_a_file_without_a_line_says_so_as_record_does(self):
        empty = self.given("", " ")
        recorded = self.world.run("record", "--dir", self.world.path("xa01"), empty, "--lang", "en")
        for words in ((), ("--phase", "second")):
            decided = self.decide("--lang", "en", *words)
            self.assertEqual((recorded.code, recorded.out), (decided.code, decided.out), str(decided))
        self.assertIn("nothing was recorded", recorded.out)

    def test_all_or_nothing(self):
        before = self.world.sizes("xa01")
        reason = "Thống nhất với chi bộ"
        self.given(decide(HAI, "HTTNV", reason=reason), decide("Lê Văn Không|19760109", "HTTNV"), '{"do": "decide"; }',
                   decide(BA, "TỐT"))  # fmt: skip
        for language, told in (
            ("en", ["line 2, column 29", "line 3, column 16", "line 4, column ", "nothing of the file has been signed"]),
            ("vi", ["dòng 2, cột 29", "dòng 3, cột 16", "dòng 4, cột ", "chưa ký gì trong tệp"]),
        ):
            refused = self.decide("--lang", language)
            self.assertEqual((2, ""), (refused.code, refused.out), str(refused))
            for words in told:
                self.assertIn(words, refused.err)
        refused = self.decide("--json").json
        self.assertEqual([2, 3, 4], [problem["line"] for problem in refused["problems"]])
        self.assertEqual(
            ["person_unknown", "decision_line_not_json", "grade_unknown"], [problem["reason"] for problem in refused["problems"]]
        )
        self.assertEqual((False, "decision_file_has_problems"), (refused["signed"], refused["error"]["reason"]))
        # A rule against one of them is against the file.
        self.given(decide(HAI, "HTTNV", reason=reason), decide(BA, "HTXSNV"))
        blocked = self.decide("--lang", "en")
        self.assertEqual(5, blocked.code, str(blocked))
        self.assertIn("line 2", blocked.err)
        self.assertIn("R31", blocked.err)
        self.assertEqual(before, self.world.sizes("xa01"), "nothing was signed")
        # What can be signed whole is.
        self.given(decide(HAI, "HTTNV", reason=reason), decide(BA, "HTNV", reason=reason))
        dry = self.decide("--dry-run", "--json")
        self.assertEqual((0, False), (dry.code, dry.json["signed"]), str(dry))
        self.assertEqual(before, self.world.sizes("xa01"), "nothing was signed")
        done = self.decide("--json")
        self.assertEqual(0, done.code, str(done))
        self.assertEqual([True, True], [line["signed"] for line in done.json["lines"]])
        table = self.world.ask("report", "--dir", self.world.path("xa01"), "--table", "members", "--period", "2019")
        self.assertEqual((2, True), (table["graded"], table["adds_up"]))
        self.server.end()
        self.world.verify("xa01")


if __name__ == "__main__":
    unittest.main()

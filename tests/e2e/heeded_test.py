# ctest label: e2e
"""What somebody signed is taken up, or it is said why not: when it is recorded, and in a list."""

import json
import unittest

from refusal import RefusalCase
from world import World

ROSTER = "Họ và tên,Ngày sinh,Ngày vào Đảng\n{},03/02/2001\n{},10/06/2005\n"
MAI, HAI = "Lê Thị Mai", "Phạm Văn Hai"
SAU, TAM = "Hà Văn Sáu", "Vi Thị Tám"
BIRTH = 19760109


def person(name):
    return f"@person:{name}|{BIRTH}"


def proposal(name, grade, **more):
    return {"proposal": {"subject": {"id": person(name)}, "period": "2019", "grade": grade, **more}}


class Heeded(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_commune()
        for cell, members in (("cb1", (MAI, HAI)), ("cb2", (SAU, TAM))):
            world.add_unit("xa01", cell, "cell", f"Chi bộ {cell}")
            world.join("xa01", cell, cell)
            rows = ROSTER.format(*(f"{name},09/01/1976" for name in members))
            world.run("member", "import", "--dir", world.path(cell), world.file(f"{cell}.csv", rows))

    def write(self, directory, *actions, words=()):
        lines = "".join(json.dumps(action, ensure_ascii=False) + "\n" for action in actions)
        path = self.world.file("hand/lines.jsonl", lines)
        return self.world.run("record", "--dir", self.world.path(directory), path, "--again", *(words or ["--json"]))

    def listed(self, directory):
        return self.world.ask("log", "set-aside", "--dir", self.world.path(directory))

    def test_what_is_in_order_is_not_listed(self):
        answer = self.write("cb2", proposal(SAU, "HTTNV"))
        self.assertEqual(([], [], []), tuple(answer.json[key] for key in ("unheeded", "findings", "cases")))
        self.assertEqual("", self.write("cb2", proposal(TAM, "HTTNV"), words=("--lang", "en")).err)
        self.assertEqual([], self.listed("cb2"))

    def test_a_word_that_nothing_takes_up_is_told_and_listed(self):
        stranger = {"proposal": {"subject": {"id": "@new"}, "period": "2019", "grade": "HTTNV"}}
        (told,) = self.write("cb1", stranger).json["unheeded"]
        self.assertEqual(("not_heeded", "subject_unknown"), (told["state"], told["reason"]))
        self.assertIn("On no register here", self.write("cb1", stranger, words=("--lang", "en")).err)
        self.assertIn(told, self.listed("cb1"))
        lines = self.world.run("log", "set-aside", "--dir", self.world.path("cb1"), "--lang", "vi").out
        self.assertIn("Không có trong danh sách nào ở đây", lines)

    def test_a_record_without_the_signature_it_needs_is_told_when_it_is_recorded(self):
        chair = person(MAI)
        meeting = {"kinds": ["REGULAR"], "start_ms": 1575200000000, "chair": chair, "present": [chair]}
        unsigned = {"records": [{"meeting": meeting}, {"minutes": {"meeting": {"position": 0}, "text": "Biên bản"}}]}
        (told,) = self.write("cb1", unsigned).json["set_aside"]
        self.assertEqual(("set_aside", "bad_attestation", "minutes"), (told["state"], told["reason"], told["kind"]))
        self.assertIn("A required attestation is missing", self.write("cb1", unsigned, words=("--lang", "en")).err)
        self.assertIn(told, self.listed("cb1"))
        self.assertEqual([], self.write("cb2", proposal(SAU, "HTTNV")).json["set_aside"])

    def test_two_levels_of_one_place_are_a_case_that_is_told(self):
        (first,) = self.write("cb1", proposal(MAI, "HTXSNV")).json["names"]
        answer = self.write("cb1", proposal(MAI, "HTTNV"))
        (case,) = answer.json["cases"]
        cases = self.world.ask("cases", "--dir", self.world.path("cb1"))
        self.assertEqual([(case, "grade_conflict", 2)], [(c["case"], c["type"], len(c["proposals"])) for c in cases])
        earlier = [f"@{name}" for name in (first, *answer.json["names"])]
        self.assertEqual([], self.write("cb1", proposal(MAI, "HTNV", supersedes=earlier)).json["cases"])
        self.assertEqual([], self.world.ask("cases", "--dir", self.world.path("cb1")))

    def test_a_decision_that_is_typed_is_held_to_the_rules(self):
        """R12, R31: nobody was reviewed, and nobody proposed that level."""
        world = self.world
        # Without the records that other tests leave in the cells.
        world.add_unit("xa01", "cb3", "cell", "Chi bộ 3")
        world.join("xa01", "cb3", "cb3")
        who = "Lò Văn Chín"
        world.run("member", "import", "--dir", world.path("cb3"), world.file("cb3.csv", f"Họ và tên,Ngày sinh,Ngày vào Đảng\n{who},09/01/1976,03/02/2001\n"))  # fmt: skip
        self.write("cb3", proposal(who, "HTTNV"))
        server = world.serve("xa01", "--listen", "127.0.0.1:0")
        try:
            world.run("sync", "--dir", world.path("cb3"), "--parent", server.address)
        finally:
            server.end()
        decision = {"authority": "@unit:xa01", "number": "4", "date": "2019-12-20", "period": "2019",
                    "rows": [{"subject": {"id": person(who)}, "grade": "HTXSNV"}]}  # fmt: skip
        before = world.ask("log", "show", "--dir", world.path("xa01"))
        body = world.file("decision.json", json.dumps(decision, ensure_ascii=False))
        for words in (("write", "decision", "--from", body),
                      ("record", world.file("decision.jsonl", json.dumps({"decision": {"body": decision}})))):
            answer = world.try_run(*words, "--dir", world.path("xa01"), "--json")
            self.assertEqual((5, "decision_blocked"), (answer.code, answer.json["error"]["reason"]))
            self.assertLessEqual({"R12", "R31"}, {f["rule"] for f in answer.json["findings"] if f["severity"] == "block"})
        self.assertEqual(before, world.ask("log", "show", "--dir", world.path("xa01")))

    def test_what_every_superior_needs_is_not_kept_to_the_direct_one(self):
        path = self.world.file("narrow.jsonl", json.dumps({"records": [proposal(SAU, "HTTNV")], "parent_only": [0]}))
        answer = self.world.try_run("record", "--dir", self.world.path("cb2"), path, "--json")
        self.assertEqual((2, "kind_not_narrowed"), (answer.code, answer.json["error"]["reason"]))
        answer = self.world.try_run("write", "proposal", "--parent-only", "--dir", self.world.path("cb2"))
        self.assertEqual(1, answer.code)


if __name__ == "__main__":
    unittest.main()

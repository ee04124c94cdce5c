# ctest label: unit
"""What the demonstration expects: it fails when a case of its story is not there, or nothing could be verified."""

import os
import pathlib
import sys
import tempfile
import types
import unittest

ROOT = pathlib.Path(os.environ.get("CHIBO_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "tools" / "demonstration"))

import outcome  # noqa: E402: it lies there
import proof  # noqa: E402
from screen import Screen  # noqa: E402

STORY = [
    {"case": "three places", "units": ["xa12"],
     "differ": {"subject": "@person:Lê Văn Ba|19700101", "authority": "dongson", "grades": ["HTTNV", "HTNV", "HTTNV"]}},
    {"case": "something else", "units": ["xa01"]},
]  # fmt: skip


def case(**more):
    grades = more.pop("grades", ("HTNV", "HTTNV", "HTTNV"))
    return {"type": "grade_conflict", "state": "open", "subject": "Lê Văn Ba|19700101",
            "proposals": [{"place": "a", "grade": grade} for grade in grades], **more}  # fmt: skip


class Cases(unittest.TestCase):
    def test_the_case_is_there(self):
        self.assertEqual([], outcome.missing_cases(STORY, {"dongson": [case(subject="Lê Thị Tư|19710101"), case()]}))

    def test_it_is_missed(self):
        for what, cases in (
            ("no case at all", {}),
            ("before another authority", {"xa12": [case()]}),
            ("closed already", {"dongson": [case(state="closed")]}),
            ("about somebody else", {"dongson": [case(subject="Lê Thị Tư|19710101")]}),
            ("of another kind", {"dongson": [case(type="regrade")]}),
            ("one place is missing", {"dongson": [case(grades=("HTNV", "HTTNV"))]}),
        ):
            with self.subTest(what):
                self.assertEqual(["Lê Văn Ba|19700101"], outcome.missing_cases(STORY, cases))


class Verifying(unittest.TestCase):
    def test_without_the_verifying_program_it_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            district = types.SimpleNamespace(screen=Screen("en"), network="", stop=lambda: None,
                                             chibo=types.SimpleNamespace(program=f"{folder}/chibo"))  # fmt: skip
            proof.verify(district)
            self.assertEqual(1, len(district.screen.failures))
            self.assertIn("chibo-verify", district.screen.failures[0])


if __name__ == "__main__":
    unittest.main()

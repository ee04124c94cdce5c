# ctest label: e2e
"""The demonstration at its smallest, twice: the second time one cell proposes another level for one member."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from world import BUILD, PROGRAM, SOURCE

PERIOD = "2019"


class Demonstration:
    """One run of the demonstration on given papers."""

    def __init__(self, inputs, out):
        self.out = pathlib.Path(out)
        self.environment = {**os.environ, "CHIBO_BIN": str(PROGRAM), "PYTHONDONTWRITEBYTECODE": "1"}
        words = ["--inputs", inputs, "--dir", out, "--delay", "20", "--lang", "en"]
        done = subprocess.run([sys.executable, SOURCE / "tools" / "demonstration" / "main.py", *map(str, words)],
                              env=self.environment, capture_output=True, text=True, timeout=600)  # fmt: skip
        self.code, self.text = done.returncode, done.stdout + done.stderr

    def table(self, unit="dongson", kind="members"):
        words = ["report", "--dir", self.out / "don-vi" / unit, "--table", kind, "--period", PERIOD, "--json",
                 "--passphrase-file", self.out / "mat-khau"]  # fmt: skip
        done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, check=True,
                              env={**self.environment, "XDG_STATE_HOME": str(self.out / "trang-thai")})  # fmt: skip
        return json.loads(done.stdout)


def change_one_proposal(inputs):
    """In the papers of one cell one member's row goes from HTTNV to HTNV: one whom no story and no officer names.
    Returns the cell and its committee."""
    plan = json.loads((inputs / "plan.json").read_text(encoding="utf-8"))
    named = json.dumps(plan["story"], ensure_ascii=False)
    for decisions in inputs.glob("committees/*/decisions.jsonl"):
        named += decisions.read_text(encoding="utf-8")
    for unit in plan["units"]:
        files = {file["file"] for file in unit.get("files", [])}
        if unit["kind"] != "CELL" or files != {"records.jsonl"}:
            continue
        papers = inputs / unit["dir"] / "records.jsonl"
        actions = [json.loads(line) for line in papers.read_text(encoding="utf-8").splitlines()]
        for action in actions:
            for record in action["records"]:
                for row in record.get("proposal", {}).get("rows", []):
                    person = row["subject"]["id"]
                    if row["grade"] == "HTTNV" and row["subject"]["kind"] == "MEMBER" and person not in named:
                        row["grade"] = "HTNV"
                        text = "".join(json.dumps(a, ensure_ascii=False) + "\n" for a in actions)
                        papers.write_text(text, encoding="utf-8")
                        return unit["code"], unit["parent"]
    raise AssertionError("no cell to change")


class OneProposal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="chibo-demo-")
        cls.addClassCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        inputs = root / "papers"
        subprocess.run([sys.executable, SOURCE / "tools" / "make_province", "--out", inputs, "--scale", "0.05"], check=True)
        cls.before = Demonstration(inputs, root / "before")
        cls.cell, cls.body = change_one_proposal(inputs)
        cls.after = Demonstration(inputs, root / "after")

    def test_both_run_to_their_end(self):
        self.assertTrue((BUILD / "tools" / "verify" / "chibo-verify").exists())
        for run in (self.before, self.after):
            self.assertEqual(0, run.code, run.text)
            self.assertIn("chibo-verify names it", run.text)
            self.assertRegex(run.text, r"passes: \d+ streams")

    def levels(self, run, unit):
        return {grade: level["count"] for grade, level in run.table(unit)["levels"].items()}

    def test_the_table_says_that_it_is_invented(self):
        words = ["report", "--dir", self.before.out / "don-vi" / "dongson", "--table", "members", "--period", PERIOD,
                 "--lang", "vi", "--passphrase-file", self.before.out / "mat-khau"]  # fmt: skip
        environment = {**self.before.environment, "XDG_STATE_HOME": str(self.before.out / "trang-thai")}
        for more in ([], ["--csv"]):
            done = subprocess.run([PROGRAM, *map(str, words + more)], capture_output=True, check=True, env=environment)
            self.assertIn("DỮ LIỆU MINH HỌA", done.stdout.decode("utf-8").splitlines()[0])

    def test_one_changed_proposal_changes_each_table_above_it_by_one(self):
        for unit in (self.cell, self.body, "dongson"):
            before, after = self.levels(self.before, unit), self.levels(self.after, unit)
            self.assertEqual({**before, "HTTNV": before["HTTNV"] - 1, "HTNV": before["HTNV"] + 1}, after, unit)

    def test_nothing_else_changes(self):
        for kind in ("members", "organisations"):
            before, after = self.before.table(kind=kind), self.after.table(kind=kind)
            for key in ("register", "graded", "not_graded", "not_graded_by", "pending", "adds_up"):
                self.assertEqual(before[key], after[key], (kind, key))
        self.assertEqual(self.before.table(kind="organisations")["levels"], self.after.table(kind="organisations")["levels"])


class ForeignDirectory(unittest.TestCase):
    def test_it_is_left_alone_and_told_in_the_language_asked_for(self):
        with tempfile.TemporaryDirectory(prefix="chibo-demo-") as folder:
            (pathlib.Path(folder) / "mine").write_text("x", encoding="utf-8")
            for language, told in (("vi", "không phải do bản minh họa này tạo ra"), ("en", "did not make")):
                words = [SOURCE / "tools" / "demonstration" / "main.py", "--dir", folder, "--lang", language]
                done = subprocess.run([sys.executable, "-B", *map(str, words)], capture_output=True, timeout=60,
                                      env={**os.environ, "CHIBO_BIN": str(PROGRAM)})  # fmt: skip
                self.assertEqual(1, done.returncode)
                self.assertIn(f"{folder} ", done.stderr.decode())
                self.assertIn(told, done.stderr.decode())
            self.assertEqual(["mine"], os.listdir(folder))


if __name__ == "__main__":
    unittest.main()

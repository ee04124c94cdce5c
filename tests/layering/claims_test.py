# ctest label: layering
"""Every claim of docs/security.md names tests that are there."""

import os
import pathlib
import tempfile
import unittest

import claims

ROOT = pathlib.Path(os.environ.get("CHIBO_SOURCE_DIR", pathlib.Path(__file__).parents[2]))

PAGE = """What is not claimed stands at the end (N1 to N2).

**1.** One thing. `a/b_test.cc:Suite.Holds`, `a/c_test.py:test_it_holds`

**2.** Another. `a/b_test.cc:Fixture.AlsoHolds`

## What is not claimed

- **N1.** This.
- **N2.** That.
"""


class Page(unittest.TestCase):
    def test_every_test_it_names_is_there(self):
        page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
        self.assertGreater(len(claims.NAMED.findall(page)), 100)
        found = claims.problems(page, ROOT / "tests")
        self.assertEqual([], found, "\n" + "\n".join(found))


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tests = pathlib.Path(folder.name)
        (self.tests / "a").mkdir()
        (self.tests / "a/b_test.cc").write_text("TEST(Suite, Holds) {}\nTEST_F(Fixture,\n       AlsoHolds) {}\n")
        (self.tests / "a/c_test.py").write_text("class C:\n    def test_it_holds(self):\n        pass\n")

    def test_a_page_that_fits(self):
        self.assertEqual([], claims.problems(PAGE, self.tests))

    def test_what_does_not_fit(self):
        for old, new, words in (
            ("Suite.Holds", "Suite.Hold", "a/b_test.cc:Suite.Hold is not there"),
            ("test_it_holds", "test_it", "a/c_test.py:test_it is not there"),
            ("b_test.cc:Fixture", "d_test.cc:Fixture", "a/d_test.cc:Fixture.AlsoHolds is not there"),
            ("`a/b_test.cc:Fixture.AlsoHolds`", "", "claim 2 names no test"),
            ("**2.**", "**3.**", "claims are not numbered"),
            ("N1 to N2", "N1 to N3", "another number of gaps"),
            ("- **N2.**", "- **N3.**", "gaps are not numbered"),
        ):
            with self.subTest(words):
                found = claims.problems(PAGE.replace(old, new), self.tests)
                self.assertTrue(any(words in problem for problem in found), found)


if __name__ == "__main__":
    unittest.main()

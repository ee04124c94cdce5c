"""The count that ends tools/test is the one people and CI read: it may not call a failure a success."""

import os
import pathlib
import sys
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(os.environ.get("CHIBO_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "tools" / "lib"))
import count_tests  # noqa: E402


def results(*cases):
    root = ElementTree.Element("testsuite")
    for name, status, output in cases:
        case = ElementTree.SubElement(root, "testcase", name=name, status=status)
        if status == "fail":
            ElementTree.SubElement(case, "failure")
        ElementTree.SubElement(case, "system-out").text = output
    return root


GOOGLE_TEST = """noise
[==========] 5 tests from 2 test suites ran. (3 ms total)
[  PASSED  ] 3 tests.
"""


class CountTests(unittest.TestCase):
    def test_counts_the_cases_of_googletest(self):
        self.assertEqual(
            count_tests.count(results(("a", "fail", GOOGLE_TEST + "[  SKIPPED ] 1 test.\n"))),
            (3, 1, ["a (1)"]),
        )

    def test_counts_the_cases_of_unittest(self):
        output = "Ran 7 tests in 0.1s\n\nFAILED (failures=2, errors=1, skipped=1)\n"
        self.assertEqual(count_tests.count(results(("a", "fail", output))), (3, 3, ["a (1)"]))
        output = "Ran 1 test in 0.1s\n\nOK\n"
        self.assertEqual(count_tests.count(results(("a", "run", output))), (1, 0, []))

    def test_other_programs_are_one_case(self):
        self.assertEqual(
            count_tests.count(results(("a", "run", "done"), ("b", "fail", "no"))), (1, 1, [])
        )

    def test_a_crash_after_a_good_count_is_a_failure(self):
        output = "[==========] 5 tests from 1 test suite ran. (0 ms total)\n[  PASSED  ] 5 tests.\n"
        self.assertEqual(count_tests.count(results(("a", "fail", output))), (5, 1, []))

    def test_a_crash_without_a_count_is_a_failure(self):
        self.assertEqual(count_tests.count(results(("a", "fail", "[ RUN      ] X\n"))), (0, 1, []))

    def test_a_program_that_could_not_be_started_is_a_failure(self):
        root = results(("a", "notrun", ""))
        ElementTree.SubElement(root[0], "skipped", message="Unable to find executable")
        self.assertEqual(count_tests.count(root), (0, 1, []))

    def test_a_test_that_says_it_was_skipped_is_named(self):
        root = results(("a", "notrun", ""))
        ElementTree.SubElement(root[0], "skipped", message="SKIP_RETURN_CODE=77")
        self.assertEqual(count_tests.count(root), (0, 0, ["a"]))


if __name__ == "__main__":
    unittest.main()

"""Counts test cases in the results that ctest wrote (--output-junit): GoogleTest's and unittest's cases one by
one, any other program as one case. Prints what was skipped, then as its last line "N passed, N failed"."""

import re
import sys
import xml.etree.ElementTree as ElementTree


def _numbers(pattern, text):
    return [int(number) for number in re.findall(pattern, text, re.MULTILINE)]


def cases_of(output):
    """(passed, failed, skipped) as the test program itself counts them, or None if it does not."""
    ran = _numbers(r"^\[==========\] (\d+) tests? from .* ran\.", output)
    if ran:
        passed = _numbers(r"^\[  PASSED  \] (\d+) tests?\.", output)
        skipped = _numbers(r"^\[  SKIPPED \] (\d+) tests?", output)
        return sum(passed), sum(ran) - sum(passed) - sum(skipped), sum(skipped)
    ran = _numbers(r"^Ran (\d+) tests? in ", output)
    if ran:
        failed = sum(_numbers(r"^FAILED \(.*?failures=(\d+)", output))
        failed += sum(_numbers(r"^FAILED \(.*?errors=(\d+)", output))
        skipped = sum(_numbers(r"^(?:OK|FAILED) \(.*?skipped=(\d+)", output))
        return sum(ran) - failed - skipped, failed, skipped
    return None


def _skipped_on_purpose(case):
    # A program that is missing is "skipped" to ctest too, but not to us.
    skip = case.find("skipped")
    return skip is not None and skip.get("message", "").startswith("SKIP_")


def count(root):
    """(passed, failed, skipped) over all tests of a results tree; skipped is a list of names."""
    passed = failed = 0
    skipped = []
    for case in root.iter("testcase"):
        name = case.get("name", "")
        status = case.get("status", "")
        output = case.findtext("system-out") or ""
        if status == "disabled" or (status == "notrun" and _skipped_on_purpose(case)):
            skipped.append(name)
            continue
        ok = status == "run" and case.find("failure") is None
        cases = cases_of(output)
        if cases is None:
            cases = (1, 0, 0) if ok else (0, 1, 0)
        passed += cases[0]
        # A program that died after its count, or without one, has failed at least once.
        failed += cases[1] if ok else max(cases[1], 1)
        if cases[2]:
            skipped.append(f"{name} ({cases[2]})")
    return passed, failed, skipped


def main(path):
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        print(f"There are no test results: {error}")
        print("0 passed, 1 failed")
        return 1
    passed, failed, skipped = count(root)
    if skipped:
        print("Skipped: " + ", ".join(skipped))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

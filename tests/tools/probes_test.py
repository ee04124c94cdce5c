"""Every rare path that the simulator counts is one that a night has to have taken, or nobody would miss it."""

import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ["CHIBO_SOURCE_DIR"])


def listed() -> set[str]:
    lines = (ROOT / "tests/sim/probes.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def named_in_sources() -> set[str]:
    """Names written out whole; those that are put together end with "_"."""
    names = set()
    for path in (ROOT / "tests/sim").rglob("*.cc"):
        for call in re.findall(r"Reached\(([^;]*)\)\s*;", path.read_text(encoding="utf-8")):
            names |= set(re.findall(r'"([a-z_]+)"', call))
    return names


# Of faults that no run draws by itself (docs/testing.md, "Found and not yet mended").
NOT_DRAWN = {"server_with_two_histories"}


class Probes(unittest.TestCase):
    def test_all_are_listed(self):
        names = named_in_sources()
        self.assertGreater(len(names), 50)
        for name in sorted(names):
            if name.endswith("_"):
                self.assertTrue(any(one.startswith(name) for one in listed()), name)
            elif name not in NOT_DRAWN:
                self.assertIn(name, listed())

    def test_none_is_listed_that_nothing_reaches(self):
        names = named_in_sources()
        for one in sorted(listed()):
            reached = one in names or any(name.endswith("_") and one.startswith(name) for name in names)
            self.assertTrue(reached, one)


if __name__ == "__main__":
    unittest.main()

# ctest label: e2e
"""A command unlocks each key once, however much it signs: with the cost that a real key has, each more would be a second."""

import subprocess
import unittest

from journey_test import HAI, MAI, ROSTER, lines, review_meeting
from world import World

# Stands before libsodium's own and counts, a line each.
COUNTER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
typedef int (*Derive)(unsigned char *, unsigned long long, const char *, unsigned long long, const unsigned char *,
                      unsigned long long, size_t, int);
int crypto_pwhash(unsigned char *out, unsigned long long size, const char *pass, unsigned long long length,
                  const unsigned char *salt, unsigned long long passes, size_t memory, int kind) {
  FILE *count = fopen(getenv("CHIBO_TEST_COUNT"), "a");
  fputs("once\n", count);
  fclose(count);
  return ((Derive)dlsym(RTLD_NEXT, "crypto_pwhash"))(out, size, pass, length, salt, passes, memory, kind);
}
"""


class Unlock(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_cell()
        world.run("member", "import", "--dir", world.path("cell"), world.file("roster.csv", ROSTER))
        world.run("key", "person", "--dir", world.path("cell"), "--person", f"S1={MAI}", "--person", f"S2={HAI}",
                  "--key-cost", "least")  # fmt: skip
        source = world.file("hand/counter.c", COUNTER)
        cls.counter = world.path("hand/counter.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", cls.counter, source, "-ldl"], check=True)

    def unlocked(self, actions):
        count = self.world.file("hand/count", "")
        self.world.run("record", "--dir", self.world.path("cell"), self.world.file("hand/year.jsonl", lines(actions)),
                       "--sign-as", "S1,S2",
                       environment={"LD_PRELOAD": self.counter, "CHIBO_TEST_COUNT": count})  # fmt: skip
        with open(count, encoding="utf-8") as file:
            return len(file.readlines())

    def test_each_key_once_however_much_is_signed(self):
        meeting = review_meeting()[:1]
        once = self.unlocked(meeting)
        self.assertIn(once, (2, 3), "two people, and the device where its key has a pass-phrase")
        self.assertEqual(once, self.unlocked(meeting * 12))


if __name__ == "__main__":
    unittest.main()

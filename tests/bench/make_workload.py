#!/usr/bin/env python3
"""Cell-years as JSON lines, for tools/bench: a year of a party cell as its secretary would type it.

  make_workload.py --cells 24 [--seed 1] [--members 20] > workload.jsonl

One object a line, {"cell", "ts", "batch", "type", "body"}; "batch" counts sittings, each of which is signed once. A
cell-year is 180 records in 34 sittings: the profile and six role holders; twelve meetings with minutes of 1 to 3 kB;
for each of twenty members a review of 1.5 kB, six opinions of 200 B and a vote; the cell's own level. The text is a
walk over the words of tools/province's invented sentences: the next word follows the last one somewhere there, or,
once in five, is any. It means nothing and packs about as well as text that does.
"""

import argparse
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

from province import names, phrases, self_reviews  # noqa: E402

ROLES = ("bithu", "phobithu", "thuky", "capuy", "capuy", "kiemphieu")
FIRST_MS = 1_735_700_000_000  # 1 January 2025
DAY_MS = 86_400_000
JUMP = 0.2


def sentences(value):
    """Every text in a module's constants."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from sentences(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from sentences(item)


class Words:
    """Text as a walk from word to word."""

    def __init__(self):
        modules = (phrases, self_reviews)
        texts = [text for module in modules for name, value in sorted(vars(module).items()) if name.isupper()
                 for text in sentences(value)]
        words = [word for text in texts for word in text.split()]
        self.all = words
        self.after = {}
        for word, following in zip(words, words[1:]):
            self.after.setdefault(word, []).append(following)

    def text(self, rng, size):
        out, length, word = [], 0, rng.choice(self.all)
        while length < size:
            shown = str(rng.randrange(1, 2500)) if "{" in word else word
            out.append(shown)
            length += len(shown.encode()) + 1
            jump = rng.random() < JUMP or word not in self.after
            word = rng.choice(self.all if jump else self.after[word])
        text = " ".join(out)
        return text[:1].upper() + text[1:]


def person(rng):
    middle, given = rng.choice(((names.MIDDLE_M, names.GIVEN_M), (names.MIDDLE_F, names.GIVEN_F)))
    return f"{names.weighted(rng, names.KINH)} {rng.choice(middle)} {rng.choice(given)}"


class Cell:
    """One cell's year."""

    def __init__(self, words, number, members, seed):
        self.words = words
        self.rng = random.Random(f"chibo-bench/{seed}/{number}")
        self.cell = f"cb{number:05d}"
        self.number = number
        self.members = [f"{self.cell}m{i:02d}" for i in range(members)]
        self.batch = 0
        self.ms = FIRST_MS + self.rng.randrange(DAY_MS)

    def record(self, kind, body):
        self.ms += self.rng.randrange(20_000, 900_000)
        return {"cell": self.cell, "ts": self.ms, "batch": self.batch, "type": kind, "body": body}

    def begin(self):
        yield self.record("profile", {
            "name": "Chi bộ " + self.words.text(self.rng, 20), "parent": f"xa{self.number // 10:03d}", "year": 2025,
            "members": [{"id": m, "name": person(self.rng)} for m in self.members]})
        for i, role in enumerate(ROLES):
            yield self.record("rolecert", {"who": self.members[i % len(self.members)], "role": role, "from": 2025,
                                           "key": self.rng.randbytes(32).hex()})

    def meeting(self, month):
        return self.record("meeting", {
            "month": month, "chair": self.members[0], "clerk": self.members[2 % len(self.members)],
            "present": [m for m in self.members if self.rng.random() < 0.88],
            "minutes": self.words.text(self.rng, self.rng.randrange(1000, 3000))})

    def review(self, member):
        rng = self.rng
        yield self.record("selfreview", {"who": member, "year": 2025, "level": rng.choice((4, 3, 3, 3, 2)),
                                         "text": self.words.text(rng, 1500)})
        for _ in range(6):
            yield self.record("opinion", {"who": member, "by": rng.choice(self.members),
                                          "text": self.words.text(rng, 200)})
        votes = dict.fromkeys("4321", 0)
        for _ in range(len(self.members) - 1):
            votes[rng.choices("4321", (2, 12, 4, 1))[0]] += 1
        yield self.record("vote", {"who": member, "issued": len(self.members), "returned": len(self.members) - 1,
                                   "invalid": 0, "n": votes})

    def year(self):
        yield from self.begin()
        for month in range(1, 13):
            self.batch += 1
            self.ms += 25 * DAY_MS
            yield self.meeting(month)
        for member in self.members:
            self.batch += 1
            yield from self.review(member)
        self.batch += 1
        count = len(self.members)
        excellent, good = count // 5, count * 3 // 5
        yield self.record("celltally", {"year": 2025, "members": count, "level": 3,
                                        "n": {"4": excellent, "3": good, "2": count - excellent - good, "1": 0}})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=24)
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    words = Words()
    for number in range(options.cells):
        for record in Cell(words, number, options.members, options.seed).year():
            print(json.dumps(record, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Kills what records, sends and receives, with SIGKILL and at random moments, and counts what is lost of what had been
acknowledged. This process keeps the list: the names that `record` printed, and which of them a `sync` that ended with 0
has had received.

  tests/e2e/kill_loop.py --cycles 2000 --seed 7 --write

Prints a line of figures for each fresh network and one for all; --write adds them to the total in docs/testing.md. Exit
code 1 when anything was lost.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import time

from world import PROGRAM, SOURCE, Failed, World, leave, place_of

sys.path.insert(0, str(SOURCE / "tools/lib"))

from page_table import PageTable, commit  # noqa: E402

ENTRIES_A_CYCLE = 12
CYCLES_A_WORLD = 100
FIGURES = ("cycles", "kills", "entries acknowledged", "lost", "seconds")
TABLE = PageTable(SOURCE / "docs/testing.md", "kills", "tests/e2e/kill_loop.py", [*FIGURES, "last seed", "commit"])


class KillLoop:
    """A server, a cell, and a cycle for each thing that may be killed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.world = world = World()
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        self.server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "cell", "cb01", address=self.server.address)
        self.batch = world.file("hand/batch.jsonl", (json.dumps(leave(20190201)) + "\n") * ENTRIES_A_CYCLE)
        self.recorded = []
        self.received = []
        self.kills = dict.fromkeys(self.KINDS, 0)
        # How long each takes that nobody disturbs.
        begun = time.monotonic()
        self.record(self.begin("record", self.batch, "--again"))
        between = time.monotonic()
        self.sync(self.begin("sync", "--tries", "1"))
        self.whole = {"record": between - begun, "sync": time.monotonic() - between}

    def close(self):
        self.world.close()

    def begin(self, command, *words):
        return subprocess.Popen(
            [PROGRAM, command, "--dir", self.world.path("cell"), *words, "--json", "--passphrase-file",
             self.world.passphrase],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=self.world.environment,
        )  # fmt: skip

    def record(self, process):
        """Waits for its end; notes what it printed."""
        out, _ = process.communicate(timeout=60)
        if out:
            self.recorded += json.loads(out)["names"]
        return process.returncode

    def sync(self, process):
        known = len(self.recorded)
        out, _ = process.communicate(timeout=60)
        if process.returncode == 0 and json.loads(out)["only_here"] == 0:
            self.received = self.recorded[:known]
        return process.returncode

    def moment(self, command):
        """Some time before its end, or a little after."""
        time.sleep(self.rng.uniform(0, 1.2 * self.whole[command]))

    def serve_again(self):
        self.server.kill()
        self.server = self.world.serve("prov", "--listen", self.server.address)

    # ---- what may be killed; each says whether it was hit

    def recording(self):
        process = self.begin("record", self.batch, "--again")
        self.moment("record")
        process.kill()
        return self.record(process) < 0

    def sending(self):
        self.record(self.begin("record", self.batch, "--again"))
        process = self.begin("sync", "--tries", "1")
        self.moment("sync")
        process.kill()
        return self.sync(process) < 0

    def server_receiving(self):
        self.record(self.begin("record", self.batch, "--again"))
        process = self.begin("sync", "--tries", "1")
        self.moment("sync")
        self.server.kill()
        cut = self.sync(process) != 0
        self.serve_again()
        return cut

    def both(self):
        self.record(self.begin("record", self.batch, "--again"))
        process = self.begin("sync", "--tries", "1")
        self.moment("sync")
        process.kill()
        self.server.kill()
        hit = self.sync(process) < 0
        self.serve_again()
        return hit

    KINDS = {"recording": recording, "sending": sending, "server receiving": server_receiving, "both": both}

    def cycle(self, kind):
        self.kills[kind] += self.KINDS[kind](self)

    # ---- what came of it

    def lost(self):
        """Names that were acknowledged and are not held where they must be, before anything could mend it."""
        held = {directory: self.world.sizes(directory) for directory in ("cell", "prov")}

        def missing(names, directory):
            return [name for name in names if place_of(name)[1] >= held[directory].get(place_of(name)[0], 0)]

        return missing(self.recorded, "cell") + missing(self.received, "prov")

    def settle(self):
        """A last undisturbed sync; then everything is compared and verified. Returns what is lost."""
        lost = self.lost()
        if self.sync(self.begin("sync")) != 0 or self.received != self.recorded:
            raise Failed("the last sync did not go through")
        lost += self.lost()
        if len(set(self.recorded)) != len(self.recorded):
            raise Failed("two records were given one name")
        cell, prov = self.world.entries("cell"), self.world.entries("prov")
        lost += [name for name in self.recorded if prov[place_of(name)]["leaf"] != cell[place_of(name)]["leaf"]]
        if aside := self.world.set_aside("prov"):
            raise Failed(f"set aside: {aside}")
        if self.server.end() != 0:
            raise Failed("the server did not end well")
        for directory in ("cell", "prov"):
            self.world.verify(directory)
        return lost

    def figures(self):
        kills = ", ".join(f"{count} {kind}" for kind, count in self.kills.items())
        return f"{sum(self.kills.values())} kills ({kills}), {len(self.recorded)} entries acknowledged"


def add_to_total(figures, last_seed):
    """Adds figures of one network to the table in docs/testing.md."""
    with TABLE.held() as rows:
        before = next(iter(rows.values()), ["0"] * len(FIGURES))
        sums = [str(int(before[i]) + figures[name]) for i, name in enumerate(FIGURES)]
        TABLE.write([[*sums, str(last_seed), commit()]])


def one_network(seed, tells, cycles):
    """Figures of so many cycles on a fresh network."""
    begun = time.monotonic()
    loop = KillLoop(seed)
    try:
        for _ in range(cycles):
            loop.cycle(loop.rng.choice(list(loop.KINDS)))
        missing = loop.settle()
        if tells:
            print(f"seed {seed}: {cycles} cycles, {loop.figures()}, {len(missing)} lost {missing[:5]}", flush=True)
        return dict(zip(FIGURES, (cycles, sum(loop.kills.values()), len(loop.recorded), len(missing),
                                  round(time.monotonic() - begun))))  # fmt: skip
    finally:
        loop.close()


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--cycles", type=int, default=100)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--dir", type=pathlib.Path, help="on which disk (memory, where there is room)")
    words.add_argument("--write", action="store_true", help="add to the total in docs/testing.md")
    words.add_argument("--json", action="store_true", help="the outcome as JSON, and nothing else")
    given = words.parse_args()
    if given.dir:
        os.environ["TMPDIR"] = str(given.dir)
    total = dict.fromkeys(FIGURES, 0)
    while total["cycles"] < given.cycles:
        seed = given.seed + total["cycles"]
        figures = one_network(seed, not given.json, min(CYCLES_A_WORLD, given.cycles - total["cycles"]))
        if given.write:
            add_to_total(figures, seed)
        total = {name: total[name] + figures[name] for name in FIGURES}
    figures = json.dumps(total) if given.json else ", ".join(f"{number} {name}" for name, number in total.items())
    print(figures)
    return 1 if total["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs clang-tidy over the project's own files, as many at once as there are cores, within a time.

  tools/lib/tidy.py [--build DIR] [--seconds N] [FILE...]

Without names: files changed in the last commits first, then the others, in an order that is another one at each commit, so
that one run after the other reads the whole tree. Says how many the time did not allow for. Exit code: 0 nothing found,
1 something found.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMITS = 20
# Below the build.
TIDY = "tidy"
# Warnings that only GCC knows are no finding.
GCC_FLAGS = "--extra-arg=-Wno-unknown-warning-option"


def commands_by_file(build):
    """How the build compiles each of our own files, also those that it compiles several at a time."""
    for command in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        whole = pathlib.Path(command["directory"], command["file"])
        parts = [whole]
        if "Unity" in whole.parts:
            parts = [pathlib.Path(name) for name in re.findall(r'#include "([^"]+)"', whole.read_text())]
        for part in parts:
            # Precompiled headers are the compiler's own; every file includes what it uses.
            alone = re.sub(r" -include \S+/cmake_pch\.hxx", "", command["command"].replace(str(whole), str(part)))
            yield part.resolve(), {**command, "file": str(part), "command": alone}


def compiled(build):
    """Our own files that the build compiles, by path from the root. Writes down for clang-tidy how, one by one."""
    ours = {
        path: command
        for path, command in commands_by_file(build)
        if path.is_relative_to(ROOT) and not path.is_relative_to(build.resolve())
    }
    (build / TIDY).mkdir(exist_ok=True)
    (build / TIDY / "compile_commands.json").write_text(json.dumps(list(ours.values())), encoding="utf-8")
    return {str(path.relative_to(ROOT)) for path in ours}


def changed():
    """Files of the last commits; of a shallow clone, what there is."""
    log = subprocess.run(
        ["git", "-C", str(ROOT), "log", f"-{COMMITS}", "--name-only", "--format="], capture_output=True, text=True
    )
    return set(log.stdout.split())


def in_order(paths):
    recent = changed()
    head = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True).stdout
    return sorted(paths, key=lambda path: (path not in recent, hashlib.sha256((head + path).encode()).digest()))


def check(build, path):
    result = subprocess.run(
        ["clang-tidy", "-p", str(build / TIDY), "--quiet", GCC_FLAGS, str(ROOT / path)], capture_output=True, text=True
    )
    return result.returncode, result.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where it was configured")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no file after that")
    parser.add_argument("files", nargs="*", metavar="FILE", help="these alone")
    options = parser.parse_args()
    known = compiled(options.build)
    paths = options.files or in_order(known)
    end = time.monotonic() + options.seconds
    seen, left, bad, said = 0, [], 0, set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:

        def guarded(path):
            return None if time.monotonic() > end else check(options.build, path)

        for path, result in zip(paths, pool.map(guarded, paths)):
            if result is None:
                left.append(path)
                continue
            seen += 1
            code, output = result
            bad += code != 0
            # A header's finding comes up in every file that includes it.
            if output and output not in said:
                said.add(output)
                print(output, end="", flush=True)
    print(f"clang-tidy: {seen} files read, {bad} with findings, {len(left)} not read for lack of time")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

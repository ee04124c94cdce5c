"""The claims of docs/security.md and the tests they name: problems(page, tests) lists what does not fit."""

import pathlib
import re

CLAIM = re.compile(r"^\*\*(\d+)\.\*\*", re.MULTILINE)
GAP = re.compile(r"^- \*\*N(\d+)\.\*\*", re.MULTILINE)
SPAN = re.compile(r"\(N1 to N(\d+)\)")
NAMED = re.compile(r"`([\w/]+\.(?:cc|py)):([\w.]+)`")


def exists(tests, path, name):
    """Whether tests/`path` holds that test: Suite.Name in C++, the method's name in Python."""
    file = pathlib.Path(tests) / path
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    if path.endswith(".py"):
        return re.search(rf"^ *def {re.escape(name)}\(", text, re.MULTILINE) is not None
    suite, _, test = name.partition(".")
    return re.search(rf"^TEST(?:_[FP])?\(\s*{re.escape(suite)},\s*{re.escape(test)}\)", text, re.MULTILINE) is not None


def problems(page, tests):
    out = []
    claims, _, gaps = page.partition("\n## What is not claimed")
    for what, found in (("claim", CLAIM.findall(claims)), ("gap", GAP.findall(gaps))):
        if [int(number) for number in found] != list(range(1, len(found) + 1)):
            out.append(f"{what}s are not numbered one by one: {found}")
    span = SPAN.search(claims)
    if not span or int(span[1]) != len(GAP.findall(gaps)):
        out.append("the page's head names another number of gaps")
    parts = CLAIM.split(claims)
    for number, text in zip(parts[1::2], parts[2::2]):
        if not NAMED.search(text):
            out.append(f"claim {number} names no test")
    out += [f"{path}:{name} is not there" for path, name in NAMED.findall(page) if not exists(tests, path, name)]
    return out

"""A table in a page of docs/ that a tool keeps: between two comments, its rows known by their first cell."""

import contextlib
import fcntl
import pathlib
import subprocess
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]


class PageTable:
    """`name` and `maker` stand in the comments: "<!-- name: made by maker -->" … "<!-- /name -->"."""

    def __init__(self, page: pathlib.Path, name: str, maker: str, head: list[str]) -> None:
        self.page = page
        self.begin, self.end = f"<!-- {name}: made by {maker} -->", f"<!-- /{name} -->"
        self.head = head

    @contextlib.contextmanager
    def held(self) -> Iterator[dict[str, list[str]]]:
        """The rows, to be changed and written while no other tool does the same."""
        with self.page.open(encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.read()

    def read(self) -> dict[str, list[str]]:
        block = self.page.read_text(encoding="utf-8").partition(self.begin)[2].partition(self.end)[0]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if line[:1] == "|"]
        return {row[0]: row for row in rows if row != self.head and set(row[0]) != {"-"}}

    def write(self, rows: list[list[str]]) -> None:
        lines = ["| " + " | ".join(row) + " |" for row in (self.head, *rows)]
        table = "\n".join([lines[0], "|" + "---|" * len(self.head), *lines[1:]])
        head, begin, rest = self.page.read_text(encoding="utf-8").partition(self.begin)
        _, end, tail = rest.partition(self.end)
        if not begin or not end:
            raise ValueError(f"{self.page} has no {self.begin} … {self.end}")
        self.page.write_text(f"{head}{begin}\n{table}\n{end}{tail}", encoding="utf-8")


def commit() -> str:
    """The commit, with "+" where files differ from it."""
    git = ["git", "-C", str(ROOT)]
    short = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    clean = subprocess.run([*git, "diff", "--quiet", "HEAD"], check=False).returncode == 0
    return (short.stdout.strip() or "unknown") + ("" if clean else "+")

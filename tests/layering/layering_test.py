# ctest label: layering
"""Holds the project's shape: which layer may include which, what the deterministic layers may not touch, how long a
file may be. The table of layers is docs/architecture.md's; the rules themselves are in shape.py beside this file."""

import os
import pathlib
import tempfile
import unittest

import shape

ROOT = pathlib.Path(os.environ.get("CHIBO_SOURCE_DIR", pathlib.Path(__file__).parents[2]))


class Tree(unittest.TestCase):
    def test_the_tree_keeps_its_shape(self):
        problems = shape.problems(ROOT, shape.tracked_files(ROOT))
        self.assertEqual([], problems, "\n" + "\n".join(problems))

    def test_the_tree_is_seen(self):
        paths = shape.tracked_files(ROOT)
        for path in ("CMakeLists.txt", "base/result.h", "proto/chibo/record.proto"):
            self.assertIn(path, paths)


class Planted(unittest.TestCase):
    """Every rule, broken once in a tree of its own: a rule that finds nothing there guards nothing."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.paths = []
        for layer in sorted({*shape.LAYERS, *shape.FREE}):
            self.plant(f"{layer}/README.md", "What it is for.\n")

    def plant(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self.paths.append(path)

    def assert_found(self, path, text, words):
        self.plant(path, text)
        problems = shape.problems(self.root, self.paths)
        self.assertTrue(
            any(p.startswith(path) and words in p for p in problems),
            f"not found in {path}: {words}; found: {problems}",
        )

    def assert_clean(self, path, text):
        self.plant(path, text)
        self.assertEqual([], shape.problems(self.root, self.paths))

    def test_an_arrow_upward(self):
        self.assert_found("base/a.cc", '#include "proto/ids.h"\n', "base may not include proto")

    def test_arrows_between_neighbours(self):
        for path, include in (
            ("sync/a.cc", "domain/fact.h"),
            ("sync/b.cc", "storage/log_store.h"),
            ("domain/a.cc", "sync/session.h"),
            ("domain/b.cc", "storage/view_store.h"),
            ("storage/a.cc", "sync/chunk.h"),
            ("storage/b.cc", "node/replica.h"),
            ("node/a.cc", "node/net/listener.h"),
            ("node/b.cc", "node/cli/command.h"),
            ("node/net/a.cc", "node/cli/command.h"),
            ("node/web/a.cc", "node/net/listener.h"),
            ("node/cli/a.cc", "tests/sim/world.h"),
            ("node/cli/b.cc", "tools/verify/verify.h"),
            ("tools/verify/a.cc", "proto/entry.h"),
        ):
            with self.subTest(path=path):
                self.assert_found(path, f'#include "{include}"\n', "may not include")

    def test_arrows_that_are_allowed(self):
        for path, include in (
            ("proto/a.cc", "chibo/record.pb.h"),
            ("sync/a.cc", "proto/limits.h"),
            ("storage/a.cc", "domain/fact.h"),
            ("node/a.cc", "sync/session.h"),
            ("node/net/a.cc", "node/replica.h"),
            ("node/cli/a.cc", "node/net/listener.h"),
            ("tools/verify/a.cc", "chibo/record.pb.h"),
            ("tests/node/a_test.cc", "node/cli/command.h"),
        ):
            self.assert_clean(path, f'#include "{include}"\n')

    def test_an_include_that_is_not_from_the_root(self):
        self.assert_found("sync/a.cc", '#include "session.h"\n', "from the root of the tree")

    def test_a_library_in_the_wrong_place(self):
        for path, header in (
            ("sync/a.cc", "sodium.h"),
            ("domain/a.cc", "sqlite3.h"),
            ("node/a.cc", "asio/ip/tcp.hpp"),
            ("node/b.cc", "unistd.h"),
            ("storage/a.cc", "thread"),
            ("proto/a.cc", "fstream"),
            ("domain/b.cc", "unknown/library.h"),
            ("node/net/a.cc", "tl/expected.hpp"),
        ):
            with self.subTest(path=path):
                self.assert_found(path, f"#include <{header}>\n", f"<{header}>")

    def test_a_costly_library_in_a_header(self):
        text = "#ifndef CHIBO_NODE_CLI_A_H_\n#define CHIBO_NODE_CLI_A_H_\n#include <CLI/App.hpp>\n"
        self.assert_found("node/cli/a.h", text, "costs too much")

    def test_what_deterministic_layers_may_not_touch(self):
        for number, line in enumerate(
            (
                "auto now = std::chrono::system_clock::now();",
                "auto now = steady_clock :: now();",
                "std::random_device device;",
                "std::uniform_int_distribution<int> die(1, 6);",
                'const char* home = getenv("HOME");',
                "std::thread worker(Run);",
                "std::this_thread::sleep_for(delay);",
                "tm* local = localtime(&seconds);",
                'FILE* file = fopen(path, "r");',
                "std::ofstream out(path);",
                "auto seconds = time(nullptr);",
            )
        ):
            with self.subTest(line=line):
                self.assert_found(f"domain/a{number}.cc", line + "\n", "deterministic")

    def test_an_exception_of_ours(self):
        self.assert_found("node/cli/a.cc", "void F() { throw 1; }\n", "throws")

    def test_comments_and_strings_touch_nothing(self):
        self.assert_clean(
            "domain/a.cc",
            "// system_clock::now() is read elsewhere; don't getenv( here\n"
            '/* std::thread */ const char* kText = "getenv(\\"x\\")";\n'
            "int thousand = 1'000; char quote = '\"';\n",
        )

    def test_faces_may_touch_them(self):
        self.assert_clean("node/net/a.cc", "auto now = std::chrono::steady_clock::now();\n")

    def test_order_of_an_unordered_container(self):
        text = "std::unordered_map<int, std::vector<int>> rows_;\nvoid F() {\n  for (auto& row : rows_) {}\n}\n"
        self.assert_found("storage/a.cc", text, "unordered")

    def test_a_header_without_its_guard(self):
        self.assert_found("base/a.h", "#pragma once\n", "CHIBO_BASE_A_H_")

    def test_a_nolint_without_its_reason(self):
        self.assert_found("base/a.cc", "int x;  // NOLINT(bugprone-x)\n", "NOLINT")
        self.assert_found("base/b.cc", "int x;  // NOLINT\n", "NOLINT")
        self.paths = ["base/README.md"]
        self.assert_clean("base/c.cc", "int x;  // NOLINT(bugprone-x): the library wants it so\n")

    def test_a_name_that_says_nothing(self):
        self.assert_found("base/a.cc", "class SyncManager {};\n", "SyncManager")
        self.assert_found("base/string_util.cc", "\n", "string_util")

    def test_a_long_file(self):
        for path in ("tools/long.py", "proto/chibo/long.proto"):
            self.assert_found(path, "x = 1\n" * 600, "600 lines")

    def test_a_long_function(self):
        inside = "    Call();\n" * 69
        for path, text in (
            ("base/a.cc", "namespace chibo {\n\nvoid F(int one,\n       int two) {\n" + inside + "}\n\n}\n"),
            ("tests/base/a_test.cc", "TEST(A, Works) {\n" + inside + "}\n"),
            ("base/b.h", "class A {\n public:\n  int F() const {\n" + inside + "  }\n};\n"),
            ("base/c.cc", "A::A(int x)\n    : one_{x},\n      two_{x} {\n" + inside + "}\n"),
            ("base/d.cc", "namespace {\nstruct A {\n  bool operator==(int x) {\n" + inside + "  }\n};\n}\n"),
            ("tools/a.sh", "a() {\n" + inside + "}\n"),
            ("tests/go/a.go", "func a() {\n" + inside + "}\n"),
            ("tools/a.py", "class A:\n  def a(self):\n" + inside + "    return 1\n"),
        ):
            with self.subTest(path=path):
                self.assert_found(path, text, "a function has at most 70 lines")

    def test_functions_that_are_just_short_enough(self):
        short = "void F() {\n" + "  Call();\n" * 68 + "}\n\n"
        guard = "#ifndef CHIBO_BASE_A_H_\n#define CHIBO_BASE_A_H_\n"
        self.assert_clean("base/a.cc", "// Says what.\n" + short * 3)
        self.assert_clean("base/a.h", guard + "class A {\n" + short * 3 + "};\n")
        self.assert_clean("base/b.cc", "const std::map<int, int> kRows = Rows({\n" + "    {1, 2},\n" * 80 + "});\n")

    def test_a_layer_without_its_readme(self):
        for layer in ("domain", "node/cli", "tools"):
            with self.subTest(layer=layer):
                self.paths.remove(f"{layer}/README.md")
                self.plant(f"{layer}/a.py", "\n")
                problems = shape.problems(self.root, self.paths)
                self.assertTrue(any(p.startswith(f"{layer}:") and "no README.md" in p for p in problems), problems)

    def test_a_long_readme(self):
        self.assert_found("sync/README.md", "word\n" * 41, "41 lines")

    def test_a_path_of_one_machine(self):
        self.assert_found("docs/a.md", "see " + "/".join(("", "work", "main", "x")) + "\n", "machine")

    def test_something_left_to_do(self):
        self.assert_found("base/a.cc", "// TO" + "DO: later\n", "left to do")


if __name__ == "__main__":
    unittest.main()

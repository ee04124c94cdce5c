"""What tools/lib/packages.sh does about missing packages, with stand-ins for dpkg-query, apt-get, id and sudo."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("CHIBO_SOURCE_DIR", pathlib.Path(__file__).parents[2]))


class Packages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.installed = self.folder / "installed"
        self.installed.write_text("")
        self.calls = self.folder / "calls"
        self.calls.write_text("")
        # A package counts as installed when it stands in the file; apt-get install puts it there.
        self.stand_in(
            "dpkg-query",
            f'for name in "$@"; do :; done\ngrep -qx "$name" {self.installed} && printf installed || exit 1',
        )
        self.stand_in(
            "apt-get",
            f'echo "apt-get $*" >>{self.calls}\n[ "$1" = update ] && exit ${{UPDATE_FAILS:-0}}\n'
            f'[ -n "${{INSTALL_FAILS:-}}" ] && exit 100\n'
            f'for name in "$@"; do echo "$name" >>{self.installed}; done',
        )

    def stand_in(self, name, body):
        path = self.folder / name
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)

    def ensure(self, *sets, user=0, **environment):
        self.stand_in("id", f"echo {user}")
        script = f'. "{ROOT}/tools/lib/packages.sh"\nensure_packages {" ".join(sets)}\necho went on\n'
        environment["PATH"] = f"{self.folder}:/usr/bin:/bin"
        return subprocess.run(
            ["bash", "-uc", script], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )

    def installs(self):
        return [line for line in self.calls.read_text().splitlines() if line.startswith("apt-get install")]

    def test_root_installs_what_is_missing_without_questions(self):
        self.installed.write_text("cmake\n")
        result = self.ensure("build")
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertIn("Installing from Debian's packages: ninja-build", result.stdout)
        (install,) = self.installs()
        self.assertIn(" -y ", install)
        self.assertIn(" --no-install-recommends ", install)
        self.assertIn(" ninja-build ", install)
        self.assertNotIn(" cmake ", install)

    def test_nothing_is_done_when_nothing_is_missing(self):
        self.ensure("build", "test", "ci")
        self.calls.write_text("")
        result = self.ensure("build", "test", "ci")
        self.assertEqual("went on\n", result.stdout)
        self.assertEqual("", self.calls.read_text())

    def test_a_user_with_sudo_that_asks_nothing_installs_too(self):
        self.stand_in("sudo", f'echo "sudo $*" >>{self.calls}\nshift\nexec "$@"')
        result = self.ensure("test", user=1000)
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual(1, len(self.installs()))
        self.assertIn("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install", self.calls.read_text())

    def test_without_root_and_sudo_it_prints_one_line_and_stops(self):
        self.stand_in("sudo", "exit 1")
        result = self.ensure("build", "test", user=1000)
        self.assertEqual(6, result.returncode)
        self.assertNotIn("went on", result.stdout)
        (line,) = [line for line in result.stderr.splitlines() if line.startswith("apt-get")]
        self.assertRegex(line, r"^apt-get update && apt-get install -y --no-install-recommends cmake .* golang-golang-x-mod-dev faketime strace$")
        self.assertEqual("", self.calls.read_text())

    def test_old_lists_do_when_they_cannot_be_renewed(self):
        result = self.ensure("test", UPDATE_FAILS="100")
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertIn("went on", result.stdout)

    def test_an_installation_that_fails_stops_everything(self):
        result = self.ensure("test", INSTALL_FAILS="1")
        self.assertEqual(6, result.returncode)
        self.assertNotIn("went on", result.stdout)


if __name__ == "__main__":
    unittest.main()

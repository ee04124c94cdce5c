# ctest label: e2e
"""Pass-phrases as people give and change them: what is sealed opens again with what was given, and with nothing else."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import unittest

from refusal import RefusalCase
from world import PASSPHRASE, PROGRAM, VERIFIER, World


class Changing(RefusalCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.world.create_network()
        self.prov = self.world.path("prov")
        self.change = ("key", "passphrase", "--dir", self.prov, "--key", "authority", "--key-cost", "least")

    def key(self):
        return self.prov.joinpath("keys/authority.key").read_bytes()

    def opens(self, passphrase):
        code = f"u{self.world.inputs}"
        self.world.inputs += 1
        answer = self.world.try_run("unit", "add", "--dir", self.prov, "--code", code, "--kind", "cell", "--name", "X",
                                    passphrase=passphrase)  # fmt: skip
        self.assertIn(answer.code, (0, 5), str(answer))
        return answer.code == 0

    def test_the_new_one_is_read_as_all_others_are(self):
        plain, marked = self.world.file("hand/plain", "mới\n"), self.world.file("hand/marked", b"\xef\xbb\xbf" + "mới\r\n".encode())
        self.world.run(*self.change, "--new-passphrase-file", marked)
        for passphrase in (marked, plain):
            self.assertTrue(self.opens(passphrase))
        self.assertFalse(self.opens(self.world.passphrase))

    def test_one_that_is_too_long_is_refused(self):
        before = self.key()
        for size in (4097, 5000, 100000):
            long = self.world.file("hand/long", "x" * size)
            self.assert_refused(2, "passphrase_too_long", *self.change, "--new-passphrase-file", long)
            self.assert_refused(2, "passphrase_too_long", *self.change, "--new-passphrase-file", self.world.passphrase,
                                passphrase=long)  # fmt: skip
        self.assertEqual(before, self.key())
        longest = self.world.file("hand/longest", "\N{BYTE ORDER MARK}" + "x" * 4096 + "\r\nmore\n")
        self.world.run(*self.change, "--new-passphrase-file", longest)
        self.assertTrue(self.opens(longest))

    def test_a_path_with_an_equals_sign_in_it_is_written_as_the_help_says(self):
        for language in ("vi", "en"):
            shown = self.world.run("cases", "--help", "--lang", language, passphrase=False).out
            self.assertIn("./", shown[shown.index("--passphrase-file") :].partition("  --")[0])
        self.world.file("hand/a=b/F", PASSPHRASE + "\n")
        add = ("unit", "add", "--dir", self.prov, "--code", "x", "--kind", "cell", "--name", "X")
        self.world.run(*add, passphrase="./a=b/F", within=self.world.path("hand"))

    def test_an_empty_one_is_refused(self):
        self.assert_refused(2, "passphrase_empty", *self.change, "--new-passphrase-file", self.world.file("hand/empty", "\n"))

    def test_the_old_one_never_passes_for_the_new(self):
        before = self.key()
        self.assert_refused(5, "passphrase_new_needed", *self.change)
        with self.world.passphrase.open() as given:
            self.assert_refused(5, "passphrase_new_needed", *self.change, passphrase=f"authority={given.name}")
        served = self.world.serve("prov", "--listen", "127.0.0.1:0")
        self.assert_refused(5, "passphrase_new_needed", *self.change)
        self.assertEqual(before, self.key())
        fresh = self.world.file("hand/fresh", "mới\n")
        self.world.run(*self.change, "--new-passphrase-file", fresh)
        self.assertEqual(0, served.end())
        self.assertTrue(self.opens(fresh))
        self.assertFalse(self.opens(self.world.passphrase))


class Terminal:
    """A program at a terminal of its own, as a person has it before them."""

    def __init__(self, world, *words, program=PROGRAM):
        self.master, self.slave = pty.openpty()
        self.process = subprocess.Popen(
            [program, *map(str, words)], stdin=self.slave, stdout=self.slave, stderr=self.slave, env=world.environment,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        self.shown = ""

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def read(self, until):
        while until not in self.shown:
            ready, _, _ = select.select([self.master], [], [], 60)
            if not ready:
                raise AssertionError(f"waited in vain for {until!r}: {self.shown!r}")
            self.shown += os.read(self.master, 4096).decode()

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """Its exit code; all it has shown is read."""
        code = self.process.wait(60)
        while select.select([self.master], [], [], 0)[0]:
            self.shown += os.read(self.master, 4096).decode()
        return code

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


class AtTheTerminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        cls.network = world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        world.join("prov", "cell", "cb01")
        cls.cell = ("--dir", world.path("cell"))

    def at_terminal(self, *words, **more):
        terminal = Terminal(self.world, *words, **more)
        self.addCleanup(terminal.close)
        return terminal

    def test_what_is_typed_is_not_shown(self):
        for words, more in ((("cases", *self.cell), {}), ((*self.cell, "--network", self.network), {"program": VERIFIER})):
            with self.subTest(words):
                terminal = self.at_terminal(*words, **more)
                terminal.read(": ")
                self.assertFalse(terminal.echoes())
                terminal.type(PASSPHRASE + "\n")
                self.assertEqual(0, terminal.end(), terminal.shown)
                self.assertNotIn(PASSPHRASE, terminal.shown)
                self.assertTrue(terminal.echoes())

    def test_who_breaks_off_at_the_question_sees_again_what_is_typed(self):
        for words, more in ((("cases", *self.cell), {}), ((*self.cell, "--network", self.network), {"program": VERIFIER})):
            for given, signal_number in (("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT), (None, signal.SIGTERM)):
                with self.subTest(words, signal=signal_number):
                    terminal = self.at_terminal(*words, **more)
                    terminal.read(": ")
                    self.assertFalse(terminal.echoes())
                    if given:
                        terminal.type(given)
                    else:
                        terminal.process.send_signal(signal_number)
                    self.assertEqual(-signal_number, terminal.end(), terminal.shown)
                    self.assertTrue(terminal.echoes())

    def test_a_changed_one_is_typed_twice(self):
        change = ("key", "passphrase", "--dir", self.world.path("prov"), "--key", "authority", "--key-cost", "least",
                  "--passphrase-file", self.world.passphrase, "--lang", "en")  # fmt: skip
        before = self.world.path("prov/keys/authority.key").read_bytes()
        for served in (False, True):
            server = self.world.serve("prov", "--listen", "127.0.0.1:0") if served else None
            for first, second, code in (("mới\n", "khác\n", 2), ("mới\n", "mới\n", 0)):
                terminal = self.at_terminal(*change)
                terminal.read("New pass-phrase for")
                terminal.type(first)
                terminal.read("again: ")
                terminal.type(second)
                self.assertEqual(code, terminal.end(), terminal.shown)
                changed = self.world.path("prov/keys/authority.key").read_bytes() != before
                self.assertEqual(code == 0, changed)
            if server:
                server.end()
            self.world.run("key", "passphrase", "--dir", self.world.path("prov"), "--key", "authority", "--key-cost", "least",
                           "--new-passphrase-file", self.world.passphrase, passphrase=self.world.file("hand/new", "mới\n"))  # fmt: skip
            before = self.world.path("prov/keys/authority.key").read_bytes()


if __name__ == "__main__":
    unittest.main()

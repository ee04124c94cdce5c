# ctest label: e2e
"""Nobody answers: what is waited for is said, it ends in bounded time with exit code 4, and what was given up is not done
later."""

import signal
import socket
import subprocess
import time
import unittest

from refusal import CATALOGUE, RefusalCase
from world import PROGRAM, World, hurried, leave

FAST = 20  # times as fast as real clocks


def said(language, key, text):
    """How often that sentence, whatever its numbers, stands in the text."""
    begin, _, rest = CATALOGUE[language]["cli"][key].partition("{0}")
    end = rest.rpartition("}")[2]
    return sum(line.startswith(begin) and line.endswith(end) for line in text.splitlines())


class Silence(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_cell()
        cls.cell = ("--dir", world.path("cell"))

    def listener(self, backlog):
        """Something that takes calls and never says anything; without backlog the second call is not even taken."""
        listening = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.addCleanup(listening.close)
        return listening, "127.0.0.1:%d" % listening.getsockname()[1]

    def test_a_superior_that_says_nothing(self):
        _, address = self.listener(16)
        for language in ("vi", "en"):
            answer = self.world.try_run("sync", *self.cell, "--parent", address, "--progress", "--lang", language,
                                        environment=hurried(FAST))  # fmt: skip
            self.assertEqual(4, answer.code, str(answer))
            self.assert_spoken(language, "peer_is_silent", answer.err)
            # 45 seconds each, three times, a word every four.
            self.assertGreater(said(language, "sync_no_answer_yet", answer.err), 20, answer.err)
            # The first wait is shorter than a second.
            self.assertIn(answer.err.count(CATALOGUE[language]["cli"]["sync_next_in"].split("{")[0]), (1, 2), answer.err)

    def test_an_address_that_swallows_calls(self):
        listening, address = self.listener(0)
        for _ in range(4):
            held = socket.socket()
            held.setblocking(False)
            held.connect_ex(listening.getsockname())
            self.addCleanup(held.close)
        invite = self.world.path("hand", "swallowed.invite")
        self.world.run("invite", "--dir", self.world.path("prov"), "--unit", "cb01", "--address", address, "--out", invite)
        for words in (("sync", *self.cell, "--parent", address, "--tries", "1"),
                      ("join", "--dir", self.world.path("swallowed"), "--invite", invite, "--key-cost", "least")):  # fmt: skip
            for language in ("vi", "en"):
                answer = self.world.try_run(*words, "--progress", "--lang", language, environment=hurried(FAST))
                self.assertEqual(4, answer.code, str(answer))
                self.assert_spoken(language, "parent_unreachable", answer.err)
                self.assertEqual(3, said(language, "sync_no_connection_yet", answer.err), answer.err)

    def test_a_stopped_program_on_the_directory(self):
        before = self.world.ask("status", *self.cell)["only_here"]
        server = self.world.serve("cell")
        self.addCleanup(server.end)
        server.process.send_signal(signal.SIGSTOP)
        try:
            for language in ("vi", "en"):
                answer = self.world.try_run("status", *self.cell, "--progress", "--lang", language,
                                            environment=hurried(FAST))  # fmt: skip
                self.assertEqual(4, answer.code, str(answer))
                self.assert_spoken(language, "control_socket_silent", answer.err)
                self.assertEqual(4, said(language, "serve_no_greeting_yet", answer.err), answer.err)
            line = self.world.file("hand/line.jsonl", '{"leave":{"person":"@new","kind":"SICK","from":20190301,"to":20190301}}')
            self.assert_refused(4, "control_socket_silent", "record", *self.cell, line, environment=hurried(FAST))
        finally:
            server.process.send_signal(signal.SIGCONT)
        # What was given up has not been done.
        self.assertEqual(before, self.world.ask("status", *self.cell)["only_here"])
        self.assertEqual(0, server.end())

    def test_a_program_that_stops_with_the_work_in_hand(self):
        _, address = self.listener(16)
        server = self.world.serve("cell", "--parent", address)
        self.addCleanup(server.end)
        asked = subprocess.Popen(
            [PROGRAM, "sync", *map(str, self.cell), "--progress", "--lang", "en"], stderr=subprocess.PIPE,
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env={**self.world.environment, **hurried(200)},
        )  # fmt: skip
        time.sleep(1)
        server.process.send_signal(signal.SIGSTOP)
        _, err = asked.communicate(timeout=60)
        server.process.send_signal(signal.SIGCONT)
        self.assertEqual(4, asked.returncode, err)
        self.assert_spoken("en", "control_answer_late", err.decode())
        self.assertGreater(said("en", "serve_not_done_yet", err.decode()), 50)
        server.end()
        self.world.record("cell", leave(20190201))


if __name__ == "__main__":
    unittest.main()

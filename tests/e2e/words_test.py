# ctest label: e2e
"""What somebody meets who uses the program for the first time: invites that work once, sentences that say what is."""

import base64
import random
import socket
import threading
import unittest

from refusal import RefusalCase
from world import World


class Invites(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        cls.server = world.serve("prov", "--listen", "127.0.0.1:0")
        cls.prov = ("--dir", world.path("prov"))

    def setUp(self):
        self.number = self.id().rsplit(".", 1)[-1]
        self.invite = self.world.path(self.number, "invite")
        self.world.path(self.number).mkdir()
        self.world.run("invite", *self.prov, "--unit", "cb01", "--address", self.server.address, "--out", self.invite)

    def ask_to_join(self, name, code=4, reason="approval_waits"):
        """A device asks over a connection; its fingerprint."""
        answer = self.world.try_run("join", "--dir", self.world.path(self.number, name), "--invite", self.invite,
                                    "--key-cost", "least", "--json")  # fmt: skip
        self.assertEqual((code, reason), (answer.code, answer.json["error"]["reason"]), str(answer))
        return answer.json.get("fingerprint")

    def make_request(self, name):
        """A device asks by file; the file and its fingerprint."""
        path = self.world.path(self.number, f"{name}.request")
        answer = self.world.ask("join", "--dir", self.world.path(self.number, name), "--invite", self.invite, "--out", path,
                                "--key-cost", "least")  # fmt: skip
        return path, answer["fingerprint"]

    def pending(self):
        return [request["fingerprint"] for request in self.world.ask("device", "pending", *self.prov)]

    def tearDown(self):
        self.world.run("device", "refuse", *self.prov, "--pending")

    def test_an_invite_lets_one_device_in(self):
        first = self.ask_to_join("first")
        self.assertEqual(first, self.ask_to_join("first"), "the same request again is no second one")
        self.ask_to_join("second", 5, "parent_refuses_request")
        self.assertEqual([first], self.pending())
        self.world.run("device", "approve", *self.prov, "--pending")
        self.ask_to_join("third", 5, "parent_refuses_request")
        request, _ = self.make_request("fourth")
        self.assert_refused(5, "request_unknown_invite", "device", "approve", *self.prov, request, "--out", "-")
        self.world.run("join", "--dir", self.world.path(self.number, "first"))

    def test_two_requests_of_one_invite_are_not_approved_together(self):
        requests = [self.make_request(name)[0] for name in ("first", "second")]
        self.assert_refused(5, "request_unknown_invite", "device", "approve", *self.prov, *requests, "--out-dir",
                            self.world.path(self.number))  # fmt: skip
        # Nothing of it was done: the first can still be approved, and again.
        for _ in range(2):
            self.world.run("device", "approve", *self.prov, requests[0], "--out", self.world.path(self.number, "cert"))

    def test_an_officer_approves_one_and_refuses_another(self):
        good = self.ask_to_join("good")
        self.setUpInvite("other")
        other = self.ask_to_join("other")
        self.assertEqual({good, other}, set(self.pending()))
        self.assert_refused(2, "request_not_waiting", "device", "approve", *self.prov, "--fingerprint", "0000 0000")
        self.world.run("device", "refuse", *self.prov, "--fingerprint", other)
        self.ask_to_join("other", 5, "parent_refuses_request")
        self.assertEqual([good], self.pending())
        approved = self.world.ask("device", "approve", *self.prov, "--fingerprint", good.replace(" ", ""))["approved"]
        self.assertEqual([good], [request["fingerprint"] for request in approved])

    def setUpInvite(self, name):
        self.invite = self.world.path(self.number, f"{name}.invite")
        self.world.run("invite", *self.prov, "--unit", "cb01", "--address", self.server.address, "--out", self.invite)

    def test_a_file_is_compared_before_it_is_approved(self):
        request, fingerprint = self.make_request("cell")
        shown = self.world.run("device", "pending", *self.prov, request).out
        self.assertIn(fingerprint, shown)
        certificate = self.world.path(self.number, "cert")
        approve = ("device", "approve", *self.prov, request, "--out", certificate)
        self.assert_refused(2, "request_not_waiting", *approve, "--fingerprint", "0000 0000 0000 0000 0000")
        self.assertFalse(certificate.exists())
        self.world.run(*approve, "--fingerprint", fingerprint)
        self.assertTrue(certificate.exists())
        self.assert_refused(5, "request_already_approved", "device", "refuse", *self.prov, request)

    def test_the_fingerprint_is_shown_before_the_pass_phrase_is_asked_for(self):
        request, fingerprint = self.make_request("cell")
        asked = self.world.try_run("device", "approve", *self.prov, request, "--out", "-", passphrase=False)
        self.assertEqual(5, asked.code, str(asked))
        self.assertIn(fingerprint, asked.err)

    def test_nothing_waits(self):
        for words in (("pending",), ("approve", "--pending"), ("refuse", "--pending")):
            answer = self.world.run("device", *words, *self.prov, "--lang", "vi")
            self.assertEqual("Không có yêu cầu nào đang chờ phê duyệt.\n", answer.out)


class Cutter:
    """Something between a cell and its superior: takes what comes, begins to answer, and ends."""

    def __init__(self):
        self.calls = 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listening.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                call, _ = self.listening.accept()
            except OSError:
                return
            with call:
                self.calls += 1
                call.recv(8192)
                call.sendall(b"\0")


class Syncing(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        world.join("prov", "cell", "cb01")
        cls.cell = ("--dir", world.path("cell"))

    def test_bytes_that_move_are_no_progress(self):
        noise = base64.b64encode(random.Random(5).randbytes(6000)).decode()
        self.world.record("cell", {"meeting": {"kinds": ["REGULAR"], "period": "2019", "topics": [noise]}})
        cutter = Cutter()
        self.addCleanup(cutter.listening.close)
        answer = self.world.try_run("sync", *self.cell, "--parent", cutter.address, "--tries", "2", "--json")
        self.assertNotEqual(0, answer.code, str(answer))
        self.assertEqual((2, 2), (answer.json["attempts"], cutter.calls))
        self.assertGreater(answer.json["bytes_in"] + answer.json["bytes_out"], 600)


if __name__ == "__main__":
    unittest.main()

# ctest label: e2e
"""Who is at the other end is not who should be, or sends what nobody should: said so, nothing stored, and the server
goes on for the others."""

import itertools
import os
import shutil
import socket
import struct
import threading
import time

from refusal import RefusalCase
from world import FAKETIME, World, hurried, leave

PREFACE = b"chib\x00\x00"


class Stranger:
    """Something that listens, hears one message of each who comes, and answers in its own way: at once, or byte by byte,
    or for ever, or (None) never."""

    def __init__(self, answer, pause=None, for_ever=False):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.answer = answer
        self.pause = pause
        self.for_ever = for_ever
        self.heard = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=[connection], daemon=True).start()

    def talk(self, connection):
        with connection:
            try:
                self.heard.append(connection.recv(65536))
                if self.answer is not None:
                    self.speak(connection)
                    connection.shutdown(socket.SHUT_WR)
                # Until the other side has had enough.
                while connection.recv(65536):
                    pass
            except OSError:
                pass

    def speak(self, connection):
        if self.pause is None:
            connection.sendall(self.answer)
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in itertools.cycle(self.answer) if self.for_ever else self.answer:
            connection.sendall(bytes([byte]))
            time.sleep(self.pause)


class Strangers(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        cls.network = world.create_network()
        for code in ("cb01", "cb02"):
            world.add_unit("prov", code, "grassroots_cell", "Chi bộ cơ sở")
        world.add_unit("prov", "xa01", "grassroots_body", "Đảng bộ xã Hoa Sim")
        cls.server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "cell", "cb01", address=cls.server.address)
        world.join("prov", "other", "cb02", address=cls.server.address)
        world.join("prov", "xa01", "xa01", address=cls.server.address)
        cls.name = world.record("cell", leave(20190201))[0]
        cls.held = {directory: world.sizes(directory) for directory in ("prov", "cell")}

    def sync(self, address):
        return "sync", "--dir", self.world.path("cell"), "--parent", address

    def assert_refused_at(self, reason, address):
        error = self.assert_refused(4, reason, *self.sync(address), "--tries", "1")
        self.assertEqual(address, error["where"])

    def stranger(self, answer, **more):
        stranger = Stranger(answer, **more)
        self.addCleanup(stranger.socket.close)
        return stranger

    def tearDown(self):
        # Whatever happened: what was recorded is still here, and waits; nothing came in from strangers.
        self.assertEqual(1, self.world.ask("status", "--dir", self.world.path("cell"))["only_here"])
        for directory, held in self.held.items():
            self.assertEqual(held, self.world.sizes(directory))
            self.world.verify(directory)

    # ---- servers that are none

    def test_a_web_server(self):
        stranger = self.stranger(b"HTTP/1.1 400 Bad Request\r\nServer: web\r\nConnection: close\r\n\r\n<html>no</html>")
        self.assert_refused_at("peer_is_not_chibo", stranger.address)
        # It has heard nothing that it could read.
        self.assertNotIn(b"cb01", b"".join(stranger.heard))

    def test_a_web_server_byte_by_byte(self):
        self.assert_refused_at("peer_is_not_chibo", self.stranger(b"HTTP/1.1 200 OK\r\n\r\n", pause=0.01).address)

    def test_a_server_of_tls(self):
        alert = b"\x15\x03\x01\x00\x02\x02\x28"
        self.assert_refused_at("peer_is_not_chibo", self.stranger(alert).address)
        self.assert_refused_at("peer_is_not_chibo", self.stranger(alert, pause=0.01).address)

    def assert_given_up(self, address):
        begun = time.monotonic()
        said = {}

        def sync(language):
            # A directory each: both wait at the same time.
            said[language] = self.world.try_run("sync", "--dir", self.world.path(language), "--parent", address, "--tries",
                                                "1", "--lang", language, environment=hurried(100))  # fmt: skip

        for language in ("vi", "en"):
            shutil.copytree(self.world.path("cell"), self.world.path(language))
            self.addCleanup(shutil.rmtree, self.world.path(language))
        waiting = [threading.Thread(target=sync, args=[language]) for language in ("vi", "en")]
        for thread in waiting:
            thread.start()
        for thread in waiting:
            thread.join()
        self.assertLess(time.monotonic() - begun, 10 if FAKETIME else 100)
        for language, answer in said.items():
            self.assertEqual(4, answer.code, str(answer))
            self.assert_spoken(language, "peer_is_silent", answer.err)
            self.assertIn(address, answer.err)

    def test_one_that_says_nothing(self):
        self.assert_given_up(self.stranger(None).address)

    def test_one_that_goes_on_for_ever(self):
        # What could be the beginning of an answer, and never is one.
        self.assert_given_up(self.stranger(b"\x1f", pause=0.02, for_ever=True).address)

    def test_a_mail_server(self):
        self.assert_refused_at("peer_is_not_chibo", self.stranger(b"220 mail.example ESMTP\r\n").address)

    def test_garbage(self):
        for answer in (os.urandom(4000), b"\x00" * 4000, b"\x00\x30" + b"\x01" * 48, b"\x1f\xff" + bytes(0x1FFF)):
            # Much that cannot be read is no progress: it is given up after as many tries as were allowed.
            said = self.world.try_run(*self.sync(self.stranger(answer).address), "--tries", "2", "--json")
            self.assertEqual(4, said.code, str(said))
            self.assertIn(said.json["error"]["reason"], ("peer_is_not_chibo", "session_cut_off"), str(said))

    def test_more_than_a_message_may_be(self):
        self.assert_refused_at("peer_is_not_chibo", self.stranger(b"\xff\xff" + bytes(70000)).address)

    def test_one_that_closes_at_once(self):
        with socket.create_server(("127.0.0.1", 0)) as door:
            def close():
                while True:
                    try:
                        door.accept()[0].close()
                    except OSError:
                        return

            threading.Thread(target=close, daemon=True).start()
            self.assert_refused_at("peer_hung_up", f"127.0.0.1:{door.getsockname()[1]}")

    def test_an_impostor_with_another_key(self):
        # A node of the same network, with good keys of its own, at the superior's address.
        impostor = self.world.serve("xa01", "--listen", "127.0.0.1:0")
        self.assert_refused_at("peer_hung_up", impostor.address)
        self.assertNotIn(self.name.split("/")[0], str(self.world.ask("log", "show", "--dir", self.world.path("xa01"))))

    def test_a_server_of_another_network(self):
        other = World()
        self.addCleanup(other.close)
        other.create_network()
        server = other.serve("prov", "--listen", "127.0.0.1:0")
        self.assert_refused_at("peer_hung_up", server.address)
        # By design nothing is said before the keys are known, so all that it may be is named.
        for language, causes in (("vi", ("mạng khác", "khóa khác", "không phải máy chibo")),
                                 ("en", ("another network", "another key", "no chibo machine"))):  # fmt: skip
            said = self.world.try_run(*self.sync(server.address), "--tries", "1", "--lang", language).err
            self.assertEqual([], [cause for cause in causes if cause not in said], said)

    # ---- clients that are none

    def send(self, content, wait=0.3):
        """What the server answers."""
        host, port = self.server.address.split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(content)
            connection.settimeout(wait)
            answer = b""
            try:
                while block := connection.recv(65536):
                    answer += block
            except (TimeoutError, ConnectionError):
                pass
        return answer

    def assert_server_goes_on(self):
        self.assertEqual(0, self.world.ask("sync", "--dir", self.world.path("other"))["only_here"])
        self.assertIsNone(self.server.process.poll())

    def test_garbage_at_the_servers_door(self):
        for content in (b"GET / HTTP/1.0\r\n\r\n", os.urandom(5000), bytes(100_000), PREFACE + b"\x01\x00" + os.urandom(3000),
                        PREFACE + b"\x02\x00" + b"\xff\xff" + bytes(70_000), b"chib\x09\x09\x01\x00" + bytes(300), b""):  # fmt: skip
            self.assertLess(len(self.send(content)), 200)
        self.assert_server_goes_on()

    def test_frames_of_every_size_at_the_command_socket(self):
        path = str(self.world.path("prov/chibo.sock"))
        for content in (b"", b"GET /", struct.pack(">I", 0xFFFFFFFF) + b"x" * 1000, bytes(5000), os.urandom(5000)):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(path)
                try:
                    connection.sendall(content)
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(5)
                    connection.recv(65536)
                except ConnectionError:
                    pass
        self.assert_server_goes_on()


if __name__ == "__main__":
    import unittest

    unittest.main()

"""A line between a child and its superior that does to the bytes what a test wants."""

import socket
import threading

UP, DOWN = "up", "down"


class Cut(Exception):
    """Raised by what carries bytes: both ends are closed."""


class Line:
    """Listens at `address` and carries every connection to `target`. `carry(connection, way, at, block, send)` is called
    for each block that came: number of the connection from 0, UP or DOWN, bytes carried before it that way, the bytes,
    and what sends them on. It may wait, send something else, or raise Cut."""

    def __init__(self, target, carry):
        host, port = target.rsplit(":", 1)
        self.target = (host, int(port))
        self.carry = carry
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._run, daemon=True).start()

    def close(self):
        self.socket.close()

    def _run(self):
        while True:
            try:
                child, _ = self.socket.accept()
                superior = socket.create_connection(self.target)
            except OSError:
                return
            number = self.connections
            self.connections += 1
            threading.Thread(target=self._both_ways, args=[number, child, superior], daemon=True).start()

    def _both_ways(self, number, child, superior):
        with child, superior:
            for end in (child, superior):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ways = [threading.Thread(target=self._carry, args=way, daemon=True)
                    for way in ((number, UP, child, superior), (number, DOWN, superior, child))]  # fmt: skip
            for way in ways:
                way.start()
            for way in ways:
                way.join()

    def _carry(self, number, way, source, sink):
        at = 0
        try:
            while block := source.recv(65536):
                self.carry(number, way, at, block, sink.sendall)
                at += len(block)
            sink.shutdown(socket.SHUT_WR)
        except (OSError, Cut):
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def as_it_comes(_number, _way, _at, block, send):
    send(block)


def byte_by_byte(_number, _way, _at, block, send):
    for byte in block:
        send(bytes([byte]))


def flip(way, position, connections=1):
    """Turns one bit over in the first so many connections."""

    def carry(number, this_way, at, block, send):
        if number < connections and this_way == way and at <= position < at + len(block):
            block = bytearray(block)
            block[position - at] ^= 1 << position % 8
        send(bytes(block))

    return carry


def cut(way, position, connections=1):
    """Cuts the first so many connections after so many bytes."""

    def carry(number, this_way, at, block, send):
        if number < connections and this_way == way and at + len(block) > position:
            send(block[: position - at])
            raise Cut
        send(block)

    return carry


class Stall:
    """Holds back what comes after so many bytes of the first so many connections, until it is let go."""

    def __init__(self, way, position, connections=1):
        self.way, self.position, self.connections = way, position, connections
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, number, way, at, block, send):
        if number < self.connections and way == self.way and at + len(block) > self.position and not self.let_go.is_set():
            first = max(0, self.position - at)
            send(block[:first])
            block = block[first:]
            self.reached.set()
            self.let_go.wait()
        send(block)

"""A bad line between cells and their committees: late, slow, and cut off again and again.

One listening port a committee. Every connection draws its own speed and how many bytes it carries before it is cut
without warning, as a mobile network does in the hills.
"""
import asyncio
import random
import threading

CHUNK = 1400


class Line:
    """What the line is like. Bytes a second, bytes until the cut (both directions together), seconds."""

    def __init__(self, delay, slow=5000, fast=20000, cut_from=4000, cut_to=30000):
        self.delay = delay
        self.slow, self.fast = slow, fast
        self.cut_from, self.cut_to = cut_from, cut_to


class Counts:
    def __init__(self):
        self.connections = 0
        self.cuts = 0
        self.up = 0
        self.down = 0
        self.open = 0
        self.most_open = 0


class _Connection:
    def __init__(self, line, rng, counts):
        self._counts = counts
        self._delay = line.delay
        self._rate = rng.uniform(line.slow, line.fast)
        self._left = rng.randint(line.cut_from, line.cut_to)
        self._tasks = []
        self._transports = []

    async def run(self, reader, writer, target):
        self._transports.append(writer.transport)
        # The handshake of the connection itself crosses the line once there and once back.
        await asyncio.sleep(self._delay)
        try:
            there_reader, there_writer = await asyncio.open_connection(*target)
        except OSError:
            writer.transport.abort()
            return
        self._transports.append(there_writer.transport)
        self._tasks = [asyncio.ensure_future(self._carry(reader, there_writer, 'up')),
                       asyncio.ensure_future(self._carry(there_reader, writer, 'down'))]
        try:
            await asyncio.wait(self._tasks)
        finally:
            self._drop()

    async def _carry(self, reader, writer, way):
        on_the_way = asyncio.Queue()
        sending = asyncio.ensure_future(self._deliver(on_the_way, writer))
        loop = asyncio.get_running_loop()
        free = loop.time()
        try:
            while True:
                data = await reader.read(CHUNK)
                if not data:
                    break
                free = max(free, loop.time()) + len(data) / self._rate
                on_the_way.put_nowait((free + self._delay / 2, data))
                setattr(self._counts, way, getattr(self._counts, way) + len(data))
                self._left -= len(data)
                if self._left <= 0:
                    self._cut()
                    return
                await asyncio.sleep(max(0.0, free - loop.time()))
            on_the_way.put_nowait((loop.time() + self._delay / 2, None))
            await sending
        except OSError:
            pass
        finally:
            sending.cancel()

    async def _deliver(self, on_the_way, writer):
        loop = asyncio.get_running_loop()
        try:
            while True:
                at, data = await on_the_way.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                if data is None:
                    writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()
        except (OSError, RuntimeError):
            pass

    def _cut(self):
        if self._transports:
            self._counts.cuts += 1
        self._drop()

    def _drop(self):
        for transport in self._transports:
            transport.abort()
        self._transports = []


class Relay:
    """Runs beside the driver, in a thread with an event loop of its own."""

    def __init__(self, line, seed):
        self.counts = Counts()
        self._line = line
        self._rng = random.Random(f'{seed}/line')
        self._loop = asyncio.new_event_loop()
        self._servers = []
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def open(self, target):
        """`target` is "host:port"; returns the address that leads there over the bad line."""
        host, port = target.rsplit(':', 1)
        return asyncio.run_coroutine_threadsafe(self._open((host, int(port))), self._loop).result()

    async def _open(self, target):
        async def accepted(reader, writer):
            counts = self.counts
            counts.connections += 1
            counts.open += 1
            counts.most_open = max(counts.most_open, counts.open)
            try:
                await _Connection(self._line, self._rng, counts).run(reader, writer, target)
            finally:
                counts.open -= 1

        server = await asyncio.start_server(accepted, '127.0.0.1', 0)
        self._servers.append(server)
        return '127.0.0.1:%d' % server.sockets[0].getsockname()[1]

    def close(self):
        def stop():
            for server in self._servers:
                server.close()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.call_soon(self._loop.stop)

        self._loop.call_soon_threadsafe(stop)
        self._thread.join(5)

"""A small network of real processes: data directories, key files, servers on loopback."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("CHIBO_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("CHIBO_BUILD_DIR", SOURCE / "build"))
PROGRAM = BUILD / "bin" / "chibo"
VERIFIER = BUILD / "tools" / "verify" / "chibo-verify"
PASSPHRASE = "mật khẩu thử nghiệm"
FAKETIME = shutil.which("faketime")
NOBODY = 65534
MEMORY = pathlib.Path("/dev/shm")
ROOMY = 1 << 30  # bytes


def where_worlds_lie():
    """In memory where there is room, unless TMPDIR says otherwise: what is tried here is the death of processes, not of
    disks, and every command syncs several times."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOMY
    return MEMORY if roomy and "TMPDIR" not in os.environ else None


def hurried(times):
    """An environment in which a program's clocks run so many times as fast, so that it soon has waited long enough."""
    if not FAKETIME:
        return {}
    # Not by faketime itself, which would stand between a process and the signals that are meant for it.
    shown = subprocess.run([FAKETIME, "-f", f"+0 x{times}", "env"], capture_output=True, check=True, text=True).stdout
    return dict(line.split("=", 1) for line in shown.splitlines() if line.startswith(("LD_PRELOAD=", "FAKETIME=")))


def leave(day):
    """A small record of its own: a new person's sick leave."""
    return {"leave": {"person": "@new", "kind": "SICK", "from": day, "to": day}}


def place_of(name):
    """(stream, index) of an entry's name."""
    stream, index, _ = name.split("/")
    return stream, int(index)


def become_nobody():
    """Called in a new process of root's."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


class Failed(AssertionError):
    """A command that should have gone through did not."""


class Answer:
    """What a command printed and how it ended."""

    def __init__(self, words, done):
        self.words = words
        self.code = done.returncode
        # A path may hold any bytes.
        self.out = done.stdout.decode(errors="replace")
        self.err = done.stderr.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"chibo {' '.join(map(str, self.words))}\nexit {self.code}\n{self.out}{self.err}"


class World:
    """A folder of its own for everything: data directories, files that pass from hand to hand, the state folder."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="chibo-e2e-", dir=where_worlds_lie()))
        self.passphrase = self.file("passphrase", PASSPHRASE + "\n")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "XDG_STATE_HOME": str(self.root / "state"),
            "TMPDIR": str(self.root / "temporary"),
            "LANG": "en_GB.UTF-8",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.path("temporary").mkdir()
        self.servers = []
        self.inputs = 0

    def close(self):
        for server in self.servers:
            server.end()
        shutil.rmtree(self.root, ignore_errors=True)

    def path(self, *parts):
        return self.root.joinpath(*parts)

    def file(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def try_run(self, *words, passphrase=True, stdin=None, environment=None, program=PROGRAM, before=(), limit=None,
                within=None):  # fmt: skip
        """Runs the program. `before`: words in front of it; `limit`: called in the new process first; `within`: the folder
        it is in."""
        words = [str(word) for word in words]
        if passphrase is True:
            words += ["--passphrase-file", str(self.passphrase)]
        elif passphrase:
            words += ["--passphrase-file", str(passphrase)]
        done = subprocess.run(
            [*before, program, *words],
            input=stdin,
            capture_output=True,
            env={**self.environment, **(environment or {})},
            timeout=120,
            preexec_fn=limit,
            cwd=within,
            **({} if stdin is not None else {"stdin": subprocess.DEVNULL}),
        )
        return Answer(words, done)

    def run(self, *words, **more):
        answer = self.try_run(*words, **more)
        if answer.code != 0:
            raise Failed(str(answer))
        return answer

    def ask(self, *words, **more):
        """The JSON answer of a command that goes through."""
        return self.run(*words, "--json", **more).json

    def serve(self, directory, *words, **more):
        server = Server(self, directory, words, **more)
        self.servers.append(server)
        return server

    def record(self, directory, *actions, **more):
        """Records actions, given as JSON values, also those it has recorded before; returns the names of their entries."""
        self.inputs += 1
        lines = "".join(json.dumps(action, ensure_ascii=False) + "\n" for action in actions)
        return self.ask("record", "--dir", self.path(directory), self.file(f"hand/{self.inputs}.jsonl", lines), "--again",
                        **more)["names"]  # fmt: skip

    def sizes(self, directory):
        """How many entries of which streams a directory holds."""
        return {stream["stream"]: stream["size"] for stream in self.ask("log", "show", "--dir", self.path(directory))}

    def entries(self, directory):
        """Every entry a directory holds, by stream and index: what `log show` says of it."""
        held = {}
        for stream in self.ask("log", "show", "--dir", self.path(directory)):
            shown = self.ask("log", "show", "--dir", self.path(directory), "--stream", stream["stream"])
            held |= {(stream["stream"], entry["index"]): entry for entry in shown["entries"]}
        return held

    def set_aside(self, directory):
        """The records that do not count. A small record of its own is about nobody, so that some count in vain."""
        listed = self.ask("log", "set-aside", "--dir", self.path(directory))
        return [item for item in listed if item["state"] == "set_aside"]

    def as_a_user(self, directory):
        """How to run commands on a directory, which is theirs then, by somebody who may not do everything."""
        if os.geteuid() != 0:
            return {}
        try:
            subprocess.run([PROGRAM, "--help"], preexec_fn=become_nobody, capture_output=True, check=True)
        except (PermissionError, subprocess.SubprocessError):
            raise unittest.SkipTest("root may do everything, and nobody else may run the program from here") from None
        for folder in (self.root, self.path("hand")):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o711)
        for top in (self.path(directory), self.path("state")):
            for path in (top, *top.rglob("*")):
                os.lchown(path, NOBODY, NOBODY)
        return {"limit": become_nobody}

    def verify(self, directory):
        """Everything a directory holds is checked by who shares nothing with those who wrote it."""
        self.run("--dir", self.path(directory), "--network", self.network, program=VERIFIER)

    # ---- a network

    def create_network(self, name="prov", code="thanhhoa"):
        """The topmost node; returns the network's id."""
        answer = self.run("network", "create", "--dir", self.path(name), "--name", "Thanh Hóa", "--code", code,
                          "--key-cost", "least")  # fmt: skip
        self.network = answer.out.split()[0]
        return self.network

    def create_network_with_cell(self):
        """The smallest there is: a province's node and that of a cell directly below it, `prov` and `cell`."""
        self.create_network()
        self.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        self.join("prov", "cell", "cb01")

    def create_network_with_commune(self):
        """A province's node and that of a commune directly below it, `prov` and `xa01`. The network's id."""
        network = self.create_network()
        self.add_unit("prov", "xa01", "grassroots_body", "Đảng bộ xã Hoa Sim")
        self.join("prov", "xa01", "xa01")
        return network

    def add_unit(self, parent, code, kind, name):
        self.run("unit", "add", "--dir", self.path(parent), "--code", code, "--kind", kind, "--name", name)

    def join(self, parent, directory, code, *words, address=""):
        """A device of unit `code` joins by files: invite, request, certificate."""
        invite, request, certificate = (
            self.path("hand", f"{directory}.{ending}") for ending in ("invite", "request", "cert")
        )
        self.run("invite", "--dir", self.path(parent), "--unit", code, "--out", invite,
                 *(["--address", address] if address else []), *words)  # fmt: skip
        self.run("join", "--dir", self.path(directory), "--invite", invite, "--out", request, "--key-cost", "least")
        self.run("device", "approve", "--dir", self.path(parent), request, "--out", certificate)
        self.run("join", "--dir", self.path(directory), "--cert", certificate)


class Server:
    """A chibo serve process."""

    def __init__(self, world, directory, words, before=(), environment=None, limit=None):
        self.world = world
        self.process = subprocess.Popen(
            [*before, PROGRAM, "serve", "--dir", str(world.path(directory)), "--json", "--passphrase-file",
             str(world.passphrase), *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env={**world.environment, **(environment or {})},
            preexec_fn=limit,
        )  # fmt: skip
        line = self.process.stdout.readline().decode()
        if "listening" not in line:
            _, err = self.process.communicate()
            raise Failed(f"serve {directory} {words} did not start\n{line}{err.decode()}")
        self.address = json.loads(line)["listening"]

    def end(self):
        """Asks it to end; returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()
        else:
            self.process.stdout.close()
            self.process.stderr.close()
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.communicate()

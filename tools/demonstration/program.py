"""Runs chibo: one command at a time, servers that go on running, many commands at once."""
import json
import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

# A command that has not ended by then hangs.
COMMAND_SECONDS = 600


class CommandFailed(Exception):
    """A chibo command ended otherwise than the demonstration expects."""

    def __init__(self, words, code, out, err):
        self.code, self.out, self.err = code, out, err
        super().__init__(f'chibo {" ".join(words)}\n  -> {code}\n  {err.strip()}\n  {out.strip()[:2000]}')


class Answer:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)


class Chibo:
    def __init__(self, program, passphrase_file, state_dir, lang):
        self.program = program
        self._secret = ['--passphrase-file', passphrase_file]
        self._lang = lang
        self._env = dict(os.environ, XDG_STATE_HOME=state_dir, LANG='C.UTF-8')
        self._lock = threading.Lock()
        self.runs = 0

    def _words(self, words, secret):
        words = [str(w) for w in words]
        return words + (self._secret if secret else []) + ['--json', '--lang', self._lang]

    def run(self, *words, secret=True, allowed=(0,)):
        """Answers with what was printed; any exit code not in `allowed` is a CommandFailed."""
        words = self._words(words, secret)
        with self._lock:
            self.runs += 1
        done = subprocess.run([self.program] + words, env=self._env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=COMMAND_SECONDS)
        if done.returncode not in allowed:
            raise CommandFailed(words, done.returncode, done.stdout, done.stderr)
        return Answer(done.returncode, done.stdout, done.stderr)

    def text(self, *words):
        """Runs a reading command as a person would see it."""
        done = subprocess.run([self.program] + [str(w) for w in words] + ['--lang', self._lang] +
                              self._secret, env=self._env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=COMMAND_SECONDS)
        return done.stdout

    def serve(self, directory, log, parent=None):
        words = ['serve', '--dir', directory, '--listen', '127.0.0.1:0', '--every', '86400']
        if parent:
            words += ['--parent', parent]
        return Server([self.program] + self._words(words, False), self._env, log)


class Server:
    """A `chibo serve` process and where it listens."""

    def __init__(self, argv, env, log):
        with open(log, 'a', encoding='utf-8') as errors:
            self._process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL,
                                             stdout=subprocess.PIPE, stderr=errors, text=True)
        line = self._process.stdout.readline()
        try:
            self.address = json.loads(line)['listening']
        except (ValueError, KeyError):
            self.stop()
            with open(log, encoding='utf-8') as errors:
                raise CommandFailed(argv[1:], self._process.returncode, line, errors.read())

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()


def at_once(work, items, workers, progress=None):
    """work(item) for all, `workers` at a time; the results in the order of `items`. The first failure is raised
    once those under way have ended."""
    items = list(items)
    if not items:
        return []
    done = 0
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = [pool.submit(work, item) for item in items]
        waiting = set(futures)
        while waiting:
            ended = {f for f in waiting if f.done()}
            for future in ended:
                if future.exception() is not None:
                    for other in futures:
                        other.cancel()
                    raise future.exception()
            waiting -= ended
            if ended:
                done += len(ended)
                if progress:
                    progress(done, len(items))
            else:
                time.sleep(0.01)
    return [f.result() for f in futures]

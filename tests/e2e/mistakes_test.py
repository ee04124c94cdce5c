# ctest label: e2e
"""Every command, every option, given what a tired person, a wrong file or a script with a mistake gives it: an exit code
that means something, one sentence in the reader's language, JSON where JSON was asked for, and nothing lost."""

import json
import os
import random
import re
import shlex
import unittest

from refusal import CATALOGUE, FOREIGN
from world import World

SEED = 1
# All of them with CHIBO_MISTAKES=all.
RUNS = 250
SENTENCES = {language: [text.partition(" ({where})") for text in CATALOGUE[language]["errors"].values()]
             for language in ("vi", "en")}  # fmt: skip
ROSTER = "Họ và tên,Ngày sinh,Ngày vào Đảng\nLê Thị Mai,09/01/1976,03/02/2001\nPhạm Văn Hai,15/04/1980,10/06/2005\n"


class Mistakes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_commune()
        world.add_unit("xa01", "xa01-cb03", "cell", "Chi bộ 3")
        world.join("xa01", "cell", "xa01-cb03")
        hand = {
            "roster.csv": ROSTER,
            "units.csv": "code,kind,name\nxa01-cb05,cell,Chi bộ 5\n",
            "nov.jsonl": '{"meeting": {"kinds": ["REGULAR"], "period": "2019"}}\n',
            "decisions.jsonl": "",
            "empty": "",
            "noise": random.Random(SEED).randbytes(5000),
            "folder/file": "x",
        }
        for name, content in hand.items():
            world.file(f"hand/{name}", content)
        world.run("member", "import", "--dir", world.path("cell"), world.path("hand/roster.csv"))
        world.run("invite", "--dir", world.path("xa01"), "--unit", "xa01-cb03", "--role", "deputy", "--out",
                  world.path("hand/invite.txt"))  # fmt: skip
        world.run("join", "--dir", world.path("waiting"), "--invite", world.path("hand/invite.txt"), "--out",
                  world.path("hand/request.bin"), "--key-cost", "least")  # fmt: skip
        world.run("device", "approve", "--dir", world.path("xa01"), world.path("hand/request.bin"), "--out",
                  world.path("hand/cert.bin"))  # fmt: skip
        cls.put_in = {
            "PROV": world.path("prov"), "DIST": world.path("xa01"), "XA01": world.path("xa01"), "CELL": world.path("cell"),
            "F": world.passphrase, **{name: world.path("hand", name) for name in os.listdir(world.path("hand"))},
        }  # fmt: skip
        world.path("elsewhere").mkdir()
        cls.bad = [
            "", " ", "\x01\x1b[31m", "không có", "/khong/co/tep", world.path("hand/folder"), world.path("hand/empty"),
            world.path("hand/noise"), world.path("hand/roster.csv"), world.path("cell"), world.path("cell/chibo.db"),
            "x" * 100_000, "-1", "0", "18446744073709551616", "31/02/2019", "2019", "@person:", "|", "a=b", "{}", "[1]",
            "%s%n", "../../../../etc/passwd", os.fsdecode(b"\xff\xfe\x80"), "127.0.0.1:1", "/dev/null", "-",
        ]  # fmt: skip

    def commands(self):
        """(words of a command, its options) of all of them, by its own help."""

        def listed(*words):
            shown = self.world.run(*words, "--help", "--lang", "en", passphrase=False).out
            before, _, rest = shown.partition("Commands:\n")
            return re.findall(r"^  ([a-z][a-z-]*)(?: .*)?$", rest.partition("\n\n")[0], re.M), shown

        for name in listed()[0]:
            under, shown = listed(name)
            for words, text in [((name, sub), listed(name, sub)[1]) for sub in under] or [((name,), shown)]:
                options = [option for option in re.findall(r"^  (--[a-z-]+) VALUE", text, re.M) if option != "--lang"]
                example = text.partition("Example:\n")[2].replace("\\\n", " ").split("\n")[0]
                yield words, options, shlex.split(example)[1:]

    def mistakes(self):
        """All of them: words that are wrong in one place."""
        for words, options, example in self.commands():
            if words == ("serve",):
                continue  # would not end where it is not refused; surroundings_test and words_test have its refusals
            base = [str(self.put_in.get(word, word)) for word in example]
            if words == ("sync",):
                base += ["--parent", "127.0.0.1:1", "--tries", "1"]
            yield words, base
            yield words, base[: len(words)]
            for bad in self.bad:
                yield words, [*base, str(bad)]
                for option in options:
                    if option in base:
                        at = base.index(option) + 1
                        yield words, [*base[:at], str(bad), *base[at + 1 :]]
                    else:
                        yield words, [*base, option, str(bad)]
            for option in options:
                yield words, [*base, option]
                yield words, [*base, option, "x", option, "y"]

    def test_each_is_told(self):
        everything = list(self.mistakes())
        draw = random.Random(SEED)
        chosen = everything if os.environ.get("CHIBO_MISTAKES") == "all" else draw.sample(everything, RUNS)
        refused = 0
        for _, words in chosen:
            language = draw.choice(("vi", "en"))
            as_json = draw.choice((True, False)) or "--json" in words
            shown = [word if len(word) < 200 else word[:20] + "…" for word in words]
            with self.subTest(words=" ".join(map(repr, shown)), language=language):
                # Before the options: an option whose value is missing takes what follows it.
                options = next((at for at, word in enumerate(words) if word.startswith("--")), len(words))
                asked = [*words[:options], *(["--json"] if as_json else []), *words[options:]]
                answer = self.world.try_run(*asked, passphrase=False, stdin=b"",
                                            within=self.world.path("elsewhere"), environment={"LANG": language})  # fmt: skip
                refused += self.assert_told(answer, language, as_json, words)
        self.assertGreater(refused, len(chosen) // 3)

    def tearDown(self):
        for directory in ("prov", "xa01", "cell"):
            self.world.verify(directory)

    def assert_told(self, answer, language, as_json, words):
        """Whether it was refused."""
        self.assertIn(answer.code, range(7), str(answer)[-600:])
        if answer.code == 0:
            if as_json and "-" not in words:
                self.assertNotIn("error", json.loads(answer.out))
            return False
        message = json.loads(answer.out)["error"]["message"] if as_json else answer.err.strip().split("chibo: ")[-1]
        fits = [(before, after) for before, _, after in SENTENCES[language] if message.startswith(before) and message.endswith(after)]
        self.assertTrue(fits, message[-600:])
        if language == "vi":
            before, after = max(fits, key=lambda found: len(found[0]))
            place = message[len(before) : len(message) - len(after)]
            for word in words:
                place = place.replace(word, "") if word else place
            self.assertNotRegex(re.sub(r"/\S+", "", place), FOREIGN)
        return True


if __name__ == "__main__":
    unittest.main()

# ctest label: e2e
"""A typed command for every kind of record: it exists, the example of its help runs as it stands there, it answers in
JSON, and what was written is read back as it was typed."""

import base64
import datetime
import json
import re
import shlex
import unittest

from refusal import RefusalCase
from world import SOURCE, World, place_of

# Kinds that come about otherwise, and how.
OTHERWISE = {
    "root_set": ("network", "rotate"),
    "certificate": ("device", "approve"),
    "person_key": ("key", "person"),
    "attestation": ("write", "minutes"),  # its --attest, and that of every other kind
    "point_list": ("device", "revoke"),  # what one record has no room for
    "register": ("serve",),  # a node's own: what came in
    "sealed_text": ("write", "opinion"),  # a node's own, of an opinion that goes to another committee
    "copy": ("serve",),  # a node's own: what others need to judge
}
# Nobody types who signed, or what an order sets aside.
FILLED_IN = {"issuer", "proposals"}
# The first value of an enum is not shown: it is what stands where nothing does.
UNSHOWN = ("MEMBER", "OFFICIAL", "HOME")
UNSHOWN_VALUES = [[value] for value in UNSHOWN]
MAI = "Lê Thị Mai"
ROSTER = f"""Họ và tên,Ngày sinh,Ngày vào Đảng,Số thẻ
{MAI},09/01/1976,03/02/2001,1
{MAI},01/09/1976,19/05/2003,2
Phạm Văn Hai,15/04/1980,10/06/2005,3
"""
HANOI = datetime.timezone(datetime.timedelta(hours=7))
LANGUAGES = {"vi": ("Ví dụ:\n", "Các trường:\n"), "en": ("Example:\n", "Fields:\n")}


def kinds():
    """The names of all kinds, from the schema."""
    schema = (SOURCE / "proto" / "chibo" / "record.proto").read_text()
    block = schema[schema.index("oneof body") :]
    return re.findall(r"^ +\w+ (\w+) = \d+;", block[: block.index("}")], re.M)


def command(kind):
    return kind.replace("_", "-")


def fields_of(words):
    """The record that was typed: {"subject": {"kind": "MEMBER", …}, …}, values as they stand there, in lists where given
    more than once."""
    typed = {}
    for word in words:
        path, _, value = word.partition("=")
        *above, name = path.split(".")
        place = typed
        for part in above:
            place = place.setdefault(part, {})
        value = json.loads(value) if value.startswith("{") else value
        place[name] = [*place[name], value] if name in place else [value]
    return typed


class Typed(RefusalCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        world.create_network_with_commune()
        for number in ("03", "04"):
            world.add_unit("xa01", f"xa01-cb{number}", "cell", f"Chi bộ {number}")
        cls.server = world.serve("xa01", "--listen", "127.0.0.1:0")
        for directory, *role in (("cell",), ("deputy", "--role", "deputy")):
            world.join("xa01", directory, "xa01-cb03", *role, address=cls.server.address)
            world.run("sync", "--dir", world.path(directory))
        world.run("member", "import", "--dir", world.path("cell"), world.file("roster.csv", ROSTER))
        world.record("deputy", {"meeting": {"kinds": ["REGULAR"], "period": "2019"}})
        for directory in ("cell", "deputy", "cell"):
            world.run("sync", "--dir", world.path(directory))
        cls.labels = {}
        cls.written = {}
        cls.put_in = {"XA01": str(world.path("xa01")), "CELL": str(world.path("cell")), "F": str(world.passphrase)}
        cls.learn_the_deputy()

    @classmethod
    def learn_the_deputy(cls):
        """What the examples that end or judge another device's stream name."""
        world = cls.world
        xa01 = ("--dir", world.path("xa01"))
        device = next(d for d in world.ask("device", "list", *xa01) if d["role"] == "deputy")
        stream = next(s for s in world.ask("log", "show", "--dir", world.path("deputy")) if s["own"] and s["kind"] == "line")
        out = world.path("hand", "exported")
        world.run("log", "export", *xa01, "--stream", stream["stream"], "--out", out)
        checkpoint = next(p for p in sorted(out.rglob("*")) if p.is_file() and "checkpoint" in p.name).read_text().splitlines()
        cls.put_in |= {
            "CERTIFICATE": device["certificate"], "STREAM": stream["stream"], "FROM": "1", "SIZE": checkpoint[1],
            "ROOT": base64.b64decode(checkpoint[2]).hex(),
        }  # fmt: skip

    def example(self, kind, language):
        """The words of the help's example, as a shell reads them."""
        heading, fields = LANGUAGES[language]
        shown = self.world.run("write", command(kind), "--help", "--lang", language, passphrase=False).out
        self.assertIn(fields, shown)
        text = shown.split(heading)[1].replace("\\\n", " ")
        words = shlex.split(text)
        self.assertEqual(["chibo", "write", command(kind)], words[:3])
        return [re.sub(r"\b[A-Z]+[0-9]*\b", lambda f: self.put_in.get(f.group(), f.group()), word)
                if not word.startswith("kind=") else word for word in words[1:]]  # fmt: skip

    def test_every_kind_has_a_command(self):
        listed = self.world.run("write", "--help", "--lang", "en", passphrase=False).out
        typed = {name.replace("-", "_") for name in re.findall(r"^  ([a-z][a-z-]*) {2,}", listed, re.M)}
        self.assertEqual(set(kinds()), typed | set(OTHERWISE))
        self.assertEqual(set(), typed & set(OTHERWISE))
        for words in OTHERWISE.values():
            self.world.run(*words, "--help", passphrase=False)

    def test_every_example(self):
        self.put_in.pop("DIGEST", None)
        for kind in (kind for kind in kinds() if kind not in OTHERWISE and kind not in LAST):
            with self.subTest(kind=kind):
                self.run_example(kind)
        for kind in LAST:
            with self.subTest(kind=kind):
                self.run_example(kind)

    def run_example(self, kind):
        world = self.world
        if "INDEX" not in self.put_in and "proposal" in self.written:
            stream, index, position = self.written["proposal"].split("/")
            self.put_in |= {"INDEX": index, "POSITION": position, "PROPOSED": stream}
        words = self.example(kind, "vi")
        self.assertEqual(words, self.example(kind, "en"))
        if kind in PROPOSALS:
            words = [word.replace(f"@{self.put_in['STREAM']}/", f"@{self.put_in['PROPOSED']}/") for word in words]
        answer = world.ask(*words, passphrase=False)
        # What concerns several units is written for each of them.
        self.assertEqual(answer["entries"], len(answer["names"]))
        self.assertEqual(2 if kind == "posting" else 1, answer["records"])
        self.written[kind] = answer["names"][0]
        if "--label" in words:
            self.labels[words[words.index("--label") + 1]] = answer["names"][0]
        directory = words[words.index("--dir") + 1]
        typed = fields_of([word for word in words if re.match(r"^[a-z_.]+=", word)])
        for name in answer["names"]:
            self.assert_read_back(directory, name, kind, typed)
        if directory == self.put_in["CELL"]:
            world.run("sync", "--dir", directory)
        if kind == "decision":
            stream, index, position = answer["names"][0].split("/")
            entry = world.entries(directory.rsplit("/", 1)[1])[(stream, int(index))]
            self.put_in["DIGEST"] = entry["records"][int(position)]["digest"]

    def assert_read_back(self, directory, name, kind, typed):
        stream, index, position = name.split("/")
        shown = self.world.ask("log", "show", "--dir", directory, "--stream", stream)["entries"]
        record = next(e for e in shown if e["index"] == int(index))["records"][int(position)]["record"]
        self.assertEqual([kind], list(record))
        body = record[kind].get("body", record[kind])
        unshown = {name for name, value in typed.items() if value in UNSHOWN_VALUES}
        self.assertEqual(set(typed) | FILLED_IN, set(body) | FILLED_IN | unshown)
        self.assert_same(typed, body, kind)

    def assert_same(self, typed, read, where):
        if isinstance(typed, dict):
            for name, value in typed.items():
                value = value[0] if isinstance(value, list) and not isinstance(read.get(name), list) else value
                if name not in read:
                    self.assertIn(value, UNSHOWN, f"{where}.{name}")
                    continue
                self.assert_same(value, read[name], f"{where}.{name}")
        elif isinstance(typed, list):
            self.assertEqual(len(typed), len(read), where)
            for one, other in zip(typed, read):
                self.assert_same(one, other, where)
        elif typed == "@new":
            self.assertEqual(16, len(base64.b64decode(read)), where)
        else:
            self.assertIn(self.plain(read), (str(typed), self.meant(str(typed))), f"{where}: {typed}")

    @staticmethod
    def plain(read):
        if isinstance(read, dict):
            return f"{base64.b64decode(read['stream']).hex()}/{read.get('index', 0)}/{read.get('position', 0)}"
        return str(read).lower() if isinstance(read, bool) else str(read)

    def meant(self, typed):
        """What is stored where a person typed this."""
        world = self.world

        def base64_of(hexadecimal):
            return base64.b64encode(bytes.fromhex(hexadecimal)).decode()

        day = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", typed)
        moment = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d)", typed)
        if day:
            return "".join(reversed(day.groups()))
        if moment:
            d, m, y, hour, minute = map(int, moment.groups())
            return str(int(datetime.datetime(y, m, d, hour, minute, tzinfo=HANOI).timestamp() * 1000))
        if not typed.startswith("@"):
            return typed
        what, _, rest = typed[1:].partition(":")
        if what == "hex":
            return base64_of(rest)
        if what == "record":
            return self.labels[rest]
        if what == "unit":
            return base64_of(next(u["unit"] for u in world.ask("unit", "list", "--dir", world.path("xa01")) if u["code"] == rest))
        if what == "person":
            name, birth = rest.split("|")
            members = world.ask("member", "list", "--dir", world.path("cell")) + self.written_members()
            return base64_of(next(m["person"] for m in members if (m["name"], str(m["birth"])) == (name, self.meant(birth))))
        return typed[1:]

    def written_members(self):
        """Of the example's member, who moves away again later."""
        records = [r["record"]["member"] for e in self.world.entries("cell").values() for r in e["records"] if r["kind"] == "member"]
        return [{**m, "person": base64.b64decode(m["person"]).hex()} for m in records]

    def test_yes_and_no_as_people_write_them(self):
        cell = ("--dir", self.world.path("cell"))
        for word, meant in (("true", True), ("Có", True), ("no", False), ("không", False)):
            posting = ("write", "posting", *cell, "person=@new", "outside=Sở", "title=Cán bộ", f"head={word}")
            name = self.world.ask(*posting)["names"][0]
            record = self.world.entries("cell")[place_of(name)]["records"][0]["record"]
            self.assertEqual(meant, record["posting"].get("head", False), word)

    def test_a_label_of_another_device(self):
        world = self.world
        cell, deputy = ("--dir", world.path("cell")), ("--dir", world.path("deputy"))
        name = world.ask("write", "meeting", *cell, "kinds=REGULAR", "--label", "here")["names"][0]
        minutes = ("write", "minutes", "text=x")
        world.run(*minutes, *cell, "meeting=@record:here")
        self.assert_refused(2, "record_label_unknown", *minutes, *deputy, "meeting=@record:here")
        # What the sentence says to do instead.
        for directory in ("cell", "deputy"):
            world.run("sync", "--dir", world.path(directory))
        self.assertIn(name.rsplit("/", 1)[0], {f"{s}/{i}" for s, i in world.entries("deputy")})
        world.run(*minutes, *deputy, f"meeting=@{name}")

    def test_what_cannot_be_typed(self):
        cell = ("--dir", self.world.path("cell"))
        for code, reason, *words in (
            (1, "usage_field_unclear", "leave", "kind"),
            (2, "record_field_unknown", "leave", "kinds=SICK"),
            (2, "record_field_unknown", "leave", "kind.x=SICK"),
            (2, "enum_unknown", "leave", "kind=SLEEPY"),
            (2, "flag_unreadable", "posting", "head=ture"),
            (2, "field_twice", "leave", "kind=SICK", "kind=STUDY"),
            (2, "field_twice", "proposal", "subject=x", "subject.kind=MEMBER"),
            (2, "field_twice", "proposal", "subject.kind=MEMBER", "subject=x"),
            (2, "flag_unreadable", "member", "civil_servant=maybe"),
            (2, "field_required", "leave", "kind=SICK"),
            (2, "record_label_unknown", "minutes", "meeting=@record:never", "text=x"),
        ):
            with self.subTest(words=words):
                self.assert_refused(code, reason, "write", *words[:1], *cell, *words[1:])


# A device is ended when the cell has written all else.
LAST = ("revocation", "adoption", "fork_ruling")
# These speak of the proposal that was written.
PROPOSALS = ("decision", "confirmation", "return")

if __name__ == "__main__":
    unittest.main()

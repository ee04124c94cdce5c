# ctest label: e2e
"""What a unit writes lies in the data directories its reach allows, and in no other.

Province, district, two communes, four cells, each a process with a directory of its own. Each plants a word in every
sort of stream and reach it can write by a command. (tests/node/audience_test.cc looks at the lines between them.)"""

import unittest

from world import World

ABOVE = {"tinh": None, "huyen": "tinh", "xa1": "huyen", "xa2": "huyen",
         "xa1a": "xa1", "xa1b": "xa1", "xa2a": "xa2", "xa2b": "xa2"}  # fmt: skip
KINDS = {"huyen": "district", "xa1": "grassroots_body", "xa2": "grassroots_body"}
CELLS = ("xa1a", "xa1b", "xa2a", "xa2b")


def line_of(unit):
    """The unit and all above it."""
    return [] if unit is None else [unit, *line_of(ABOVE[unit])]


def with_superior(unit):
    return {unit} | ({ABOVE[unit]} if ABOVE[unit] else set())


def down_readers(unit):
    return set(line_of(unit)) | {below for below in ABOVE if unit in line_of(below)}


def to_readers(unit, to):
    return set(line_of(unit)) | set(line_of(to))


class Audience(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        cls.words = {}
        world.create_network("tinh", code="tinh")
        servers = {"tinh": world.serve("tinh", "--listen", "127.0.0.1:0")}
        for unit, above in list(ABOVE.items())[1:]:
            name = cls.plant(f"{unit} tên", down_readers(above))
            world.add_unit(above, unit, KINDS.get(unit, "cell"), name)
            world.join(above, unit, unit, address=servers[above].address)
            if unit not in CELLS:
                servers[unit] = world.serve(unit, "--listen", "127.0.0.1:0", "--parent", servers[above].address)
        cls.sync_all()
        person = {"person": "@hex:" + 16 * "5a", "name": "Lò Văn Sính", "birth": 19760109}
        world.record("xa1a", {"member": person})
        world.record("huyen", {"transfer": {**person, "kind": "PERMANENT", "from": "@unit:xa1a", "to": "@unit:xa2a",
                                            "effective": 20190810}})  # fmt: skip
        cls.sync_all()
        for unit in ABOVE:
            cls.plant_line(unit)
        # From cell to cell, past the district that carries it.
        opinion = cls.plant("xa1a nhận xét", {"xa1a", "xa1", "xa2", "xa2a"})
        world.record("xa1a", {"opinion": {"about": {"id": person["person"]}, "period": "2019", "from": "OLD_PLACE",
                                          "text": opinion}})  # fmt: skip
        for unit in ("tinh", "huyen", "xa1", "xa2"):
            cls.plant_down(unit)
        cls.plant_to("huyen", "xa1a")
        cls.plant_to("xa2", "xa2b")
        cls.sync_all()
        # What a superior answers to what it has just heard goes with the next connection.
        cls.sync_all()

    @classmethod
    def plant(cls, what, readers):
        word = f"<{what}>"
        cls.words[word] = set(readers)
        return word

    @classmethod
    def plant_line(cls, unit):
        meeting = {"kinds": ["REGULAR"], "start_ms": 1575200000000}
        for_all = cls.plant(f"{unit} sổ, mọi cấp", line_of(unit))
        narrowed = cls.plant(f"{unit} sổ, thu hẹp", with_superior(unit))
        opinion = cls.plant(f"{unit} sổ, cấp trên", with_superior(unit))
        cls.world.record(
            unit,
            {"meeting": {**meeting, "topics": [for_all]}},
            {"records": [{"meeting": {**meeting, "topics": [narrowed]}}], "parent_only": [0]},
            {"opinion": {"about": {"id": "@new"}, "period": "2019", "from": "RESIDENCE", "text": opinion}},
        )

    @classmethod
    def plant_down(cls, unit):
        name = cls.plant(f"{unit} xuống", down_readers(unit))
        cls.world.run("write", "peer-group", "--dir", cls.world.path(unit), "id=nhom", f"name={name}", "period=2019",
                      f"owner=@unit:{unit}")  # fmt: skip

    @classmethod
    def plant_to(cls, unit, to):
        title = cls.plant(f"{unit} gửi {to}", to_readers(unit, to))
        cls.world.record(unit, {"posting": {"person": "@new", "name": "Lê Thị Mai", "birth": 19760109, "title": title,
                                            "place": f"@unit:{to}", "from": 20190101}})  # fmt: skip

    @classmethod
    def sync_all(cls):
        for unit in reversed(ABOVE):
            if ABOVE[unit]:
                cls.world.run("sync", "--dir", cls.world.path(unit))
        for unit in ABOVE:
            if ABOVE[unit]:
                cls.world.run("sync", "--dir", cls.world.path(unit))

    def holders(self, word, contents):
        return {unit for unit, content in contents.items() if word in content}

    def test_every_word_is_read_where_its_reach_allows_and_nowhere_else(self):
        contents = {unit: "".join(map(str, self.world.entries(unit).values())) for unit in ABOVE}
        for word, readers in self.words.items():
            with self.subTest(word):
                self.assertEqual(readers, self.holders(word, contents))

    def test_a_server_has_nothing_else_in_any_file_and_a_cell_has_nothing_in_plain(self):
        contents = {
            unit: b"".join(path.read_bytes() for path in sorted(self.world.path(unit).rglob("*")) if path.is_file())
            for unit in ABOVE
        }
        for word, readers in self.words.items():
            if word.endswith(" tên>"):
                continue  # a unit's name lies open in the settings of its own directory
            with self.subTest(word):
                self.assertEqual(readers - set(CELLS), self.holders(word.encode(), contents))

    def test_nothing_is_kept_beside_the_directories(self):
        kept = b"".join(path.read_bytes() for path in self.world.path("state").rglob("*") if path.is_file())
        self.assertEqual([], [word for word in self.words if word.encode() in kept])


if __name__ == "__main__":
    unittest.main()

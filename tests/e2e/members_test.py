# ctest label: e2e
"""The register of one unit as its secretary sees it."""

import json
import unittest

from world import World

ROSTER = """\
Họ và tên,Ngày sinh,Ngày vào Đảng,Ngày chính thức
Lê Thị Mai,09/01/1976,03/02/2001,03/02/2002
Phạm Văn Hai,15/04/1940,10/06/1965,10/06/1966
"""


class Members(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.world.create_network()
        self.world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        self.world.join("prov", "cell", "cb01", "--role", "secretary")
        self.world.run("member", "import", "--dir", self.cell, self.world.file("roster.csv", ROSTER))

    @property
    def cell(self):
        return self.world.path("cell")

    def write(self, **member):
        line = json.dumps({"member": {"person": "@person:Phạm Văn Hai|19400415", "birth": 19400415,
                                      "admitted": 19650610, "official": 19660610, **member}}, ensure_ascii=False)  # fmt: skip
        self.world.run("record", "--dir", self.cell, self.world.file("member.jsonl", line + "\n"))

    def listed(self):
        return [(m["name"], m["status"]) for m in self.world.ask("member", "list", "--dir", self.cell)]

    def test_each_stands_once_as_the_newest_line_says(self):
        self.assertEqual([("Phạm Văn Hai", "official"), ("Lê Thị Mai", "official")], self.listed())
        self.write(name="Phạm Văn Hai", status="EXEMPT", status_from=20120801)
        self.assertEqual([("Phạm Văn Hai", "exempt"), ("Lê Thị Mai", "official")], self.listed())

    def test_what_begins_later_does_not_hold_yet(self):
        self.write(name="Phạm Văn Hai", status="EXEMPT", status_from=21000101)
        self.assertEqual([("Phạm Văn Hai", "official"), ("Lê Thị Mai", "official")], self.listed())


if __name__ == "__main__":
    unittest.main()

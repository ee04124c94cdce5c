"""Writes the whole directory."""

import csv
import os
import random
import shutil

from . import actions, cells, committees, extras, names, pack, people, places, plan, rosters
from . import spec, story

UNIT_COLUMNS = ['code', 'kind', 'name', 'parent', 'type', 'committee']


def build(source, seed, scale, out):
    """Makes the province from `source` into `out`: a new or empty directory, or one made before."""
    plan_path = os.path.join(out, 'plan.json')
    if os.path.isdir(out) and os.listdir(out) and not os.path.exists(plan_path):
        raise ValueError(f'{out} holds something else')
    district = spec.load(source, scale)
    namer = names.Namer(random.Random(f'{seed}/numbers'))
    orgs = people.build(district, seed, namer)
    tale = story.Story(district, orgs, seed)
    for part in ('cells', 'committees'):  # another scale has other units
        shutil.rmtree(os.path.join(out, part), ignore_errors=True)
    os.makedirs(out, exist_ok=True)
    notice = 'DỮ LIỆU MINH HỌA: người, đơn vị và phân bổ là tưởng tượng'
    book = plan.Plan(seed, scale, notice)
    book.add_district()
    writer = _Writer(out, seed, tale, book)
    writer.district(orgs)
    for org_people in orgs.values():
        if not org_people.org.is_cell:
            writer.body(org_people)
        for cell in org_people.cells:
            writer.cell(cell)
    plan.arrivals(book, tale)
    plan.tell_story(book, tale)
    actions.write_json(plan_path, book.value)
    actions.write_json(os.path.join(out, 'pack-2019.json'), pack.rule_pack())
    actions.write_json(os.path.join(out, 'peer-groups.json'), pack.peer_groups(district))


def unit_rows(orgs, tale):
    """One row of units.csv for every unit of the district, superiors first."""
    rows = [[places.DISTRICT, 'DISTRICT', places.DISTRICT_NAME, '', 'huyện', 'yes']]
    for body in orgs.values():
        org = body.org
        kind = 'GRASSROOTS_CELL' if org.is_cell else 'GRASSROOTS_BODY'
        rows.append([org.code, kind, places.body_name(org), places.DISTRICT, places.TYPES[org.kind],
                     'yes' if org.has_committee else 'no'])
        if org.is_cell:
            continue
        for cell in body.cells:
            committee = 'yes' if len(cell.officials()) >= 9 else 'no'
            rows.append([cell.code, 'CELL', places.cell_name(org, cell.cell), org.code,
                         places.cell_type(cell.cell), committee])
        for c in tale.collectives:
            if c.parent == org.id:
                rows.append([c.code, 'COLLECTIVE', c.name, org.code, c.kind, 'no'])
    return rows


class _Writer:
    def __init__(self, out, seed, tale, book):
        self._out = out
        self._seed = seed
        self._tale = tale
        self._plan = book

    def _dir(self, *parts):
        path = os.path.join(self._out, *parts)
        os.makedirs(path, exist_ok=True)
        return path

    def _units(self, path, rows):
        with open(path, 'w', encoding='utf-8', newline='') as f:
            out = csv.writer(f, lineterminator='\n')
            out.writerow(UNIT_COLUMNS)
            out.writerows(rows)

    def district(self, orgs):
        rows = unit_rows(orgs, self._tale)
        self._units(os.path.join(self._out, 'units.csv'), rows)
        for parent in [places.DISTRICT] + [o.org.code for o in orgs.values() if not o.org.is_cell]:
            folder = self._dir('committees', parent)
            self._units(os.path.join(folder, 'units.csv'), [r for r in rows if r[3] == parent])
        folder = self._dir('committees', places.DISTRICT)
        committees.district_papers(self._tale).write(os.path.join(folder, 'records.jsonl'))
        actions.write_lines(os.path.join(folder, 'decisions.jsonl'),
                            committees.district_decisions(self._tale))

    def body(self, body):
        org, tale = body.org, self._tale
        folder = self._dir('committees', org.code)
        files = []
        postings = committees.postings_of(org.id, tale)
        if postings.lines:
            postings.write(os.path.join(folder, 'postings.jsonl'))
            files.append(plan.file_entry('postings.jsonl', 'postings'))
        rng = random.Random(f'{self._seed}/body/{org.id}')
        committees.body_papers(org, tale, rng).write(os.path.join(folder, 'records.jsonl'))
        files.append(plan.file_entry('records.jsonl', 'year'))
        for collective in tale.collectives:
            if collective.parent == org.id:
                rng = random.Random(f'{self._seed}/body/{collective.code}')
                name = f'{collective.code}.jsonl'
                committees.collective_papers(collective, rng).write(os.path.join(folder, name))
                files.append(plan.file_entry(name, 'arrival'))
        actions.write_lines(os.path.join(folder, 'decisions.jsonl'),
                            committees.body_decisions(org, tale))
        self._plan.add_body(org, tale, files)

    def cell(self, cell):
        tale = self._tale
        rng = random.Random(f'{self._seed}/cell/{cell.code}')
        folder = self._dir('cells', cell.code)
        rosters.write(os.path.join(folder, 'roster.csv'), cell.roster, rng)
        year = cells.CellYear(cell, tale, rng)
        lines = year.write(places.meeting_room(cell.org, cell.cell))
        lines.write(os.path.join(folder, 'records.jsonl'))
        files = [plan.file_entry('records.jsonl', 'year')]

        def extra(name, phase, content, **more):
            content.write(os.path.join(folder, name))
            files.append(plan.file_entry(name, phase, **more))

        if cell is tale.two_laptops:
            extra('deputy.jsonl', 'year', extras.second_laptop(year), device='DEPUTY')
            extra('after.jsonl', 'duplicate', extras.duplicate_choice(year))
        if cell is tale.host_cell:
            extra('correction.jsonl', 'correction', extras.correction(year))
        again = [p for p in tale.regraded if p in cell.members]
        if again:
            extra('regrade.jsonl', 'regrade', extras.regrade(year, again))
        if cell is tale.late_cell:
            extra('late.jsonl', 'late', extras.late_record(year))
        early = cell in (tale.old_cell, tale.two_laptops) or cell in tale.home.values()
        early = early or cell is tale.host_cell
        self._plan.add_cell(cell, files, early)

"""The special cases: who they are about, in which units, and what is typed for them."""

import random

from . import places


class Collective:
    """A place of review that is no cell: its parent committee keeps its papers."""

    def __init__(self, code, name, parent, kind, label, people, level, subject, title,
                 head=True):
        self.code = code
        self.name = name
        self.parent = parent      # id of the body that writes for it
        self.kind = kind
        self.label = label
        self.people = people      # who sits and votes in it; the chair first, two tellers third
        self.level = level        # what it votes for its subject
        self.subject = subject    # the person
        self.title = title
        self.head = head          # the subject leads it

    @property
    def ref(self):
        return f'@unit:{self.code}'


class Story:
    """Special cases with their people, for the writers of files."""

    def __init__(self, district, orgs, seed):
        self.district = district
        self.orgs = orgs
        self.case = district.special
        self.people = {p.case: p for o in orgs.values() for p in o.members if p.case}
        self.home = {p.case: c for o in orgs.values() for c in o.cells for p in c.members if p.case}
        self._rng = random.Random(f'{seed}/story')
        self._decide_places()
        self._move()
        self._stay()
        self.regraded = self._raise_above_cap()
        self.late_cell = self.home['P6']
        two = self.case['two_laptops_one_meeting']
        self.two_laptops = orgs[two['org']].cell(two['cell_index'])
        self.disputed = [p for p in self.two_laptops.graded
                         if not p.probationary and p not in self.two_laptops.signers][:2]
        self._give_committees()
        self.collectives = self._collectives()

    def case_of(self, name):
        """The special case about a person."""
        return next(c for c in self.case.values() if c.get('subject') == name)

    @staticmethod
    def cell_title(cell):
        """A cell's name as strangers write it."""
        return f'{places.cell_name(cell.org, cell.cell)}, {places.body_name(cell.org)}'

    def _decide_places(self):
        for case in self.case.values():
            for place in case.get('places', ()):
                if place['place_vi'].startswith('Chi bộ'):
                    self.people[case['subject']].proposed = place['level']

    def _move(self):
        """P4 stands in the old cell's roster; the new cell learns of him by the transfer."""
        case = self.case['mid_year_mover']
        mover = self.people['P4']
        mover.arrived = date_number(case['effective'])
        self.old_cell = self.orgs[case['from_org']].cell(case['from_cell_index'])
        self.new_cell = self.home['P4']
        self.new_cell.roster.remove(mover)
        self.old_cell.roster.append(mover)
        self.people['P7'].arrived = 20190401

    def _stay(self):
        case = self.case['temporary_member']
        self.people['P5'].away_from = date_number(case['from'])
        self.stay = (date_number(case['from']), date_number(case['to']))
        self.host_cell = self.orgs[case['temporary_org']].cell(case['temporary_cell_index'])

    def _raise_above_cap(self):
        """People whom cells of one body propose for the highest level beyond the cap."""
        case = self.case['cap_exceeded_then_regraded']
        over = case['proposed_HTXSNV'] - case['cap']
        cells = self.orgs[case['org']].cells
        picked = []
        while len(picked) < over:
            for cell in cells:
                able = [p for p in cell.graded if p.grade == 'HTTNV' and not p.probationary
                        and p not in picked and p not in cell.signers and not p.civil_servant]
                if able and len(picked) < over:
                    picked.append(self._rng.choice(able))
                    picked[-1].proposed = 'HTXSNV'
        return picked

    def _give_committees(self):
        """Officers of each body: chair, minute-taker, two tellers; cell secretaries besides."""
        self.committee = {}
        for org_id, people in self.orgs.items():
            if people.org.is_cell:
                continue
            taken = {p for c in people.cells for p in c.signers}
            spare = [p for c in people.cells for p in c.graded
                     if p not in taken and not p.probationary and p.case is None and not p.sick_long
                     and p.grade in ('HTTNV', 'HTXSNV') and p not in self.regraded
                     and p not in self.disputed]
            self._rng.shuffle(spare)
            head = {'XA12': ['P1'], 'XA13': ['P7']}.get(org_id, [])
            officers = [self.people[p] for p in head] + spare[:4 - len(head)]
            titles = ('Bí thư Đảng ủy', 'Phó Bí thư Đảng ủy', 'Ủy viên Ban Thường vụ Đảng ủy',
                      'Ủy viên Ban Thường vụ Đảng ủy')
            for person, title in zip(officers, titles):
                person.position = title
            others = [c.chair for c in people.cells][:9]
            self.committee[org_id] = officers + [p for p in others if p not in officers]
        self.people['P1'].position = 'Bí thư Đảng ủy, Chủ tịch UBND xã'
        self.people['P2'].position = 'Trưởng phòng, Chủ tịch Hội Chữ thập đỏ huyện'
        self.people['P3'].position = ('Đảng ủy viên, Bí thư chi bộ, Trưởng thôn, '
                                      'Chủ tịch Hội Nông dân xã')

    def _collectives(self):
        def others(org_id, count):
            members = self.committee[org_id]
            return [p for p in members if p.case is None][:count]

        def level(case, start):
            return next(p['level'] for p in self.case[case]['places']
                        if p['place_vi'].startswith(start))

        p1, p2, p3, p7 = (self.people[p] for p in ('P1', 'P2', 'P3', 'P7'))
        xa12, xa02, xa13 = (places.proper(self.orgs[o].org) for o in ('XA12', 'XA02', 'XA13'))
        department = places.cell_place(self.orgs['CQ02'].org, self.home['P2'].cell)
        return [
            Collective('xa12-btv', f'Tập thể Ban Thường vụ Đảng ủy {xa12}', 'XA12', 'cấp ủy', 'btv',
                       [p1] + others('XA12', 4), level('multi_place_1', 'Tập thể Ban Thường vụ'),
                       p1, 'Bí thư Đảng ủy'),
            Collective('xa12-ubnd', f'Tập thể lãnh đạo UBND {xa12}', 'XA12', 'chính quyền', 'ubnd',
                       [p1] + others('XA12', 3), level('multi_place_1', 'Tập thể lãnh đạo UBND'),
                       p1, 'Chủ tịch UBND xã'),
            Collective('cq02-pld', f'Tập thể lãnh đạo {department}', 'CQ02', 'phòng', 'pld',
                       [p2] + others('CQ02', 3), level('multi_place_2', 'Tập thể lãnh đạo phòng'),
                       p2, 'Trưởng phòng'),
            Collective('cq01-ctd', 'Tập thể Thường trực Hội Chữ thập đỏ huyện', 'CQ01', 'đoàn thể',
                       'ctd', others('CQ01', 4) + [p2],
                       level('multi_place_2', 'Tập thể Thường trực'), p2,
                       'Chủ tịch Hội Chữ thập đỏ huyện'),
            Collective('xa02-bch', f'Tập thể Đảng ủy {xa02} (Ban Chấp hành)', 'XA02', 'cấp ủy',
                       'bch', others('XA02', 6) + [p3], level('multi_place_3', 'Tập thể Đảng ủy'),
                       p3, 'Đảng ủy viên', head=False),
            Collective('xa02-hnd', f'Tập thể Ban Thường vụ Hội Nông dân {xa02}', 'XA02', 'đoàn thể',
                       'hnd', [p3] + others('XA02', 4),
                       level('multi_place_3', 'Tập thể Ban Thường vụ'), p3,
                       'Chủ tịch Hội Nông dân xã'),
            Collective('xa13-btv', f'Tập thể Ban Thường vụ Đảng ủy {xa13}', 'XA13', 'cấp ủy', 'btv',
                       [p7] + others('XA13', 4), self.case['new_head_waiver']['decision'], p7,
                       'Bí thư Đảng ủy'),
        ]


def date_number(iso):
    return int(iso.replace('-', ''))

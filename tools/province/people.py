"""Gives every member a name, a place and a fate, so that each body's counts come out."""

import random

from . import names, places, texts
from .spec import GRADES

GRADING_DATE = 20191231
_SIGNERS = 4

# How readily a kind of cell holds people who are not graded for that reason.
_WEIGHT = {'exempt': {'thon': 12, 'to_dan_pho': 12, 'phong_ban': 1, 'phong_phan_xuong': 1},
           'pending_absent': {'thon': 6, 'to_dan_pho': 6}}
_POSTS = {
    'village': ['Trưởng thôn', 'Chi hội trưởng Hội Nông dân', 'Chi hội trưởng Hội Cựu chiến binh',
                'Chi hội trưởng Hội Phụ nữ', 'Trưởng Ban công tác Mặt trận', '', '', '', '', '',
                ''],
    'school': ['Hiệu trưởng', 'Phó Hiệu trưởng', 'Tổ trưởng chuyên môn', 'Giáo viên', 'Giáo viên',
               'Giáo viên', 'Giáo viên', 'Nhân viên kế toán'],
    'health': ['Trưởng khoa', 'Bác sĩ', 'Điều dưỡng', 'Y sĩ', 'Điều dưỡng', 'Dược sĩ'],
    'office': ['Trưởng phòng', 'Phó Trưởng phòng', 'Chuyên viên', 'Chuyên viên', 'Chuyên viên',
               'Kế toán'],
    'business': ['Quản đốc', 'Tổ trưởng sản xuất', 'Công nhân', 'Công nhân', 'Nhân viên',
                 'Kỹ thuật viên'],
}


class Person:
    """A member. `fate`: the reason for no grade, or 'graded'; `grade`: what should come out."""

    def __init__(self):
        self.name = self.gender = self.ethnicity = self.card = self.citizen = self.phone = ''
        self.birth = self.admitted = self.official = 0
        self.position = self.note = ''
        self.fate = 'graded'
        self.grade = None
        self.proposed = None       # what the home cell proposes, where it differs from `grade`
        self.case = None           # "P1" ... "P7"
        self.probationary = False  # on the grading date
        self.civil_servant = False
        self.civil_grade = None
        self.since = 0             # of the status, or of the move away
        self.sick_long = False
        self.present_anyway = False
        self.arrived = 0           # came to this cell in the year
        self.away_from = 0         # on temporary activity elsewhere since

    @property
    def ref(self):
        return f'@person:{self.name}|{self.birth}'

    @property
    def cell_proposal(self):
        return self.proposed or self.grade


class CellPeople:
    """A cell, its members and who holds which office at its meetings."""

    def __init__(self, org, cell, code):
        self.org = org
        self.cell = cell
        self.code = code
        self.domain = texts.DOMAIN_OF_CELL[cell.kind]
        if org.id in ('CQ10', 'CQ11'):
            self.domain = 'health'
        self.state_employer = org.kind in ('co_quan', 'truong_hoc') or cell.kind.startswith(
            ('truong_', 'tram_'))
        self.members = []   # who belongs here on the grading date, and who left the district
        self.roster = []    # who stands in the roster file
        self.chair = self.minute_taker = None
        self.tellers = []

    @property
    def ref(self):
        return f'@unit:{self.code}'

    @property
    def signers(self):
        return [self.chair, self.minute_taker] + self.tellers

    @property
    def graded(self):
        return [p for p in self.members if p.fate == 'graded']

    def officials(self):
        return [p for p in self.members if not p.probationary and p.fate != 'graded_elsewhere']


class OrgPeople:
    def __init__(self, org, cells):
        self.org = org
        self.cells = cells

    @property
    def members(self):
        return [p for c in self.cells for p in c.members]

    def cell(self, index):
        return next(c for c in self.cells if c.cell.index == index)


def special_homes(district):
    """{(body, cell index): [(case name, decided grade)]} for the people special cases are about."""
    homes = {}
    for case in district.special.values():
        if 'subject' not in case:
            continue
        index = case.get('home_cell_index', case.get('to_cell_index', case.get('cell_index', 0)))
        homes.setdefault((case['counted_in'], index), []).append(
            (case['subject'], case['decision']))
    return homes


def build(district, seed, namer):
    """People of all bodies, by body."""
    homes = special_homes(district)
    return {org.id: _build_org(org, homes, random.Random(f'{seed}/people/{org.id}'), namer)
            for org in district.orgs}


def _build_org(org, homes, rng, namer):
    cells = []
    for cell in org.cells:
        people = CellPeople(org, cell, places.cell_code(org, cell))
        people.members = [Person() for _ in range(cell.size)]
        for case, grade in homes.get((org.id, cell.index), ()):
            person = next(p for p in people.members if not p.case)
            person.case, person.grade = case, grade
        cells.append(people)
    _spread_fates(org, cells, rng)
    _spread_grades(org, cells, rng)
    for people in cells:
        rng.shuffle(people.members)
        for person in people.members:
            _give_life(person, people, rng, namer)
        _give_offices(people, rng)
        people.roster = list(people.members)
    return OrgPeople(org, cells)


def _spread_fates(org, cells, rng):
    """Who is not graded, and why; each cell keeps enough people to hold a vote."""
    for reason, count in org.not_graded.items():
        for _ in range(count):
            open_cells = [c for c in cells if len(_free(c)) > max(_SIGNERS, c.cell.size * 0.55)]
            weight = _WEIGHT.get(reason, {})
            cell = rng.choices(open_cells, [weight.get(c.cell.kind, 1) * len(_free(c))
                                            for c in open_cells])[0]
            person = _free(cell)[-1]
            person.fate = reason
            person.probationary = reason == 'too_new'
    for _ in range(org.probationary_graded):
        open_cells = [c for c in cells if len(_free(c)) > _SIGNERS + 1]
        cell = rng.choices(open_cells, [len(_free(c)) for c in open_cells])[0]
        _free(cell)[-1].probationary = True


def _free(cell):
    return [p for p in cell.members if p.fate == 'graded' and not p.case and not p.probationary]


def _spread_grades(org, cells, rng):
    left = dict(org.grades)
    graded = [p for c in cells for p in c.graded]
    for person in graded:
        if person.case:
            left[person.grade] -= 1
    fresh = [p for p in graded if not p.case]
    for person in [p for p in fresh if p.probationary]:
        person.grade = 'HTTNV'
        left['HTTNV'] -= 1
    rest = [p for p in fresh if not p.probationary]
    pool = [g for g in GRADES for _ in range(left[g])]
    if min(left.values()) < 0 or len(pool) != len(rest):
        raise ValueError(f'{org.id}: grades do not add up: {left}')
    rng.shuffle(pool)
    for person, grade in zip(rest, pool):
        person.grade = grade


def _give_life(person, people, rng, namer):
    domain, fate = people.domain, person.fate
    draw = rng.random()
    person.ethnicity = 'Mường' if draw < 0.015 else 'Thái' if draw < 0.025 else 'Kinh'
    women = {'school': 0.72, 'health': 0.6}.get(domain, 0.3)
    person.gender = 'Nữ' if rng.random() < women else 'Nam'
    if person.case in ('P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7'):
        person.ethnicity = 'Kinh'
    if fate == 'exempt':
        person.birth = names.random_date(rng, 19330101, 19481231)
    elif fate == 'too_new' or person.probationary:
        person.birth = names.random_date(rng, 19840101, 20001231)
    elif domain == 'village' and not person.case:
        person.birth = names.random_date(rng, 19470101, 19901231)
    else:
        person.birth = names.random_date(rng, 19620101, 19881231)
    _give_admission(person, rng)
    person.name = namer.name(person.gender, person.ethnicity, person.birth)
    person.card, person.citizen, person.phone = namer.numbers(person.birth, person.official)
    person.since = {'exempt': lambda: names.random_date(rng, 20120101, 20190430),
                    'suspended': lambda: names.random_date(rng, 20190601, 20190930),
                    'under_inquiry': lambda: names.random_date(rng, 20190901, 20191120),
                    'pending_absent': lambda: 20191115,
                    'graded_elsewhere': lambda: names.random_date(rng, 20190215, 20191030),
                    }.get(fate, lambda: 0)()
    person.present_anyway = fate == 'exempt' and rng.random() < 0.08
    _give_work(person, people, rng)
    _give_note(person, rng)


def _give_admission(person, rng):
    """Six months and one day decide whether a probationary member is graded."""
    if person.fate == 'too_new':
        edge = rng.random() < 0.1
        person.admitted = 20190701 if edge else names.random_date(rng, 20190702, 20191110)
    elif person.probationary:
        edge = rng.random() < 0.1
        person.admitted = 20190630 if edge else names.random_date(rng, 20190103, 20190628)
    else:
        first = min(person.birth + 180000, 20181001)
        person.admitted = names.random_date(rng, max(first, 19560101),
                                            min(20181030, person.birth + 350000))
        person.official = names.add_months(person.admitted, 12)


def _give_work(person, people, rng):
    person.position = rng.choice(_POSTS[people.domain]) if person.fate != 'exempt' else ''
    person.civil_servant = people.state_employer and person.fate != 'exempt'
    if person.civil_servant and person.fate == 'graded':
        better = {'HTXSNV': 'HTXSNV', 'HTTNV': 'HTXSNV', 'HTNV': 'HTTNV', 'KHTNV': 'HTNV'}
        raised = rng.random() < 0.12 and not person.case
        person.civil_grade = better[person.grade] if raised else person.grade
    person.sick_long = person.grade in ('HTNV', 'KHTNV') and not person.case and rng.random() < 0.06


def _give_note(person, rng):
    if person.fate == 'exempt':
        month, year = person.since // 100 % 100, person.since // 10000
        person.note = f'Miễn công tác, sinh hoạt đảng từ {month}/{year}'
    elif person.probationary:
        person.note = 'Đảng viên dự bị'
    elif rng.random() < 0.06:
        person.note = rng.choice(['Nguyên cán bộ xã, nghỉ hưu', 'Thương binh hạng 4/4',
                                  'Vợ, chồng cùng chi bộ', 'Huy hiệu 30 năm tuổi Đảng',
                                  'Đã đổi số điện thoại; chờ bổ sung'])


def _give_offices(people, rng):
    """Chair, minute-taker and tellers, among those who vote and are graded."""
    able = [p for p in people.graded if not p.probationary and not p.sick_long
            and (p.case is None or p.case == 'P3')]
    able.sort(key=lambda p: (p.case != 'P3', GRADES.index(p.grade) > 1, p.birth // 100000, p.name))
    tellers = 3 if len(able) >= 22 else 2
    chosen = able[:2 + tellers]
    if len(chosen) < 2 + tellers:
        raise ValueError(f'{people.code}: too few people for its offices')
    head = chosen[:1]
    rest = chosen[1:]
    rng.shuffle(rest)
    people.chair, people.minute_taker, people.tellers = head[0], rest[0], rest[1:]
    large = len(people.officials()) >= 9
    people.chair.position = _join('Bí thư chi bộ', 'Trưởng thôn' if people.chair.case else '')
    people.minute_taker.position = 'Phó Bí thư chi bộ' if large else people.minute_taker.position
    if large:
        people.tellers[0].position = _join('Chi ủy viên', people.tellers[0].position)


def _join(*parts):
    return ', '.join(p for p in parts if p)

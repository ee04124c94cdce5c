"""The district's structure and counts: the whole of the data file, or a smaller district."""

import json

GRADES = ('HTXSNV', 'HTTNV', 'HTNV', 'KHTNV')
REASONS = ('exempt', 'too_new', 'suspended', 'under_inquiry', 'pending_absent', 'graded_elsewhere')

# Bodies that join a smaller district, after those that carry a special case, in this order.
_FILLERS = ('CQ03', 'TH01', 'TT01', 'DN02', 'CQ10', 'XA07', 'CQ04', 'CQ07')


class Cell:
    """Where people sit: a cell of a body, or a grass-roots cell."""

    def __init__(self, index, size, kind):
        self.index = index
        self.size = size
        self.kind = kind


class Org:
    """One grass-roots body or cell with the counts its people must add up to."""

    def __init__(self, raw):
        self.id = raw['id']
        self.code = raw['id'].lower()
        self.kind = raw['kind']
        self.detail = raw['kind_detail_vi']
        self.is_cell = raw['form'] == 'chi_bo_co_so'
        self.peer_group = raw['peer_group']
        self.has_committee = raw['has_committee']
        self.org_grade = raw['org_grade']
        self.committee_grade = raw['committee_collective_grade']
        self.cells = [Cell(i, size, kind) for i, (size, kind) in
                      enumerate(zip(raw['cell_sizes'], raw['cell_kinds']))]
        self.grades = dict(raw['member_grades'])
        self.not_graded = dict(raw['not_graded'])
        self.probationary_graded = raw['probationary_6_to_12_months_graded']

    @property
    def members(self):
        return sum(c.size for c in self.cells)


class District:
    """What is to be invented: bodies, peer groups, special cases by name."""

    def __init__(self, raw, orgs):
        self.orgs = orgs
        self.special = {c['case']: c for c in raw['special_cases']}
        kept = {o.id for o in orgs}
        self.peer_groups = [dict(g, orgs=[o for o in g['orgs'] if o in kept])
                            for g in raw['peer_groups']]
        self.peer_groups = [g for g in self.peer_groups if g['orgs']]

    def org(self, org_id):
        return next(o for o in self.orgs if o.id == org_id)


def excellent_cap(graded, good_or_better):
    """At most a fifth, rounded down; one where fewer than five are graded and all of them good."""
    if graded < 5 and graded == good_or_better > 0:
        return 1
    return good_or_better // 5


def special_cells(raw):
    """Cells that a special case names: {body: set of cell indexes}."""
    cells = {}
    for case in raw['special_cases']:
        for org, index in (('counted_in', 'home_cell_index'), ('from_org', 'from_cell_index'),
                           ('to_org', 'to_cell_index'), ('home_org', 'home_cell_index'),
                           ('temporary_org', 'temporary_cell_index'), ('org', 'cell_index')):
            if org in case and case[org]:
                cells.setdefault(case[org], set())
                if index in case:
                    cells[case[org]].add(case[index])
        for place in case.get('places', ()):
            cells.setdefault(place['org'], set())
    return cells


def load(path, scale):
    """Reads the data file; scale 1 takes it as it is."""
    with open(path, encoding='utf-8') as f:
        raw = json.load(f)
    orgs = [Org(o) for o in raw['orgs']]
    if scale < 1:
        orgs = _shrink(raw, orgs, scale)
    return District(raw, orgs)


def _shrink(raw, orgs, scale):
    special = special_cells(raw)
    want = max(len(special) + 2, round(len(orgs) * scale))
    order = sorted(special) + [o for o in _FILLERS if o not in special]
    order += [o.id for o in orgs if o.id not in order]
    kept = set(order[:want])
    orgs = [o for o in orgs if o.id in kept]
    for org in orgs:
        _shrink_org(org, special.get(org.id, set()), scale)
    for reason in REASONS:
        _keep_one(orgs, reason)
    for org in orgs:
        _settle_grades(org, org.id in ('XA01', 'XA02'))
    for group in raw['peer_groups']:
        _settle_group([o for o in orgs if o.id in group['orgs']])
    return orgs


def _shrink_org(org, required, scale):
    before = org.members
    if not org.is_cell:
        count = max(3 if org.id == 'XA01' else 2, round(len(org.cells) * scale), len(required))
        step = len(org.cells) / count
        for i in range(count):
            if len(required) < count:
                required = required | {int(i * step)}
        for i in range(len(org.cells)):
            if len(required) < count:
                required = required | {i}
        org.cells = [c for c in org.cells if c.index in required]
    factor = 1 if scale >= 0.5 else 0.5 + scale
    for cell in org.cells:
        if cell.size > 8:
            cell.size = max(8, round(cell.size * factor))
    ratio = org.members / before
    org.not_graded = {r: round(n * ratio) for r, n in org.not_graded.items()}
    org.probationary_graded = min(org.probationary_graded,
                                  round(org.probationary_graded * ratio + 0.4))
    org.grades = {g: n * ratio for g, n in org.grades.items()}


def _keep_one(orgs, reason):
    if any(o.not_graded[reason] for o in orgs):
        return
    roomy = max((o for o in orgs if not o.is_cell), key=lambda o: o.members)
    roomy.not_graded[reason] = 1


def _settle_grades(org, at_cap):
    graded = org.members - sum(org.not_graded.values())
    if sum(org.grades.values()) == graded and all(n == int(n) for n in org.grades.values()):
        org.grades = {g: int(n) for g, n in org.grades.items()}
        return
    low = {g: round(org.grades[g]) for g in ('HTNV', 'KHTNV')}
    if org.id in ('XA12', 'XA10'):
        low['HTNV'] = max(1, low['HTNV'])
    if org.id == 'XA13':
        low['KHTNV'] = max(1, low['KHTNV'])
    good = graded - sum(low.values())
    cap = excellent_cap(graded, good)
    excellent = cap if at_cap else min(cap, round(org.grades['HTXSNV']))
    org.grades = dict(low, HTXSNV=excellent, HTTNV=good - excellent)


def _settle_group(orgs):
    """In a smaller group fewer organisations can be excellent."""
    good = sum(o.org_grade in ('HTXSNV', 'HTTNV') for o in orgs)
    room = excellent_cap(len(orgs), good)
    for org in orgs:
        if org.org_grade == 'HTXSNV':
            if room > 0:
                room -= 1
            else:
                org.org_grade = org.committee_grade = 'HTTNV'

"""plan.json: the order in which a driver lets all this happen."""

from . import actions, places

_PHASES = [
    ('setup', 'Units are established, devices join, signers enrol their keys.'),
    ('roster', 'Every cell imports its roster; cells marked early sync at once.'),
    ('postings',
     'District and XA02 type postings and transfers; early cells and bodies sync down.'),
    ('year', 'All cells record their year without a connection.'),
    ('arrival', 'Everybody syncs, in any order that respects `order`.'),
    ('duplicate', 'The second laptop has arrived too; the chair names the official record.'),
    ('correction', 'A host cell takes the temporary member out of its vote base.'),
    ('regrade', 'A committee over its cap orders three people to be graded again; cells answer.'),
    ('decide', 'Officers type decisions: decisions.jsonl, lines of this phase, in order.'),
    ('late', 'A record of December arrives in January; its committee confirms.'),
]


def _signers(people, acts):
    """Key names within one unit, with what each key signs."""
    out = []
    for i, person in enumerate(people):
        out.append({'key': f'S{i + 1}', 'person': person.ref, 'acts': acts[min(i, len(acts) - 1)]})
    return out


_CELL_ACTS = [['MINUTES_CHAIR', 'TALLY_CHAIR', 'OWN_REVIEW'], ['MINUTES_TAKER'], ['TALLY_TELLER']]


class Plan:
    """Collects units and files while they are written."""

    def __init__(self, seed, scale, notice):
        self.value = {
            'schema': 'chibo-province-plan/1', 'notice': notice, 'period': actions.PERIOD,
            'seed': seed, 'scale': scale,
            'phases': [{'id': i, 'what': what} for i, what in _PHASES], 'units': [], 'order': [],
            'story': []}

    def add_district(self):
        self.value['units'].append({
            'code': places.DISTRICT, 'name': places.DISTRICT_NAME, 'kind': 'DISTRICT', 'parent': '',
            'dir': f'committees/{places.DISTRICT}', 'pack': 'pack-2019.json',
            'peer_groups': 'peer-groups.json', 'files': [_file('records.jsonl', 'postings')],
            'decisions': 'decisions.jsonl', 'signers': []})

    def add_body(self, org, story, files):
        people = list(story.committee[org.id][:4])
        for collective in story.collectives:
            if collective.parent == org.id:
                people += [p for p in collective.people[:4] if p not in people]
        self.value['units'].append({
            'code': org.code, 'name': places.committee_name(org), 'kind': 'GRASSROOTS_BODY',
            'parent': places.DISTRICT, 'dir': f'committees/{org.code}', 'files': files,
            'decisions': 'decisions.jsonl',
            'collectives': [c.code for c in story.collectives if c.parent == org.id],
            'signers': _signers(people, [['MINUTES_CHAIR', 'MINUTES_TAKER', 'TALLY_CHAIR',
                                          'TALLY_TELLER']])})

    def add_cell(self, people, files, early):
        kind = 'GRASSROOTS_CELL' if people.org.is_cell else 'CELL'
        entry = {
            'code': people.code, 'name': places.cell_name(people.org, people.cell), 'kind': kind,
            'parent': places.DISTRICT if people.org.is_cell else people.org.code,
            'dir': f'cells/{people.code}', 'roster': 'roster.csv', 'files': files,
            'signers': _signers(people.signers, _CELL_ACTS)}
        if early:
            entry['early'] = True
        self.value['units'].append(entry)

    def before(self, first, then, why):
        """`first` reaches the competent authority before `then` does."""
        self.value['order'].append({'first': first, 'then': then, 'why': why})

    def tell(self, case, units, steps, **more):
        self.value['story'].append(dict({'case': case, 'units': units, 'steps': steps}, **more))


def _file(name, phase, **more):
    return dict({'file': name, 'phase': phase}, **more)


file_entry = _file


def arrivals(plan, story):
    """Which paper is there first, for the people several places speak of."""
    def cell(case):
        return f'cells/{story.home[case].code}/records.jsonl'

    def collective(code):
        parent = next(c.parent for c in story.collectives if c.code == code).lower()
        return f'committees/{parent}/{code}.jsonl'

    plan.before(cell('P1'), collective('xa12-btv'), 'P1: the cell speaks first')
    plan.before(collective('xa12-btv'), collective('xa12-ubnd'), 'P1: the second place')
    plan.before(collective('cq02-pld'), cell('P2'), 'P2: the office speaks first')
    plan.before(cell('P2'), collective('cq01-ctd'), 'P2: the third place, in another body')
    plan.before(collective('xa02-bch'), cell('P3'), 'P3: the committee speaks first')
    plan.before(cell('P3'), collective('xa02-hnd'), 'P3: the third place')
    plan.before(cell('P4'), f'cells/{story.old_cell.code}/records.jsonl',
                'P4: the vote of the cell he left arrives after that of the cell he came to')


def tell_story(plan, story):
    """Special cases in words for the driver: units and the steps that are out of the ordinary."""
    home = {k: v.code for k, v in story.home.items()}

    def differ(case, authority):
        """Whom places propose differently, how, and before whom the case has to lie."""
        return {'subject': story.people[case].ref, 'authority': authority,
                'grades': [place['level'] for place in story.case_of(case)['places']]}

    plan.tell('multi_place_1', [home['P1'], 'xa12', 'dongson'],
              ['three places propose', 'the district decides, not the committee he heads'],
              differ=differ('P1', places.DISTRICT))
    plan.tell('multi_place_2', [home['P2'], 'cq02', 'cq01', 'dongson'],
              ['three places in two bodies propose', 'only the district sees all three'],
              differ=differ('P2', places.DISTRICT))
    plan.tell('multi_place_3', [home['P3'], 'xa02'],
              ['three places propose', 'the body that manages the post decides, at its cap'],
              differ=differ('P3', 'xa02'))
    plan.tell('mid_year_mover', [story.old_cell.code, story.new_cell.code],
              [f'{story.old_cell.code} imports its roster and syncs',
               'dongson types the transfer', f'{story.new_cell.code} syncs down, then records',
               f'{story.old_cell.code} stays without a connection, votes, and syncs late'])
    plan.tell('temporary_member', [home['P5'], story.host_cell.code],
              [f'{home["P5"]} imports its roster and syncs', 'dongson types the transfer',
               f'{story.host_cell.code} syncs down, then records',
               f'{story.host_cell.code} types correction.jsonl and syncs again'])
    plan.tell('late_record', [story.late_cell.code, 'xa10'],
              [f'{story.late_cell.code} syncs records.jsonl only',
               'xa10 decides after a telephone call',
               f'{story.late_cell.code} records late.jsonl and syncs', 'xa10 confirms'])
    plan.tell('two_laptops_one_meeting', [story.two_laptops.code],
              ['the secretary imports the roster and syncs',
               'a second device joins as DEPUTY and syncs down',
               'both record without a connection: records.jsonl and deputy.jsonl',
               'both sync', 'after.jsonl is typed on the first device'])
    cells = sorted({c.code for c in story.orgs['XA01'].cells
                    if any(p in story.regraded for p in c.members)})
    plan.tell('cap_exceeded_then_regraded', ['xa01'] + cells,
              ['xa01 tries to decide and is refused', 'xa01 types the re-grade order',
               'the cells named sync down, record regrade.jsonl and sync', 'xa01 decides'])
    plan.tell('new_head_waiver', [home['P7'], 'xa13', 'dongson'],
              ['the district types a waiver, then decides against the ceiling'])
    plan.tell('lt5_exception_members', ['dn04'], [])
    plan.tell('cell_without_committee', ['cq06'], ['the secretary does what a committee would do'])

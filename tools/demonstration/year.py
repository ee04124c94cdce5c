"""The year: what units record without a network, and how it arrives over the bad line."""
import base64
import json

from district import DEPUTY, DISTRICT, PERIOD
from program import at_once


class Traffic:
    """What `chibo sync` said of its runs over the bad line."""

    def __init__(self):
        self.runs = self.up = self.down = self.cuts = self.retries = self.complete = 0

    def add(self, answer):
        self.runs += 1
        self.up += answer['bytes_out']
        self.down += answer['bytes_in']
        self.cuts += answer['cuts']
        self.retries += max(0, answer['attempts'] - 1)
        self.complete += answer['only_here'] == 0


def record(district, unit, names, device=None):
    """Records files of one unit; answers with entries and records."""
    code = unit.code + (DEPUTY if device else '')
    words = ['record', '--dir', district.home(code), *(district.given(unit, name) for name in names)]
    if unit.signers and not device:
        words += ['--sign-as', ','.join(s['key'] for s in unit.signers)]
    return district.chibo.run(*words).json


def postings(district):
    """District and bodies type posts and transfers; whoever has to know them syncs down."""
    for unit in [district.units[DISTRICT]] + district.bodies:
        names = unit.files_of('postings')
        if names:
            record(district, unit, names)
    at_once(district.sync_up, district.bodies, district.workers)
    early = [c for c in district.cells if c.early or _knows_transfers(district, c)]
    at_once(lambda c: district.sync_directly(c.code, c.parent), early, district.workers, district.screen.progress)


def _knows_transfers(district, cell):
    """Cells that a story has to wait for before it records."""
    return any(cell.code in story['units'] for story in district.plan['story'])


def record_year(district):
    screen = district.screen
    said = []

    def of_cell(cell):
        said.append(record(district, cell, cell.files_of('year')))
        if cell.files_of('year', 'DEPUTY'):
            answer = record(district, cell, cell.files_of('year', 'DEPUTY'), 'DEPUTY')
            district.deputy_names[cell.code] = answer['names']
            said.append(answer)
        status = district.chibo.run('status', '--dir', district.home(cell.code), secret=False).json
        return status['only_here']

    only = sum(at_once(of_cell, district.cells, district.workers, screen.progress))
    at_once(lambda b: said.append(record(district, b, b.files_of('year'))),
            [b for b in district.bodies if b.files_of('year')], district.workers)
    screen.say('recorded', entries=sum(s['entries'] for s in said), records=sum(s['records'] for s in said), only=only)


def waves_of(order):
    """Files that must not arrive before others, by the wave they may travel in; those not named: 0."""
    wave = {}
    for _ in order:
        for step in order:
            wave.setdefault(step['first'], 0)
            wave[step['then']] = max(wave.get(step['then'], 0), wave[step['first']] + 1)
    return wave


def arrive(district):
    """All cells sync over the bad line; papers several places speak of come in the order of the plan."""
    screen, traffic = district.screen, Traffic()
    wave = waves_of(district.plan['order'])
    of_cell = {c.code: wave.get(f'{c.dir}/records.jsonl', 0) for c in district.cells}
    papers = [(b, name, wave.get(f'{b.dir}/{name}', 0)) for b in district.bodies for name in b.files_of('arrival')]
    for number in range(max([0, *wave.values()]) + 1):
        typed = [(b, name) for b, name, at in papers if at == number]
        for body, name in typed:
            record(district, body, [name])
        bodies = {b.code: b for b, _ in typed}
        at_once(district.sync_up, bodies.values(), district.workers)
        cells = [(c.code, c.parent) for c in district.cells if of_cell[c.code] == number]
        if number == 0:
            cells += [(c.code + DEPUTY, c.parent) for c in district.cells if c.has_deputy()]
        sync_cells(district, cells, traffic)
        screen.say('wave', number=number + 1, cells=len(cells), papers=len(typed))
    tell_traffic(district, traffic)
    return traffic


def sync_cells(district, pairs, traffic):
    """Cells in the air at once; then their committees sync up."""
    def one(pair):
        return district.sync_over_line(*pair)

    for answer in at_once(one, pairs, district.air, district.screen.progress):
        traffic.add(answer)
    above = {parent for _, parent in pairs if parent != DISTRICT}
    at_once(district.sync_up, [district.units[code] for code in sorted(above)], district.workers)


def tell_traffic(district, traffic):
    screen = district.screen
    screen.say('line', sessions=traffic.runs + traffic.retries, up=traffic.up, down=traffic.down, cuts=traffic.cuts,
               retries=traffic.retries, most=district.relay.counts.most_open)
    screen.say('received', cells=traffic.complete, of=traffic.runs)
    screen.expect(traffic.complete == traffic.runs, 'sync')


def _ref(name):
    """stream/index/position, as chibo names a record, as a Ref in JSON."""
    stream, index, position = name.split('/')
    return {'stream': base64.b64encode(bytes.fromhex(stream)).decode(), 'index': index, 'position': int(position)}


def _with_deputys_meeting(district, cell, name):
    """The second laptop's labels are not known on the first: its meeting is named by stream and index, as the list of
    records shows it."""
    with open(district.given(cell, name), encoding='utf-8') as f:
        lines = f.read()
    labels = {}
    for file in cell.files_of('year', 'DEPUTY'):
        with open(district.given(cell, file), encoding='utf-8') as f:
            for line, first in zip(f.read().splitlines(), district.deputy_names[cell.code]):
                for position, label in enumerate(json.loads(line).get('labels', [])):
                    labels[label] = dict(_ref(first), position=position)
    for label, ref in labels.items():
        lines = lines.replace(json.dumps('@record:' + label), json.dumps(ref))
    path = district.paper(f'{cell.code}-{name}')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(lines)
    return path


def settle(district):
    """What cells and committees type once all has arrived: the official record of a meeting, a corrected tally, and
    an order to grade anew with the cells' answers."""
    traffic, changed = Traffic(), []
    for cell in district.cells:
        for name in cell.files_of('duplicate'):
            # The first laptop learns of the second one's record before anybody chooses.
            sync_cells(district, [(cell.code, cell.parent)], traffic)
            words = ['record', '--dir', district.home(cell.code), _with_deputys_meeting(district, cell, name)]
            district.chibo.run(*words, '--sign-as', ','.join(s['key'] for s in cell.signers))
            changed.append(cell)
        for name in cell.files_of('correction'):
            record(district, cell, [name])
            changed.append(cell)
    for body in district.bodies:
        changed += _grade_anew(district, body, traffic)
    sync_cells(district, [(c.code, c.parent) for c in changed], traffic)
    tell_traffic(district, traffic)


def _grade_anew(district, body, traffic):
    decisions = district.given(body, 'decisions.jsonl')
    with open(decisions, encoding='utf-8') as f:
        orders = [line for line in map(json.loads, f) if line['do'] == 'regrade_order']
    if not orders:
        return []
    screen, home = district.screen, district.home(body.code)
    tried = district.chibo.run('decide', '--dir', home, '--agreed', '--subjects', 'members', '--period', PERIOD,
                               '--number', '0-thu', allowed=range(128))
    answer = tried.json if tried.out.strip() else {}
    rules = sorted({f['rule'] for f in answer.get('findings', []) if f['severity'] == 'block'})
    if screen.expect(tried.code != 0 and not answer.get('signed'), screen.text('not_refused', unit=body.code)):
        screen.say('refused', unit=body.code, rules=', '.join(rules))
    district.chibo.run('decide', '--dir', home, '--file', decisions, '--phase', 'regrade', '--period', PERIOD)
    cells = [c for c in district.children(body.code) if c.files_of('regrade')]
    sync_cells(district, [(c.code, c.parent) for c in cells], traffic)
    for cell in cells:
        record(district, cell, cell.files_of('regrade'))
    screen.say('regraded', unit=body.code, cells=len(cells))
    return cells

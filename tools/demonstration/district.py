"""The units of the district, each with its data directory, and how they join."""
import json
import os
import shutil
import subprocess
import sys

from program import Chibo, at_once
from relay import Line, Relay

TOOLS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARKER = '.chibo-demo'
DISTRICT = 'dongson'
PROVINCE = 'thanhhoa'
PERIOD = '2019'
DEPUTY = '-deputy'


class Unit:
    """One unit of plan.json."""

    def __init__(self, row):
        self.code, self.kind, self.parent = row['code'], row['kind'], row['parent']
        self.name = row['name']
        self.dir = row['dir']
        self.signers = row['signers']
        self.files = row.get('files', [])
        self.early = row.get('early', False)
        self.row = row

    @property
    def is_cell(self):
        return self.kind in ('CELL', 'GRASSROOTS_CELL')

    def files_of(self, phase, device=None):
        return [f['file'] for f in self.files
                if f['phase'] == phase and f.get('device') == device]

    def has_deputy(self):
        return any(f.get('device') == 'DEPUTY' for f in self.files)


class District:
    """Where everything lies, who serves, and the line between them."""

    def __init__(self, options, screen):
        self.screen = screen
        self.out = os.path.abspath(options.dir)
        self.inputs = self._path('giay-to')
        self._prepare(options.keep)
        self.secret = self._path('mat-khau')
        with open(self.secret, 'w', encoding='utf-8') as f:
            f.write('minh họa\n')
        os.chmod(self.secret, 0o600)
        self.state = self._path('trang-thai')
        self.network = ''
        self.verify_words = []
        self.chibo = Chibo(options.program, self.secret, self.state, options.lang)
        self.workers = max(2, (os.cpu_count() or 2) + 1)
        self.air = options.air
        self.relay = Relay(Line(options.delay / 1000.0), options.seed)
        self.servers = {}
        self.over_line = {}
        self.deputy_names = {}  # by cell: what its second laptop recorded
        self.plan = None
        self.units = {}
        self._make_inputs(options)

    def _path(self, *parts):
        return os.path.join(self.out, *parts)

    def _prepare(self, keep):
        if os.path.exists(self.out) and os.listdir(self.out):
            if not os.path.isfile(self._path(MARKER)):
                sys.exit(self.screen.text('foreign', path=self.out))
            if keep:
                number = 1
                while os.path.exists(f'{self.out}.{number}'):
                    number += 1
                os.rename(self.out, f'{self.out}.{number}')
            else:
                shutil.rmtree(self.out)
        os.makedirs(self.out, exist_ok=True)
        with open(self._path(MARKER), 'w', encoding='utf-8') as f:
            f.write('made by tools/demo; the next run clears this directory\n')
        for name in ('don-vi', 'phieu', 'nhat-ky', 'trang-thai'):
            os.makedirs(self._path(name))

    def _make_inputs(self, options):
        if options.inputs:
            shutil.copytree(options.inputs, self.inputs)
        else:
            subprocess.run([sys.executable, os.path.join(TOOLS, 'make_province'), '--out', self.inputs, '--seed',
                            str(options.seed), '--scale', str(options.scale)], check=True)
        with open(os.path.join(self.inputs, 'plan.json'), encoding='utf-8') as f:
            self.plan = json.load(f)
        self.units = {row['code']: Unit(row) for row in self.plan['units']}

    @property
    def bodies(self):
        return [u for u in self.units.values() if u.kind == 'GRASSROOTS_BODY']

    @property
    def cells(self):
        return [u for u in self.units.values() if u.is_cell]

    def home(self, code):
        """The data directory of a unit's device."""
        return self._path('don-vi', code)

    def paper(self, *parts):
        return self._path('phieu', *parts)

    def given(self, unit, name):
        return os.path.join(self.inputs, unit.dir, name)

    # Servers

    def serve(self, code, parent=None):
        address = self.servers[parent].address if parent else None
        server = self.chibo.serve(self.home(code), self._path('nhat-ky', code + '.log'), address)
        self.servers[code] = server
        self.over_line[code] = self.relay.open(server.address)

    def stop(self):
        # From below: nobody is left asking a superior that has gone.
        for code in sorted(self.servers, key=lambda c: c == DISTRICT):
            self.servers[code].stop()
        self.servers = {}
        if self.relay:
            self.relay.close()
            self.relay = None

    def sync_directly(self, code, parent):
        return self.chibo.run('sync', '--dir', self.home(code), '--parent',
                              self.servers[parent].address).json

    def sync_over_line(self, code, parent):
        return self.chibo.run('sync', '--dir', self.home(code), '--parent', self.over_line[parent],
                              '--tries', '40').json

    def sync_up(self, body):
        """A committee's server syncs with the district at once."""
        return self.chibo.run('sync', '--dir', self.home(body.code)).json

    # Joining

    def _join(self, directory, invite, request):
        self.chibo.run('join', '--dir', directory, '--invite', invite, '--out', request, '--key-cost', 'least')

    def _found_province(self):
        run = self.chibo.run
        founded = run('network', 'create', '--dir', self.home(PROVINCE), '--name', 'Thanh Hóa (minh họa)',
                      '--code', PROVINCE, '--kind', 'province', '--key-cost', 'least')
        self.network = founded.json['network']
        run('unit', 'add', '--dir', self.home(PROVINCE), '--units', os.path.join(self.inputs, 'units.csv'))
        invite, request, cert = (self.paper(DISTRICT + end) for end in ('.txt', '.request', '.cert'))
        run('invite', '--dir', self.home(PROVINCE), '--unit', DISTRICT, '--role', 'committee', '--out', invite)
        self._join(self.home(DISTRICT), invite, request)
        run('device', 'approve', '--dir', self.home(PROVINCE), request, '--out', cert)
        run('join', '--dir', self.home(DISTRICT), '--cert', cert)

    def _take_in(self, parent, children):
        """The children's devices join under `parent`: invites, requests, approval of all, certificates."""
        run, folder = self.chibo.run, self.paper(parent)
        os.makedirs(folder)
        os.makedirs(folder + '-cert')
        home = self.home(parent)
        units = os.path.join(self.inputs, 'committees', parent, 'units.csv')
        run('unit', 'add', '--dir', home, '--units', units)
        run('invite', '--dir', home, '--units', units, '--address', self.servers[parent].address, '--out', folder)
        request = {c.code: os.path.join(folder, c.code + '.request') for c in children}
        for child in children:
            self._join(self.home(child.code), os.path.join(folder, child.code + '.txt'), request[child.code])
        run('device', 'approve', '--dir', home, *request.values(), '--out-dir', folder + '-cert')
        for child in children:
            run('join', '--dir', self.home(child.code), '--cert', os.path.join(folder + '-cert', child.code + '.cert'))

    def children(self, parent):
        return [u for u in self.units.values() if u.parent == parent]

    def enrol(self):
        run = self.chibo.run
        self._found_province()
        self.serve(DISTRICT)
        self._take_in(DISTRICT, self.children(DISTRICT))
        home = self.home(DISTRICT)
        run('write', 'rule-pack', '--dir', home, '--from', os.path.join(self.inputs, 'pack-2019.json'))
        refused = run('rules', '--dir', home, '--period', PERIOD).json['refused']
        self.screen.expect(not refused, f'rules: {refused}')
        run('write', 'peer-group', '--dir', home, '--from', os.path.join(self.inputs, 'peer-groups.json'))
        for body in self.bodies:
            self.serve(body.code, DISTRICT)
        at_once(lambda body: self._take_in(body.code, self.children(body.code)), self.bodies, self.workers,
                self.screen.progress)
        self.screen.say('enrolled', units=len(self.units) + 1, devices=len(self.units))

    def add_deputy(self, cell):
        """A second laptop of one cell: joins, then learns what the first has sent."""
        run, code = self.chibo.run, cell.code + DEPUTY
        invite, request, cert = (self.paper(code + end) for end in ('.txt', '.request', '.cert'))
        run('invite', '--dir', self.home(cell.parent), '--unit', cell.code, '--role', 'deputy', '--address',
            self.servers[cell.parent].address, '--out', invite)
        self._join(self.home(code), invite, request)
        run('device', 'approve', '--dir', self.home(cell.parent), request, '--out', cert)
        run('join', '--dir', self.home(code), '--cert', cert)
        self.sync_directly(code, cell.parent)

    # Rosters and signers

    def make_person_keys(self, unit):
        if not unit.signers:
            return 0
        words = []
        for signer in unit.signers:
            words += ['--person', signer['key'] + '=' + signer['person'].removeprefix('@person:')]
        self.chibo.run('key', 'person', '--dir', self.home(unit.code), '--key-cost', 'least', *words)
        return len(unit.signers)

    def _import(self, cell):
        got = self.chibo.run('member', 'import', '--dir', self.home(cell.code), self.given(cell, 'roster.csv')).json
        keys = self.make_person_keys(cell)
        self.sync_directly(cell.code, cell.parent)
        return got['added'], keys

    def import_rosters(self):
        got = at_once(self._import, self.cells, self.workers, self.screen.progress)
        self.screen.say('rostered', people=sum(g[0] for g in got), keys=sum(g[1] for g in got))

    def certify_signers(self):
        def of_body(body):
            self.make_person_keys(body)
            count = self.chibo.run('key', 'approve', '--dir', self.home(body.code)).json['approved']
            self.sync_up(body)
            return count

        count = sum(at_once(of_body, self.bodies, self.workers, self.screen.progress))
        count += self.chibo.run('key', 'approve', '--dir', self.home(DISTRICT)).json['approved']
        at_once(self.sync_up, self.bodies, self.workers)
        self.screen.say('certified', keys=count)
        for cell in self.cells:
            if cell.has_deputy():
                self.add_deputy(cell)

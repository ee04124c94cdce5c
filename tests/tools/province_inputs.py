"""Reads what tools/make_province wrote, as a stranger would, and counts the table from it."""

import csv
import io
import json
import os
import re
import unicodedata
from collections import Counter, defaultdict

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
SCHEMA = [os.path.join(ROOT, 'proto', 'chibo', name) for name in ('record.proto', 'authority.proto')]
GRADES = ('HTXSNV', 'HTTNV', 'HTNV', 'KHTNV')
STATUS_REASON = {'EXEMPT': 'exempt', 'SUSPENDED': 'suspended', 'UNDER_INQUIRY': 'under_inquiry',
                 'ABSENT': 'pending_absent'}
COLUMNS = {'Họ và tên': 'name', 'Ngày sinh': 'birth', 'Giới tính': 'gender', 'Dân tộc': 'ethnicity',
           'Ngày vào Đảng': 'admitted', 'Ngày chính thức': 'official', 'Số thẻ': 'card',
           'CCCD': 'citizen',
           'Điện thoại': 'phone', 'Chức vụ': 'position', 'Ghi chú': 'note'}
PHASES = ('roster', 'postings', 'year', 'arrival', 'duplicate', 'correction', 'regrade', 'decide',
          'late')


def load_json(path):
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def load_lines(path):
    with open(path, encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def date(text):
    if not text:
        return 0
    if '/' in text:
        day, month, year = text.split('/')
    else:
        year, month, day = text.split('-')
    return int(year) * 10000 + int(month) * 100 + int(day)


def read_roster(path):
    """A roster in any of its shapes."""
    with open(path, 'rb') as f:
        text = unicodedata.normalize('NFC', f.read().decode('utf-8-sig'))
    first = text.split('\n', 1)[0]
    delimiter = ';' if first.count(';') > first.count(',') else ','
    rows = []
    for row in csv.DictReader(io.StringIO(text, newline=''), delimiter=delimiter):
        person = {COLUMNS[k]: v for k, v in row.items()}
        for key in ('birth', 'admitted', 'official'):
            person[key] = date(person[key])
        person['ref'] = f"@person:{person['name']}|{person['birth']}"
        rows.append(person)
    return rows


def plus_months(day, months):
    year, month = divmod(day // 10000 * 12 + day // 100 % 100 - 1 + months, 12)
    return year * 10000 + (month + 1) * 100 + day % 100


class Province:
    """A generated directory."""

    def __init__(self, root):
        self.root = root
        self.plan = load_json(os.path.join(root, 'plan.json'))
        self.units = {u['code']: u for u in self.plan['units']}
        with open(os.path.join(root, 'units.csv'), encoding='utf-8') as f:
            self.rows = {r['code']: r for r in csv.DictReader(f)}
        self.rosters = {c: read_roster(os.path.join(root, u['dir'], u['roster']))
                        for c, u in self.units.items() if 'roster' in u}
        self.files = []  # (phase, unit, name, actions) in the order of the plan
        for unit in self.plan['units']:
            for entry in unit['files']:
                path = os.path.join(root, unit['dir'], entry['file'])
                self.files.append((entry['phase'], unit['code'], entry['file'], load_lines(path)))
        self.files.sort(key=lambda f: PHASES.index(f[0]))
        self.decisions = {c: load_lines(os.path.join(root, u['dir'], u['decisions']))
                          for c, u in self.units.items() if 'decisions' in u}

    def records(self, kind):
        """(unit, file, body) of every record of a kind."""
        for _, unit, name, lines in self.files:
            for action in lines:
                for record in action['records']:
                    if kind in record:
                        yield unit, name, record[kind]

    def body_of(self, cell):
        parent = self.rows[cell]['parent']
        return cell if parent == 'dongson' else parent


def rows_of(proposal):
    yield proposal['subject'], proposal['grade']
    for row in proposal.get('rows', ()):
        yield row['subject'], row['grade']


class Count:
    """The district's table, from inputs alone. Nothing here picks between places that differ."""

    def __init__(self, p):
        self.home, self.admitted, self.status, self.gone = {}, {}, {}, {}
        for cell, roster in p.rosters.items():
            for person in roster:
                self.home[person['ref']] = cell
                self.admitted[person['ref']] = person['admitted']
        for unit, _, m in p.records('member'):
            if m.get('status', 'OFFICIAL') != 'OFFICIAL':
                self.status[m['person']] = m['status']
        for _, _, t in p.records('transfer'):
            if t['kind'] == 'PERMANENT' and t['effective'] <= 20191231:
                if 'to' in t:
                    self.home[t['person']] = t['to'][len('@unit:'):]
                else:
                    self.gone[t['person']] = t['outside']
        self.places = defaultdict(set)
        for person, cell in self.home.items():
            self.places[person].add('@unit:' + cell)
        for _, _, post in p.records('posting'):
            if post.get('reviewed_there'):
                self.places[post['person']].add(post['place'])
        self.proposals, self.orgs = defaultdict(dict), {}
        for unit, name, proposal in p.records('proposal'):
            if name == 'late.jsonl':
                continue  # came after the decision, which was confirmed
            place = proposal.get('place', '@unit:' + unit)
            for subject, grade in rows_of(proposal):
                if subject['kind'] == 'MEMBER':
                    if place in self.places[subject['id']]:
                        self.proposals[subject['id']][place] = grade
                else:
                    self.orgs[subject['kind'], subject['id']] = grade
        self.typed = {d['case_subject']: d['grade'] for lines in p.decisions.values() for d in lines
                      if d['do'] == 'decide'}
        self.result = {person: self._of(person) for person in self.home}
        self.table = Counter(self.result.values())
        self.by_body = defaultdict(Counter)
        for person, outcome in self.result.items():
            self.by_body[p.body_of(self.home[person])][outcome] += 1

    def _of(self, person):
        if person in self.gone:
            return 'graded_elsewhere'
        if plus_months(self.admitted[person], 6) > 20191231:
            return 'too_new'
        if self.status.get(person) in STATUS_REASON:
            return STATUS_REASON[self.status[person]]
        if person in self.typed:
            return self.typed[person]
        grades = set(self.proposals[person].values())
        return grades.pop() if len(grades) == 1 else 'open'


class Schema:
    """Enough of the schema of records to refuse a field, a type or an enum value that is not there."""

    SCALARS = {'uint32': int, 'uint64': int, 'int64': int, 'string': str, 'bytes': str,
               'bool': bool}

    def __init__(self):
        text = ''
        for path in SCHEMA:
            with open(path, encoding='utf-8') as f:
                text += re.sub(r'//[^\n]*', '', f.read())
        self.messages, self.enums = {}, {}
        block = r'\b(message|enum)\s+(\w+)\s*\{((?:[^{}]|\{[^{}]*\})*)\}'
        for kind, name, body in re.findall(block, text):
            if kind == 'enum':
                self.enums[name] = set(re.findall(r'(\w+)\s*=\s*\d+', body))
            else:
                self.messages[name] = {f: (t, bool(r)) for r, t, f in re.findall(
                    r'(repeated\s+)?([\w.]+)\s+(\w+)\s*=\s*\d+', body)}

    def check(self, message, value, where):
        fields = self.messages[message]
        for key, item in value.items():
            if key not in fields:
                raise AssertionError(f'{where}: {message} has no field {key}')
            kind, repeated = fields[key]
            if repeated != isinstance(item, list):
                raise AssertionError(f'{where}: {message}.{key} repeated or not')
            for one in item if repeated else [item]:
                self._check_one(kind, one, f'{where}.{key}')

    def _check_one(self, kind, one, where):
        if kind in self.enums:
            ok = one in self.enums[kind]
        elif kind in self.SCALARS:
            ok = type(one) is self.SCALARS[kind]
            if kind == 'bytes':
                ok = ok and re.fullmatch(r'@(person:[^|]+\|\d{8}|unit:[a-z0-9-]+)', one)
        elif kind == 'Ref' and isinstance(one, str):
            ok = one.startswith('@record:')
        else:
            self.check(kind, one, where)
            ok = True
        if not ok:
            raise AssertionError(f'{where}: {one!r} is no {kind}')

"""What tools/make_province writes: complete, consistent, and inputs only.

The count knows nothing of the generator: province_inputs.py reads the files as a stranger would.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
import unittest
from collections import Counter, defaultdict

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from province_inputs import (  # noqa: E402: it lies beside this file
    GRADES, ROOT, Count, Province, Schema, load_json, plus_months, rows_of)

TOOL = os.path.join(ROOT, 'tools', 'make_province')
DATA = os.path.join(ROOT, 'tests', 'data', 'dong-son.json')


def make(out, seed=1, scale=1.0):
    subprocess.run([sys.executable, TOOL, '--out', out, '--seed', str(seed), '--scale', str(scale)],
                   check=True)


class DataFile(unittest.TestCase):
    """The copy of the structure is whole: every sum of it holds."""

    def test_sums_hold(self):
        data = load_json(DATA)
        totals, orgs = data['totals'], data['orgs']
        self.assertEqual(totals['members'], sum(o['members'] for o in orgs))
        self.assertEqual(totals['graded'] + totals['not_graded'], totals['members'])
        self.assertEqual(totals['tccsd'], len(orgs))
        self.assertEqual(totals['cells_all'], sum(o['cells'] for o in orgs))
        for o in orgs:
            self.assertEqual(o['members'], sum(o['cell_sizes']), o['id'])
            self.assertEqual(o['cells'], len(o['cell_sizes']), o['id'])
            self.assertEqual(o['cells'], len(o['cell_kinds']), o['id'])
            self.assertEqual(o['graded'], sum(o['member_grades'].values()), o['id'])
            self.assertEqual(o['not_graded_total'], sum(o['not_graded'].values()), o['id'])
            self.assertEqual(o['members'], o['graded'] + o['not_graded_total'], o['id'])
            self.assertLessEqual(o['member_grades']['HTXSNV'], o['cap']['cap_good_or_better'],
                                 o['id'])
        for grade in GRADES:
            self.assertEqual(totals['member_grades'][grade],
                             sum(o['member_grades'][grade] for o in orgs))
        for reason, count in totals['not_graded_by_reason'].items():
            self.assertEqual(count, sum(o['not_graded'][reason] for o in orgs))
        self.assertEqual(totals['org_grades'], {g: n for g, n in Counter(
            o['org_grade'] for o in orgs).items()})


class Checks:
    """What holds at every scale. Subclasses give `p`, a Province."""

    def test_every_record_fits_the_schema(self):
        schema = Schema()
        seen = set()
        for _, unit, name, lines in self.p.files:
            for i, action in enumerate(lines):
                schema.check('Action', action, f'{unit}/{name}:{i + 1}')
                self.assertLessEqual(len(action.get('labels', ())), len(action['records']))
                for record in action['records']:
                    self.assertEqual(1, len(record))
                    seen.update(record)
        self.assertLessEqual({'member', 'membership', 'transfer', 'posting', 'leave',
                              'civil_servant_grade', 'meeting', 'minutes', 'review_report',
                              'opinion', 'vote_session', 'tally', 'tally_correction', 'proposal',
                              'duplicate_choice', 'attestation'}, seen)
        schema.check('RulePackBody', load_json(os.path.join(self.p.root, 'pack-2019.json')), 'pack')
        for group in load_json(os.path.join(self.p.root, 'peer-groups.json')):
            schema.check('PeerGroupBody', group, 'group')

    def test_references_can_be_resolved(self):
        moved = defaultdict(set)
        for _, _, t in self.p.records('transfer'):
            if 'to' in t:
                moved[t['to'][len('@unit:'):]].add(t['person'])
        for _, _, post in self.p.records('posting'):
            moved[self.p.rows[post['place'][len('@unit:'):]]['parent']].add(post['person'])
        known = {}
        for code in self.p.units:
            known[code] = {r['ref'] for c, roster in self.p.rosters.items() for r in roster
                           if code in ('dongson', c, self.p.rows[c]['parent'])} | moved[code]
        labels = defaultdict(set)
        for _, unit, name, lines in self.p.files:
            for action in lines:
                text = json.dumps(action['records'], ensure_ascii=False)
                for label in re.findall(r'"@record:([^"]+)"', text):
                    self.assertIn(label, labels[unit], f'{unit}/{name}')
                for ref in re.findall(r'"(@person:[^"]+)"', text):
                    self.assertIn(ref, known[unit], f'{unit}/{name}')
                for code in re.findall(r'"@unit:([^"]+)"', text):
                    if unit in self.p.rosters:
                        self.assertEqual(code, unit, f'{unit}/{name}: a cell knows only itself')
                    self.assertIn(code, self.p.rows)
                for label in filter(None, action.get('labels', ())):
                    self.assertNotIn(label, labels[unit], f'{unit}/{name}')
                    labels[unit].add(label)

    def test_rosters_name_everybody_once(self):
        people, numbers = set(), Counter()
        for cell, roster in self.p.rosters.items():
            for r in roster:
                self.assertNotIn(r['ref'], people)
                people.add(r['ref'])
                numbers.update(filter(None, (r['card'], r['citizen'], r['phone'])))
                self.assertTrue(r['name'] and r['birth'] and r['admitted'], cell)
                self.assertGreaterEqual(r['admitted'], r['birth'] + 180000)
                self.assertRegex(r['citizen'], r'^999\d{9}$')
                self.assertRegex(r['card'], r'^(00\.\d{6})?$')
                self.assertRegex(r['phone'], r'^(0000\d{6})?$')
                self.assertEqual(bool(r['official']), bool(r['card']))
        self.assertEqual(1, max(numbers.values()))

    def test_vote_bases_and_tallies_add_up(self):
        sessions = 0
        for _, unit, name, lines in self.p.files:
            for action in lines:
                records = action['records']
                if 'vote_session' not in records[0]:
                    continue
                sessions += 1
                session, tally = records[0]['vote_session'], records[1]['tally']
                base = session['base']
                self.assertEqual(base['eligible'], base['official'] - sum(base.get(k, 0) for k in (
                    'away', 'exempt_absent', 'suspended', 'excused_absent')), f'{unit}/{name}')
                self.assertLessEqual(base['present'], base['eligible'])
                self.assertEqual(session['subjects'], [r['subject'] for r in tally['rows']])
                self.assertNotIn(session['chair'], session['tellers'])
                for row in tally['rows']:
                    self.assertLessEqual(row['issued'], base['present'])
                    self.assertLessEqual(row['returned'], row['issued'])
                    self.assertEqual(row['returned'], row['valid'] + row.get('invalid', 0))
                    self.assertEqual(row['valid'], sum(row['votes']))
        self.assertGreater(sessions, len(self.p.rosters))

    def test_votes_fit_the_proposed_level(self):
        bases, rows, corrected = {}, {}, {}
        for _, unit, name, lines in self.p.files:
            for action in lines:
                for position, record in enumerate(action['records']):
                    if 'tally' in record:
                        label = action['labels'][position]
                        bases[unit, label] = action['records'][0]['vote_session']['base']
                        rows[unit, label] = {r['subject']['id'] + r['subject']['kind']: r
                                             for r in record['tally']['rows']}
                    if 'tally_correction' in record:
                        correction = record['tally_correction']
                        corrected[unit, correction['tally'][len('@record:'):]] = correction['base']
        self.assertEqual(1, len(corrected))
        for key, base in corrected.items():
            self.assertEqual(base['eligible'] + 1, bases[key]['eligible'])
        bases.update(corrected)
        for unit, name, proposal in self.p.records('proposal'):
            found = {}  # the newest ballots first
            for ref in proposal['basis']:
                label = ref[len('@record:'):]
                for subject, row in rows[unit, label].items():
                    found[subject] = (row, bases[unit, label]['eligible'])
            for subject, grade in rows_of(proposal):
                row, eligible = found[subject['id'] + subject['kind']]
                votes = row['votes'][GRADES.index(grade)]
                enough = votes * 3 >= eligible * 2 if grade == 'HTXSNV' else votes * 2 > eligible
                self.assertTrue(enough, f'{unit}/{name}: {subject} {grade} {row} of {eligible}')

    def test_attendance_agrees_with_the_vote_base(self):
        no_vote = {r['ref'] for roster in self.p.rosters.values() for r in roster
                   if not r['official']}
        for unit, name, m in self.p.records('meeting'):
            lists = m['present'] + [a['person'] for a in m.get('excused', []) + m.get('unexcused',
                                                                                      [])]
            self.assertEqual(len(lists), len(set(lists)), f'{unit}/{name}')
            self.assertIn(m['chair'], m['present'])
            self.assertIn(m['minute_taker'], m['present'])
        for _, unit, name, lines in self.p.files:
            meetings = {a['labels'][0]: a['records'][0]['meeting'] for a in lines
                        if 'meeting' in a['records'][0]}
            for action in lines:
                if 'vote_session' not in action['records'][0]:
                    continue
                session = action['records'][0]['vote_session']
                meeting = meetings[session['meeting'][len('@record:'):]]
                voters = [x for x in meeting['present'] if x not in no_vote]
                excused = [a for a in meeting.get('excused', []) if a['person'] not in no_vote]
                self.assertEqual(session['base']['present'], len(voters), f'{unit}/{name}')
                self.assertEqual(session['base'].get('excused_absent', 0), len(excused),
                                 f'{unit}/{name}')
                for teller in session['tellers']:
                    self.assertIn(teller, voters)

    def test_everybody_due_wrote_a_review_first(self):
        count = Count(self.p)
        wrote = {r['subject']['id'] for _, _, r in self.p.records('review_report')
                 if r['subject']['kind'] == 'MEMBER'}
        for person, outcome in count.result.items():
            if outcome in GRADES or outcome == 'too_new':
                self.assertIn(person, wrote)

    def test_no_civil_servant_is_excellent_against_the_agency(self):
        count = Count(self.p)
        servants = {m['person'] for _, _, m in self.p.records('member') if m.get('civil_servant')}
        grades = {g['person']: g['grade'] for _, _, g in self.p.records('civil_servant_grade')}
        self.assertGreater(len(servants), 10)
        for person in servants:
            if count.result[person] in GRADES:
                self.assertIn(person, grades)
            if count.result[person] == 'HTXSNV':
                self.assertEqual('HTXSNV', grades[person])

    def test_nobody_sick_for_months_is_graded_good(self):
        count = Count(self.p)
        for _, _, leave in self.p.records('leave'):
            if leave['kind'] == 'SICK' and plus_months(leave['from'], 3) <= leave['to']:
                self.assertIn(count.result[leave['person']], ('HTNV', 'KHTNV'))

    def test_caps_hold_after_decisions_and_one_is_broken_before(self):
        first, over = defaultdict(dict), []
        for unit, _, proposal in self.p.records('proposal'):
            for subject, grade in rows_of(proposal):
                if subject['kind'] == 'MEMBER' and unit in self.p.rosters:
                    first[self.p.body_of(unit)].setdefault(subject['id'], grade)
        for body, outcome in Count(self.p).by_body.items():
            good = outcome['HTXSNV'] + outcome['HTTNV']
            graded = good + outcome['HTNV'] + outcome['KHTNV']
            cap = 1 if graded < 5 and good == graded else good // 5
            self.assertLessEqual(outcome['HTXSNV'], cap, body)
            if body == 'xa01':
                proposed = Counter(first[body].values())
                self.assertEqual(cap + 3, proposed['HTXSNV'])
                self.assertEqual(cap, outcome['HTXSNV'])
                over.append(body)
            if body == 'xa02':
                self.assertEqual(cap, outcome['HTXSNV'])
        self.assertEqual(['xa01'], over)

    def test_special_cases_are_all_there(self):
        p, count = self.p, Count(self.p)
        self.assertEqual({c['case'] for c in load_json(DATA)['special_cases']},
                         {s['case'] for s in p.plan['story']})
        differing = {x for x, places in count.proposals.items() if len(set(places.values())) > 1}
        self.assertEqual([3, 3, 3], [len(count.proposals[x]) for x in sorted(differing)])
        self.assertEqual([2], [len(v) for x, v in count.proposals.items()
                               if len(v) > 1 and x not in differing])
        self.assertFalse(differing - set(count.typed))
        order = [d['do'] for d in p.decisions['dongson']]
        self.assertLess(order.index('waiver'), len(order) - 1 - order[::-1].index('decide'))
        self.assertEqual(3, len(next(d for d in p.decisions['xa01']
                                     if d['do'] == 'regrade_order')['subjects']))
        self.assertEqual('20200108', str(next(d for d in p.decisions['xa10']
                                              if d['do'] == 'confirmation')['date']))
        self.assertEqual('no', p.rows['cq06']['committee'])
        self.assertEqual(4, len(p.rosters['dn04']))
        self.assertIn('deputy.jsonl', [f for _, u, f, _ in p.files if u == 'xa04-cb01'])

    def test_the_mover_stands_in_one_roster_and_in_two_ballots(self):
        move = next(t for _, _, t in self.p.records('transfer')
                    if t['kind'] == 'PERMANENT' and 'to' in t)
        old, new = move['from'][len('@unit:'):], move['to'][len('@unit:'):]
        self.assertEqual(('xa05-cb02', 'cq01-cb04', 20190810), (old, new, move['effective']))
        self.assertIn(move['person'], [r['ref'] for r in self.p.rosters[old]])
        self.assertNotIn(move['person'], [r['ref'] for r in self.p.rosters[new]])
        voted = {unit: grade for unit, _, pr in self.p.records('proposal') for s,
                 grade in rows_of(pr)
                 if s['id'] == move['person']}
        self.assertEqual({old: 'HTXSNV', new: 'HTTNV'}, voted)

    def test_late_vote_does_not_move_the_decision(self):
        late = [(s['id'], grade) for _, name,
                pr in self.p.records('proposal') if name == 'late.jsonl'
                for s, grade in rows_of(pr)]
        self.assertEqual(1, len(late))
        person, grade = late[0]
        self.assertEqual('HTNV', grade)
        count = Count(self.p)
        self.assertEqual('HTTNV', count.typed[person])
        self.assertEqual({}, count.proposals[person])

    def test_two_laptops_differ_in_two_people(self):
        seen = {}
        for unit, name, m in self.p.records('meeting'):
            if unit == 'xa04-cb01' and 'REVIEW' in m['kinds']:
                seen[name] = m
        self.assertEqual({'records.jsonl', 'deputy.jsonl'}, set(seen))
        self.assertEqual(seen['records.jsonl']['start_ms'], seen['deputy.jsonl']['start_ms'])
        self.assertEqual(2, len(set(seen['deputy.jsonl']['present'])
                                ^ set(seen['records.jsonl']['present'])))

    def test_signers_can_sign_all_that_is_attested(self):
        can = {c: {(s['person'], act) for s in u['signers'] for act in s['acts']}
               for c, u in self.p.units.items()}
        for unit, name, a in self.p.records('attestation'):
            for attestor in a['attestors']:
                self.assertIn((attestor['person'], attestor['act']), can[unit], f'{unit}/{name}')

    def test_one_changed_proposal_changes_the_table_by_one(self):
        before = Count(self.p)
        for _, unit, name, lines in self.p.files:
            for action in lines:
                for record in action['records']:
                    row = record.get('proposal', {}).get('rows', [{}])[-1]
                    person = row.get('subject', {}).get('id', '')
                    if (unit == 'dn03-cb03' and row.get('grade') == 'HTTNV'
                            and before.result.get(person) == 'HTTNV'):
                        row['grade'] = 'HTNV'
                        after = Count(self.p)
                        row['grade'] = 'HTTNV'
                        moved = Counter(after.table)
                        moved.subtract(before.table)
                        self.assertEqual({'HTTNV': -1, 'HTNV': 1},
                                         {k: v for k, v in moved.items() if v})
                        return
        self.fail('no such proposal')

    def test_texts_are_of_real_length_and_composed(self):
        lengths = [len(m['text'].encode()) for _, _, m in self.p.records('minutes')]
        self.assertGreater(sum(lengths) / len(lengths), 700)
        self.assertLess(max(lengths), 2600)
        for _, unit, name, lines in self.p.files:
            text = json.dumps(lines, ensure_ascii=False)
            self.assertTrue(unicodedata.is_normalized('NFC', text), f'{unit}/{name}')
            times = [a['claimed_time_ms'] for a in lines]
            self.assertEqual(sorted(times), times)
            for action in lines:
                self.assertLess(len(json.dumps(action, ensure_ascii=False).encode()), 60000)

    def test_units_have_their_superiors_first(self):
        seen = {''}
        for code, row in self.p.rows.items():
            self.assertIn(row['parent'], seen)
            seen.add(code)
        for code in self.p.rosters:
            self.assertIn(code, self.p.rows)


class Whole(Checks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        start = time.monotonic()
        make(cls.dir.name)
        cls.seconds = time.monotonic() - start
        cls.p = Province(cls.dir.name)

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def test_the_table_comes_out_of_the_inputs(self):
        data, count = load_json(DATA), Count(self.p)
        expected = Counter(data['totals']['member_grades'])
        expected.update(data['totals']['not_graded_by_reason'])
        self.assertEqual(expected, count.table)
        for org in data['orgs']:
            expected = Counter(org['member_grades'])
            expected.update(org['not_graded'])
            self.assertEqual(+expected, +count.by_body[org['id'].lower()], org['id'])

    def test_organisations_and_committees_propose_what_the_file_says(self):
        orgs = Count(self.p).orgs
        for org in load_json(DATA)['orgs']:
            unit = '@unit:' + org['id'].lower()
            self.assertEqual(org['org_grade'], orgs['ORGANISATION', unit])
            self.assertEqual(org['committee_collective_grade'], orgs.get(('COMMITTEE', unit)))

    def test_special_people_are_decided_as_the_file_says(self):
        count = Count(self.p)
        for case in load_json(DATA)['special_cases']:
            if 'places' not in case:
                continue
            found = [x for x, v in count.proposals.items()
                     if len(v) == 3 and count.home[x].startswith(case['counted_in'].lower())]
            self.assertEqual(1, len(found))
            self.assertEqual(case['decision'], count.result[found[0]])
            self.assertEqual(sorted(p['level'] for p in case['places']),
                             sorted(count.proposals[found[0]].values()))

    def test_units_and_rosters_are_complete(self):
        totals = load_json(DATA)['totals']
        kinds = Counter(r['kind'] for r in self.p.rows.values())
        self.assertEqual((totals['dang_bo_co_so'], totals['chi_bo_co_so'],
                          totals['subordinate_cells']),
                         (kinds['GRASSROOTS_BODY'], kinds['GRASSROOTS_CELL'], kinds['CELL']))
        self.assertEqual(totals['members'], sum(len(r) for r in self.p.rosters.values()))

    def test_roster_shapes_are_all_there(self):
        shapes = Counter()
        for code in self.p.rosters:
            with open(os.path.join(self.p.root, 'cells', code, 'roster.csv'), 'rb') as f:
                raw = f.read()
            text = raw.decode('utf-8-sig')
            shapes.update([('bom', raw.startswith(b'\xef\xbb\xbf')), ('semicolon',
                                                                      ';' in text.split('\n')[0]),
                           ('nfd', not unicodedata.is_normalized('NFC', text)), ('crlf',
                                                                                 '\r\n' in text),
                           ('iso', re.search(r'\d{4}-\d\d-\d\d', text) is not None),
                           ('first', unicodedata.normalize('NFC', text).startswith('Họ và tên'))])
        for shape in ('bom', 'semicolon', 'nfd', 'crlf', 'iso', 'first'):
            self.assertGreater(min(shapes[shape, True], shapes[shape, False]), 10, shape)

    def test_peoples_besides_the_kinh(self):
        peoples = Counter(r['ethnicity'] for roster in self.p.rosters.values() for r in roster)
        self.assertEqual({'Kinh', 'Mường', 'Thái'}, set(peoples))
        self.assertGreater(peoples['Kinh'], 5000)

    def test_the_corrected_base_decides_one_ballot(self):
        wrong, right, rows = None, None, []
        for unit, _, session in self.p.records('vote_session'):
            wrong = session['base']['eligible'] if unit == 'dn03-cb03' else wrong
        for _, _, correction in self.p.records('tally_correction'):
            right = correction['base']['eligible']
        for unit, _, tally in self.p.records('tally'):
            rows += tally['rows'] if unit == 'dn03-cb03' else []
        edge = [r for r in rows if right * 2 <= r['votes'][0] * 3 < wrong * 2
                or right < r['votes'][1] * 2 <= wrong]
        self.assertEqual(1, len(edge))

    def test_it_is_quick_and_modest(self):
        size = sum(os.path.getsize(os.path.join(d, f)) for d, _,
                   files in os.walk(self.p.root) for f in files)
        self.assertLess(size, 40e6)
        self.assertLess(self.seconds, 20)

    def test_no_result_is_written(self):
        words = re.compile(r'"(total|totals|table|verdict|final|counts?)"')
        for name in ('plan.json', 'pack-2019.json', 'peer-groups.json'):
            with open(os.path.join(self.p.root, name), encoding='utf-8') as f:
                self.assertIsNone(words.search(f.read()), name)


class Small(Checks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        make(cls.dir.name, seed=5, scale=0.05)
        cls.p = Province(cls.dir.name)

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def test_it_is_small(self):
        self.assertLess(len(self.p.rosters), 40)
        self.assertLess(sum(len(r) for r in self.p.rosters.values()), 800)

    def test_every_outcome_occurs(self):
        table = Count(self.p).table
        self.assertEqual(set(GRADES) | set(load_json(DATA)['totals']['not_graded_by_reason']),
                         set(table))


class Between(unittest.TestCase):
    def test_every_scale_and_seed_works(self):
        for seed, scale in ((2, 0.1), (3, 0.2), (4, 0.33), (6, 0.5), (7, 0.75), (8, 0.99), (9,
                                                                                            0.05)):
            with self.subTest(seed=seed, scale=scale), tempfile.TemporaryDirectory() as out:
                make(out, seed, scale)
                p = Province(out)
                self.assertEqual(0, Count(p).table['open'])

    def test_a_seed_gives_the_same_bytes(self):
        self.assertEqual(self._digest(7), self._digest(7))
        self.assertNotEqual(self._digest(7), self._digest(8))

    def _digest(self, seed):
        digest = hashlib.sha256()
        with tempfile.TemporaryDirectory() as out:
            make(out, seed, 0.05)
            for folder, dirs, files in os.walk(out):
                dirs.sort()
                for name in sorted(files):
                    with open(os.path.join(folder, name), 'rb') as f:
                        digest.update(os.path.relpath(f.name, out).encode() + f.read())
        return digest.hexdigest()

    def test_a_foreign_directory_is_left_alone(self):
        with tempfile.TemporaryDirectory() as out:
            os.mkdir(os.path.join(out, 'cells'))
            ran = subprocess.run([sys.executable, TOOL, '--out', out], capture_output=True,
                                 check=False)
            self.assertEqual(2, ran.returncode)
            self.assertEqual(['cells'], os.listdir(out))


if __name__ == '__main__':
    unittest.main()

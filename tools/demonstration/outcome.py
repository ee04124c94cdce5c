"""Cases, decisions, the table."""
import json
import os

import year
from district import DISTRICT, PERIOD
from program import at_once
from screen import number, percent

GRADES = ['HTXSNV', 'HTTNV', 'HTNV', 'KHTNV']

# What the article prints of Đông Sơn 2019 (rules: organisations, members). The last level, how many were graded and how
# many were not are derived: the printed shares leave only 4,512 to 4,520 graded.
PRINTED = {'members': {'HTXSNV': (710, '15,7'), 'HTTNV': (3420, '75,7'), 'HTNV': (365, '8')},
           'organisations': {'HTXSNV': (8, '23,5'), 'HTTNV': (24, '70,5'), 'HTNV': (2, '6')}}
PRINTED_REGISTER = {'members': 5560, 'organisations': 34}
DERIVED = {'members': {'KHTNV': 21, 'graded': 4516, 'not_graded': 1044}, 'organisations': {'KHTNV': 0}}


def table_of(district, code, table='members'):
    return district.chibo.run('report', '--dir', district.home(code), '--table', table, '--period', PERIOD).json


def _is_told(differ, case):
    return (case['type'] == 'grade_conflict' and case['state'] == 'open'
            and '@person:' + case['subject'] == differ['subject']
            and sorted(p['grade'] for p in case['proposals']) == sorted(differ['grades']))


def missing_cases(story, cases):
    """Of whom the story says that places differ: those whose case is not open before the authority it names."""
    return [told['differ']['subject'].removeprefix('@person:') for told in story if 'differ' in told
            and not any(_is_told(told['differ'], case) for case in cases.get(told['differ']['authority'], ()))]


def show_cases(district):
    """The cases of the story are open where they belong, and nobody has a level before an officer has signed."""
    screen = district.screen
    shown = {}
    for unit in [district.units[DISTRICT]] + district.bodies:
        cases = district.chibo.run('cases', '--dir', district.home(unit.code), '--mine', '--state', 'all').json
        shown[unit.code] = cases
        open_cases = [c for c in cases if c['state'] == 'open']
        if not cases:
            continue
        screen.say('case_count', unit=unit.code, open=len(open_cases), closed=len(cases) - len(open_cases))
        for case in open_cases[:6]:
            places = ', '.join(f'{p["place"]} {p["grade"]}' for p in case['proposals'])
            screen.line(f'  {screen.name("case", case["type"])}: {case["subject_name"]} ({places})')
        if len(open_cases) > 6:
            screen.line(f'  … +{len(open_cases) - 6}')
    missing = missing_cases(district.plan['story'], shown)
    screen.expect(not missing, screen.text('case_missing', names=', '.join(missing)))
    table = table_of(district, DISTRICT)
    screen.say('none_decided', graded=table['graded'], register=table['register'])
    screen.expect(table['graded'] == 0, 'graded')


def _decide(district, unit, phase):
    answer = district.chibo.run('decide', '--dir', district.home(unit.code), '--file',
                                district.given(unit, 'decisions.jsonl'), '--phase', phase, '--period', PERIOD)
    lines = answer.json['lines']
    return len(lines), sum(line.get('decided', 0) for line in lines)


def decide(district):
    def of_body(body):
        said = _decide(district, body, 'decide')
        district.sync_up(body)
        return body, said

    for body, (lines, rows) in at_once(of_body, district.bodies, district.workers, district.screen.progress):
        district.screen.say('decided', unit=body.code, rows=rows, lines=lines)
    lines, rows = _decide(district, district.units[DISTRICT], 'decide')
    district.screen.say('decided', unit=DISTRICT, rows=rows, lines=lines)
    at_once(district.sync_up, district.bodies, district.workers)


def late(district):
    """A cell's minutes of December come in after its committee has decided."""
    traffic = year.Traffic()
    for cell in [c for c in district.cells if c.files_of('late')]:
        year.record(district, cell, cell.files_of('late'))
        year.sync_cells(district, [(cell.code, cell.parent)], traffic)
        body = district.units[cell.parent]
        _decide(district, body, 'late')
        district.sync_up(body)
        district.screen.say('confirmed', unit=body.code)


def bring_down(district):
    traffic = year.Traffic()
    year.sync_cells(district, [(c.code, c.parent) for c in district.cells], traffic)
    year.tell_traffic(district, traffic)

    def complete(cell):
        table = table_of(district, cell.code)
        return table['pending'] == 0 and table['graded'] + table['not_graded'] == table['register']

    seen = at_once(complete, district.cells, district.workers, district.screen.progress)
    district.screen.say('reached', cells=sum(seen), of=len(seen))
    district.screen.expect(all(seen), ', '.join(c.code for c, ok in zip(district.cells, seen) if not ok))


def _row(what, here, printed, derived):
    return f'{what:<58}{here:>26}   {printed:<20}{derived}'


def _show(district, table, kind, whole):
    screen, lang = district.screen, district.screen.lang
    heads = (screen.text('here'), screen.text('published') if whole else '', screen.text('derived') if whole else '')
    screen.line(_row(screen.name('cli', 'report_title_' + kind).format(PERIOD), *heads))

    def line(what, count, of=None, hundredths=None, printed='', derived=''):
        share = f' / {number(of, lang)} = {percent(hundredths, lang)}' if of else ''
        screen.line(_row(what, number(count, lang) + share, printed if whole else '', derived if whole else ''))

    name, derived = table['table'], DERIVED[table['table']]
    line(screen.name('cli', 'report_register' if kind == 'members' else 'report_organisations'), table['register'],
         printed=number(PRINTED_REGISTER[name], lang))
    line(screen.name('cli', 'report_graded'), table['graded'],
         derived=number(derived['graded'], lang) if 'graded' in derived else '')
    for grade in GRADES:
        level = table['levels'][grade]
        count, share = PRINTED[name].get(grade, (None, None))
        line('  ' + screen.name('grade', grade), level['count'], level['of'], level['hundredths_percent'],
             f'{number(count, lang)} = {share} %' if count else '', number(derived[grade], lang)
             if grade in derived else '')
    line(screen.name('cli', 'report_not_graded'), table['not_graded'],
         derived=number(derived['not_graded'], lang) if 'not_graded' in derived else '')
    for reason, count in table['not_graded_by'].items():
        line('  ' + screen.name('reason', reason), count)
    line(screen.name('cli', 'report_pending'), table['pending'])
    line(screen.name('cli', 'csv_cells_with_data'), table['coverage']['cells_with_data'])
    screen.line('')


def _matches(table):
    name = table['table']
    wanted = {g: c for g, (c, _) in PRINTED[name].items()}
    wanted.update({g: c for g, c in DERIVED[name].items() if g in GRADES})
    return (all(table['levels'][g]['count'] == c for g, c in wanted.items())
            and table['register'] == PRINTED_REGISTER[name]
            and all(table[k] == DERIVED[name][k] for k in ('graded', 'not_graded') if k in DERIVED[name]))


def show_table(district, whole):
    screen = district.screen
    for kind in ('members', 'organisations'):
        table = table_of(district, DISTRICT, kind)
        _show(district, table, kind, whole)
        screen.expect(table['adds_up'], kind)
        if whole:
            screen.expect(_matches(table), kind)
    if not whole:
        screen.say('small')

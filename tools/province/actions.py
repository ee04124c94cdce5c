"""The JSON of record files: actions, references, times. One line of a .jsonl file is one action."""

import datetime
import json

PERIOD = '2019'
_HANOI = datetime.timezone(datetime.timedelta(hours=7))


def ms(date, hour=20, minute=0):
    """Milliseconds since 1970 of an hour of a day in Vietnam."""
    day = datetime.datetime(date // 10000, date // 100 % 100, date % 100, hour, minute,
                            tzinfo=_HANOI)
    return int(day.timestamp()) * 1000


def unit(code):
    return f'@unit:{code}'


def record(label):
    """A record labelled earlier in this file or in an earlier file of the unit."""
    return f'@record:{label}'


def here(position):
    """A record of the same action."""
    return {'position': position}


def member(person):
    return {'kind': 'MEMBER', 'id': person.ref}


def attestation(positions, attestors):
    """`attestors`: (person, act) pairs; the program signs with the keys at hand."""
    return {'attestation': {'positions': positions,
                            'attestors': [{'person': p.ref, 'act': act} for p, act in attestors]}}


class Lines:
    """A file of actions; written in the order of their times."""

    def __init__(self):
        self.lines = []

    def add(self, records, when, labels=()):
        action = {'records': records, 'claimed_time_ms': when}
        if labels:
            action['labels'] = list(labels) + [''] * (len(records) - len(labels))
        self.lines.append(action)

    def write(self, path):
        write_lines(path, sorted(self.lines, key=lambda a: a['claimed_time_ms']))


def write_lines(path, objects):
    with open(path, 'w', encoding='utf-8', newline='\n') as f:
        for line in objects:
            f.write(json.dumps(line, ensure_ascii=False, separators=(',', ':')))
            f.write('\n')


def write_json(path, value):
    with open(path, 'w', encoding='utf-8', newline='\n') as f:
        json.dump(value, f, ensure_ascii=False, indent=1)
        f.write('\n')

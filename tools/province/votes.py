"""Who comes to a meeting, how the vote base is counted, and ballots that fit a level."""

from . import actions
from .spec import GRADES

_EXCUSES = ['Đi công tác', 'Ốm', 'Việc gia đình đột xuất', 'Đi khám bệnh', 'Đi học', 'Trực cơ quan']


class Attendance:
    """A meeting's lists and the vote base that follows from them."""

    def __init__(self, present, excused, unexcused, base):
        self.present = present
        self.excused = excused      # (person, reason)
        self.unexcused = unexcused
        self.base = base

    @property
    def absent(self):
        return len(self.excused) + len(self.unexcused)


def ordinary(people, guests, date, rng):
    """Attendance of a monthly meeting: nobody votes, so there is no base."""
    present, excused, unexcused = [], [], []
    for person in people.members + guests:
        if person.admitted > date or (person.fate == 'exempt' and not person.present_anyway):
            continue
        if person.fate in ('suspended', 'graded_elsewhere') and person.since <= date:
            continue
        if person.arrived > date or 0 < person.away_from <= date and person not in guests:
            continue
        if person not in (people.chair, people.minute_taker) and rng.random() < 0.06:
            if rng.random() < 0.8:
                excused.append((person, rng.choice(_EXCUSES)))
            else:
                unexcused.append(person)
        else:
            present.append(person)
    return Attendance(present, excused, unexcused, None)


def review(people, rng, away=(), also_excused=(), extra=()):
    """Attendance of the review meeting, where ballots are cast.

    `away`: members who are on temporary activity elsewhere; `also_excused`: (person, reason);
    `extra`: officials the unit still counts as its own.
    """
    excused, unexcused, exempt_absent, suspended = list(also_excused), [], 0, 0
    gone = {p for p, _ in excused}
    officials = people.officials() + list(extra)
    for person in officials:
        if person.fate == 'suspended':
            suspended += 1
        elif person.fate == 'exempt' and not person.present_anyway:
            exempt_absent += 1
        elif person.fate == 'pending_absent':
            if rng.random() < 0.4 and len(unexcused) * 6 < len(officials) - 6:
                unexcused.append(person)
            else:
                excused.append((person, 'Đi làm ăn xa, chưa về kịp'))
        elif _may_stay_away(person, people, gone, rng) and len(excused) * 8 < len(officials):
            excused.append((person, rng.choice(_EXCUSES)))
    gone = {p for p, _ in excused} | set(unexcused) | set(away)
    present = [p for p in officials if p not in gone and p.fate != 'suspended'
               and (p.fate != 'exempt' or p.present_anyway)]
    eligible = len(officials) - len(away) - exempt_absent - suspended - len(excused)
    base = {'official': len(officials), 'away': len(away), 'exempt_absent': exempt_absent,
            'suspended': suspended, 'excused_absent': len(excused), 'eligible': eligible,
            'present': len(present)}
    if eligible - len(unexcused) != len(present):
        raise ValueError(f'{people.code}: vote base does not add up')
    speak_only = [p for p in people.members if p.probationary and p.fate != 'graded_elsewhere']
    return Attendance(present + speak_only, excused, unexcused, base)


def _may_stay_away(person, people, gone, rng):
    return (person.fate == 'graded' and person.case is None and person not in gone
            and person not in people.signers and len(people.members) > 9 and rng.random() < 0.04)


def needed(grade, eligible):
    """Ballots a level needs: two thirds for the highest, more than half for the others."""
    return -(-2 * eligible // 3) if grade == 'HTXSNV' else eligible // 2 + 1


def tally_row(subject, grade, base, rng, fixed=None, issued=None):
    """Ballots for one subject that fit `grade`; `fixed`: exactly that many for it."""
    issued = base['present'] if issued is None else issued
    need = fixed if fixed is not None else needed(grade, base['eligible'])
    if need > issued:
        raise ValueError(f'{need} ballots needed of {issued}')
    row = {'subject': subject, 'issued': issued, 'returned': issued}
    if issued - need > 2 and rng.random() < 0.03:
        row['returned'] -= 1
    valid = row['returned']
    if valid - need > 2 and rng.random() < 0.05:
        valid -= 1
        row['invalid'], row['invalid_reason'] = 1, rng.choice(['Đánh dấu hai mức', 'Phiếu trắng'])
    row['valid'] = valid
    mine = fixed if fixed is not None else rng.randint(max(need, (need + valid) // 2), valid)
    votes = [0, 0, 0, 0]
    chosen = GRADES.index(grade)
    votes[chosen] = mine
    near = [i for i in (chosen - 1, chosen + 1) if 0 <= i < 4 and (i < 3 or grade == 'HTNV')]
    for _ in range(valid - mine):
        votes[rng.choice(near)] += 1
    row['votes'] = votes
    return row


def meeting_record(kinds, topics, place, start, minutes_long, chair, taker, attendance, unit=None):
    body = {'kinds': kinds, 'topics': topics, 'period': actions.PERIOD, 'start_ms': start,
            'end_ms': start + minutes_long * 60000, 'place': place, 'chair': chair.ref,
            'minute_taker': taker.ref, 'present': [p.ref for p in attendance.present]}
    if attendance.excused:
        body['excused'] = [{'person': p.ref, 'reason': why} for p, why in attendance.excused]
    if attendance.unexcused:
        body['unexcused'] = [{'person': p.ref} for p in attendance.unexcused]
    if unit:
        body['unit'] = unit
    return {'meeting': body}


def signed_by_chair_and_taker(positions, chair, taker):
    return actions.attestation(positions, [(chair, 'MINUTES_CHAIR'), (taker, 'MINUTES_TAKER')])


def session_records(meeting, rows_of, base, tellers, chair, unit=None):
    """The vote session, its tally and the tellers' attestation, as records of one action."""
    subjects = [subject for subject, _ in rows_of]
    session = {'meeting': meeting, 'method': 'SECRET_BALLOT', 'period': actions.PERIOD,
               'subjects': subjects, 'base': base, 'tellers': [t.ref for t in tellers],
               'chair': chair.ref}
    if unit:
        session['unit'] = unit
    tally = {'session': actions.here(0), 'rows': [row for _, row in rows_of]}
    acts = [(t, 'TALLY_TELLER') for t in tellers] + [(chair, 'TALLY_CHAIR')]
    return [{'vote_session': session}, {'tally': tally}, actions.attestation([0, 1], acts)]


def proposal_record(graded, basis, place=None, supersedes=None):
    """One record for all `graded`: (subject, grade) pairs."""
    (subject, grade), rest = graded[0], graded[1:]
    body = {'subject': subject, 'period': actions.PERIOD, 'grade': grade, 'basis': basis}
    if place:
        body['place'] = place
    if rest:
        body['rows'] = [{'subject': s, 'grade': g} for s, g in rest]
    if supersedes:
        body['supersedes'] = supersedes
    return {'proposal': body}

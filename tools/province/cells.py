"""What a cell's secretary typed in the year, up to the proposals."""

from . import actions, names, phrases, texts, votes
from .spec import GRADES
from .story import date_number

_STATUS = {'exempt': 'EXEMPT', 'suspended': 'SUSPENDED', 'under_inquiry': 'UNDER_INQUIRY',
           'pending_absent': 'ABSENT'}
_OUTSIDE = ['Đảng bộ phường Hoa Đào (ngoài huyện)', 'Đảng bộ khu công nghiệp ngoài tỉnh',
            'Đảng bộ xã Hoa Mận (huyện khác)', 'Đảng bộ cơ quan trung ương']
_REVIEWS_PER_ACTION = 10


def member_record(person):
    """The register's whole line of a person."""
    body = {'person': person.ref, 'name': person.name, 'birth': person.birth,
            'gender': person.gender,
            'ethnicity': person.ethnicity, 'admitted': person.admitted, 'official': person.official,
            'card_no': person.card, 'citizen_id': person.citizen, 'phone': person.phone,
            'position': person.position, 'note': person.note}
    if person.fate in _STATUS:
        body['status'], body['status_from'] = _STATUS[person.fate], person.since
    elif person.probationary:
        body['status'], body['status_from'] = 'PROBATIONARY', person.admitted
    if person.civil_servant:
        body['civil_servant'] = True
    return {'member': {k: v for k, v in body.items() if v not in ('', 0)}}


class CellYear:
    """Writes one cell's record file."""

    def __init__(self, people, story, rng):
        self.people = people
        self.story = story
        self.rng = rng
        self.out = actions.Lines()
        self.room = None
        self.review_date = self._review_date()

    def _review_date(self):
        story = self.story
        if self.people is story.old_cell:
            return 20191201
        if self.people is story.two_laptops:
            return date_number(story.case['two_laptops_one_meeting']['meeting_date'])
        if self.people is story.late_cell:
            return 20191203
        if self.people is story.new_cell:
            return 20191204
        return self.rng.choice([20191123, 20191126, 20191130, 20191202, 20191204, 20191206,
                                20191209])

    def write(self, room):
        self.room = room
        self._register()
        self._moves()
        self._leaves()
        self._meetings()
        self._civil_grades()
        self._opinions()
        self._reviews()
        self._review_meeting()
        self._ballot()
        if self.people.org.is_cell:
            self._own_organisation()
        return self.out

    def _register(self):
        story, people = self.story, self.people
        changed = [p for p in people.members if p.fate in _STATUS or p.civil_servant
                   or (people is story.new_cell and p is story.people['P4'])]
        if changed:
            self.out.add([member_record(p) for p in changed], actions.ms(20191118, 9))
        if people is story.new_cell:
            mover = story.people['P4']
            self.out.add([{'membership': {'person': mover.ref, 'unit': people.ref, 'kind': 'HOME',
                                          'from': mover.arrived}}], actions.ms(20190812, 9))
        if people is story.host_cell:
            start, end = story.stay
            self.out.add([{'membership': {'person': story.people['P5'].ref, 'unit': people.ref,
                                          'kind': 'TEMPORARY', 'from': start, 'to': end}}],
                         actions.ms(start, 9))

    def _moves(self):
        for person in self.people.members:
            if person.fate != 'graded_elsewhere':
                continue
            letter = f'{self.rng.randint(10, 99)}/GT'
            self.out.add([{'transfer': {
                'person': person.ref, 'kind': 'PERMANENT', 'from': self.people.ref,
                'outside': self.rng.choice(_OUTSIDE), 'effective': person.since,
                'letter_no': letter,
                'issued': person.since, 'presented': names.add_months(person.since, 1),
                'name': person.name, 'birth': person.birth}}], actions.ms(person.since, 16))

    def _leaves(self):
        rng = self.rng
        for person in self.people.graded:
            if person.sick_long:
                start = names.random_date(rng, 20190115, 20190610)
                kind, end = 'SICK', names.add_months(start, rng.randint(4, 5))
            elif person.gender == 'Nữ' and person.birth > 19800101 and rng.random() < 0.04:
                start = names.random_date(rng, 20190101, 20190520)
                kind, end = 'MATERNITY', names.add_months(start, 6)
            elif rng.random() < 0.015 and person.case is None:
                start = names.random_date(rng, 20190201, 20191001)
                kind, end = 'SICK', names.add_months(start, 1)
            else:
                continue
            self.out.add([{'leave': {'person': person.ref, 'kind': kind, 'from': start,
                                     'to': end}}],
                         actions.ms(start, 18))

    def _guests(self, date):
        story = self.story
        if self.people is story.host_cell and date >= story.stay[0]:
            return [story.people['P5']]
        return []

    def _meetings(self):
        rng = self.rng
        months = sorted(rng.sample(range(1, 12), 4))
        themes = sorted(rng.sample((3, 6, 9, 10), rng.choice((1, 1, 2))))
        plan = sorted([(m, rng.randint(2, 5), '') for m in months]
                      + [(m, rng.randint(14, 24), rng.choice(phrases.THEMES)) for m in themes])
        for month, day, theme in plan:
            self._meeting(month, 20190000 + month * 100 + day, theme)

    def _meeting(self, month, date, theme):
        rng, people = self.rng, self.people
        here = votes.ordinary(people, self._guests(date), date, rng)
        hour = 19 if people.domain == 'village' else 14
        voices = [p.name for p in rng.sample(here.present, min(3, len(here.present)))]
        if theme:
            kinds, topics = ['THEMATIC'], [theme]
            text = texts.thematic_minutes(rng, people.domain, theme, self.room, hour,
                                          len(here.present), here.absent, voices)
        else:
            kinds, topics = ['REGULAR'], [f'Sinh hoạt thường kỳ tháng {month}/2019']
            text = texts.regular_minutes(rng, people.domain, month, self.room, hour,
                                         len(here.present), here.absent, voices)
        start = actions.ms(date, hour)
        minutes_long = rng.choice((90, 100, 110, 120))
        meeting = votes.meeting_record(kinds, topics, self.room, start, minutes_long,
                                       people.chair, people.minute_taker, here)
        minutes = {'minutes': {'meeting': actions.here(0), 'text': text}}
        name = ('thematic-' if theme else 'regular-') + f'{month:02d}'
        self.out.add([meeting, minutes, votes.signed_by_chair_and_taker(
            [0, 1], people.chair, people.minute_taker)], start + 3 * 3600000, [name])

    def _civil_grades(self):
        graded = [p for p in self.people.graded if p.civil_servant]
        if graded:
            number = f'{self.rng.randint(100, 999)}/QĐ-XL'
            self.out.add([{'civil_servant_grade': {
                'person': p.ref, 'period': actions.PERIOD, 'grade': p.civil_grade,
                'agency': self.room.replace('Phòng họp ', ''), 'document_no': number}}
                for p in graded], actions.ms(20191121, 15))

    def _opinions(self):
        rng, story, people = self.rng, self.story, self.people
        about = rng.sample(people.graded, min(len(people.graded), rng.randint(1, 3)))
        records = []
        for person in about:
            body = {'about': actions.member(person), 'period': actions.PERIOD,
                    'text': texts.opinion(rng), 'received': 20191120}
            if people.state_employer:
                body.update({'from': 'RESIDENCE', 'from_outside': 'Chi bộ nơi cư trú',
                             'rating': 'Chấp hành tốt', 'form_no': '213'})
            elif rng.random() < 0.5:
                body.update({'from': 'COLLEAGUE', 'by': people.minute_taker.ref})
            else:
                body.update({'from': 'MASS_ORGANISATION', 'from_outside': 'Chi hội Cựu chiến binh'})
            records.append({'opinion': body})
        self.out.add(records, actions.ms(20191121, 16))
        if people is story.new_cell:
            self._opinion_from('P4', 'OLD_PLACE', story.old_cell, 20191203)
        if people is story.home['P5']:
            self._opinion_from('P5', 'TEMPORARY_PLACE', story.host_cell, 20191122)

    def _opinion_from(self, case, kind, cell, received):
        """A letter on paper from a cell of another body, typed where it came in."""
        person = self.story.people[case]
        sender = self.story.cell_title(cell)
        self.out.add([{'opinion': {
            'about': actions.member(person), 'period': actions.PERIOD, 'from': kind,
            'from_outside': sender, 'text': texts.opinion(self.rng), 'rating': 'Hoàn thành tốt',
            'external_ref': f'{self.rng.randint(5, 60)}-CV/CB', 'received': received}}],
            actions.ms(received, 17), [f'opinion-{case.lower()}'])

    def _reviews(self):
        people = self.people
        writers = [p for p in people.members
                   if p.fate in ('graded', 'too_new', 'under_inquiry') and p is not people.chair]
        first = [self._review_record(people.chair),
                 actions.attestation([0], [(people.chair, 'OWN_REVIEW')])]
        self.out.add(first, actions.ms(20191121, 19))
        for i in range(0, len(writers), _REVIEWS_PER_ACTION):
            self.out.add([self._review_record(p) for p in writers[i:i + _REVIEWS_PER_ACTION]],
                         actions.ms(20191122, 8 + i // _REVIEWS_PER_ACTION))

    def _review_record(self, person):
        rng = self.rng
        body = {'subject': actions.member(person), 'period': actions.PERIOD, 'form': '02'}
        body.update(texts.self_review(rng, self.people.domain))
        if person.fate == 'graded':
            own = person.cell_proposal
            if own != 'HTXSNV' and rng.random() < 0.15:
                own = GRADES[GRADES.index(own) - 1]
            body['self_grade'] = own
        body['signed'] = 20191120
        return {'review_report': body}

    def review_attendance(self):
        story, people = self.story, self.people
        away, excused, extra = [], [], []
        if people is story.home['P5']:
            away = [story.people['P5']]
        if people is story.late_cell:
            excused = [(story.people['P6'], 'Nằm viện')]
        if people is story.two_laptops:
            excused = [(p, 'Đi công tác') for p in story.disputed]
        if people is story.old_cell:
            extra = [story.people['P4']]
            excused = [(story.people['P4'], 'Bận việc, báo vắng qua điện thoại')]
        return votes.review(people, self.rng, away, excused, extra)

    def _review_meeting(self):
        rng, people = self.rng, self.people
        self.attendance = self.review_attendance()
        here = self.attendance
        if people is self.story.host_cell:
            here = votes.Attendance(here.present + [self.story.people['P5']], here.excused,
                                    here.unexcused, here.base)
        hour = 8 if people.domain != 'village' else 14
        voices = [p.name for p in rng.sample([p for p in here.present if p.case is None], 2)]
        text = texts.review_minutes(rng, self.room, hour, len(here.present), here.absent, voices)
        start = actions.ms(self.review_date, hour)
        meeting = votes.meeting_record(
            ['REVIEW'], ['Hội nghị kiểm điểm, đánh giá, xếp loại năm 2019'], self.room, start,
            rng.choice((180, 210, 240)), people.chair, people.minute_taker, here)
        minutes = {'minutes': {'meeting': actions.here(0), 'text': text}}
        self.out.add([meeting, minutes, votes.signed_by_chair_and_taker(
            [0, 1], people.chair, people.minute_taker)], start + 4 * 3600000,
            ['review-meeting', 'review-minutes'])

    def _ballot(self):
        story, people, base = self.story, self.people, self.attendance.base
        graded = [(p, p.cell_proposal) for p in people.graded if p.case != 'P6']
        if people is story.old_cell:
            graded.append((story.people['P4'], 'HTXSNV'))
        fixed, written = {}, base
        if people is story.host_cell:
            written = dict(base, official=base['official'] + 1, eligible=base['eligible'] + 1,
                           present=base['present'] + 1)
            fixed = self._vote_at_the_edge(graded, base)
        rows = [(actions.member(p), votes.tally_row(actions.member(p), grade, base, self.rng,
                                                    fixed.get(p))) for p, grade in graded]
        when = actions.ms(self.review_date, 21)
        self.out.add(votes.session_records(actions.record('review-meeting'), rows, written,
                                           people.tellers, people.chair), when,
                     ['member-session', 'member-tally'])
        self.out.add([votes.proposal_record([(actions.member(p), grade) for p, grade in graded],
                                            [actions.record('member-tally')])],
                     when + 1800000, ['member-proposal'])

    @staticmethod
    def _vote_at_the_edge(graded, base):
        """One subject has just enough ballots for the true base, where the base can decide it."""
        for grade in ('HTXSNV', 'HTTNV'):
            need = votes.needed(grade, base['eligible'])
            if need < votes.needed(grade, base['eligible'] + 1):
                for person, proposed in graded:
                    if proposed == grade:
                        return {person: need}
        return {}

    def _own_organisation(self):
        """A grass-roots cell speaks of itself as an organisation, too."""
        org, rng, people = self.people.org, self.rng, self.people
        subjects = [({'kind': 'ORGANISATION', 'id': people.ref}, org.org_grade)]
        if org.has_committee:
            subjects.append(({'kind': 'COMMITTEE', 'id': people.ref}, org.committee_grade))
        write_collective(self.out, subjects, actions.record('review-meeting'), self.attendance.base,
                         people.tellers, people.chair, actions.ms(self.review_date, 22), rng)


def write_collective(out, subjects, meeting, base, tellers, chair, when, rng, **place):
    """Report, ballots and proposal about organisations and committees."""
    reports = []
    for subject, _ in subjects:
        body = {'subject': subject, 'period': actions.PERIOD, 'form': '01', 'signed': 20191120}
        body.update(texts.collective_review(rng, [chair.ref]))
        reports.append({'review_report': body})
    out.add(reports, when - 6 * 3600000)
    rows = [(s, votes.tally_row(s, grade, base, rng)) for s, grade in subjects]
    out.add(votes.session_records(meeting, rows, base, tellers, chair, **place), when,
            ['org-session', 'org-tally'])
    out.add([votes.proposal_record(subjects, [actions.record('org-tally')])], when + 900000,
            ['org-proposal'])

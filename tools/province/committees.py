"""What the committees' people typed: their bodies' papers, postings, and afterwards decisions."""

import random

from . import actions, cells, places, texts, votes
from .story import date_number

DISTRICT_UNIT = actions.unit(places.DISTRICT)


def _committee_base(people):
    count = len(people)
    return {'official': count, 'eligible': count, 'present': count}


def _meeting(out, people, what, room, date, rng, name, unit=None):
    """A committee's or collective's review meeting, with everybody there."""
    here = votes.Attendance(people, [], [], _committee_base(people))
    start = actions.ms(date, 8)
    chair, taker = people[0], people[1]
    meeting = votes.meeting_record(['REVIEW'], [what], room, start, 210, chair, taker, here, unit)
    text = texts.review_minutes(rng, room, 8, len(people), 0, [p.name for p in people[2:4]])
    out.add([meeting, {'minutes': {'meeting': actions.here(0), 'text': text}},
             votes.signed_by_chair_and_taker([0, 1], chair, taker)], start + 4 * 3600000, [name])
    return here.base


def body_papers(org, story, rng):
    """A grass-roots committee's own review and its proposals about itself and its body."""
    out = actions.Lines()
    members = story.committee[org.id]
    unit = actions.unit(org.code)
    room = f'Hội trường {places.committee_name(org)}'
    base = _meeting(out, members, 'Hội nghị Ban Chấp hành kiểm điểm năm 2019', room, 20191213, rng,
                    'review-meeting')
    out.add([{'opinion': {'about': {'kind': 'ORGANISATION', 'id': unit}, 'period': actions.PERIOD,
                          'from': 'MASS_ORGANISATION', 'from_outside': 'Ủy ban Mặt trận Tổ quốc',
                          'text': texts.opinion(rng), 'rating': 'Tốt', 'received': 20191212}}],
            actions.ms(20191212, 16))
    subjects = [({'kind': 'ORGANISATION', 'id': unit}, org.org_grade)]
    if org.has_committee:
        subjects.append(({'kind': 'COMMITTEE', 'id': unit}, org.committee_grade))
    cells.write_collective(out, subjects, actions.record('review-meeting'), base, members[2:4],
                           members[0], actions.ms(20191213, 16), rng)
    return out


def collective_papers(collective, rng):
    """A collective's review of the person who sits in it and in other places."""
    out = actions.Lines()
    people, subject, label = collective.people, actions.member(collective.subject), collective.label
    chair = people[0]
    room = f'Phòng họp {collective.name}'
    base = _meeting(out, people, f'{collective.name}: kiểm điểm năm 2019', room, 20191210, rng,
                    f'{label}-meeting', collective.ref)
    report = {'subject': subject, 'period': actions.PERIOD, 'form': '02', 'signed': 20191209}
    report.update(texts.self_review(rng, 'office'))
    out.add([{'review_report': report}], actions.ms(20191210, 13))
    rows = [(subject, votes.tally_row(subject, collective.level, base, rng))]
    out.add(votes.session_records(actions.record(f'{label}-meeting'), rows, base, people[2:4],
                                  chair, collective.ref), actions.ms(20191210, 15),
            [f'{label}-session', f'{label}-tally'])
    out.add([votes.proposal_record([(subject, collective.level)],
                                   [actions.record(f'{label}-tally')], collective.ref)],
            actions.ms(20191210, 16), [f'{label}-proposal'])
    return out


def _posting(collective, story, managed_by, since, number):
    person = collective.subject
    home = story.home[person.case]
    return {'posting': {
        'person': person.ref, 'place': collective.ref, 'title': collective.title,
        'head': collective.head, 'leadership': True, 'from': since, 'decision_no': number,
        'managed_by': managed_by,
        'name': person.name, 'birth': person.birth, 'home': home.ref, 'reviewed_there': True}}


def _head_of_body(person, org, story, since, number):
    """The head of a committee: what the ceiling of the committee's own level looks for."""
    home = story.home[person.case]
    return {'posting': {
        'person': person.ref, 'place': actions.unit(org.code), 'title': 'Bí thư Đảng ủy',
        'head': True,
        'leadership': True, 'from': since, 'decision_no': number, 'managed_by': DISTRICT_UNIT,
        'name': person.name, 'birth': person.birth, 'home': home.ref}}


def postings_of(org_id, story):
    """Postings the committee of a body manages itself."""
    out = actions.Lines()
    for collective in story.collectives:
        if collective.parent == org_id == 'XA02':
            out.add([_posting(collective, story, actions.unit('xa02'), 20150615, '21-QĐ/ĐU')],
                    actions.ms(20190110, 9))
    return out


def district_papers(story):
    """Postings of the cadres whom the district manages, and transfers between its bodies."""
    out = actions.Lines()
    since = {'P1': 20150820, 'P2': 20160301, 'P7': 20190401}
    for collective in story.collectives:
        case = collective.subject.case
        if case in since:
            records = [_posting(collective, story, DISTRICT_UNIT, since[case], '118-QĐ/HU')]
            if collective.label == 'btv':
                org = story.orgs[collective.parent].org
                records.append(_head_of_body(collective.subject, org, story, since[case],
                                             '118-QĐ/HU'))
            out.add(records, actions.ms(max(20190110, since[case]), 9))
    mover, guest = story.people['P4'], story.people['P5']
    out.add([{'transfer': {
        'person': mover.ref, 'kind': 'PERMANENT', 'from': story.old_cell.ref,
        'to': story.new_cell.ref, 'effective': mover.arrived, 'letter_no': '87/GT-HU',
        'issued': 20190805, 'presented': 20190812, 'name': mover.name, 'birth': mover.birth}}],
        actions.ms(20190805, 10), ['transfer-p4'])
    out.add([{'transfer': {
        'person': guest.ref, 'kind': 'TEMPORARY_STAY', 'from': story.home['P5'].ref,
        'to': story.host_cell.ref, 'effective': story.stay[0], 'letter_no': '64/GT-HU',
        'issued': 20190625, 'presented': 20190701, 'name': guest.name, 'birth': guest.birth}}],
        actions.ms(20190625, 10), ['transfer-p5'])
    return out


def _decide(story, case, **more):
    about = story.case_of(case)
    return dict({'phase': 'decide', 'do': 'decide', 'case_subject': story.people[case].ref,
                 'grade': about['decision']}, **more)


def body_decisions(org, story):
    """What the officers of a grass-roots committee type, in order."""
    lines = []
    date = 20191220
    if org.id == 'XA01':
        lines.append({'phase': 'regrade', 'do': 'regrade_order', 'period': actions.PERIOD,
                      'subjects': [p.ref for p in story.regraded], 'group': org.code,
                      'date': 20191217,
                      'reason': 'Tỷ lệ hoàn thành xuất sắc nhiệm vụ vượt mức cho phép; '
                                'đề nghị chi bộ xếp loại lại các đồng chí có tên.'})
    if org.id == 'XA02':
        lines.append(_decide(story, 'P3', reason=story.case_of('P3')['reason_vi'], date=date))
    if org.id == 'XA10':
        lines.append(_decide(story, 'P6',
                             reason='Theo báo cáo qua điện thoại của bí thư chi bộ; '
                                    'biên bản họp bổ sung chưa nhận được.',
                             date=date, no_proposal=True))
    lines.append({'phase': 'decide', 'do': 'decide_agreed', 'subjects': 'members',
                  'number': f'{random.Random(org.id).randint(11, 49)}-QĐ/ĐU', 'date': date})
    if org.id == 'XA10':
        received = date_number(story.case['late_record']['received'])
        lines.append({'phase': 'late', 'do': 'confirmation', 'case_subject': story.people['P6'].ref,
                      'period': actions.PERIOD, 'date': received + 3,
                      'reason': 'Đã xem biên bản chi bộ ngày 12/12/2019 nhận sau; giữ nguyên mức '
                                'đã quyết định do kết quả công tác cả năm.'})
    return lines


def district_decisions(story):
    """What the district's officers type, in order: organisations first, then people."""
    date = 20191227
    waiver = {'phase': 'decide', 'do': 'waiver', 'rule': 'R51', 'subject': story.people['P7'].ref,
              'period': actions.PERIOD, 'date': date,
              'reason': 'Người đứng đầu mới chuyển đến từ tháng 4/2019, không liên quan đến mức '
                        'xếp loại của tập thể nơi đến.'}
    return [
        {'phase': 'decide', 'do': 'decide_agreed', 'subjects': 'organisations',
         'number': '401-QĐ/HU', 'date': date},
        {'phase': 'decide', 'do': 'decide_agreed', 'subjects': 'committees', 'number': '402-QĐ/HU',
         'date': date},
        _decide(story, 'P1', reason=story.case_of('P1')['reason_vi'], date=date),
        _decide(story, 'P2', reason=story.case_of('P2')['reason_vi'], date=date),
        waiver,
        _decide(story, 'P7',
                reason='Nhận nhiệm vụ từ tháng 4/2019, hoàn thành tốt phần việc được giao; đã có '
                       'văn bản miễn áp dụng mức trần của tập thể.',
                overrides=['R51'], date=date),
        {'phase': 'decide', 'do': 'decide_agreed', 'subjects': 'members', 'number': '403-QĐ/HU',
         'date': date},
    ]

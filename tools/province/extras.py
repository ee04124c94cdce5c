"""Files of cells beyond the year's own: late, corrected, re-graded, typed on a second laptop."""

from . import actions, texts, votes
from .story import date_number


def correction(year):
    """The temporary member leaves the vote base; no ballot changes."""
    out = actions.Lines()
    people = year.people
    acts = [(t, 'TALLY_TELLER') for t in people.tellers] + [(people.chair, 'TALLY_CHAIR')]
    out.add([{'tally_correction': {
        'tally': actions.record('member-tally'), 'base': year.attendance.base,
        'reason': 'Đã tính cả đảng viên sinh hoạt tạm thời vào số được biểu quyết; nay tính lại.'}},
        actions.attestation([0], acts)], actions.ms(20191211, 9), ['tally-correction'])
    return out


def second_laptop(year):
    """The deputy's record of the same meeting: two people stand in another list."""
    people, here = year.people, year.attendance
    disputed = year.story.disputed
    seen = votes.Attendance(here.present + disputed,
                            [(p, why) for p, why in here.excused if p not in disputed],
                            here.unexcused, None)
    start = actions.ms(year.review_date, 8 if people.domain != 'village' else 14)
    meeting = votes.meeting_record(
        ['REVIEW'], ['Kiểm điểm, xếp loại cuối năm 2019'], year.room, start, 200, people.chair,
        people.minute_taker, seen)
    names = [p.name for p in year.rng.sample(people.signers, 2)]
    text = texts.review_minutes(year.rng, year.room, 14, len(seen.present), seen.absent, names)
    out = actions.Lines()
    out.add([meeting, {'minutes': {'meeting': actions.here(0), 'text': text}}],
            start + 5 * 3600000, ['deputy-review-meeting', 'deputy-review-minutes'])
    return out


def duplicate_choice(year):
    """The chair names the official record; the attendance is put right over two signatures."""
    people = year.people
    late, absent = year.story.disputed
    out = actions.Lines()
    out.add([{'duplicate_choice': {
        'canonical': actions.record('review-meeting'),
        'duplicates': [actions.record('deputy-review-meeting')],
        'reason': 'Hai máy ghi cùng một hội nghị; bản của bí thư có biên bản kiểm phiếu.'}}],
        actions.ms(20191210, 9), ['duplicate-choice'])
    text = (f'Đính chính điểm danh hội nghị kiểm điểm: đồng chí {late.name} đến muộn, có mặt sau '
            'khi bỏ phiếu xong nên không tính vào số phiếu phát ra; đồng chí '
            f'{absent.name} vắng có lý do cả buổi. Kết quả kiểm phiếu không thay đổi.')
    out.add([{'minutes': {'meeting': actions.record('review-meeting'), 'text': text}},
             votes.signed_by_chair_and_taker([0], people.chair, people.minute_taker)],
            actions.ms(20191210, 10), ['attendance-correction'])
    return out


def _small_meeting(year, out, date, what, suffix, subjects, attendance):
    """A further review meeting about a few people: meeting, minutes, ballots."""
    people = year.people
    start = actions.ms(date, 19)
    meeting = votes.meeting_record(['REVIEW'], [what], year.room, start, 60, people.chair,
                                   people.minute_taker, attendance)
    who = ', '.join(p.name for p, _ in subjects)
    opening = texts.opening(what, year.room, 19, len(attendance.present), attendance.absent)
    text = (f'{opening}\nChi bộ nghe đồng chí {who} trình bày, thảo luận và góp ý trực tiếp.\n'
            'Tổ kiểm phiếu tổ chức bỏ phiếu kín theo đúng trình tự; biên bản kiểm phiếu lập riêng.')
    out.add([meeting, {'minutes': {'meeting': actions.here(0), 'text': text}},
             votes.signed_by_chair_and_taker([0, 1], people.chair, people.minute_taker)],
            start + 4500000, [f'{suffix}-meeting'])
    rows = [(actions.member(p), votes.tally_row(actions.member(p), grade, attendance.base,
                                                year.rng))
            for p, grade in subjects]
    out.add(votes.session_records(actions.record(f'{suffix}-meeting'), rows, attendance.base,
                                  people.tellers, people.chair), start + 5000000,
            [f'{suffix}-session', f'{suffix}-tally'])


def late_record(year):
    """Minutes of 12 December that the committee sees in January."""
    case = year.story.case['late_record']
    person = year.story.people['P6']
    out = actions.Lines()
    here = votes.review(year.people, year.rng)
    date = date_number(case['minutes_date'])
    _small_meeting(year, out, date, 'Hội nghị kiểm điểm bổ sung năm 2019', 'late',
                   [(person, case['late_vote'])], here)
    out.add([votes.proposal_record([(actions.member(person), case['late_vote'])],
                                   [actions.record('late-tally')])],
            actions.ms(date, 21), ['late-proposal'])
    return out


def regrade(year, persons):
    """The cell votes again about the people an order names and gives its whole list anew."""
    out = actions.Lines()
    here = votes.review(year.people, year.rng)
    _small_meeting(year, out, 20191218, 'Hội nghị xếp loại lại theo yêu cầu của Đảng ủy', 'regrade',
                   [(p, p.grade) for p in persons], here)
    rows = [(actions.member(p), p.grade if p in persons else p.cell_proposal)
            for p in year.people.graded if p.case != 'P6']
    out.add([votes.proposal_record(rows, [actions.record('member-tally'),
                                          actions.record('regrade-tally')],
                                   supersedes=[actions.record('member-proposal')])],
            actions.ms(20191218, 21), ['regrade-proposal'])
    return out

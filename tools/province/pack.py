"""The rule pack and peer groups of 2019, as the district's officers type them."""

from . import actions

_HD21 = 'Hướng dẫn 21-HD/BTCTW ngày 18/10/2019'
_2024 = 'Hướng dẫn của một cơ quan năm 2024; văn bản năm 2019 chưa đối chiếu'
_2011 = 'Hướng dẫn 07-HD/BTCTW ngày 11/10/2011, mục 4; năm 2019 chưa đối chiếu'
_BELOW_FIVE = 'Văn bản năm 2024 viết “những nơi có dưới 05”; tính theo nhóm tương đồng là cách đọc của bộ dữ liệu minh họa'
_LOCAL = 'Giả định của bộ dữ liệu minh họa'

# (name, value, verified, source)
PARAMETERS = [
    ('excellent_cap_percent', '20', True, _HD21),
    ('cap_base', 'good_or_better', False, 'Suy từ ngoại lệ dưới 05; văn bản có thể đọc cách khác'),
    ('cap_rounding', 'floor', True, 'Chữ “không vượt quá” trong văn bản'),
    ('member_cap_scope', 'tccsd', True, _HD21),
    ('org_cap_scope', 'peer_group', True, 'Hướng dẫn xếp loại theo nhóm tương đồng năm 2019'),
    ('lt5_exception', 'true', False, _2024),
    ('lt5_scope', 'peer_group', False, _BELOW_FIVE),
    ('lt5_all', 'good_or_better', False, _2024),
    ('head_ceiling', 'true', False, _2024),
    ('committee_ceiling', 'true', False, _2024),
    ('new_head_exception', 'true', False, f'{_HD21}, mục II.B.6; trích đoạn không đủ'),
    ('new_member_lt6m_must_review', 'true', True, _HD21),
    ('new_member_months', '6', True, _HD21),
    ('new_post_months', '6', False, _2024),
    ('old_place_opinion_months', '6', True, f'{_HD21}, mục II.B.6'),
    ('old_place_within_year', 'true', False, f'{_HD21}, mục II.B.6 không nói rõ'),
    ('sick_ge_3m', 'cap_completed', True, _HD21),
    ('civil_servant_grade_first', 'block', True, 'Hướng dẫn 05-HD/TU; Quy định 132-QĐ/TW'),
    ('excellent_needs_civil_excellent', 'true', True, _HD21),
    ('vote_method', 'secret', False, 'Năm 2011 cho phép biểu quyết hoặc bỏ phiếu'),
    ('vote_base', 'r65', False, 'Quy định về thi hành Điều lệ, mục 9.3; bản năm 2021'),
    ('threshold_htxsnv', '>=2/3', False, _2011),
    ('threshold_httnv', '>1/2', False, _2011),
    ('threshold_htnv', '>1/2', False, _2011),
    ('threshold_khtnv', '>1/2', False, 'Văn bản năm 2014; năm 2019 chưa đối chiếu'),
    ('no_majority', 'refer_up', False, _LOCAL),
    ('absent_deadline', 'none', True, f'{_HD21}: “trong thời gian sớm nhất”'),
    ('report_deadline', '2019-12-15T17:00', False, _LOCAL),
]


def rule_pack():
    return {'id': 'P2019', 'name': 'Đánh giá, xếp loại năm 2019 – huyện Đông Sơn (minh họa)',
            'periods': [actions.PERIOD],
            'parameters': [{'name': n, 'value': v, 'verified': ok, 'source': s}
                           for n, v, ok, s in PARAMETERS]}


def peer_groups(district):
    """One group of organisations and one of their committees for each of the file's groups."""
    out = []
    for group in district.peer_groups:
        orgs = [district.org(o) for o in group['orgs']]
        for suffix, kind, members in (('', 'ORGANISATION', orgs),
                                      ('-TT', 'COMMITTEE', [o for o in orgs if o.has_committee])):
            if members:
                name = group['name_vi'] + (' (tập thể cấp ủy)' if suffix else '')
                out.append({'id': group['id'] + suffix, 'name': name, 'period': actions.PERIOD,
                            'subjects': [{'kind': kind, 'id': actions.unit(o.code)}
                                         for o in members],
                            'owner': actions.unit('dongson')})
    return out

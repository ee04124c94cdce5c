"""Names of units. Communes are called after flowers: no real commune of the district is named."""

DISTRICT = 'dongson'
DISTRICT_NAME = 'Huyện ủy Đông Sơn'

_FLOWERS = {'TT01': 'Hoa Trà', 'XA01': 'Hoa Sim', 'XA02': 'Hoa Gạo', 'XA03': 'Hoa Mua',
            'XA04': 'Hoa Ban', 'XA05': 'Hoa Cau', 'XA06': 'Hoa Sen', 'XA07': 'Hoa Chanh',
            'XA08': 'Hoa Lau', 'XA09': 'Hoa Bưởi', 'XA10': 'Hoa Nhài', 'XA11': 'Hoa Ngâu',
            'XA12': 'Hoa Quế', 'XA13': 'Hoa Sữa'}
TYPES = {'xa': 'xã', 'thi_tran': 'thị trấn', 'co_quan': 'cơ quan', 'truong_hoc': 'trường học',
         'doanh_nghiep': 'doanh nghiệp'}
_OFFICES = {
    'CQ01': ['Văn phòng Huyện ủy', 'Ban Tổ chức Huyện ủy', 'Cơ quan Ủy ban Kiểm tra Huyện ủy',
             'Ban Tuyên giáo Huyện ủy', 'Ban Dân vận Huyện ủy',
             'Cơ quan Ủy ban Mặt trận Tổ quốc huyện',
             'Hội Nông dân và Hội Liên hiệp Phụ nữ huyện',
             'Huyện đoàn và Hội Cựu chiến binh huyện'],
    'CQ02': ['Văn phòng HĐND và UBND huyện', 'Phòng Nội vụ', 'Phòng Tài chính – Kế hoạch',
             'Phòng Nông nghiệp và Phát triển nông thôn', 'Phòng Lao động – Thương binh và Xã hội',
             'Phòng Tư pháp', 'Phòng Giáo dục và Đào tạo', 'Phòng Kinh tế và Hạ tầng',
             'Phòng Tài nguyên và Môi trường', 'Thanh tra huyện', 'Phòng Y tế',
             'Phòng Văn hóa và Thông tin', 'Ban Quản lý dự án', 'Ban Tiếp công dân'],
    'CQ07': ['Đội Nghiệp vụ – Dự toán', 'Đội Kê khai và Kế toán thuế', 'Đội Kiểm tra thuế',
             'Đội Thuế liên xã'],
    'CQ10': ['Khoa Khám bệnh', 'Khoa Nội', 'Khoa Ngoại', 'Khoa Sản', 'Khoa Nhi', 'Khoa Cấp cứu',
             'Khoa Y học cổ truyền', 'Khoa Dược – Cận lâm sàng', 'Khối phòng chức năng'],
    'CQ11': ['Khoa Kiểm soát bệnh tật', 'Khoa An toàn thực phẩm', 'Khoa Sức khỏe sinh sản',
             'Phòng Dân số', 'Phòng Hành chính'],
    'TH': ['Tổ Toán – Tin', 'Tổ Ngữ văn', 'Tổ Khoa học tự nhiên', 'Tổ Khoa học xã hội',
           'Tổ Hành chính'],
    'DN01': ['Phòng Tổng hợp', 'Đội Quản lý đường dây', 'Phòng Kinh doanh', 'Đội Treo tháo'],
    'DN02': ['Phòng Kế toán – Ngân quỹ', 'Phòng Tín dụng', 'Phòng giao dịch số 1',
             'Phòng giao dịch số 2'],
}
_LOCAL_SCHOOLS = {'truong_mam_non': 'Trường Mầm non', 'truong_tieu_hoc': 'Trường Tiểu học',
                  'truong_thcs': 'Trường Trung học cơ sở', 'tram_y_te': 'Trạm Y tế'}


def proper(org):
    """What the body is of: "xã Hoa Sim", "cơ quan chính quyền huyện"."""
    if org.id in _FLOWERS:
        return f'{TYPES[org.kind]} {_FLOWERS[org.id]}'
    return org.detail


def body_name(org):
    return f'Chi bộ {proper(org)}' if org.is_cell else f'Đảng bộ {proper(org)}'


def committee_name(org):
    return f'Đảng ủy {proper(org)}'


def cell_code(org, cell):
    return org.code if org.is_cell else f'{org.code}-cb{cell.index + 1:02d}'


def cell_place(org, cell):
    """The hamlet, school or office a cell is of."""
    if org.is_cell:
        return proper(org)
    number = cell.index + 1
    if cell.kind in ('thon', 'to_dan_pho'):
        return f"{'thôn' if cell.kind == 'thon' else 'tổ dân phố'} {number}"
    if cell.kind in _LOCAL_SCHOOLS:
        return f'{_LOCAL_SCHOOLS[cell.kind]} {_FLOWERS[org.id]}'
    names = _OFFICES.get(org.id) or _OFFICES.get(org.id[:2])
    if names:
        return names[cell.index]
    return f'Phân xưởng {number}'


def cell_name(org, cell):
    place = cell_place(org, cell)
    return body_name(org) if org.is_cell else f'Chi bộ {place}'


def cell_type(cell):
    return {'thon': 'thôn', 'to_dan_pho': 'tổ dân phố', 'truong_mam_non': 'trường học',
            'truong_tieu_hoc': 'trường học', 'truong_thcs': 'trường học', 'tram_y_te': 'trạm y tế',
            'phong_ban': 'phòng, ban', 'to_chuyen_mon': 'tổ chuyên môn',
            'phong_phan_xuong': 'phòng, phân xưởng', 'toan_co_quan': 'cơ quan'}[cell.kind]


def meeting_room(org, cell):
    place = cell_place(org, cell)
    if cell.kind in ('thon', 'to_dan_pho'):
        return f'Nhà văn hóa {place}'
    return f'Phòng họp {place}'

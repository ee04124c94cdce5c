"""People's names, dates and numbers. Every number is of a form that no register issues."""

KINH = [('Nguyễn', 26), ('Lê', 24), ('Trần', 8), ('Phạm', 8), ('Hoàng', 6), ('Trịnh', 6), ('Đỗ', 4),
        ('Mai', 3), ('Vũ', 3), ('Lưu', 2), ('Thiều', 2), ('Ngô', 2), ('Đặng', 2), ('Bùi', 2),
        ('Cao', 2), ('Đào', 1), ('Dương', 1), ('Lương', 1), ('Hà', 1), ('Tống', 1), ('Đàm', 1),
        ('Chu', 1), ('Doãn', 1), ('Hồ', 1), ('Phùng', 1)]
MUONG = [('Bùi', 5), ('Quách', 4), ('Đinh', 3), ('Phạm', 3), ('Trương', 3), ('Hà', 2), ('Cao', 2),
         ('Bạch', 1)]
THAI = [('Vi', 4), ('Lò', 3), ('Lương', 4), ('Hà', 3), ('Lữ', 2), ('Ngân', 3), ('Lộc', 2),
        ('Lang', 1)]
PEOPLES = {'Kinh': KINH, 'Mường': MUONG, 'Thái': THAI}

MIDDLE_M = ('Văn Văn Văn Đình Hữu Xuân Bá Ngọc Quang Đức Viết Thanh Trọng Minh Duy Thế Sỹ Khắc Huy '
            'Công Tiến Như Doãn').split()
MIDDLE_F = ['Thị', 'Thị', 'Thị', 'Thị', 'Thị Thu', 'Thị Thanh', 'Thị Hồng', 'Thị Minh', 'Thị Kim',
            'Ngọc', 'Thu', 'Thanh', 'Thị Mai', 'Thị Lan']
GIVEN_M = ('An Bắc Bình Cảnh Chiến Chinh Chung Cường Dũng Dương Đại Đạo Đạt Điệp Định Đông '
           'Đức Giang Hải Hạnh Hào Hậu Hiền Hiệp Hiếu Hòa Hoàn Hồng Hợp Huân Hùng Huy Hưng '
           'Kha Khánh Khoa Khôi Kiên Lâm Lân Liêm Linh Long Lộc Lợi Luận Lực Lương Mạnh '
           'Minh Nam Nghĩa Nghiệp Ngọc Nhân Nhật Ninh Phong Phú Phúc Phương Quân Quang Quế '
           'Quốc Quý Quyền Quyết Sáng Sâm Sinh Sơn Tài Tám Tân Tấn Thạch Thái Thanh Thành '
           'Thảo Thắng Thân Thế Thiện Thịnh Thọ Thông Thuận Thủy Thư Thức Tiến Tình Toàn '
           'Toản Tráng Trí Triệu Trung Trường Tú Tuân Tuấn Tùng Tuyên Vận Viên Việt Vinh '
           'Vượng').split()
GIVEN_F = ('An Anh Bích Châu Chi Chung Cúc Diễm Dung Duyên Đào Giang Hà Hải Hạnh Hằng Hậu '
           'Hiên Hiền Hiếu Hoa Hòa Hoài Hoan Hồng Huế Huệ Huyền Hương Hường Khuyên Lan Lệ '
           'Lịch Liên Liễu Linh Loan Luyến Lý Mai Minh Mơ Mùi Nga Ngân Ngọc Nguyệt Nhàn '
           'Nhâm Nhung Oanh Phương Phượng Quy Quyên Quỳnh Sen Tâm Thảo Thắm Thêu Thoa Thơ '
           'Thơm Thu Thúy Thủy Thường Tính Toan Trang Trinh Tuyết Tươi Vân Vinh Vui Xuân '
           'Xuyến Yên Yến').split()


def weighted(rng, pairs):
    """One value out of (value, weight) pairs."""
    return rng.choices([v for v, _ in pairs], [w for _, w in pairs])[0]


def days_in_month(year, month):
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def random_date(rng, first, last):
    """A date yyyymmdd between two others, both included."""
    while True:
        year = rng.randint(first // 10000, last // 10000)
        month = rng.randint(1, 12)
        date = year * 10000 + month * 100 + rng.randint(1, days_in_month(year, month))
        if first <= date <= last:
            return date


def add_months(date, months):
    """The same day `months` later, or the last day of that month."""
    year, month, day = date // 10000, date // 100 % 100, date % 100
    month += months
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    return year * 10000 + month * 100 + min(day, days_in_month(year, month))


class Namer:
    """Gives out names and numbers; no two people of a district share name and birth date."""

    def __init__(self, rng):
        self._rng = rng
        self._taken = set()
        self._cards = list(range(1000, 999999, 7))
        rng.shuffle(self._cards)

    def name(self, gender, people, birth):
        """A name nobody else born on that day has."""
        rng = self._rng
        while True:
            surname = weighted(rng, PEOPLES[people])
            plain = people != 'Kinh' or birth < 19600101
            if gender == 'Nữ':
                middle = 'Thị' if plain else rng.choice(MIDDLE_F)
                given = rng.choice(GIVEN_F)
            else:
                middle = 'Văn' if people != 'Kinh' else rng.choice(MIDDLE_M)
                given = rng.choice(GIVEN_M)
            if given in (surname, middle.split()[-1]):
                continue
            full = f'{surname} {middle} {given}'
            if (full, birth) not in self._taken:
                self._taken.add((full, birth))
                return full

    def numbers(self, birth, official):
        """Card, citizen and phone numbers. Prefixes 00, 999 and 0000 are given to nobody."""
        serial = self._cards.pop()
        card = f'00.{serial:06d}' if official else ''
        citizen = f'999{birth // 10000 % 1000:03d}{serial:06d}'
        phone = f'0000{serial:06d}' if self._rng.random() < 0.85 else ''
        return card, citizen, phone

"""Roster files, in the shapes that people's spreadsheets really have."""

import csv
import io
import unicodedata

COLUMNS = ['Họ và tên', 'Ngày sinh', 'Giới tính', 'Dân tộc', 'Ngày vào Đảng', 'Ngày chính thức',
           'Số thẻ', 'CCCD', 'Điện thoại', 'Chức vụ', 'Ghi chú']


def _date(value, iso):
    if not value:
        return ''
    year, month, day = value // 10000, value // 100 % 100, value % 100
    return f'{year:04d}-{month:02d}-{day:02d}' if iso else f'{day:02d}/{month:02d}/{year:04d}'


def write(path, people, rng):
    """Writes one cell's roster; the form of the file is the cell's own."""
    iso, bom, nfd = rng.random() < 0.4, rng.random() < 0.5, rng.random() < 0.25
    order = list(range(len(COLUMNS)))
    if rng.random() < 0.3:
        rng.shuffle(order)
    text = io.StringIO()
    out = csv.writer(text, delimiter=rng.choice(',,;'),
                     lineterminator='\r\n' if rng.random() < 0.6 else '\n')
    out.writerow([COLUMNS[i] for i in order])
    for p in people:
        row = [p.name, _date(p.birth, iso), p.gender, p.ethnicity, _date(p.admitted, iso),
               _date(p.official, iso), p.card, p.citizen, p.phone, p.position, p.note]
        out.writerow([row[i] for i in order])
    content = unicodedata.normalize('NFD' if nfd else 'NFC', text.getvalue())
    with open(path, 'wb') as f:
        f.write((b'\xef\xbb\xbf' if bom else b'') + content.encode('utf-8'))

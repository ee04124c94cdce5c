"""What the demonstration says, and how long each phase took."""
import json
import os
import sys
import time

# The words chibo itself says.
_CATALOGUES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'node', 'text')

VI = {
    'notice': 'DỮ LIỆU MINH HỌA: người, đơn vị và phân bổ là tưởng tượng; chỉ các tổng số lấy từ bài báo.',
    'cheap': 'Khóa được bảo vệ bằng mật khẩu với chi phí Argon2id thấp nhất, chỉ để minh họa: máy thật dùng mức thường.',
    'inputs': 'Tạo giấy tờ năm 2019 (tỷ lệ {scale}, số gieo {seed})',
    'given': 'Lấy giấy tờ năm 2019 từ {path}',
    'foreign': '{path} có dữ liệu không phải do bản minh họa này tạo ra: chưa thay đổi gì. Hãy nêu thư mục khác bằng --dir.',
    'made': '{cells} chi bộ, {bodies} đảng bộ cơ sở',
    'enrol': 'Ghi danh: khóa của tỉnh (không chạy máy nào) → huyện → đảng ủy cơ sở → chi bộ',
    'rosters': 'Nhập danh sách đảng viên, lập khóa cho người ký; gửi và nhận số liệu lần đầu tại trụ sở, đường truyền tốt',
    'person_keys': 'Khóa của người ký được cấp trên chứng nhận',
    'postings': 'Huyện và cơ sở ghi chức vụ, chuyển sinh hoạt; nơi liên quan nhận về',
    'year': 'Chi bộ ghi cả năm, không có mạng; đảng ủy ghi hội nghị của mình',
    'arrival': 'Gửi và nhận số liệu qua đường truyền xấu: trễ {delay} ms, 5–20 kB/s, cứ 4–30 kB lại đứt, '
               '{air} chi bộ cùng lúc',
    'after': 'Trùng hội nghị, đính chính phiếu, xếp loại lại theo yêu cầu',
    'cases': 'Các việc chờ quyết định: máy không tự quyết việc nào',
    'decide': 'Quyết định, ký đúng cấp: đảng ủy cơ sở trước, rồi huyện',
    'late': 'Biên bản đến muộn: cấp đã quyết định xem lại và xác nhận',
    'down': 'Quyết định về đến từng chi bộ, vẫn qua đường truyền xấu',
    'table': 'Bảng tổng hợp của huyện',
    'verify': 'chibo-verify kiểm tra dữ liệu của huyện',
    'took': '{seconds} giây',
    'done': 'Xong trong {seconds} giây; {runs} lần chạy chibo.',
    'enrolled': '{units} đơn vị, {devices} máy đã được cấp chứng nhận',
    'rostered': '{people} đảng viên, {keys} khóa người ký',
    'certified': '{keys} khóa người ký được chứng nhận',
    'recorded': '{entries} mục, {records} bản ghi; đang chỉ có trên máy chi bộ: {only}',
    'line': '{sessions} phiên; lên {up} byte, xuống {down} byte; đứt {cuts} lần, {retries} lần nối lại trong cùng một lệnh '
            'chibo sync; nhiều nhất {most} đường cùng lúc',
    'received': 'cấp trên đã nhận hết của {cells}/{of} chi bộ',
    'wave': 'đợt {number}: {cells} chi bộ, {papers} hồ sơ tập thể',
    'refused': 'Đảng ủy {unit} định quyết định khi vượt tỷ lệ 20%: máy không ký gì ({rules})',
    'not_refused': 'Đảng ủy {unit} vượt tỷ lệ mà máy vẫn ký',
    'regraded': 'Đảng ủy {unit} yêu cầu xếp loại lại; {cells} chi bộ trả lời',
    'case_count': '{unit}: {open} việc đang mở, {closed} việc đã đóng',
    'none_decided': 'chưa ai có mức xếp loại: {graded} trên {register}',
    'decided': '{unit}: {rows} mức được ký trong {lines} dòng',
    'reached': '{cells}/{of} chi bộ thấy đủ mức của đảng viên mình',
    'confirmed': '{unit}: giữ nguyên quyết định sau khi xem biên bản đến muộn',
    'verified': 'đạt: {streams} chuỗi, {entries} mục, {records} bản ghi',
    'verify_failed': 'KHÔNG đạt (mã {code}): {text}',
    'case_missing': 'không thấy việc đang mở mà lẽ ra phải có: {names}',
    'no_verify': 'không có chibo-verify cạnh chibo: số liệu chưa được kiểm tra',
    'flipped': 'đổi một byte trong một bản ghi của bản sao ({where}): chibo-verify gọi đúng tên',
    'flip_missed': 'đổi một byte trong bản sao ({where}) mà chibo-verify không gọi đúng tên (mã {code}): {text}',
    'data_at': 'Dữ liệu nằm ở {path} (mỗi đơn vị một thư mục trong don-vi/). Thử:',
    'try_serve': 'để gửi và nhận lại, chạy máy của cấp trên ở một cửa sổ khác',
    'failed': 'Không như mong đợi: {what}',
    'published': 'in trong bài',
    'derived': 'suy ra, không có trong bài',
    'here': 'ở đây',
    'small': 'Tỷ lệ nhỏ: số khác với bài báo; chạy không có --scale để so.',
}
EN = {
    'notice': 'DỮ LIỆU MINH HỌA / ILLUSTRATIVE DATA: people, units and distribution are invented; only the totals come '
              'from the article.',
    'cheap': 'Keys are sealed at the lowest Argon2id cost, for this demonstration only: real machines use the normal one.',
    'inputs': 'Making the papers of 2019 (scale {scale}, seed {seed})',
    'given': 'Taking the papers of 2019 from {path}',
    'foreign': '{path} holds something that this demonstration did not make: nothing was touched. Name another directory '
               'with --dir.',
    'made': '{cells} cells, {bodies} grass-roots bodies',
    'enrol': 'Enrolment: the province key (no machine runs) → district → grass-roots committees → cells',
    'rosters': 'Rosters are imported, signers make their keys; first sync at the office, on a good line',
    'person_keys': 'Signers\' keys are certified by the superior',
    'postings': 'District and bodies record posts and transfers; those concerned receive them',
    'year': 'Cells record their whole year without a network; committees record their own meetings',
    'arrival': 'Sync over a bad line: {delay} ms late, 5–20 kB/s, cut every 4–30 kB, {air} cells at a time',
    'after': 'A meeting recorded twice, a corrected tally, grading anew on request',
    'cases': 'Cases that wait for a decision: the machine settles none',
    'decide': 'Decisions, signed at the right level: grass-roots committees first, then the district',
    'late': 'Minutes that came late: the authority looks again and confirms',
    'down': 'Decisions reach every cell, over the bad line as well',
    'table': 'The district\'s table',
    'verify': 'chibo-verify checks the district\'s data',
    'took': '{seconds} s',
    'done': 'Done in {seconds} s; chibo ran {runs} times.',
    'enrolled': '{units} units, {devices} devices certified',
    'rostered': '{people} members, {keys} signers\' keys',
    'certified': '{keys} signers\' keys certified',
    'recorded': '{entries} entries, {records} records; only on the cells\' machines so far: {only}',
    'line': '{sessions} sessions; {up} bytes up, {down} bytes down; {cuts} cuts, {retries} retries inside the same chibo '
            'sync; at most {most} connections at once',
    'received': 'the superior has received everything of {cells}/{of} cells',
    'wave': 'wave {number}: {cells} cells, {papers} papers of collectives',
    'refused': 'Committee {unit} tries to decide above its 20% cap: refused, nothing signed ({rules})',
    'not_refused': 'Committee {unit} is above its cap and was not refused',
    'regraded': 'Committee {unit} orders grading anew; {cells} cells answer',
    'case_count': '{unit}: {open} cases open, {closed} closed',
    'none_decided': 'nobody has a level yet: {graded} of {register}',
    'decided': '{unit}: {rows} levels signed in {lines} lines',
    'reached': '{cells}/{of} cells see every level of their members',
    'confirmed': '{unit}: the decision stands after the late minutes were read',
    'verified': 'passes: {streams} streams, {entries} entries, {records} records',
    'verify_failed': 'does NOT pass (code {code}): {text}',
    'case_missing': 'these should have an open case and have none: {names}',
    'no_verify': 'there is no chibo-verify beside chibo: the data was not checked',
    'flipped': 'one byte of one record flipped in a copy ({where}): chibo-verify names it',
    'flip_missed': 'one byte flipped in a copy ({where}) and chibo-verify does not name it (code {code}): {text}',
    'data_at': 'The data lies in {path} (a directory for each unit in don-vi/). Try:',
    'try_serve': 'to sync again, run the superior\'s machine in another window',
    'failed': 'Not as expected: {what}',
    'published': 'printed in the article',
    'derived': 'derived, not in the article',
    'here': 'here',
    'small': 'At a small scale the figures are not the article\'s; run without --scale to compare.',
}


def number(value, lang):
    """1234567 is 1.234.567 in Vietnamese, 1,234,567 in English."""
    text = f'{value:,}'
    return text.replace(',', '.') if lang == 'vi' else text


def percent(hundredths, lang):
    text = f'{hundredths // 100}.{hundredths % 100:02d}'
    return (text.replace('.', ',') if lang == 'vi' else text) + ' %'


class Screen:
    def __init__(self, lang):
        self.lang = lang
        self._texts = VI if lang == 'vi' else EN
        with open(os.path.join(_CATALOGUES, lang + '.json'), encoding='utf-8') as f:
            self._catalogue = json.load(f)
        self._start = time.monotonic()
        self._phase = None
        self._live = sys.stdout.isatty()
        self.failures = []

    def text(self, key, **values):
        shown = {k: number(v, self.lang) if isinstance(v, int) and not isinstance(v, bool) else v
                 for k, v in values.items()}
        return self._texts[key].format(**shown)

    def name(self, section, key):
        """What chibo calls it in this language."""
        return self._catalogue[section][key]

    def elapsed(self):
        return time.monotonic() - self._start

    def phase(self, key, **values):
        self.end_phase()
        self._phase = time.monotonic()
        print(f'\n== [{self._clock()}] {self.text(key, **values)}', flush=True)

    def end_phase(self):
        if self._phase is not None:
            seconds = time.monotonic() - self._phase
            print('   ' + self.text('took', seconds=f'{seconds:.1f}'), flush=True)
            self._phase = None

    def say(self, key, **values):
        self.line(self.text(key, **values))

    def line(self, text):
        print(('\r\x1b[K' if self._live else '') + '   ' + text, flush=True)

    def expect(self, holds, what):
        """Goes on either way; the demonstration ends with 1 when something did not hold."""
        if not holds:
            self.failures.append(what)
            self.say('failed', what=what)
        return holds

    def progress(self, done, of):
        """A count that grows in place, on a terminal only."""
        if self._live and (done == of or done % 5 == 0):
            print(f'\r\x1b[K   {done}/{of}', end='' if done < of else '\r\x1b[K', flush=True)

    def _clock(self):
        seconds = int(self.elapsed())
        return f'{seconds // 60}m{seconds % 60:02d}s'

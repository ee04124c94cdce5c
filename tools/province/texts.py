"""Puts sentences together to minutes, reviews and opinions."""

from . import phrases, self_reviews

DOMAIN_OF_CELL = {
    'thon': 'village', 'to_dan_pho': 'village', 'truong_mam_non': 'school',
    'truong_tieu_hoc': 'school', 'truong_thcs': 'school', 'to_chuyen_mon': 'school',
    'tram_y_te': 'health', 'phong_ban': 'office',
    'toan_co_quan': 'office', 'phong_phan_xuong': 'business',
}


def fill(rng, sentence):
    """Puts numbers into a sentence."""
    out = []
    for i, part in enumerate(sentence.split('{')):
        if i == 0:
            out.append(part)
            continue
        slot, rest = part[0], part[2:]
        number = {'n': rng.randint(2, 9), 'm': rng.randint(12, 95), 'p': rng.randint(81, 99),
                  'd': rng.choice((5, 10, 15, 20, 25, 28))}[slot]
        out.append(f'{number}{rest}')
    return ''.join(out)


def pick(rng, bank, count):
    return [fill(rng, s) for s in rng.sample(bank, min(count, len(bank)))]


def opening(what, place, hour, present, absent):
    away = f'vắng {absent} đồng chí' if absent else 'không có đồng chí nào vắng'
    return f'{what} khai mạc lúc {hour} giờ tại {place}; có mặt {present} đồng chí, {away}.'


def regular_minutes(rng, domain, month, place, hour, present, absent, names):
    head = opening(f'Sinh hoạt thường kỳ tháng {month}/2019', place, hour, present, absent)
    body = [head, 'Kết quả tháng trước: ' + ' '.join(pick(rng, phrases.DONE[domain],
                                                          rng.randint(2, 4)))]
    body += pick(rng, phrases.IDEOLOGY, rng.randint(1, 2))
    body += pick(rng, phrases.BUILDING, rng.randint(1, 3))
    said = rng.sample(phrases.SPEECH[domain], min(len(names), rng.randint(1, 3)))
    for name, words in zip(names, said):
        body.append(f'Đồng chí {name} {words}.')
    body.append('Nhiệm vụ tới: ' + ' '.join(pick(rng, phrases.NEXT[domain], rng.randint(2, 3))))
    body += pick(rng, phrases.CONCLUDE, 1)
    return '\n'.join(body)


def thematic_minutes(rng, domain, theme, place, hour, present, absent, names):
    body = [opening(f'Sinh hoạt chuyên đề “{theme}”', place, hour, present, absent)]
    body += pick(rng, phrases.THEME_BODY, rng.randint(3, 5))
    for name, words in zip(names, rng.sample(phrases.SPEECH[domain], 1)):
        body.append(f'Đồng chí {name} {words}.')
    body += pick(rng, phrases.CONCLUDE, 1)
    return '\n'.join(body)


def review_minutes(rng, place, hour, present, absent, names):
    what = 'Hội nghị kiểm điểm, đánh giá, xếp loại năm 2019'
    body = [opening(what, place, hour, present, absent)]
    bank = phrases.REVIEW_BODY
    chosen = sorted(rng.sample(range(len(bank)), rng.randint(5, 8)))
    body += [fill(rng, bank[i]) for i in chosen]
    for name in names:
        fault = rng.choice(self_reviews.FAULTS)[0]
        fault = fault[0].lower() + fault[1:]
        body.append(f'Góp ý với đồng chí {name}: {fault}; cần có biện pháp cụ thể.')
    body += pick(rng, phrases.CONCLUDE[:4], 1)
    return '\n'.join(body)


def self_review(rng, domain):
    """Fields of a personal review."""
    strengths = pick(rng, self_reviews.POLITICS, rng.randint(1, 2))
    strengths += pick(rng, self_reviews.WORK[domain], rng.randint(1, 2))
    faults = rng.sample(self_reviews.FAULTS, rng.choice((1, 1, 2)))
    out = {'strengths': ' '.join(strengths),
           'shortcomings': [{'text': text, 'cause': cause} for text, cause in faults],
           'plan': rng.choice(self_reviews.PLAN)}
    remedied = rng.choice(self_reviews.REMEDIED)
    if remedied:
        out['remedied'] = remedied
    return out


def collective_review(rng, responsible):
    """Fields of a collective's report; each shortcoming names who answers for it."""
    faults = rng.sample(self_reviews.COLLECTIVE_FAULTS, 2)
    return {'text': ' '.join(pick(rng, self_reviews.COLLECTIVE, rng.randint(3, 5))),
            'shortcomings': [{'text': text, 'cause': cause, 'responsible': responsible}
                             for text, cause in faults],
            'plan': 'Giao từng đồng chí phụ trách, kiểm tra lại vào cuối quý II năm sau.'}


def opinion(rng):
    return ' '.join(rng.sample(self_reviews.OPINIONS, rng.choice((1, 2))))

# ctest label: unit
"""Every failure, finding and set-aside reason has its sentence in both languages, and the sentences keep the words of
the people who read them."""

import os
import pathlib
import re
import sys
import unicodedata
import unittest

import catalogue

ROOT = pathlib.Path(os.environ.get("CHIBO_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
VIETNAMESE = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]")

# Words that read as an accusation, or that mean something else in party work, or that only programmers say.
TRAPS = (
    "xác minh", "cách ly", "xung đột", "từ chối", "lỗi", "người dùng", "tạo cuộc họp", "tải lên", "đẩy lên", "upload",
    "node", "server", "quota", "vote", "đồng bộ", "hash", "merkle", "khóa công khai", "không hợp lệ hóa", "thất bại",
)
# Vietnamese typed without its marks; none of these is a word as it stands.
UNMARKED = re.compile(r"\b(khong|duoc|nguoi|chua|nhung|phai|truoc|dang vien|chi bo|may nay|du lieu|chu ky|quyet dinh)\b")


class Catalogue(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.texts = catalogue.sources(ROOT)
        cls.reasons, cls.unclear = catalogue.reasons(cls.texts)
        cls.catalogues = {language: catalogue.load(ROOT, language) for language in catalogue.LANGUAGES}

    def assert_covers(self, section, wanted):
        for language, loaded in self.catalogues.items():
            with self.subTest(section=section, language=language):
                texts = loaded[section]
                missing = sorted(f"{key} ({wanted[key]})" for key in wanted if not texts.get(key, "").strip())
                self.assertEqual([], missing, "these have no sentence")
                self.assertEqual([], sorted(set(texts) - set(wanted)), "nothing says these any more")

    def test_every_reason_has_its_sentence(self):
        self.assertGreater(len(self.reasons), 40)
        self.assert_covers("errors", self.reasons)

    def test_every_reason_can_be_read_off_the_source(self):
        self.assertEqual([], self.unclear, "a reason is a literal where it is given, or a parameter named reason")

    def test_reasons_are_keys(self):
        self.assertEqual([], [r for r in self.reasons if not catalogue.KEY.fullmatch(r)])

    def test_every_code_has_its_sentence(self):
        self.assert_covers("codes", dict.fromkeys(catalogue.codes(ROOT), "base/error.def"))

    def test_every_set_aside_reason_has_its_sentence(self):
        self.assert_covers("set_aside", dict.fromkeys(catalogue.set_aside(ROOT), "domain/fact.h"))

    def test_every_reason_for_taking_nothing_up_has_its_sentence(self):
        self.assert_covers("unheeded", dict.fromkeys(catalogue.unheeded(ROOT), "domain/unheeded.h"))

    def test_every_finding_has_its_sentence(self):
        self.assert_covers("finding", catalogue.findings(self.texts))

    def test_every_sentence_asked_for_by_name_is_there(self):
        for language, loaded in self.catalogues.items():
            have = catalogue.flat(loaded)
            with self.subTest(language=language):
                missing = [f"{'.'.join(k)} ({path})" for k, path in catalogue.asked_for(self.texts).items() if k not in have]
                self.assertEqual([], sorted(missing))

    def test_every_sentence_of_the_commands_is_said_somewhere(self):
        said = catalogue.literals(self.texts)
        for language, loaded in self.catalogues.items():
            with self.subTest(language=language):
                self.assertEqual([], sorted(set(loaded["cli"]) - said))

    def test_every_kind_of_record_has_its_name(self):
        kinds = catalogue.record_kinds(ROOT)
        self.assertIn("meeting", kinds)
        # What can be written by a command is called as the command is.
        written = set(self.catalogues["vi"]["commands"])
        self.assert_covers("record_kind", {k: "proto/kind.cc" for k in kinds if f"write_{k}" not in written})

    def test_every_value_of_an_enum_that_people_read_has_its_words(self):
        for section, (file, *_) in catalogue.ENUMS.items():
            self.assert_covers(section, dict.fromkeys(catalogue.enum_names(ROOT, section), file))


class Sentences(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.vi, cls.en = (catalogue.flat(catalogue.load(ROOT, language)) for language in catalogue.LANGUAGES)

    def test_both_languages_say_the_same_things(self):
        self.assertEqual(sorted(self.vi), sorted(self.en))
        for key in self.vi:
            with self.subTest(key=key):
                self.assertEqual(catalogue.placeholders(self.vi[key]), catalogue.placeholders(self.en[key]))

    def test_errors_say_where_and_can_do_without(self):
        # Whoever shows the sentence leaves out " ({where})" when there is no place to name.
        for texts in (self.vi, self.en):
            for (section, key), text in texts.items():
                if section in ("errors", "codes"):
                    with self.subTest(key=key):
                        self.assertEqual(["{where}"], catalogue.placeholders(text))
                        self.assertIn(" ({where})", text)

    def test_sentences_are_sentences(self):
        for texts in (self.vi, self.en):
            for (section, key), text in texts.items():
                if section in ("errors", "codes", "set_aside", "unheeded", "finding"):
                    with self.subTest(key=key):
                        self.assertRegex(text, r"^[^\W\d_a-zđ]|^\{", "begins with a capital letter")
                        self.assertRegex(text, r"[.?]$", "ends")
                        self.assertNotRegex(text, r"  |\s$")

    def test_vietnamese_is_written_with_its_marks(self):
        for key, text in self.vi.items():
            with self.subTest(key=key):
                self.assertEqual(text, unicodedata.normalize("NFC", text), "NFC")
                self.assertNotRegex(text.lower(), UNMARKED)
                if len(text) > 20:
                    self.assertRegex(text.lower(), VIETNAMESE)

    def test_vietnamese_keeps_clear_of_traps(self):
        for key, text in self.vi.items():
            for trap in TRAPS:
                with self.subTest(key=key, trap=trap):
                    self.assertNotRegex(text.lower(), rf"\b{trap}\b")

    def test_english_reads_right_for_one(self):
        # The catalogue has one sentence for all numbers: "Units added: 1", not "1 units added".
        things = "units|rows|records|entries|streams|keys|subjects|files|connections|lines|cells|organisations"
        for key, text in self.en.items():
            if key[0] == "cli":
                with self.subTest(key=key):
                    self.assertNotRegex(text, rf"\{{\d\}} (?:[\w-]+ ){{0,2}}(?:{things})\b")

    def test_english_is_english(self):
        for key, text in self.en.items():
            with self.subTest(key=key):
                self.assertNotRegex(text.lower(), VIETNAMESE)


class Demonstration(unittest.TestCase):
    """What tools/demo says stands beside it, and is read by the same people."""

    @classmethod
    def setUpClass(cls):
        folder = str(ROOT / "tools" / "demonstration")
        sys.path.insert(0, folder)
        cls.addClassCleanup(sys.path.remove, folder)
        import screen

        cls.vi, cls.en = screen.VI, screen.EN

    def test_both_languages_say_the_same_things(self):
        self.assertGreater(len(self.vi), 40)
        self.assertEqual(sorted(self.vi), sorted(self.en))
        for key in self.vi:
            with self.subTest(key=key):
                self.assertEqual(catalogue.placeholders(self.vi[key]), catalogue.placeholders(self.en[key]))

    def test_vietnamese_keeps_its_marks_and_clear_of_traps(self):
        for key, text in self.vi.items():
            with self.subTest(key=key):
                self.assertEqual(text, unicodedata.normalize("NFC", text), "NFC")
                self.assertNotRegex(text.lower(), UNMARKED)
                self.assertEqual([], [trap for trap in TRAPS if re.search(rf"\b{trap}\b", text.lower())])


class Reading(unittest.TestCase):
    """How reasons are read off the sources: what this misses has no sentence and nobody knows."""

    def read(self, text):
        return catalogue.reasons({"a.cc": text})

    def test_a_plain_failure(self):
        self.assertEqual(["a_b"], list(self.read('return Fail(Code::kIo, "a_b", Place(x, "y"));')[0]))

    def test_a_failure_over_lines_and_conditions(self):
        found, unclear = self.read('Fail(late ? Code::kIo : Code::kBusy,\n  late ? "late_one" : "busy_one");')
        self.assertEqual(["busy_one", "late_one"], sorted(found))
        self.assertEqual([], unclear)

    def test_a_reason_handed_on(self):
        text = (
            "Status Require(bool holds, std::string_view reason, std::string_view where) {\n"
            "  return Fail(Code::kBadInput, reason, where);\n}\n"
            'Status F() { return Require(G(1, "x") > 0, "too_few", "line"); }\n'
        )
        found, unclear = self.read(text)
        self.assertEqual(["too_few"], list(found))
        self.assertEqual([], unclear)

    def test_a_pair_of_code_and_reason(self):
        self.assertEqual(["disk_failing"], list(self.read('return {Code::kDiskFailing, "disk_failing"};')[0]))
        self.assertEqual(["it_ended"], list(self.read('return {*code, "it_ended", {}};')[0]))

    def test_a_reason_that_is_made_up_on_the_way(self):
        self.assertEqual(1, len(self.read("return Fail(Code::kIo, MakeReason(x));")[1]))

    def test_comments_give_no_reasons(self):
        root = pathlib.Path(self.enterContext(self.folder()))
        (root / "base").mkdir()
        (root / "base" / "a.cc").write_text('// Fail(Code::kIo, "in_a_comment")\nF("http://x");\n', encoding="utf-8")
        texts = catalogue.sources(root)
        self.assertEqual({}, catalogue.reasons(texts)[0])
        self.assertIn("http://x", texts["base/a.cc"])

    @staticmethod
    def folder():
        import tempfile

        return tempfile.TemporaryDirectory()


if __name__ == "__main__":
    unittest.main()

"""What a refusal has to be, in both languages."""

import json
import re
import unittest

from world import SOURCE, VERIFIER

CATALOGUE = {
    language: json.loads((SOURCE / "node" / "text" / f"{language}.json").read_text()) for language in ("vi", "en")
}
# Words of a library or of the system that would stand in the middle of a sentence for people.
FOREIGN = re.compile(r"\b(error|failed|failure|cannot|unable|invalid|malformed|database|disk|errno|exception)\b", re.I)


def sentence(language, reason, where):
    """The catalogue's sentence, with its place."""
    text = CATALOGUE[language]["errors"][reason]
    return text.replace("{where}", where) if where else text.replace(" ({where})", "")


class RefusalCase(unittest.TestCase):
    """Tests over a `world` whose commands are refused."""

    def assert_refused(self, code, reason, *words, **more):
        """The exit code, the reason, and its sentence in each language: what, where, and what to do. Returns the
        error as JSON."""
        answer = self.world.try_run(*words, "--json", **more)
        self.assertEqual(code, answer.code, str(answer))
        error = answer.json["error"]
        self.assertEqual(reason, error["reason"], str(answer))
        for language in ("vi", "en"):
            spoken = self.world.try_run(*words, "--lang", language, **more)
            self.assertEqual(code, spoken.code, str(spoken))
            self.assert_spoken(language, reason, spoken.err)
        return error

    def assert_spoken(self, language, reason, printed):
        """The last line is the one sentence of that reason, wherever it happened."""
        said = printed.strip().splitlines()[-1]
        before, _, after = CATALOGUE[language]["errors"][reason].partition(" ({where})")
        self.assertTrue(after, f"{reason} names no place and no way out")
        said = said.removeprefix("chibo: ").removeprefix("chibo-verify: ")
        self.assertTrue(said.startswith(before) and said.endswith(after), f"{language} {reason}: {said}")
        place = said[len(before) : len(said) - len(after)]
        self.assertNotIn("{", place)
        self.assertNotRegex(re.sub(r"/\S+", "", place), FOREIGN, said)

    def assert_verifier_refuses(self, code, what, *words):
        """chibo-verify: one line in each language; `what` is a pattern for each."""
        for language in ("vi", "en"):
            answer = self.world.try_run(*words, "--lang", language, program=VERIFIER, passphrase=False)
            self.assertEqual(code, answer.code, str(answer))
            self.assertRegex(answer.out + answer.err, what[language])

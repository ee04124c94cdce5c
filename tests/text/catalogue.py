"""Which texts for people the sources call for, and what the catalogues node/text/{vi,en}.json say."""

import json
import pathlib
import re

FOLDERS = ("base", "proto", "sync", "domain", "storage", "node", "tools")
# Stands alone: it links none of the layers and brings its own texts.
APART = "tools/verify"
LANGUAGES = ("vi", "en")

LITERAL = re.compile(r'"((?:\\.|[^"\\])*)"')
COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|(//[^\n]*|/\*.*?\*/)', re.DOTALL)
KEY = re.compile(r"[a-z][a-z0-9_]*")


def sources(root):
    """{path: text without comments} of our C++."""
    out = {}
    for folder in FOLDERS:
        for path in sorted((pathlib.Path(root) / folder).rglob("*")):
            if path.suffix in (".cc", ".h") and not path.is_relative_to(pathlib.Path(root) / APART):
                text = path.read_text(encoding="utf-8")
                text = COMMENT.sub(lambda f: f.group() if f.group(1) is None else " ", text)
                out[str(path.relative_to(root))] = text
    return out


def arguments(text, start):
    """The arguments of a call whose "(" stands before `start`, as written; None when it does not close."""
    out, depth, begin, at = [], 0, start, start
    while at < len(text):
        literal = LITERAL.match(text, at)
        if literal:
            at = literal.end()
            continue
        char = text[at]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            if depth == 0:
                return out + [text[begin:at].strip()]
            depth -= 1
        elif char == "," and depth == 0:
            out.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return None


# A parameter that carries a reason: "std::string_view reason" or "const char* reason".
PARAMETER = re.compile(r"\b(\w+)\s*\((?=[^;{}()]*(?:std::string_view|const char\*)\s+reason\b)")


def takers(texts):
    """{name of a function: {position of its parameter `reason`}}: Fail, and whatever hands a reason on to it."""
    out = {}
    for text in texts.values():
        for found in PARAMETER.finditer(text):
            parameters = arguments(text, found.end()) or []
            for position, parameter in enumerate(parameters):
                if re.search(r"\breason\b", parameter):
                    out.setdefault(found.group(1), set()).add(position)
    return out


# An Error written as its members: {Code::kIo, "store_io"}, {code, late ? "late_one" : "busy_one", {}}.
PAIR = r"\{(?=[^{}();\"]*\b(?:Code::k\w+|code)\b[^{}();\"]*,\s*[^{}();,\"]*\")"

# A line of a roster that cannot be read: problems.push_back({line, column, "roster_date_unreadable"}).
PROBLEM = r"\bproblems\.push_back\(\{"


def reasons(texts):
    """({reason: a path that gives it}, [places whose reason cannot be read off])."""
    found, unclear = {}, []
    named = takers(texts)
    named.setdefault("Fail", {1})
    call = re.compile(r"\b(" + "|".join(sorted(named)) + r")\s*\(|" + PAIR + "|" + PROBLEM)
    for path, text in texts.items():
        for match in call.finditer(text):
            unnamed = {2} if match.group(0).startswith("problems") else {1}
            positions = named[match.group(1)] if match.group(1) else unnamed
            given = arguments(text, match.end()) or []
            for position in positions:
                if position >= len(given):
                    continue
                argument = given[position]
                if re.search(r"(^|\.|>|\s)reason(_)?$", argument):
                    continue  # a parameter's declaration, or a reason handed on
                literals = LITERAL.findall(argument)
                for reason in literals:
                    found.setdefault(reason, path)
                if not literals:
                    line = text.count("\n", 0, match.start()) + 1
                    unclear.append(f"{path}:{line}: {match.group(0)}…, {argument}")
    return found, unclear


def findings(texts):
    """Names of findings: every literal "finding_<name>" of the domain and the node."""
    out = {}
    for path, text in texts.items():
        # Not those asked for by name, Say("finding_…"): they are the command's own words.
        for name in re.findall(r'(?<!Say\()"finding_([a-z0-9_]+)"', text):
            out.setdefault(name, path)
    return out


# Enums of the schema whose values people read, by section: file, enum, prefix, whether names are in lower case.
ENUMS = {
    "reason": ("view.proto", "Reason", "REASON_", True),
    "proposal": ("view.proto", "ProposalStanding", "PROPOSAL_", True),
    "case": ("view.proto", "CaseType", "CASE_", True),
    "grade": ("record.proto", "Grade", "GRADE_", False),
    "unit_kind": ("authority.proto", "UnitKind", "", True),
    "stream_kind": ("entry.proto", "StreamKind", "", True),
}


def enum_names(root, section):
    """Names of an enum's values, without the one that says "not given"."""
    file, enum, prefix, lower = ENUMS[section]
    text = (pathlib.Path(root) / "proto" / "chibo" / file).read_text(encoding="utf-8")
    body = re.search(rf"^enum {enum} \{{(.*?)^\}}", text, re.DOTALL | re.MULTILINE).group(1)
    names = re.findall(r"^\s*(\w+)\s*=\s*\d+;", body, re.MULTILINE)
    names = [name.removeprefix(prefix) for name in names if not name.endswith("_NONE")]
    return [name.lower() if lower else name for name in names]


def asked_for(texts):
    """{(section, key): path} of sentences that the programs ask for by name: Say("key"), Text("section", "key")."""
    out = {}
    for path, text in texts.items():
        for key in re.findall(r'\bSay\(\s*"(\w+)"', text):
            out.setdefault(("cli", key), path)
        for section, key in re.findall(r'\bText\(\s*"(\w+)",\s*"(\w+)"', text):
            out.setdefault((section, key), path)
    return out


def literals(texts):
    """Everything that stands in quotes in the sources."""
    return {literal for text in texts.values() for literal in LITERAL.findall(text)}


def record_kinds(root):
    """The names of the kinds of records: KindTraits{R::kMeeting, "meeting", …}."""
    text = (pathlib.Path(root) / "proto" / "kind.cc").read_text(encoding="utf-8")
    return re.findall(r'KindTraits\{\s*R::k\w+,\s*"(\w+)"', text)


def codes(root):
    """The names of base/error.def."""
    text = (pathlib.Path(root) / "base" / "error.def").read_text(encoding="utf-8")
    return re.findall(r"^CHIBO_ERROR\((\w+),", text, re.MULTILINE)


def set_aside(root):
    """The names of SetAside: kCertificateUnknown is "certificate_unknown"."""
    text = (pathlib.Path(root) / "domain" / "fact.h").read_text(encoding="utf-8")
    body = re.search(r"enum class SetAside[^{]*\{(.*?)\};", text, re.DOTALL).group(1)
    names = re.findall(r"^\s*k(\w+)\s*=", body, re.MULTILINE)
    return [re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in names]


def unheeded(root):
    """The names of Unheeded: kNotCompetent is "not_competent"."""
    text = (pathlib.Path(root) / "domain" / "unheeded.h").read_text(encoding="utf-8")
    body = re.search(r"enum class Unheeded[^{]*\{(.*?)\};", text, re.DOTALL).group(1)
    names = re.findall(r"^\s*k(\w+),", body, re.MULTILINE)
    return [re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in names]


def _pairs_once(pairs):
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"twice in the catalogue: {', '.join(twice)}")
    return dict(pairs)


def load(root, language):
    """{section: {key: text}} of one language; a key that stands twice is an error."""
    path = pathlib.Path(root) / "node" / "text" / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_pairs_once)


def flat(catalogue):
    """{(section, key): text}"""
    return {(section, key): text for section, texts in catalogue.items() for key, text in texts.items()}


def placeholders(text):
    return sorted(re.findall(r"\{\w*\}", text))

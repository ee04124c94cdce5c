"""The rules of the tree's shape: problems(root, paths) lists every place that breaks one, as "path:line: what"."""

import ast
import pathlib
import re
import subprocess

# A layer and the layers its files may include, itself among them. The longest matching folder is a file's layer.
# "schema" is the generated code of proto/chibo.
LAYERS = {
    "base": {"base"},
    "base/terminal": {"base", "base/terminal"},
    "proto": {"base", "schema", "proto"},
    "sync": {"base", "schema", "proto", "sync"},
    "domain": {"base", "schema", "proto", "domain"},
    "storage": {"base", "schema", "proto", "domain", "storage"},
    "storage/sqlite": {"base", "schema", "proto", "domain", "storage", "storage/sqlite"},
    "node": {"base", "schema", "proto", "sync", "domain", "storage", "node"},
    "node/net": {"base", "schema", "proto", "sync", "domain", "storage", "node", "node/net"},
    "node/web": {"base", "schema", "proto", "sync", "domain", "storage", "node", "node/web"},
    "node/cli": {
        "base", "base/terminal", "schema", "proto", "sync", "domain", "storage", "storage/sqlite", "node", "node/net",
        "node/cli",
    },
    "tools/verify": {"base", "base/terminal", "schema", "tools/verify"},
}
# These may include anything.
FREE = ("tools", "tests")

# No clock, socket, thread, environment, file or randomness of the operating system in here: the same calls give the
# same answers on every machine.
DETERMINISTIC = {"base", "proto", "sync", "domain", "storage", "node"}

# Where a library's header may be included, by the folder or file; a library that stands nowhere may not be used.
LIBRARIES = {
    r"tl/expected\.hpp": ("base/result.h",),
    r"sodium\.h": ("proto/crypto.cc", "tools/verify/"),
    r"google/protobuf/.*": ("proto/", "sync/", "domain/", "storage/", "node/", "tools/", "tests/"),
    r"zstd\.h|zstd_errors\.h|zdict\.h": ("sync/", "tools/", "tests/"),
    r"sqlite3\.h": ("storage/sqlite/", "tools/verify/", "tests/"),
    r"libpq-fe\.h": ("storage/postgres/",),
    r"asio(/.*|\.hpp)": ("node/net/", "node/cli/", "tools/", "tests/"),
    r"CLI/.*": ("node/cli/", "tools/"),
    r"nlohmann/.*": ("node/", "tools/", "tests/"),
    r"unicode/.*": ("node/", "tools/", "tests/"),
    r"gtest/.*|gmock/.*": ("tests/",),
}
# These cost seconds each time they are compiled: no header of ours brings them along but one, which no header includes.
NOT_IN_HEADERS = re.compile(r"CLI/.*|nlohmann/(?!json_fwd).*|node/cli/json\.h")
# Headers of the C++ library that bring in what deterministic layers may not touch.
OUTSIDE_HEADERS = {
    "thread", "future", "mutex", "shared_mutex", "condition_variable", "stop_token", "semaphore", "latch", "barrier",
    "fstream", "filesystem", "iostream",
}

OUTSIDE_WORDS = re.compile(
    r"\b(?:(?:system|steady|high_resolution|utc|file)_clock\s*::\s*now|random_device|\w+_distribution"
    r"|(?:secure_)?getenv|setlocale|std\s*::\s*(?:thread|jthread|async|filesystem)|pthread_\w+"
    r"|sleep_for|sleep_until|usleep|nanosleep|localtime\w*|mktime|clock_gettime|gettimeofday"
    r"|randombytes\w*|fopen|freopen|[io]?fstream)\b"
    r"|\b(?:time\s*\(\s*(?:nullptr|NULL|0)\s*\)|s?rand\s*\()"
)

# Of a source file: longer ones do two things.
LINES_MAX = 600
FUNCTION_LINES_MAX = 70  # with its signature: what is longer is not seen at one glance
README_LINES_MAX = 40  # of a layer's README: where to start reading, not a manual
SOURCE = re.compile(r"\.(cc|h|proto|py|sh|cmake|go|sql|js|css|html)$|(^|/)CMakeLists\.txt$|^tools/[a-z_]+$|^\.ci/run$")
BRACED = re.compile(r"\.(cc|h|go|js)$")
VAGUE = re.compile(r"\b(?:class|struct|enum class|namespace)\s+(\w*(?:Manager|Helper|Util|Utils|Processor))\b")
VAGUE_FILE = re.compile(r"(?:^|[/_])(?:manager|helpers?|utils?|misc|common)\.\w+$")
MACHINE = re.compile(r"/(?:work|root)/[\w.]|/tmp/(?:build-|plan|bash_jobs)")
LEFT = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")

NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>\w*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
UNORDERED = re.compile(r"\bstd\s*::\s*unordered_\w+\s*<")


def tracked_files(root):
    """The files of the tree, those to be added too; paths from its root, sorted."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
    )
    if listed.returncode == 0:
        paths = [p for p in listed.stdout.decode("utf-8").split("\0") if p]
    else:  # an unpacked archive
        paths = [str(p.relative_to(root)) for p in pathlib.Path(root).rglob("*") if p.is_file()]
        paths = [p for p in paths if not re.match(r"build|\.", p)]
    return sorted(p for p in set(paths) if (pathlib.Path(root) / p).is_file())


def layer_of(path):
    """The layer of a file, "" for those that may include anything, None where no layer is known."""
    if path.startswith("chibo/") and path.endswith(".pb.h"):
        return "schema"
    folder = path
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        if folder in LAYERS:
            return folder
        if folder in FREE:
            return ""
    return None


def code_of(text):
    """The text with comments, strings and characters blanked out, lines kept."""
    return NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def _line(text, offset):
    return text.count("\n", 0, offset) + 1


def _may(path, places):
    return any(path == place or (place.endswith("/") and path.startswith(place)) for place in places)


def _include_problems(path, text):
    layer = layer_of(path)
    # The quoted name is what a comment must not hide, so comments alone are blanked here.
    text = re.sub(r"//[^\n]*|/\*.*?\*/", lambda f: re.sub(r"[^\n]", " ", f.group()), text, flags=re.DOTALL)
    for found in INCLUDE.finditer(text):
        line = _line(text, found.start())
        own, library = found.groups()
        header = path.endswith(".h") and path != "node/cli/json.h" and not path.startswith("tests/")
        if header and NOT_IN_HEADERS.fullmatch(own or library):
            yield line, f"{own or library} costs too much for a header"
        if own:
            target = layer_of(own)
            if target is None:
                yield line, f'"{own}": includes are written from the root of the tree'
            elif layer and target not in LAYERS[layer]:
                yield line, f"{layer} may not include {target or own}"
            continue
        rule = next((r for r in LIBRARIES if re.fullmatch(r, library)), None)
        if rule:
            if not _may(path, LIBRARIES[rule]):
                yield line, f"<{library}> is for {', '.join(LIBRARIES[rule])} alone"
        elif layer in DETERMINISTIC and (library in OUTSIDE_HEADERS or re.search(r"[./]", library)):
            yield line, f"<{library}> is not for {layer}"


def _deterministic_problems(code):
    for found in OUTSIDE_WORDS.finditer(code):
        word = " ".join(found.group().split())
        yield _line(code, found.start()), f"{word}: deterministic layers take it through a port, or not at all"
    names = set()
    for found in UNORDERED.finditer(code):
        name = re.match(r"\s*&?\s*(\w+)\s*[;={(,)]", code[_end_of_template(code, found.end()):])
        if name:
            names.add(name.group(1))
    for name in sorted(names):
        pattern = rf"for\s*\([^;()]*:\s*(?:\w+(?:\.|->))*{name}\s*\)|\b{name}\s*\.\s*begin\s*\("
        for found in re.finditer(pattern, code):
            yield _line(code, found.start()), f"the order of the unordered {name} may not show in deterministic layers"


def _end_of_template(code, offset):
    depth = 1
    while offset < len(code) and depth:
        depth += {"<": 1, ">": -1}.get(code[offset], 0)
        offset += 1
    return offset


def _cc_problems(path, text):
    code = code_of(text)
    yield from _include_problems(path, text)
    if layer_of(path) in DETERMINISTIC:
        yield from _deterministic_problems(code)
    for found in re.finditer(r"\bthrow\b", code):
        yield _line(code, found.start()), "nothing of ours throws: expected failures are Results, bugs are CHECKs"
    for found in VAGUE.finditer(code):
        yield _line(code, found.start()), f"{found.group(1)}: a name says what the thing is"
    for found in re.finditer(r"NOLINT\w*([^\n]*)", text):
        if not re.match(r"(?<=NOLINTEND)\(|\([\w.,* -]+\)\s*:?\s*\w+\s+\w+", found.group(1)):
            yield _line(text, found.start()), "NOLINT(check): with its reason, in words"
    if path.endswith(".h"):
        guard = "CHIBO_" + re.sub(r"\W", "_", path).upper() + "_"
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield 1, f"the header's guard is {guard}"


# What an opening brace belongs to when it is no body of a function.
SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b|=")


def _functions(path, text):
    """First and last line of every function, those written inside a class too."""
    if path.endswith(".py") or text.startswith("#!/usr/bin/env python3"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.lineno, node.end_lineno
        return
    if BRACED.search(path):
        yield from _braced_functions(re.sub(r"^[ \t]*#[^\n]*", "", code_of(text), flags=re.MULTILINE))
        return
    # Shell and the like: only its first line and the brace that ends it stand at the margin.
    begin = 1
    for number, line in enumerate(text.split("\n"), 1):
        if line == "}":
            yield begin, number
        elif line and line[0] not in " \t#})":
            begin = number


def _braced_functions(code):
    """Of code without comments, strings and directives: from its first word to the brace that ends it."""
    tokens = [(found.group(), number) for number, line in enumerate(code.split("\n"), 1)
              for found in re.finditer(r"[{};]|[^\s{};]+", line)]  # fmt: skip
    depth, inside, begin, words = 0, None, None, []
    for at, (token, number) in enumerate(tokens):
        if token == "{":
            depth += 1
            before = re.sub(r"\boperator\b\W*", "", " ".join(words).partition("(")[0])
            if inside is None and begin and "(" in "".join(words) and not SCOPE.search(before):
                inside = depth
        elif token == "}":
            after = tokens[at + 1][0] if at + 1 < len(tokens) else ""
            if inside == depth and not (after == "{" or after.startswith(",")):  # one{1}, two{2} before the body
                yield begin, number
                inside = None
            elif inside == depth:
                inside = None
                depth -= 1
                continue
            depth -= 1
        if inside is None:
            if token in "{};" or token in ("public:", "protected:", "private:"):
                begin, words = None, []
            else:
                begin = begin or number
                words.append(token)


def _file_problems(path, text):
    lines = text.count("\n")
    if SOURCE.search(path):
        if lines >= LINES_MAX:
            yield 1, f"{lines} lines; a source file has less than {LINES_MAX} lines"
        if VAGUE_FILE.search(path):
            yield 1, f"{pathlib.PurePath(path).stem}: a name says what the thing is"
        for found in LEFT.finditer(text):
            yield _line(text, found.start()), "something is left to do"
        for begin, end in _functions(path, text):
            if end - begin >= FUNCTION_LINES_MAX:
                yield begin, f"{end - begin + 1} lines; a function has at most {FUNCTION_LINES_MAX} lines"
    if path.endswith("/README.md") and (layer_of(path) or path.count("/") == 1) and lines > README_LINES_MAX:
        yield 1, f"{lines} lines; a folder's README has at most {README_LINES_MAX} lines"
    for found in MACHINE.finditer(text):
        yield _line(text, found.start()), "a path of one machine"


def _readme_problems(paths):
    for folder in sorted(set(LAYERS) | set(FREE)):
        readme = folder + "/README.md"
        inside = [path for path in paths if path.startswith(folder + "/")]
        if inside and readme not in paths:
            yield f"{folder}:1: no README.md: what it is for, what it may include, where to start reading"


def problems(root, paths):
    """Every place in the named files that breaks a rule, and every layer without a README."""
    out = list(_readme_problems(paths))
    for path in paths:
        try:
            text = (pathlib.Path(root) / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # not text
        except FileNotFoundError:
            continue  # gone since it was listed
        found = list(_file_problems(path, text))
        if re.search(r"\.(cc|h)$", path):
            found += _cc_problems(path, text)
        out += [f"{path}:{line}: {what}" for line, what in sorted(found)]
    return out

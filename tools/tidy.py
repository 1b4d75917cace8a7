#!/usr/bin/python3
"""Checks what no compiler checks; a test runs it over the whole tree.

usage: tidy.py SOURCE_FOLDER [MODULES_FILE]

MODULES_FILE is build/<preset>/modules.txt, which CMake writes: a line "engine/match: base crypto" a
module. Where a rule must be broken, the line or the one above it says so and why:
"// tidy:allow(rule): because ...".
"""
import pathlib
import re
import sys

LINE_LENGTH_MAX = 100
FILE_LINES_MAX = 600
SKIPPED_FOLDERS = {".git", "build", "dist", "node_modules", "tutela-data", "__pycache__", "shared"}
CODE = {".cpp", ".hpp"}
SCRIPTS = {".py", ".sh", ".cmake", ".mjs", ".js"}
TEXT = CODE | SCRIPTS | {".md", ".txt", ".toml", ".json", ".yaml", ".yml", ".sql", ".in", ".service",
                         ".ts", ".tsx", ".css", ".html", ""}

# Stands in a rule's exceptions for all test code.
TESTS = "tests"
# Rule, pattern, where it does not hold (path prefixes, or TESTS), and what to do instead. Matched
# against code without comments and string literals.
BANNED = [
    ("throw", r"\bthrow\b", (TESTS,), "return an Error; only libraries throw"),
    ("mutex", r"std::(recursive_|shared_|timed_)?mutex\b|std::condition_variable\b(?!_any)",
     ("src/base/mutex.hpp",), "use tutela::Mutex, whose annotations clang checks"),
    ("rand", r"\b(s?rand|random_shuffle|drand48)\s*\(", (), "use crypto::random_bytes or a seeded engine"),
    ("system", r"(?<![_\w.>])(system|popen)\s*\(", (TESTS,), "start programs without a shell"),
    ("unbounded", r"\b(strcpy|strcat|sprintf|vsprintf|gets|alloca)\s*\(", (), "use a bounded call"),
    ("stdout", r"std::cout\b|(?<![\w:])(printf|puts|putchar)\s*\(|std::(printf|puts|putchar)\s*\(",
     ("apps/", "bench/", TESTS), "libraries do not print"),
    ("using_namespace", r"\busing\s+namespace\b(?!\s+std::\w*literals)", ("fuzz/", "bench/"),
     "name what you use"),
    # The constructor of a class that is made by its open() is private; make_unique cannot call it.
    ("new", r"(_ptr<[^;{}()]*>(\s*\w+)?\s*\(\s*new\b)|(?<![\w:])new\s+[A-Za-z_:]|"
            r"\bdelete\s+[a-z_]|\bdelete\[\]", (), "use values and unique_ptr"),
]
CODE_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^()\\\s]{0,16})\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)+\'',
    re.DOTALL)
LEFTOVER = re.compile(r"\b(FIXME|XXX|TODO)\b(?!\(#\d+\))")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def blank_out(match):
    """A comment or literal, as blanks: lines keep their numbers, code keeps its neighbours."""
    text = match.group(0)
    edge = text[0] if text[0] in "\"'" else " "
    return edge + re.sub(r"[^\n]", " ", text[1:-1]) + edge if len(text) > 1 else text


def code_only(text):
    # An include's path stays readable: it is a literal, but not data.
    return CODE_LITERAL.sub(blank_out, re.sub(r"(?<=\d)'(?=[\dA-Fa-f])", "_", text))


class Tidy:
    def __init__(self, root, modules):
        self.root = root
        self.modules = modules
        self.problems = []

    def report(self, path, line, rule, message, lines=()):
        for at in (line - 1, line - 2):
            if 0 <= at < len(lines) and f"tidy:allow({rule}): " in lines[at]:
                return
        self.problems.append(f"{path}:{line}: {message} [{rule}]")

    def check_text(self, path, raw):
        try:
            # What people read in their language is written in it.
            text = raw.decode("utf-8" if "locales" in path.parts else "ascii")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.report(path, line, "ascii", "a byte that is not ASCII")
            text = raw.decode("utf-8", "replace")
        lines = text.split("\n")
        if raw and not raw.endswith(b"\n"):
            self.report(path, len(lines), "final_newline", "no newline at the end of the file")
        if raw.endswith(b"\n\n"):
            self.report(path, len(lines), "final_newline", "blank lines at the end of the file")
        bounded = path.suffix in CODE | {".py", ".cmake"} or path.name == "CMakeLists.txt"
        for number, line in enumerate(lines, 1):
            if line.endswith((" ", "\t", "\r")):
                self.report(path, number, "trailing", "blank or carriage return at the end", lines)
            if "\t" in line and path.name != ".gitmodules":
                self.report(path, number, "tab", "a tab", lines)
            if bounded and len(line) > LINE_LENGTH_MAX + (20 if path.suffix not in CODE else 0):
                self.report(path, number, "line_length", f"{len(line)} characters", lines)
            if path.name not in ("tidy.py", "tidy_test.py") and LEFTOVER.search(line):
                self.report(path, number, "leftover", "a leftover mark without its issue: (#123)", lines)
        return text, lines

    def check_code(self, path, text, lines):
        if len(lines) > FILE_LINES_MAX:
            self.report(path, len(lines), "file_length", f"over {FILE_LINES_MAX} lines: split it by idea")
        if path.suffix == ".hpp":
            if not re.search(r"^#pragma once$", text, re.MULTILINE):
                self.report(path, 1, "pragma_once", "a header without #pragma once")
            if not text.startswith("// "):
                self.report(path, 1, "header_comment", "a header starts with a comment: what it is")
        code = code_only(text)
        for rule, pattern, excepted, instead in BANNED:
            if str(path).startswith(excepted or ("\0",)) or (TESTS in excepted and self.is_test(path)):
                continue
            for found in re.finditer(pattern, code):
                if found.re.groups and found.group(1) and rule == "new":
                    continue
                number = code.count("\n", 0, found.start()) + 1
                self.report(path, number, rule, f"{found.group(0).strip()}: {instead}", lines)

    def check_includes(self, path, text, lines):
        if path.parts[0] != "src":
            return
        folder = self.folder_of(path.relative_to("src"))
        if folder is None:
            self.report(path, 1, "module", "lies in no module of modules.txt")
            return
        for found in INCLUDE.finditer(text):
            number = text.count("\n", 0, found.start()) + 1
            target = self.folder_of(pathlib.PurePath(found.group(1)))
            if self.is_test(path) and found.group(1).startswith("support/"):
                continue
            if target is None:
                self.report(path, number, "include", "name headers from src/: \"engine/match/match.hpp\"", lines)
            elif target != folder and target not in self.modules[folder] and not self.is_test(path):
                self.report(path, number, "include",
                            f"includes {target}, which is not among the DEPENDS of {folder}", lines)

    @staticmethod
    def is_test(path):
        return path.parts[0] == "tests" or re.search(r"(^|_)(test|fixture)(_|$)", path.stem) is not None

    def folder_of(self, path):
        """The module whose folder holds this path under src/: the longest that fits."""
        for parent in path.parents:
            if str(parent) in self.modules:
                return str(parent)
        return None

    def check_alive(self, path, included):
        """A source that no CMakeLists.txt names is dead or was forgotten; so is a header that
        nothing includes."""
        if path.suffix == ".hpp":
            if path.name != "pch.hpp" and not any(str(path).endswith("/" + name) for name in included):
                self.report(path, 1, "dead_file", "nothing includes it")
            return
        for parent in path.parents:
            cmake = self.root / parent / "CMakeLists.txt"
            if cmake.exists():
                name = str(path.relative_to(parent))
                base = re.sub(r"_(fuzz|bench)$", "", path.stem)
                text = cmake.read_text()
                if name not in text and not re.search(rf"NAME {re.escape(base)}\b", text):
                    self.report(path, 1, "dead_file", f"{parent}/CMakeLists.txt does not name it")
                return

    def run(self):
        included = set()
        sources = []
        for absolute in sorted(self.root.rglob("*")):
            path = absolute.relative_to(self.root)
            if SKIPPED_FOLDERS & set(path.parts) or not absolute.is_file() or absolute.is_symlink():
                continue
            if path.suffix not in TEXT or path.name in ("LICENSE", ".git", "package-lock.json"):
                continue
            raw = absolute.read_bytes()
            if b"\0" in raw:
                continue
            text, lines = self.check_text(path, raw)
            if path.suffix in CODE:
                self.check_code(path, text, lines)
                included.update(INCLUDE.findall(text))
                sources.append(path)
                if self.modules:
                    self.check_includes(path, text, lines)
            glob = re.search(r"file\s*\(\s*GLOB", text) if path.name == "CMakeLists.txt" else None
            if glob:
                number = text.count("\n", 0, glob.start()) + 1
                self.report(path, number, "glob", "name every source; a glob hides what is built", lines)
        for path in sources:
            self.check_alive(path, included)
        return self.problems


def read_modules(file):
    modules = {}
    for line in file.read_text().splitlines():
        folder, _, depends = line.partition(":")
        modules[folder] = set(depends.split())
    return modules


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    modules = read_modules(pathlib.Path(arguments[1])) if len(arguments) == 2 else {}
    problems = Tidy(pathlib.Path(arguments[0]).resolve(), modules).run()
    for problem in problems:
        print(problem)
    print(f"tidy: {len(problems)} problems" if problems else "tidy")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

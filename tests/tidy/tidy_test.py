"""tools/tidy.py refuses what it says it refuses, and nothing else."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TIDY = pathlib.Path(__file__).resolve().parents[2] / "tools" / "tidy.py"
HEADER = "// Thing: what it is.\n#pragma once\n\n"


class TidyTest(unittest.TestCase):
    def tidy(self, files):
        """Runs it over a small tree of two modules, with these files added or replaced."""
        tree = {
            "modules.txt": "base:\nengine/match: base\nengine/policy: base engine/match\n",
            "src/base/CMakeLists.txt": "a.hpp a.cpp a_test.cpp\n",
            "src/engine/match/CMakeLists.txt": "a.hpp a.cpp\n",
            "src/engine/policy/CMakeLists.txt": "a.cpp a_test.cpp\n",
        }
        tree.update(files)
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, content in tree.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return subprocess.run([sys.executable, TIDY, root, root / "modules.txt"],
                                  capture_output=True, text=True, check=False)

    def assert_refused(self, rule, files):
        result = self.tidy(files)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn(f"[{rule}]", result.stdout)
        self.assertIn("tidy: 1 problems", result.stdout, "one fault, one line")

    def assert_accepted(self, files):
        result = self.tidy(files)
        self.assertEqual((result.returncode, result.stdout), (0, "tidy\n"))

    def test_accepts_a_tidy_tree(self):
        self.assert_accepted({
            "src/base/a.hpp": HEADER + "int f();\n",
            "src/base/a.cpp": '#include "base/a.hpp"\n\nint f() { return 1\'000; }\n',
            "src/engine/policy/a.cpp": '#include "base/a.hpp"\n#include "engine/match/a.hpp"\n',
            "src/engine/match/a.hpp": HEADER + "int g();\n",
            "src/engine/policy/a_test.cpp": "void f() { throw 1; }\nusing namespace std::literals;\n",
            "src/base/a_test.cpp": "std::unique_ptr<A> a(new A);\n",
        })

    def test_refuses_an_include_that_depends_does_not_list(self):
        self.assert_refused("include", {"src/engine/match/a.cpp": '#include "engine/policy/a.hpp"\n'})
        self.assert_refused("include", {"src/base/a.cpp": '#include "engine/match/a.hpp"\n'})

    def test_refuses_an_include_that_is_no_path_from_src(self):
        self.assert_refused("include", {"src/base/a.cpp": '#include "a.hpp"\n'})

    def test_lets_a_test_include_other_modules(self):
        self.assert_accepted({"src/engine/policy/a_test.cpp": '#include "engine/match/a.hpp"\n'})

    def test_refuses_banned_calls(self):
        for rule, line in [
                ("throw", "void f() { throw 1; }"), ("mutex", "std::mutex m;"),
                ("mutex", "std::condition_variable c;"), ("rand", "int x = rand();"),
                ("system", 'int x = system("ls");'), ("stdout", 'void f() { std::cout << "x"; }'),
                ("stdout", 'void f() { printf("x"); }'), ("unbounded", "void f() { strcpy(a, b); }"),
                ("using_namespace", "using namespace std;"), ("new", "int* x = new int;"),
                ("new", "void f(int* x) { delete x; }")]:
            with self.subTest(line):
                self.assert_refused(rule, {"src/base/a.cpp": line + "\n"})

    def test_does_not_take_words_of_comments_and_texts_for_calls(self):
        self.assert_accepted({"src/base/a.cpp": (
            "// We never throw, and a new list is no system (it may rand).\n"
            'const char* t = "throw new std::mutex printf(";\n'
            'const char* r = R"(delete from x; throw)";\n'
            "/* throw\n printf( */\n"
            "struct A { A(const A&) = delete; };\n"
            "int f() { return snprintf(b, 1, x) + g.system(1); }\n"
            "std::condition_variable_any c;\n")})

    def test_lets_programs_and_tests_print(self):
        self.assert_accepted({"apps/CMakeLists.txt": "a.cpp\n", "apps/a.cpp": 'void f() { printf("x"); }\n'})

    def test_accepts_an_exception_that_gives_its_reason(self):
        self.assert_accepted({"src/base/a.cpp": (
            "// tidy:allow(throw): the library asks for it.\nvoid f() { throw 1; }\n")})
        self.assert_refused("throw", {"src/base/a.cpp": "// tidy:allow(mutex): no\nvoid f() { throw 1; }\n"})

    def test_refuses_untidy_text(self):
        for rule, content in [
                ("ascii", "// caf\u00e9\n"), ("tab", "int\tx;\n"), ("trailing", "int x; \n"),
                ("trailing", "int x;\r\n"), ("final_newline", "int x;"), ("final_newline", "int x;\n\n"),
                ("line_length", "// " + "x" * 98 + "\n"), ("file_length", "int x;\n" * 601),
                ("leftover", "// TO" + "DO: later\n"), ("leftover", "// FIX" + "ME\n")]:
            with self.subTest(rule, content=content[:20]):
                self.assert_refused(rule, {"src/base/a.cpp": content})

    def test_accepts_a_leftover_with_its_issue(self):
        self.assert_accepted({"src/base/a.cpp": "// TO" + "DO(#12): faster.\n"})

    def test_refuses_headers_without_guard_or_comment(self):
        used = {"src/base/a.cpp": '#include "base/a.hpp"\n'}
        self.assert_refused("pragma_once", {"src/base/a.hpp": "// Thing.\nint f();\n", **used})
        self.assert_refused("header_comment", {"src/base/a.hpp": "#pragma once\nint f();\n", **used})

    def test_refuses_sources_that_nothing_builds(self):
        self.assert_refused("dead_file", {"src/base/dead.cpp": "int x;\n"})
        self.assert_refused("dead_file", {"src/base/dead.hpp": HEADER + "int x;\n"})

    def test_refuses_globs(self):
        self.assert_refused("glob", {"src/base/CMakeLists.txt": "file(GLOB sources *.cpp)\n"})

    def test_asks_for_its_arguments(self):
        result = subprocess.run([sys.executable, TIDY], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("usage:", result.stderr)


if __name__ == "__main__":
    unittest.main()

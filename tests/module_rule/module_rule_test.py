"""A dependency that points up fails the configure step; a lawful one passes."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

MODULE_CMAKE = pathlib.Path(__file__).resolve().parents[2] / "cmake" / "Module.cmake"
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(arrows LANGUAGES CXX)
add_library(tutela_flags INTERFACE)
include("{module_cmake}")
{folders}
get_property(modules GLOBAL PROPERTY TUTELA_MODULES)
list(JOIN modules "\\n" modules)
file(WRITE ${{PROJECT_BINARY_DIR}}/modules.txt "${{modules}}\\n")
"""


class ModuleRuleTest(unittest.TestCase):
    def configure(self, modules, extra=""):
        """Configures a project of (folder, depends) in this order. Returns (status, text, modules)."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            folders = "\n".join(f"add_subdirectory(src/{module})" for module, _ in modules)
            (root / "CMakeLists.txt").write_text(
                PROJECT.format(module_cmake=MODULE_CMAKE, folders=folders))
            for module, depends in modules:
                path = root / "src" / module
                path.mkdir(parents=True)
                name = path.name
                (path / f"{name}.cpp").write_text("")
                (path / f"{name}.hpp").write_text("#pragma once\n")
                depends = f"DEPENDS {depends}" if depends else ""
                (path / "CMakeLists.txt").write_text(
                    f"tutela_module(NAME {name} {extra} {depends} HEADERS {name}.hpp SOURCES {name}.cpp)\n")
            # The compiler is not asked anything: only the configure step counts.
            result = subprocess.run(
                ["cmake", "-G", "Ninja", "-DCMAKE_CXX_COMPILER=/bin/true",
                 "-DCMAKE_CXX_COMPILER_FORCED=1", "-S", root, "-B", root / "build"],
                capture_output=True, text=True, check=False)
            written = root / "build" / "modules.txt"
            text = " ".join((result.stdout + result.stderr).split())
            return result.returncode, text, written.read_text() if written.exists() else ""

    def assert_refused(self, modules, why, extra=""):
        status, text, _ = self.configure(modules, extra)
        self.assertNotEqual(status, 0, "the configure step must fail")
        self.assertIn(why, text)

    def test_accepts_arrows_that_point_down(self):
        status, text, written = self.configure([
            ("base", ""), ("crypto", "base"), ("engine/media", "base"), ("engine/match", "crypto media"),
            ("custody/store", "base"), ("watch/ledger", "store match"), ("service/http", "ledger")])
        self.assertEqual(status, 0, text)
        self.assertIn("engine/match: crypto engine/media\n", written)

    def test_refuses_an_arrow_that_points_up(self):
        self.assert_refused([("service/http", ""), ("engine/match", "http")],
                            "match (ring engine) may not depend on http (ring service): "
                            "the arrow points up or sideways")
        self.assert_refused([("crypto", ""), ("base", "crypto")], "the arrow points up or sideways")

    def test_refuses_an_arrow_that_points_sideways(self):
        self.assert_refused([("custody/store", ""), ("engine/match", "store")],
                            "the arrow points up or sideways")
        self.assert_refused([("exchange/lists", ""), ("watch/ledger", "lists")],
                            "the arrow points up or sideways")

    def test_refuses_a_dependency_that_comes_later(self):
        self.assert_refused([("engine/match", "media"), ("engine/media", "")],
                            "match: media is not a module declared before it")

    def test_refuses_casework_modules_that_know_each_other(self):
        self.assert_refused([("casework/review", ""), ("casework/report", "review")],
                            "casework modules meet in the case's events")

    def test_refuses_a_folder_that_is_no_ring(self):
        self.assert_refused([("helpers/strings", "")], "src/helpers is not a ring")

    def test_refuses_unknown_arguments(self):
        self.assert_refused([("base", "")], "unknown arguments", extra="TEST a.cpp")


if __name__ == "__main__":
    sys.exit(unittest.main())

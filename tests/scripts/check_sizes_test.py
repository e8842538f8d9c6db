#!/usr/bin/python3
"""Unit tests of scripts/check-sizes.py on small trees of its own."""

import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/check-sizes.py"


def load_script():
    spec = importlib.util.spec_from_file_location("check_sizes", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_sizes = load_script()


class Trees(unittest.TestCase):
    def check(self, files):
        """Runs the script on a tree of `files`; returns code and lines."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {"specs/a.hpp": "#pragma once\n",
                               **files}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, SCRIPT, folder],
                                  capture_output=True, text=True, check=False)
            self.assertEqual("", done.stderr)
            return done.returncode, done.stdout.splitlines()

    def accepts(self, files):
        code, lines = self.check(files)
        self.assertEqual((0, 1), (code, len(lines)), lines)

    def refuses(self, files, start, words):
        code, lines = self.check(files)
        self.assertEqual((1, 2), (code, len(lines)), lines)
        self.assertTrue(lines[0].startswith(start), lines)
        self.assertIn(words, lines[0])

    def test_a_file_has_at_most_400_lines(self):
        for name in ("http/x.hpp", "tests/x_test.cpp", "scripts/x.py",
                     "tests/clients/x.mjs"):
            with self.subTest(name):
                self.accepts({name: "\n" * 400})
                self.refuses({name: "\n" * 401}, f"{name}:401: ",
                             "at most 400")

    def test_pages_and_data_have_no_bound(self):
        self.accepts({"tests/x.json": "\n" * 500, "examples/x.md": "\n" * 500})

    def test_a_folder_has_at_most_25_sources(self):
        def folder(count):
            return {f"http/wire/x{i}.hpp": "" for i in range(count)}
        # Those in folders below have a room of their own.
        self.accepts({**folder(25), "http/wire/in/x.hpp": "",
                      "http/wire/CMakeLists.txt": ""})
        self.refuses(folder(26), "http/wire:1: ", "26 sources")

    def test_a_cpp_has_a_header_of_its_name(self):
        self.accepts({"http/x.cpp": "", "http/x.hpp": "", "cli/main.cpp": "",
                      "http/asio_src.cpp": "", "tests/http/x_test.cpp": "",
                      "bench/x.cpp": "", "examples/x/main.cpp": ""})
        self.refuses({"http/x.cpp": "", "http/wire/x.hpp": ""},
                     "http/x.cpp:1: ", "there is no x.hpp beside it")

    def test_a_class_has_at_most_20_data_members(self):
        def members(count):
            return "\n\nclass big {\n" + "  int x_;\n" * count + "};\n"
        self.accepts({"http/x.hpp": members(20)})
        self.refuses({"http/x.hpp": members(21)}, "http/x.hpp:3: ",
                     "big has 21 data members")
        self.refuses({"http/x.hpp": "", "http/x.cpp": members(21)},
                     "http/x.cpp:3: ", "big has 21 data members")

    def test_wants_one_folder_at_most(self):
        for arguments in (["a", "b"], ["--help"]):
            done = subprocess.run([sys.executable, SCRIPT, *arguments],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(2, done.returncode)
            self.assertIn("usage:", done.stderr)

    def test_says_so_when_there_is_nothing_to_check(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, SCRIPT, folder],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(2, done.returncode)


class Members(unittest.TestCase):
    def count(self, body):
        """Returns how many data members a class with this body has."""
        found = check_sizes.Classes("namespace a {\nstruct x : y<int> {\n"
                                    + body + "\n};\n}\n").found
        return next(n for _, name, n in found if name == "x")

    def test_are_counted_in_each_form(self):
        for body in ("int a;", "int a = 1;", "int a{1};", "int a = f(1);",
                     "std::map<int, std::vector<int>> a;",
                     "std::function<void(int, int)> a = {};",
                     "mutable std::mutex a;", "std::array<int, 2> a{};",
                     "alignas(64) std::atomic<int> a{0};",
                     "[[maybe_unused]] int a;", "public: int a;",
                     "const char* a = \"}\"; // int b;", "unsigned a : 1;",
                     "char a = '}';", "struct { int b; } a;",
                     "enum class e { b, c } a;", "class y* a;"):
            with self.subTest(body):
                self.assertEqual(1, self.count(body))
        self.assertEqual(2, self.count("int a, b;"))
        self.assertEqual(2, self.count("int a = 1, b = 2;"))
        self.assertEqual(3, self.count("int a;\nint f() { int z; return z; }\n"
                                       "private:\n  int b;\n  int c;"))

    def test_are_nothing_else(self):
        for body in ("static constexpr int a = 1;", "static int a;",
                     "using a = int;", "typedef int a;", "friend class a;",
                     "struct a;", "struct a { int b; };", "enum e { a, b };",
                     "enum class e : int { a };", "int f(int a = {}, int b = {});",
                     "void f() const noexcept { g(); }", "x() = default;",
                     "x(int a) : a_(a), b_{a} { f(); }", "x() : a_{1} {}",
                     "x& operator=(const x&) = delete;",
                     "bool operator<(const x&) const;",
                     "template <class T>\nvoid f(T a) { int b; }",
                     "#define A int a;\n", "/* int a; */",
                     "static_assert(sizeof(int) == 4, \"int a;\");"):
            with self.subTest(body):
                self.assertEqual(0, self.count(body))

    def test_of_a_class_inside_are_its_own(self):
        found = check_sizes.Classes(
            "class a {\n  int x;\n  struct b {\n    int y;\n    int z;\n  };\n"
            "  b c;\n};\ntemplate <class T>\nstruct d {\n  T t;\n};\n").found
        self.assertEqual([(3, "b", 2), (1, "a", 2), (9, "d", 1)], found)


if __name__ == "__main__":
    unittest.main()

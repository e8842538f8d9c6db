#!/usr/bin/python3
"""Unit tests of scripts/check-layers.py on small trees of its own."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/check-layers.py"

# One file of each layer, all in order.
GOOD = {
    "specs/json.hpp": '#pragma once\n\n#include <nlohmann/json.hpp>\n',
    "specs/json.cpp": '#include "troupe/specs/json.hpp"\n#include <string>\n',
    "models/registry.hpp":
        '#pragma once\n#include "troupe/specs/json.hpp"\n#include <thread>\n',
    "models/onnx.cpp":
        '#include <onnxruntime_cxx_api.h>\n#include <png.h>\n'
        '#include "troupe/models/registry.hpp"\n',
    "actors/caf_compat.hpp":
        "// The one place.\n#pragma once\n#include <caf/all.hpp>\n"
        "#if CAF_MAJOR_VERSION == 0 && CAF_MINOR_VERSION < 18\n#endif\n"
        "template <class T> using sig = caf::replies_to<T>;\n",
    "actors/router.cpp": '#include "troupe/actors/caf_compat.hpp"\n',
    "http/options.hpp": '#pragma once\n#include "troupe/specs/json.hpp"\n',
    "http/server.hpp":
        '#pragma once\n#include "troupe/http/options.hpp"\n'
        "namespace caf { class actor_system; }\n",
    "http/server.cpp":
        '#include "troupe/http/server.hpp"\n'
        '#include "troupe/actors/caf_compat.hpp"\n'
        "#include <boost/beast/http.hpp>\n#include <unistd.h>\n",
    "cli/main.cpp":
        '#include "troupe/http/server.hpp"\n'
        '#include "troupe/models/registry.hpp"\n#include <CLI/CLI.hpp>\n',
    "cli/bench/engine.cpp":
        "#include <boost/asio.hpp>\n#include <openssl/ssl.h>\n",
    "tests/http/server_test.cpp":
        '#include "troupe/http/server.hpp"\n#include <gtest/gtest.h>\n'
        "#include <boost/asio.hpp>\n",
}


class CheckLayers(unittest.TestCase):
    def check(self, files):
        """Runs the script on GOOD plus `files`; returns code and lines."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**GOOD, **files}.items():
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

    def refuses(self, name, text, line, words):
        """Expects a finding at name:line that has `words`, and no other."""
        code, lines = self.check({name: text})
        self.assertEqual((1, 2), (code, len(lines)), lines)
        self.assertTrue(lines[0].startswith(f"{name}:{line}: "), lines)
        self.assertIn(words, lines[0])

    def test_a_type_has_one_definition(self):
        head = "#pragma once\n\nnamespace troupe {\n\n"
        foot = "\n} // namespace troupe\n"
        here = head + "struct config {\n  int x;\n};\n" + foot
        self.accepts({
            "actors/a.hpp": here,
            "cli/a.hpp": "#pragma once\nnamespace troupe {\nclass config;\n"
                         "struct other : config {\n};\n} // namespace troupe\n"
                         "namespace troupe::load {\nstruct config {};\n"
                         "} // namespace troupe::load\n",
            "cli/b.hpp": head + "template <>\nstruct config<int> {};\n" + foot,
            "tests/a.hpp": here})
        for text in ("struct config {\n};\n", "class config final\n  : x {};\n",
                     "enum class config : int {\n};\n"):
            code, lines = self.check({"actors/a.hpp": here,
                                      "cli/a.hpp": head + text + foot})
            self.assertEqual(1, code)
            self.assertEqual(
                "cli/a.hpp:5: troupe::config is already the name of the type "
                "in actors/a.hpp:5; give one of them another", lines[0])

    def test_accepts_a_tree_in_order(self):
        self.accepts({})

    def test_specs_are_pure(self):
        for header, words in [("caf/all.hpp", "specs/ must not include"),
                              ("boost/url.hpp", "specs/ must not include"),
                              ("unistd.h", "specs/ must not include"),
                              ("png.h", "specs/ must not include"),
                              ("fmt/core.h", "specs/ must not include"),
                              ("thread", "specs/ is pure"),
                              ("mutex", "specs/ is pure"),
                              ("condition_variable", "specs/ is pure"),
                              ("future", "specs/ is pure")]:
            with self.subTest(header):
                self.refuses("specs/x.cpp",
                             f"#include <string>\n  #  include <{header}>\n", 2,
                             words)

    def test_own_includes_follow_the_table(self):
        for name, target in [("specs/x.cpp", "http/options.hpp"),
                             ("models/x.cpp", "actors/caf_compat.hpp"),
                             ("models/x.cpp", "http/options.hpp"),
                             ("actors/x.cpp", "http/options.hpp"),
                             ("actors/x.cpp", "models/registry.hpp"),
                             ("http/x.cpp", "models/registry.hpp"),
                             ("cli/x.cpp", "tests/http/server_test.cpp")]:
            with self.subTest(f"{name} {target}"):
                self.refuses(name, f'\n#include "troupe/{target}"\n', 2,
                             name.split("/")[0] + "/ must not include")

    def test_libraries_follow_the_table(self):
        for name, header in [("models/x.cpp", "caf/all.hpp"),
                             ("models/x.cpp", "boost/asio.hpp"),
                             ("actors/x.cpp", "boost/asio.hpp"),
                             ("http/x.cpp", "onnxruntime_cxx_api.h"),
                             ("cli/x.cpp", "boost/beast/http.hpp"),
                             ("cli/x.cpp", "openssl/ssl.h"),
                             ("cli/bench/x.cpp", "caf/all.hpp"),
                             ("examples/x.cpp", "boost/beast/http.hpp"),
                             ("http/x.cpp", "gtest/gtest.h")]:
            with self.subTest(f"{name} {header}"):
                self.refuses(name, f"#include <{header}>\n", 1,
                             f"must not include <{header}>")

    def test_one_spelling_of_includes(self):
        for include in ['"json.hpp"', '"specs/json.hpp"', '"../specs/json.hpp"',
                        "<troupe/specs/json.hpp>",
                        '"troupe/../specs/json.hpp"', '"caf/all.hpp"']:
            with self.subTest(include):
                self.refuses("http/x.cpp", f"#include {include}\n", 1,
                             "our own files are included as")

    def test_includes_of_ours_exist(self):
        self.refuses("http/x.cpp", '#include "troupe/http/gone.hpp"\n', 1,
                     "there is no http/gone.hpp")
        self.refuses("http/x.cpp", '#include "troupe/core/x.hpp"\n', 1,
                     "core/ is no layer")

    def test_caf_spellings_live_in_one_header(self):
        for code in ["#if CAF_VERSION < 1800", "#if CAF_MAJOR_VERSION == 0",
                     "x = CAF_MINOR_VERSION;", "caf::replies_to<int>::with<int>",
                     "caf::reacts_to <int>"]:
            with self.subTest(code):
                self.refuses("actors/x.cpp", f"int a;\n{code}\n", 2,
                             "belongs in actors/caf_compat.hpp only")

    def test_headers_start_with_pragma_once(self):
        for text in ["", "#include <string>\n#pragma once\n",
                     "#ifndef X\n#define X\n#endif\n"]:
            with self.subTest(text):
                self.refuses("actors/x.hpp", text, 1, "#pragma once")

    def test_public_headers_reach_neither_caf_nor_boost(self):
        code, lines = self.check({
            "http/options.hpp":
                '#pragma once\n\n#include "troupe/http/middle.hpp"\n',
            "http/middle.hpp":
                '#pragma once\n#include "troupe/actors/caf_compat.hpp"\n'})
        self.assertEqual(1, code)
        self.assertEqual(
            ["http/options.hpp:3: public header reaches caf: http/options.hpp"
             " -> http/middle.hpp -> actors/caf_compat.hpp -> <caf/all.hpp>",
             "http/server.hpp:2: public header reaches caf: http/server.hpp"
             " -> http/options.hpp -> http/middle.hpp -> actors/caf_compat.hpp"
             " -> <caf/all.hpp>"], lines[:-1])

    def test_reports_all_findings_in_order(self):
        code, lines = self.check({
            "specs/b.cpp": "#include <future>\n#include <caf/all.hpp>\n",
            "http/a.cpp": '#include "x.hpp"\n'})
        self.assertEqual(1, code)
        self.assertEqual(["http/a.cpp:1", "specs/b.cpp:1", "specs/b.cpp:2"],
                         [line.split(": ")[0] for line in lines[:-1]])

    def test_comments_and_strings_are_no_code(self):
        self.accepts({"http/x.cpp":
                      "// #include <gtest/gtest.h>\n/*\n#include \"x.hpp\"\n"
                      "CAF_VERSION */\nauto a = R\"(\n#include <png.h>\n)\";\n"
                      "int b = 10'000; // replies_to<int>\n"})
        # "*/*" opens no comment that would hide what follows.
        self.refuses("http/x.cpp",
                     'auto a = "*/*";\n#include <png.h>\nauto b = "*/*";\n', 2,
                     "http/ must not include <png.h>")

    def test_refuses_an_empty_tree_and_bad_usage(self):
        with tempfile.TemporaryDirectory() as folder:
            for arguments in ([folder], ["--help"], ["a", "b"]):
                done = subprocess.run([sys.executable, SCRIPT, *arguments],
                                      capture_output=True, check=False)
                self.assertEqual(2, done.returncode)


if __name__ == "__main__":
    unittest.main()

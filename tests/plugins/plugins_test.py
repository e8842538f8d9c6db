"""usage: plugins_test.py TROUPE LIBRARIES

Plugins in the real program: models of each contract, each way to refuse a
library, reload, workers in processes, nodes.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent
                       / "examples"))
from served import PATIENCE, Served  # noqa: E402

TROUPE, LIBRARIES = (pathlib.Path(x).resolve() for x in sys.argv[1:3])
ADMIN = {"Authorization": "Bearer chief"}
ENV = {**os.environ, "TROUPE_ADMIN_KEY": "chief",
       "TROUPE_CLUSTER_SECRET": "s" * 32}


def ask(url, body=None, method=None, headers=None):
    request = urllib.request.Request(
        url, data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def model(kind, **more):
    return {"name": kind, "type": kind, "predict": "/" + kind, **more}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def take(self, name, to=None):
        """Puts a library beside the config, by a rename."""
        to = self.folder / (to or f"{name}.so")
        shutil.copy(LIBRARIES / f"{name}.so", f"{to}.new")
        os.rename(f"{to}.new", to)

    def write(self, plugins, models, name="c.json", **more):
        text = json.dumps({"plugins": plugins, "models": models, **more})
        (self.folder / name).write_text(text)
        return text

    def run_troupe(self, *arguments):
        return subprocess.run([TROUPE, *arguments], cwd=self.folder, env=ENV,
                              capture_output=True, text=True, timeout=PATIENCE)

    def start(self, *arguments):
        result = Served([TROUPE, *arguments], cwd=self.folder, env=ENV)
        self.addCleanup(result.kill)
        return result

    def serve(self, plugins, models, **more):
        self.write(plugins, models, **more)
        return self.start("serve", "c.json", "--port", "0").wait_ready()

    def refused(self, plugins, models=None):
        """Returns what `check` says, after the position of the entry."""
        text = self.write(plugins, models or [{"name": "a", "type": "echo"}])
        ran = self.run_troupe("check", "c.json")
        self.assertEqual(ran.returncode, 2, ran.stdout)
        lines = ran.stderr.splitlines()
        self.assertEqual(len(lines), 2, ran.stderr)
        column = text.index(json.dumps(plugins[-1])) + 1
        if plugins.count(plugins[-1]) > 1:
            column = text.index(json.dumps(plugins[-1]), column) + 1
        start = f"c.json:1:{column}: error: plugins.{len(plugins) - 1}: "
        self.assertTrue(lines[0].startswith(start), lines[0])
        return lines[0][len(start):]


class Models(Case):
    def test_each_contract_is_served(self):
        self.take("many")
        (self.folder / "text.txt").write_text("written")
        url = self.serve(["many.so"], [
            model("counting"), model("stepping"), model("process-teller"),
            model("file.teller", path="text.txt"), model("tokens"),
            model("added", execution="inline")]).url
        self.assertEqual(ask(url + "/counting", 3), (200, "0\n1\n2\n"))
        self.assertEqual(ask(url + "/stepping", 3), (200, "3\n2\n1\n"))
        self.assertEqual(ask(url + "/file.teller", 0), (200, '"written"'))
        self.assertEqual(ask(url + "/added", 1), (200, "2.0"))
        self.assertEqual(ask(url + "/added", "x")[0], 422)
        status, body = ask(url + "/process-teller", "teapot")
        self.assertEqual(status, 418)
        self.assertIn("this is a teapot", body)
        self.assertEqual(ask(url + "/process-teller", "throw")[0], 500)
        self.assertEqual(ask(url + "/process-teller", "fatal")[0], 500)
        for n in range(5):
            self.assertEqual(ask(url + "/tokens", 7), (200, "7"))
        metrics = ask(url + "/metrics")[1]
        self.assertRegex(metrics, r'prompt_tokens_total\{[^}]*tokens[^}]*\} 35')

    def test_a_worker_in_a_process_loads_the_plugin_too(self):
        self.take("many")
        served = self.serve(["./many.so"], [
            model("process-teller", execution="process"),
            model("counting", execution="process")])
        status, body = ask(served.url + "/process-teller", "who")
        self.assertEqual(status, 200, body)
        self.assertNotEqual(int(body), served.process.pid)
        self.assertEqual(ask(served.url + "/process-teller", "teapot")[0], 418)
        self.assertEqual(ask(served.url + "/counting", 2), (200, "0\n1\n"))

    def test_a_node_serves_a_type_that_its_front_does_not_know(self):
        self.take("many")
        self.write([], [model("node", name="added", predict="/added")],
                   cluster={"listen": "127.0.0.1:0"})
        front = self.start("serve", "c.json", "--port", "0")
        port = front.wait_for_line(r"nodes may join at \S+:(\d+)")
        self.write(["many.so"], [{"name": "added", "type": "added"}], "n.json")
        self.start("node", "n.json", "--join", f"127.0.0.1:{port}",
                   "--name", "one").wait_ready()
        front.wait_ready()
        self.assertEqual(ask(front.url + "/added", 1), (200, "2.0"))

    def test_an_entry_has_no_options_that_its_class_does_not_take(self):
        self.take("many")
        self.write(["many.so"], [model("counting", options={"depth": 1})])
        ran = self.run_troupe("check", "c.json")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("models.0.options.depth: unknown option", ran.stderr)

    def test_the_types_of_plugins_are_suggested(self):
        self.take("many")
        self.write(["many.so"], [model("steping")])
        ran = self.run_troupe("check", "c.json")
        self.assertEqual(ran.returncode, 2)
        self.assertIn('did you mean "stepping"', ran.stderr)


class Refused(Case):
    def test_no_such_file(self):
        self.assertEqual(self.refused(["none.so"]), "there is no file none.so")

    def test_a_folder(self):
        (self.folder / "d.so").mkdir()
        self.assertEqual(self.refused(["d.so"]),
                         "d.so is not a file, expected a shared library")

    def test_no_shared_library_in_the_words_of_the_system(self):
        (self.folder / "text.so").write_text("text")
        said = self.refused(["text.so"])
        self.assertTrue(said.startswith("cannot load the shared library: "),
                        said)
        self.assertIn("file too short", said)

    def test_a_library_without_a_plugin(self):
        self.take("no_symbol")
        self.assertEqual(self.refused(["no_symbol.so"]),
                         "no_symbol.so is not a Troupe plugin: it was not made "
                         "with TROUPE_MODEL")

    def test_a_library_without_a_model(self):
        self.take("empty")
        self.assertEqual(self.refused(["empty.so"]),
                         "empty.so is not a Troupe plugin: there is no "
                         "TROUPE_MODEL in it")

    def test_another_tag(self):
        self.take("other_tag")
        self.assertRegex(
            self.refused(["other_tag.so"]),
            r'^other_tag.so was built against another Troupe: its tag is '
            r'"troupe 0\.0\.9, [^"]*", that of this program "troupe '
            r'[\d.]+, headers [0-9a-f]{16}, [^"]*"; rebuild it against this '
            r'Troupe$')

    def test_a_type_that_is_built_in(self):
        self.take("taken")
        self.assertEqual(self.refused(["taken.so"]),
                         'taken.so has a model of the type "square", which is '
                         'taken by a type that is built in; give it another '
                         'name')

    def test_a_type_of_another_plugin(self):
        self.take("many")
        self.take("many", "other.so")
        self.assertEqual(self.refused(["many.so", "other.so"]),
                         'other.so has a model of the type "added", which is '
                         'taken by many.so; give it another name')

    def test_a_type_twice(self):
        self.take("twice")
        self.assertEqual(self.refused(["twice.so"]),
                         'twice.so has two models of the type "same"; give '
                         'one of them another name')

    def test_a_library_twice(self):
        self.take("many")
        self.assertRegex(self.refused(["many.so", "many.so"]),
                         r"^is the same library as c\.json:1:\d+; name it "
                         r"once$")

    def test_an_exception_while_it_is_loaded(self):
        self.take("throws")
        self.assertEqual(self.refused(["throws.so"]),
                         "throws.so failed while it was loaded: there is no "
                         "driver 7")

    def test_a_type_that_its_library_would_have_is_not_reported_as_well(self):
        self.assertEqual(self.refused(["none.so"], [model("counting")]),
                         "there is no file none.so")


class Reload(Case):
    COUNTING = [model("counting")]

    def reload(self, served):
        return ask(served.url + "/admin/reload", method="POST", headers=ADMIN)

    def serve_square(self):
        self.take("many")
        return self.serve([], [model("square")],
                          server={"admin": {"enabled": True}})

    def rewrite(self, plugins, models):
        self.write(plugins, models, server={"admin": {"enabled": True}})

    def against(self, served):
        return self.run_troupe("check", "c.json", "--against", served.url)

    def test_takes_a_plugin_more(self):
        served = self.serve_square()
        self.rewrite(["many.so"], [model("square"), *self.COUNTING])
        self.assertIn('plugins.0: "many.so" added', self.against(served).stdout)
        status, body = self.reload(served)
        self.assertEqual(status, 200, body)
        self.assertIn("added", body)
        self.assertEqual(ask(served.url + "/counting", 1), (200, "0\n"))
        # An entry that is put may name its types, too.
        status, body = ask(served.url + "/admin/models/adder",
                           {"type": "added", "predict": "/adder"}, "PUT",
                           ADMIN)
        self.assertIn(status, (200, 201), body)
        self.assertEqual(ask(served.url + "/adder", 1), (200, "2.0"))

    def test_a_plugin_alone_is_a_change(self):
        served = self.serve_square()
        self.rewrite(["many.so"], [model("square")])
        self.assertEqual(self.reload(served)[0], 200)
        self.assertEqual(ask(served.url + "/square", {"input": 3})[0], 200)

    def test_takes_none_away(self):
        served = self.serve_square()
        self.rewrite(["many.so"], [model("square")])
        self.assertEqual(self.reload(served)[0], 200)
        self.rewrite([], [model("square")])
        status, body = self.reload(served)
        self.assertNotEqual(status, 200)
        self.assertIn('removed, needs a restart', body)

    def test_a_library_that_changed_on_disk_needs_a_restart(self):
        served = self.serve_square()
        self.rewrite(["many.so"], [model("square"), *self.COUNTING])
        self.assertEqual(self.reload(served)[0], 200)
        self.take("many")
        ran = self.against(served)
        self.assertEqual(ran.returncode, 2, ran.stdout)
        self.assertIn('plugins.0: "many.so" has changed on disk, needs a '
                      'restart', ran.stdout)
        status, body = self.reload(served)
        self.assertNotEqual(status, 200)
        self.assertIn("has changed on disk since", body)
        self.assertIn("restart the program", body)
        self.assertEqual(ask(served.url + "/counting", 1), (200, "0\n"))

    def test_a_wrong_library_is_refused_and_may_be_mended(self):
        served = self.serve_square()
        self.take("other_tag", "mine.so")
        self.rewrite(["mine.so"], [model("square")])
        status, body = self.reload(served)
        self.assertNotEqual(status, 200)
        self.assertIn("rebuild it against this Troupe", body)
        self.take("many", "mine.so")
        self.rewrite(["mine.so"], [model("square"), *self.COUNTING])
        status, body = self.reload(served)
        self.assertEqual(status, 200, body)
        self.assertEqual(ask(served.url + "/counting", 1), (200, "0\n"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

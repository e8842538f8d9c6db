"""usage: manifests_test.py PROGRAM SOURCE

Holds deploy/ to the program: every manifest parses, what it refers to exists
(ports, volumes, config maps, selectors, targets), the configs in it are ones
that `troupe check` accepts, its probes are endpoints of those, its flags,
variables and metrics exist, and its times fit the drain. Then a front and a node
run with those configs and the certificates that docs/scaling.md makes.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import yaml

PROGRAM, SOURCE = (pathlib.Path(x).resolve() for x in sys.argv[1:3])
DEPLOY = SOURCE / "deploy"
sys.path.insert(0, str(SOURCE / "tests/examples"))
sys.dont_write_bytecode = True
from served import PATIENCE, Served  # noqa: E402

# For the end of workers after the drain, in seconds.
WORKERS_END = 5
COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*')


def load(folder):
    """The objects of a folder's manifests, by kind and name."""
    result = {}
    for path in sorted((DEPLOY / "kubernetes" / folder).glob("*.yaml")):
        for x in yaml.safe_load_all(path.read_text()):
            key = (x["kind"], x["metadata"]["name"])
            assert key not in result, f"{path}: {key} is there twice"
            result[key] = x
    return result


def of_kind(objects, kind):
    return [x for (k, _), x in objects.items() if k == kind]


def containers(deployment):
    pod = deployment["spec"]["template"]["spec"]
    return pod.get("initContainers", []) + pod["containers"]


def read_config(text):
    return json.loads(COMMENT.sub(
        lambda m: m[0] if m[0].startswith('"') else "", text))


def get(url, body=None):
    request = urllib.request.Request(url, data=body)
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.add_header("X-API-Key", "key")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return answer.read().decode()


def make_certificates(folder):
    """Runs the commands of the page."""
    page = (SOURCE / "docs/scaling.md").read_text()
    block = re.search(r"^```sh\n(.*?openssl.*?)^```$", page,
                      re.DOTALL | re.MULTILINE)
    subprocess.run(["sh", "-e", "-c", block[1]], cwd=folder, check=True,
                   timeout=PATIENCE, stderr=subprocess.DEVNULL)


class Shape:
    """The tests of one shape; see below."""

    folder = None

    @classmethod
    def setUpClass(cls):
        cls.objects = load(cls.folder)
        cls.temporary = tempfile.TemporaryDirectory()
        cls.here = pathlib.Path(cls.temporary.name)
        make_certificates(cls.here)
        for x in of_kind(cls.objects, "ConfigMap"):
            for name, text in x["data"].items():
                (cls.here / name).write_text(text)
        cls.env = {"PATH": "/usr/bin:/bin", "TROUPE_API_KEY": "key",
                   "TROUPE_CLUSTER_SECRET": "shared"}

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def run_program(self, *arguments):
        ran = subprocess.run([PROGRAM, *arguments], capture_output=True,
                             text=True, timeout=PATIENCE, env=self.env)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran.stdout

    def config_of(self, container):
        """The file of a container's config, and what is in it."""
        path = self.here / pathlib.PurePath(container["args"][1]).name
        return path, read_config(path.read_text())

    def flags_of(self, path, config, container):
        """What makes the config one of this machine."""
        result = []
        if "tls" in config["cluster"]:
            name = path.stem
            for key, file in (("certificate", f"{name}.crt"),
                              ("key", f"{name}.key"), ("client_ca", "ca.crt")):
                result += ["--set", f"cluster.tls.{key}={self.here / file}"]
        if container["args"][0] == "node":
            arguments = container["args"]
            join = arguments[arguments.index("--join") + 1]
            result += ["--set", f"cluster.join={join}"]
        return result

    def each_container(self):
        for deployment in of_kind(self.objects, "Deployment"):
            for x in containers(deployment):
                yield deployment, x

    def test_configs_are_accepted(self):
        for _, x in self.each_container():
            path, config = self.config_of(x)
            self.run_program("check", path, *self.flags_of(path, config, x))

    def test_flags_exist(self):
        for _, x in self.each_container():
            self.assertEqual(x["command"], ["troupe"])
            usage = self.run_program(x["args"][0], "--help")
            for flag in x["args"][2:]:
                if flag.startswith("--"):
                    self.assertIn(flag, usage)

    def test_probes_are_endpoints(self):
        for _, x in self.each_container():
            path, config = self.config_of(x)
            routes = self.run_program("routes", path,
                                      *self.flags_of(path, config, x))
            ports = {p["name"]: p["containerPort"] for p in x["ports"]}
            for probe in (value for key, value in x.items()
                          if key.endswith("Probe")):
                http = probe["httpGet"]
                self.assertRegex(routes,
                                 rf"(?m)^GET +{re.escape(http['path'])} .*public")
                self.assertEqual(ports[http["port"]], config["server"]["port"])
            self.assertEqual(config["server"]["host"], "0.0.0.0")
            listen = config["cluster"].get("listen", "")
            if listen.startswith("*:"):
                self.assertEqual(ports["cluster"], int(listen[2:]))

    def test_keys_come_from_the_environment(self):
        for _, x in self.each_container():
            _, config = self.config_of(x)
            names = {e["name"] for e in x["env"]}
            self.assertIn(config["cluster"]["secret_env"], names)
            self.assertIn("TROUPE_API_KEY", names)
            for used in re.findall(r"\$\((\w+)\)", " ".join(x["args"])):
                self.assertIn(used, names)

    def test_pods_have_what_they_mount(self):
        for deployment, x in self.each_container():
            pod = deployment["spec"]["template"]["spec"]
            volumes = {v["name"]: v for v in pod["volumes"]}
            for mount in x["volumeMounts"]:
                self.assertIn(mount["name"], volumes)
            of = volumes["config"]["configMap"]["name"]
            data = self.objects["ConfigMap", of]["data"]
            self.assertIn(pathlib.PurePath(x["args"][1]).name, data)
            _, config = self.config_of(x)
            mounted = [m["mountPath"] for m in x["volumeMounts"]]
            for file in config["cluster"].get("tls", {}).values():
                self.assertIn(str(pathlib.PurePath(file).parent), mounted)

    def test_time_to_end_fits_the_drain(self):
        for deployment in of_kind(self.objects, "Deployment"):
            needed = 0
            for x in containers(deployment):
                _, config = self.config_of(x)
                how = config["server"]["shutdown"]
                needed += WORKERS_END + (how.get("grace_ms", 0)
                                         + how["drain_timeout_ms"]) / 1000
                ready = x.get("readinessProbe")
                if "grace_ms" in how:
                    self.assertGreater(
                        how["grace_ms"] / 1000,
                        ready["periodSeconds"] * ready["failureThreshold"])
            pod = deployment["spec"]["template"]["spec"]
            self.assertGreaterEqual(pod["terminationGracePeriodSeconds"],
                                    needed)

    def test_selectors_select(self):
        labels = []
        for x in of_kind(self.objects, "Deployment"):
            mine = x["spec"]["template"]["metadata"]["labels"]
            self.assertEqual(x["spec"]["selector"]["matchLabels"], mine)
            labels.append(mine)
        selectors = [x["spec"]["selector"]
                     for x in of_kind(self.objects, "Service")]
        selectors += [x["spec"]["selector"]["matchLabels"]
                      for x in of_kind(self.objects, "PodDisruptionBudget")]
        for policy in of_kind(self.objects, "NetworkPolicy"):
            selectors.append(policy["spec"]["podSelector"]["matchLabels"])
            for rule in policy["spec"]["ingress"]:
                selectors += [x["podSelector"]["matchLabels"]
                              for x in rule.get("from", [])
                              if "podSelector" in x]
        for selector in selectors:
            self.assertTrue(any(selector.items() <= x.items()
                                for x in labels), selector)

    def test_services_and_policies_name_ports_that_exist(self):
        names = {p["name"] for _, x in self.each_container()
                 for p in x["ports"]}
        for x in of_kind(self.objects, "Service"):
            for port in x["spec"]["ports"]:
                self.assertIn(port["targetPort"], names)
        for x in of_kind(self.objects, "NetworkPolicy"):
            for rule in x["spec"]["ingress"]:
                for port in rule["ports"]:
                    self.assertIn(port["port"], names)

    def test_autoscalers_have_targets(self):
        for x in of_kind(self.objects, "HorizontalPodAutoscaler"):
            target = x["spec"]["scaleTargetRef"]
            deployment = self.objects[target["kind"], target["name"]]
            self.assertNotIn("replicas", deployment["spec"])
            for metric in x["spec"]["metrics"]:
                if "object" in metric:
                    of = metric["object"]["describedObject"]
                    self.assertIn((of["kind"], of["name"]), self.objects)

    def start(self, *arguments):
        result = Served([PROGRAM, *arguments], env=self.env)
        self.addCleanup(result.kill)
        return result

    def test_front_and_node_serve_and_have_the_gauges(self):
        found = {x["args"][0]: x for _, x in self.each_container()}
        path, config = self.config_of(found["serve"])
        front = self.start(
            "serve", path, "--host", "127.0.0.1", "--port", "0",
            "--set", "cluster.listen=127.0.0.1:0",
            "--set", "server.shutdown.grace_ms=0",
            *self.flags_of(path, config, found["serve"]))
        # Its cluster's port is in the log before its HTTP port.
        port = front.wait_for_line(r"nodes may join at \S+:(\d+)")
        path, config = self.config_of(found["node"])
        node = self.start(
            "node", path, "--host", "127.0.0.1", "--port", "0",
            *self.flags_of(path, config, found["node"]),
            "--join", f"127.0.0.1:{port}", "--name", "one")
        front.wait_ready()
        node.wait_ready()
        answer = get(front.url + "/predict", b'{"input": 3}')
        self.assertIn("9", answer)
        metrics = get(front.url + "/metrics")
        adapter = (DEPLOY / "kubernetes/prometheus-adapter.yaml").read_text()
        query = yaml.safe_load(adapter)["rules"]["custom"][0]["seriesQuery"]
        wanted = re.search(r'__name__=~"(\w+)\((.*?)\)"', query)
        names = [wanted[1] + x for x in wanted[2].split("|")]
        for x in of_kind(self.objects, "HorizontalPodAutoscaler"):
            for metric in x["spec"]["metrics"]:
                how = metric[metric["type"].lower()]["metric"]
                self.assertIn(how["name"], names)
                model = how["selector"]["matchLabels"]["model"]
                self.assertIn(f'{how["name"]}{{model="{model}"}} ', metrics)
        for name in names:
            self.assertIn(f"# TYPE {name} gauge", metrics)
        self.assertEqual(node.terminate(), 0)
        self.assertEqual(front.terminate(), 0)


class OneFront(Shape, unittest.TestCase):
    folder = "one-front"

    def test_nodes_reach_a_front_that_is_not_ready(self):
        _, node = next(x for x in self.each_container()
                       if x[1]["args"][0] == "node")
        arguments = node["args"]
        host, port = arguments[arguments.index("--join") + 1].split(":")
        service = self.objects["Service", host]["spec"]
        self.assertEqual(service["clusterIP"], "None")
        self.assertTrue(service["publishNotReadyAddresses"])
        self.assertEqual(service["ports"][0]["port"], int(port))


class ManyFronts(Shape, unittest.TestCase):
    folder = "many-fronts"


class Systemd(unittest.TestCase):
    def test_units_leave_time_for_the_drain(self):
        units = sorted((DEPLOY / "systemd").glob("*.service"))
        self.assertTrue(units)
        for path in units:
            text = path.read_text()
            seconds = int(re.search(r"^TimeoutStopSec=(\d+)$", text,
                                    re.MULTILINE)[1])
            self.assertGreaterEqual(seconds, 30 + WORKERS_END)
            command = re.search(r"^ExecStart=/usr/bin/troupe (.*)$", text,
                                re.MULTILINE)[1].split()
            usage = subprocess.run([PROGRAM, command[0], "--help"],
                                   capture_output=True, text=True, check=True,
                                   timeout=PATIENCE).stdout
            for flag in command:
                if flag.startswith("--"):
                    self.assertIn(flag, usage)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

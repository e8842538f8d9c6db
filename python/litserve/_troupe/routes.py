"""Which paths an API has beside its own: those of its spec, and routes."""

from typing import Any, Dict, List, Optional, Tuple

from ..errors import Refused
from ..specs import OpenAIEmbeddingSpec, OpenAISpec
from ..specs.openai import CHAT_PATH
from ..specs.openai_embedding import EMBEDDINGS_PATH

COMPLETIONS_PATH = "/v1/completions"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# A function, or what stands for it in a worker.
Handler = Any


class SpecPaths:
    """Where a spec of OpenAI's is served: a prefix, and a path after it."""

    def __init__(self, api: Any) -> None:
        usual = CHAT_PATH if isinstance(api.spec, OpenAISpec) \
            else EMBEDDINGS_PATH
        self.prefix = ""
        self.path = usual
        given = api.spec.api_path or api.api_path
        if given == "/predict":
            return
        if given.endswith(usual):
            self.prefix = given[:-len(usual)]
        else:
            head, _, tail = given.rpartition("/")
            self.prefix, self.path = head, "/" + tail

    def all(self) -> List[str]:
        """Returns every path at which requests come from the spec."""
        return [self.prefix + self.path, self.prefix + COMPLETIONS_PATH]


def is_openai(spec: Any) -> bool:
    """Returns whether the program has this spec itself."""
    return isinstance(spec, (OpenAISpec, OpenAIEmbeddingSpec))


def predict_paths(apis: List[Any], names: List[str]) -> List[str]:
    """Returns the paths of the APIs themselves, which specs leave in place.
    Raises Refused when two are at one path."""
    found: Dict[str, str] = {}
    for name, api in zip(names, apis):
        if is_openai(api.spec):
            continue
        if api.api_path in found:
            raise Refused(f"{found[api.api_path]} and {name} are both at "
                          f"{api.api_path}; give one of them another api_path")
        found[api.api_path] = name
    result = []
    for name, api in zip(names, apis):
        path: str = api.api_path
        if is_openai(api.spec):
            path = "/predict" if "/predict" not in found else f"/{name}/predict"
            found[path] = name
        result.append(path)
    return result


def handlers_of(server: Any, position: int) \
        -> Dict[Tuple[str, str], Handler]:
    """Returns who answers what, of the endpoints of an API's spec and, for
    the first API, of the server's routes: by method and pattern."""
    api = server.apis[position]
    listed = list(api.spec.endpoints) if api.spec is not None else []
    if position == 0:
        listed += server.app.endpoints
    found: Dict[Tuple[str, str], Handler] = {}
    for path, handler, methods in listed:
        if not isinstance(path, str) or not path.startswith("/"):
            raise Refused(f"an endpoint's path must start with '/', got "
                          f"{path!r}")
        for method in methods:
            key = (str(method).upper(), path)
            if key[0] not in _METHODS:
                raise Refused(f"the endpoint {path} has the method {method!r}; "
                              f"there are {', '.join(_METHODS)}")
            if key in found:
                raise Refused(f"the endpoint {key[0]} {path} is there twice")
            found[key] = handler
    return found


def endpoints_of(handlers: Dict[Tuple[str, str], Handler]) \
        -> List[Dict[str, Any]]:
    """Returns the endpoints as the config has them, without OPTIONS."""
    methods: Dict[str, List[str]] = {}
    for method, path in handlers:
        methods.setdefault(path, []).append(method)
    # OPTIONS is answered for every path, by the server.
    kept = {path: [x for x in names if x != "OPTIONS"]
            for path, names in methods.items()}
    return [{"path": path, "methods": names}
            for path, names in kept.items() if names]


def pattern_names(pattern: str) -> List[str]:
    """Returns the names of the parameters of a path."""
    return [x[1:-1].replace("...", "") for x in pattern.split("/")
            if x.startswith("{") and x.endswith("}")]


def matching(handlers: Dict[Tuple[str, str], Handler], method: str,
             path: str) -> Optional[Handler]:
    """Returns who answers a request that the server has matched already."""
    if method == "HEAD" and all(x != "HEAD" for x, _ in handlers):
        method = "GET"  # brings HEAD along
    exact = handlers.get((method, path))
    if exact is not None:
        return exact
    steps = path.split("/")
    for (wanted, pattern), handler in handlers.items():
        if wanted == method and _fits(pattern.split("/"), steps):
            return handler
    return None


def _fits(pattern: List[str], steps: List[str]) -> bool:
    for index, x in enumerate(pattern):
        if x.endswith("...}"):
            return len(steps) > index
        if index >= len(steps) or not (x.startswith("{") and x.endswith("}")
                                       or x == steps[index]):
            return False
    return len(pattern) == len(steps)

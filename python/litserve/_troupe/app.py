"""What stands for `LitServer.app`: routes beside the APIs."""

from typing import Any, Callable, Dict, List, Tuple

from ..errors import Refused

Endpoint = Tuple[str, Callable[..., Any], List[str]]


class App:
    """Takes routes as FastAPI's application does. They are answered in a worker
    of the first API, and ask for the key as all else."""

    def __init__(self) -> None:
        self.endpoints: List[Endpoint] = []
        self.middlewares: List[Tuple[Any, Dict[str, Any]]] = []

    def add_middleware(self, middleware: Any, **arguments: Any) -> None:
        """Adds a middleware, as `LitServer(middlewares=)` does."""
        self.middlewares.append((middleware, arguments))

    def include_router(self, router: Any, *, prefix: str = "", **options: Any) \
            -> None:
        """Adds the routes of one of FastAPI's routers."""
        used = [x for x in options if x != "tags"]
        if used:
            raise Refused(f"app.include_router({used[0]}=): Troupe has no such "
                          "option for a router")
        for x in router.routes:
            self.endpoints.append((prefix + x.path, x.endpoint,
                                   sorted(x.methods or ["GET"])))

    def add_api_route(self, path: str, endpoint: Callable[..., Any],
                      methods: Any = None, **options: Any) -> None:
        """Adds a route."""
        used = [x for x, value in options.items() if value is not None and
                x not in ("name", "summary", "description", "tags",
                          "include_in_schema", "operation_id", "deprecated")]
        if used:
            raise Refused(f"app.add_api_route({used[0]}=) of {path}: Troupe "
                          "has no such option for a route")
        self.endpoints.append((path, endpoint, list(methods or ["GET"])))

    add_route = add_api_route

    def api_route(self, path: str, *, methods: Any = None, **options: Any) \
            -> Callable[..., Any]:
        """Adds a route, as a decorator."""
        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            self.add_api_route(path, function, methods, **options)
            return function

        return decorate

    route = api_route

    def get(self, path: str, **options: Any) -> Callable[..., Any]:
        """Adds a route for GET."""
        return self.api_route(path, methods=["GET"], **options)

    def post(self, path: str, **options: Any) -> Callable[..., Any]:
        """Adds a route for POST."""
        return self.api_route(path, methods=["POST"], **options)

    def put(self, path: str, **options: Any) -> Callable[..., Any]:
        """Adds a route for PUT."""
        return self.api_route(path, methods=["PUT"], **options)

    def patch(self, path: str, **options: Any) -> Callable[..., Any]:
        """Adds a route for PATCH."""
        return self.api_route(path, methods=["PATCH"], **options)

    def delete(self, path: str, **options: Any) -> Callable[..., Any]:
        """Adds a route for DELETE."""
        return self.api_route(path, methods=["DELETE"], **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise Refused(f"LitServer.app.{name}: Troupe runs no FastAPI. The app "
                      "takes routes (get, post, put, patch, delete, api_route, "
                      "add_api_route, include_router) and the middlewares that "
                      "can be mapped (add_middleware), see "
                      "docs/from-litserve.md")

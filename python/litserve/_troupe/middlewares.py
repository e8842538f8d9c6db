"""Middlewares of Starlette's as parts of the config."""

from typing import Any, Dict, List

from ..errors import Refused

_ALL_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


def add_middlewares(listed: List[Any], server: Dict[str, Any]) -> None:
    """Adds to the section `server` of the config. Raises Refused for what
    cannot be mapped."""
    for kind, arguments in listed:
        name = getattr(kind, "__name__", repr(kind))
        known = str(getattr(kind, "__module__", "")).split(".")[0] \
            in ("starlette", "fastapi")
        if known and name == "CORSMiddleware":
            server["cors"] = _cors(dict(arguments))
        elif known and name == "GZipMiddleware":
            server["gzip"] = _gzip(dict(arguments))
        elif known and name == "TrustedHostMiddleware":
            server["allowed_hosts"] = _hosts(dict(arguments))
        else:
            raise Refused(
                f"middlewares: {name} is an ASGI application, and Troupe runs "
                "none. CORSMiddleware, GZipMiddleware and "
                "TrustedHostMiddleware of Starlette's are mapped; the id of a "
                "request is there already (X-Request-Id); what looks at "
                "requests of the model goes into decode_request or authorize; "
                "for the rest put a proxy in front")


def _take(name: str, arguments: Dict[str, Any], keys: Dict[str, str]) \
        -> Dict[str, Any]:
    result = {}
    for key, value in arguments.items():
        if key not in keys:
            raise Refused(f"middlewares: {name}({key}=) has no counterpart; "
                          f"there are {', '.join(keys)}")
        result[keys[key]] = list(value) if isinstance(value, tuple) else value
    return result


def _cors(arguments: Dict[str, Any]) -> Dict[str, Any]:
    result = _take("CORSMiddleware", arguments, {
        "allow_origins": "allow_origins", "allow_methods": "allow_methods",
        "allow_headers": "allow_headers", "expose_headers": "expose_headers",
        "allow_credentials": "allow_credentials", "max_age": "max_age_s"})
    if not result.get("allow_origins"):
        raise Refused("middlewares: CORSMiddleware without allow_origins lets "
                      "nobody in; name the origins")
    if result.get("allow_methods") == ["*"]:
        result["allow_methods"] = _ALL_METHODS
    else:
        result.setdefault("allow_methods", ["GET"])
    result.setdefault("allow_headers", [])
    return result


def _gzip(arguments: Dict[str, Any]) -> Dict[str, Any]:
    return {"enabled": True, **_take("GZipMiddleware", arguments, {
        "minimum_size": "min_bytes", "compresslevel": "level"})}


def _hosts(arguments: Dict[str, Any]) -> List[str]:
    if arguments.pop("www_redirect", False):
        raise Refused("middlewares: TrustedHostMiddleware(www_redirect=True): "
                      "nothing is redirected; let a proxy do it")
    found = _take("TrustedHostMiddleware", arguments,
                  {"allowed_hosts": "allowed_hosts"})
    hosts = list(found.get("allowed_hosts") or ["*"])
    return [] if "*" in hosts else hosts

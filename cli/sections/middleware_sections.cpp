#include "troupe/cli/sections/middleware_sections.hpp"

#include "troupe/cli/options/option_field.hpp"

namespace troupe {

using namespace fields;

option cors_section() {
  return section(
    "cors", "Which pages of other origins may call.",
    {
      field(
        "allow_origins",
        [](auto& d) -> auto& { return d.server.options.cors.allow_origins; },
        "E.g. https://app.example; * stands for all. None: no CORS."),
      field(
        "allow_methods",
        [](auto& d) -> auto& { return d.server.options.cors.allow_methods; },
        "The methods that pages may use."),
      field(
        "allow_headers",
        [](auto& d) -> auto& { return d.server.options.cors.allow_headers; },
        "Headers that pages may send; * stands for all."),
      field(
        "expose_headers",
        [](auto& d) -> auto& { return d.server.options.cors.expose_headers; },
        "Headers of answers that pages may read beyond the usual ones."),
      field(
        "allow_credentials", [](auto& d) -> auto& {
          return d.server.options.cors.allow_credentials;
        },
        "Whether pages may send cookies; needs origins by name."),
      bounded(
        "max_age_s",
        [](auto& d) -> auto& { return d.server.options.cors.max_age; }, 0,
        86'400,
        "How long a browser may keep the answer to a preflight, in seconds."),
    });
}

option rate_limit_section() {
  constexpr std::int64_t most = 1'000'000'000;
  return section(
    "rate_limit",
    "How many requests one client may send; more are answered 429.",
    {
      bounded(
        "per_second",
        [](auto& d) -> auto& { return d.server.options.rate_limit.per_second; },
        0, most, "In the long run; 0 means no limit."),
      bounded(
        "burst",
        [](auto& d) -> auto& { return d.server.options.rate_limit.burst; }, 1,
        most, "At once, after a pause."),
      text(
        "key_header",
        [](auto& d) -> auto& { return d.server.options.rate_limit.key_header; },
        "The header that names the client, set or checked by a proxy in "
        "front; without it, the client's address counts (see "
        "server.trusted_proxies)."),
      bounded(
        "max_clients", [](auto& d) -> auto& {
          return d.server.options.rate_limit.max_clients;
        },
        1, 10'000'000, "Clients remembered at a time."),
    });
}

option gzip_section() {
  return section(
    "gzip", "Compression of whole answers for clients that accept it.",
    {
      field(
        "enabled",
        [](auto& d) -> auto& { return d.server.options.gzip.enabled; },
        "Whether answers are compressed."),
      bounded(
        "min_bytes",
        [](auto& d) -> auto& { return d.server.options.gzip.min_bytes; }, 0,
        1LL << 40, "Smaller bodies are sent as they are."),
      bounded(
        "level", [](auto& d) -> auto& { return d.server.options.gzip.level; },
        1, 9, "From 1, fast, to 9, small."),
    });
}

} // namespace troupe

#include "troupe/cli/sections/server_section.hpp"

#include "troupe/cli/options/option_field.hpp"
#include "troupe/cli/sections/middleware_sections.hpp"

namespace troupe {

namespace {

using namespace fields;

/// As `server_options::validate` has it.
constexpr std::int64_t min_header = 256;
constexpr std::int64_t max_header = 60'000;

option limits_section() {
  return section(
    "limits", "Bounds of one connection.",
    {
      bounded(
        "max_header_bytes", [](auto& d) -> auto& {
          return d.server.options.limits.max_header_bytes;
        },
        min_header, max_header,
        "Request line and header section, in bytes; more is answered "
        "431."),
      bounded(
        "max_header_count", [](auto& d) -> auto& {
          return d.server.options.limits.max_header_count;
        },
        1, 100'000, "Header fields of a request; more is answered 431."),
      bounded(
        "max_target_bytes", [](auto& d) -> auto& {
          return d.server.options.limits.max_target_bytes;
        },
        1, max_header,
        "The path with its query, in bytes; more is answered 414."),
      bounded(
        "max_json_body_bytes", [](auto& d) -> auto& {
          return d.server.options.limits.max_json_body_bytes;
        },
        0, max_bytes,
        "As max_body_bytes, for a body that is sent as JSON, as plain text, "
        "urlencoded or without a type; a model's own max_body_bytes holds "
        "instead of both."),
      bounded(
        "max_json_memory_bytes", [](auto& d) -> auto& {
          return d.server.options.limits.max_json_memory_bytes;
        },
        1, max_bytes,
        "The memory that the values of a JSON body may take when it is read, "
        "in bytes; more is answered 413. Short values take many times their "
        "text: a number 16, an object 64 and 112 for each member."),
      bounded(
        "body_memory_bytes", [](auto& d) -> auto& {
          return d.server.options.limits.body_memory_bytes;
        },
        0, max_bytes,
        "A multipart form above this is kept in a file while it comes in, in "
        "bytes."),
      text(
        "spool_dir",
        [](auto& d) -> auto& { return d.server.options.limits.spool_dir; },
        "An existing directory for those files, best on a disk; without it, "
        "the system's for temporary files (TMPDIR, or /tmp)."),
      bounded(
        "header_timeout_ms",
        [](auto& d) -> auto& { return d.server.options.limits.header_timeout; },
        1, max_ms,
        "From the first byte of a request to the end of its header."),
      bounded(
        "body_timeout_ms",
        [](auto& d) -> auto& { return d.server.options.limits.body_timeout; },
        1, max_ms, "Between two reads of a body."),
      bounded(
        "min_body_bytes_per_second", [](auto& d) -> auto& {
          return d.server.options.limits.min_body_bytes_per_second;
        },
        0, max_bytes,
        "The rate at which a body must come on the average, after a first "
        "body_timeout_ms; slower ones are answered 408. 0 means no bound."),
      time_or_false(
        "receive_timeout_ms", [](auto& d) -> auto& {
          return d.server.options.limits.receive_timeout;
        },
        "From the first byte of a request to the last of its body; 0 or false "
        "means no bound. Raise it with max_body_bytes."),
      bounded(
        "idle_timeout_ms",
        [](auto& d) -> auto& { return d.server.options.limits.idle_timeout; },
        1, max_ms, "Between two requests of a connection."),
      bounded(
        "write_timeout_ms",
        [](auto& d) -> auto& { return d.server.options.limits.write_timeout; },
        1, max_ms, "While the client takes nothing of an answer."),
      bounded(
        "stream_buffer_bytes", [](auto& d) -> auto& {
          return d.server.options.limits.stream_buffer_bytes;
        },
        1, max_bytes,
        "How much of a streamed answer may wait, in bytes, before its model "
        "has to wait for a slow client; as much again is on its way, and as "
        "much "
        "in the kernel."),
      bounded(
        "stream_backlog_bytes", [](auto& d) -> auto& {
          return d.server.options.limits.stream_backlog_bytes;
        },
        0, max_bytes,
        "How far a model with threads of its own may be ahead of a slow "
        "client, "
        "in bytes, before it waits; it is only stream_buffer_bytes when half "
        "of "
        "memory_budget_bytes is taken, and for continuous batching."),
      bounded(
        "min_stream_bytes_per_second", [](auto& d) -> auto& {
          return d.server.options.limits.min_stream_bytes_per_second;
        },
        0, max_bytes,
        "The rate at which a client of a stream may make its model wait "
        "without "
        "end; what it takes less is counted against the model's "
        "slow_reader_timeout_ms. 0 counts all of the wait."),
      bounded(
        "max_connections", [](auto& d) -> auto& {
          return d.server.options.limits.max_connections;
        },
        1, 10'000'000,
        "Connections at a time. When all are taken, the one that has been idle "
        "for longest is closed for a new one; when none is idle, a new one is "
        "answered 503, but for a few that ask for a built-in endpoint."),
      bounded(
        "max_connections_per_address", [](auto& d) -> auto& {
          return d.server.options.limits.max_connections_per_address;
        },
        0, 10'000'000,
        "Connections of one IPv4 address, or of one /64 network of IPv6; 0 "
        "means no bound. Without it, half of max_connections, and no bound for "
        "the loopback. A proxy in front has one address for all of its "
        "clients: set 0, or what the proxy opens."),
    });
}

option builtins_section() {
  std::vector<option> paths;
  paths.reserve(builtin_table.size());
  for (const auto& x : builtin_table)
    paths.push_back(path_or_false(
      std::string{x.name},
      [id = x.id](auto& d) -> auto& { return d.server.options.builtins[id]; },
      std::string{x.doc}));
  return section("builtins",
                 "Paths of the built-in endpoints; false switches one off.",
                 std::move(paths));
}

option shutdown_section() {
  return section(
    "shutdown", "How the server ends.",
    {
      field(
        "enabled", [](auto& d) -> auto& {
          return d.server.options.shutdown.endpoint_enabled;
        },
        "Whether POST /shutdown is served."),
      bounded(
        "grace_ms",
        [](auto& d) -> auto& { return d.server.options.shutdown.grace; }, 0,
        max_ms, "How long the server says not ready but still accepts."),
      bounded(
        "drain_timeout_ms", [](auto& d) -> auto& {
          return d.server.options.shutdown.drain_timeout;
        },
        0, max_ms,
        "For requests that wait or run; what is left then is cancelled."),
      field(
        "finish_queued", [](auto& d) -> auto& {
          return d.server.options.shutdown.finish_queued;
        },
        "Whether waiting requests are still served, or refused with "
        "503."),
      text(
        "api_key_env",
        [](auto& d) -> auto& { return d.server.shutdown_key_env; },
        "Name of the environment variable with the admin key, as that of "
        "server.admin; one of the two must be set where the key is needed."),
    });
}

option admin_section() {
  return section(
    "admin", "Endpoints that show and change the running server.",
    {
      field(
        "enabled",
        [](auto& d) -> auto& { return d.server.options.admin.enabled; },
        "Whether the endpoints under /admin/ are served."),
      text(
        "api_key_env", [](auto& d) -> auto& { return d.server.admin_key_env; },
        "Name of the environment variable with the admin key: of /admin/*, of "
        "POST /shutdown and of every access \"admin\". Where it and that of "
        "server.shutdown are set, they must hold the same key."),
    });
}

} // namespace

option server_section() {
  return section(
    "server", "How the server listens and behaves.",
    {
      text(
        "host", [](auto& d) -> auto& { return d.server.options.host; },
        "Address to listen on."),
      bounded(
        "port", [](auto& d) -> auto& { return d.server.options.port; }, 0,
        65535, "Port to listen on; 0 takes a free one."),
      bounded(
        "io_threads",
        [](auto& d) -> auto& { return d.server.options.io_threads; }, 1, 256,
        "Threads that read, route and answer."),
      time_or_false(
        "timeout_ms", [](auto& d) -> auto& { return d.server.options.timeout; },
        "From a request's arrival to its whole answer, or to the first item of "
        "a stream; 0 or false means none."),
      bounded(
        "max_body_bytes",
        [](auto& d) -> auto& { return d.server.options.limits.max_body_bytes; },
        0, max_bytes, "Body of a request, in bytes; more is answered 413."),
      bounded(
        "memory_budget_bytes", [](auto& d) -> auto& {
          return d.server.options.limits.memory_budget_bytes;
        },
        0, max_bytes,
        "What the bodies of all requests may take in memory together, with the "
        "values that are read from them as JSON, from their arrival to the end "
        "of their work; past it requests are answered 503. Multipart forms in "
        "files do not count; what streams have waiting for slow clients does, "
        "and takes no more than half, and so do answers until they are sent. 0 "
        "takes half of what the machine or the container has."),
      text(
        "api_key_env", [](auto& d) -> auto& { return d.server.api_key_env; },
        "Name of the environment variable with the API key. Without the "
        "default variable no key is asked for; another one must be set."),
      choice<half_close>(
        "on_half_close",
        [](auto& d) -> auto& { return d.server.options.on_half_close; },
        {{"cancel", half_close::cancel}, {"answer", half_close::answer}},
        "What it means that a waiting client ends its sending side: it "
        "left, "
        "or it still reads."),
      choice<encoded_slash>(
        "encoded_slash",
        [](auto& d) -> auto& { return d.server.options.paths.encoded_slash; },
        {{"reject", encoded_slash::reject},
         {"segment", encoded_slash::segment}},
        "What %2F in a path means: a bad request, or a slash inside a "
        "segment."),
      field(
        "ignore_case",
        [](auto& d) -> auto& { return d.server.options.paths.ignore_case; },
        "Whether paths are matched without case."),
      field(
        "metadata",
        [](auto& d) -> auto& { return d.server.options.model_metadata; },
        "Shown by /info under \"model\"."),
      limits_section(),
      builtins_section(),
      shutdown_section(),
      admin_section(),
      text(
        "request_id_header",
        [](auto& d) -> auto& { return d.server.options.request_id_header; },
        "The header that carries the id of a request, there and back."),
      field(
        "trusted_proxies",
        [](auto& d) -> auto& { return d.server.options.peers.trusted_proxies; },
        "The proxies in front, as addresses or blocks (10.0.0.0/8), whose "
        "X-Forwarded-For says who the client is; without them it is the other "
        "end of the connection."),
      field(
        "allowed_hosts",
        [](auto& d) -> auto& { return d.server.options.peers.allowed_hosts; },
        "Names and addresses in Host that are served (probes always are), "
        "e.g. models.example or *.example. Without a list, all are served; on "
        "a loopback address without a key, requests of web pages under a "
        "public name are not."),
      cors_section(),
      rate_limit_section(),
      gzip_section(),
    });
}

} // namespace troupe

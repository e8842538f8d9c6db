#pragma once

#include "troupe/http/around_options.hpp"
#include "troupe/http/builtin_table.hpp"
#include "troupe/http/cluster_options.hpp"
#include "troupe/http/observe_options.hpp"
#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/values/path.hpp"
#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Bounds of one connection, and of all together; the defaults suit an
/// untrusted network.
struct connection_limits {
  /// Request line and header section, in bytes. More is 431 (414 for the
  /// request line alone).
  std::uint32_t max_header_bytes = 8192;
  std::size_t max_header_count = 100;
  std::size_t max_target_bytes = 8000;
  /// Counted on the stream, whatever `Content-Length` says. More is 413.
  std::size_t max_body_bytes = 64UL * 1024 * 1024;
  /// The same for a body that is sent as JSON, as plain text, urlencoded or
  /// without a type, unless the endpoint has a limit of its own.
  std::size_t max_json_body_bytes = 16UL * 1024 * 1024;
  /// What the values of a JSON body may take in memory when it is read. More is
  /// 413.
  std::size_t max_json_memory_bytes = default_json_memory;
  /// A `multipart/form-data` body above this is kept in a file while it comes
  /// in, and mapped for its readers. In bytes.
  std::size_t body_memory_bytes = 1024UL * 1024;
  /// The directory of those files, which have no names and go away with their
  /// requests; "" takes the system's for temporary files.
  std::string spool_dir = {};
  /// From the first byte of a request to the end of its header section.
  std::chrono::milliseconds header_timeout{10'000};
  /// Between two reads of a body.
  std::chrono::milliseconds body_timeout{30'000};
  /// The rate at which a body must come on the average, after `body_timeout`;
  /// zero means no bound. Less is 408.
  std::size_t min_body_bytes_per_second = 240;
  /// From the first byte of a request to the last of its body; zero means no
  /// bound.
  std::chrono::milliseconds receive_timeout{900'000};
  /// Between two requests of a connection.
  std::chrono::milliseconds idle_timeout{75'000};
  /// While the client takes nothing of an answer.
  std::chrono::milliseconds write_timeout{30'000};
  /// How much of a streamed answer may wait before its producer has to, in
  /// bytes; as much again is on its way to the socket.
  std::size_t stream_buffer_bytes = 64UL * 1024;
  /// How much may wait before a producer on a thread of its own has to wait, in
  /// bytes, as long as half of the memory budget is free. A value below
  /// `stream_buffer_bytes` counts as that one.
  std::size_t stream_backlog_bytes = 1024UL * 1024;
  /// The rate at which a client must take a stream while it makes the producer
  /// wait; what it falls short is counted against the model's
  /// `slow_reader_timeout_ms`. Zero counts all of the wait.
  std::size_t min_stream_bytes_per_second = 32UL * 1024;
  /// When all are taken, the connection that has been idle for longest is
  /// closed for a new one.
  std::size_t max_connections = 10'000;
  /// Of one IPv4 address, or of one /64 network of IPv6; 0 means no bound.
  /// Unset, it is half of `max_connections`, and the loopback has none.
  std::optional<std::size_t> max_connections_per_address = {};
  /// What the bodies of all requests may take in memory together; more is 503.
  /// Streams for slow readers may have half of it; answers count until they are
  /// sent. 0 takes half of what the machine or the container has.
  std::size_t memory_budget_bytes = 0;
};

/// What the end of the client's sending side means while it waits for an
/// answer.
enum class half_close : std::uint8_t {
  /// It left: its work is cancelled. The default.
  cancel,
  /// It still reads: answer, then close.
  answer,
};

/// The order of a shutdown; see `server::stop`.
struct shutdown_options {
  /// Not ready, but still accepting.
  std::chrono::milliseconds grace{0};
  /// For work that waits or runs; what is left then is cancelled.
  std::chrono::milliseconds drain_timeout{30'000};
  /// Whether waiting requests are still served, or refused with 503.
  bool finish_queued = true;
  /// `POST /shutdown`.
  bool endpoint_enabled = false;
  /// The admin key, as `admin_options::key`, which says more.
  std::string endpoint_key = {};
};

/// Endpoints under `/admin/` that show and change the running server.
struct admin_options {
  bool enabled = false;
  /// The admin key: of `/admin/*`, `POST /shutdown` and all endpoints with
  /// `access::admin`, which are refused without it. `shutdown_options::
  /// endpoint_key` is the same key; where both are set, they must be equal.
  std::string key = {};
  /// Where that was switched on, for messages.
  entry_origin origin = {
    "server_options::admin", {}, "server_options::admin.enabled = false"};
};

/// How paths are read.
struct path_options {
  /// Compares literals of patterns without case.
  bool ignore_case = false;
  /// What `%2F` in a path means.
  troupe::encoded_slash encoded_slash = troupe::encoded_slash::reject;
};

/// Which proxies say who a client is, and under which names clients may call.
struct peer_options {
  /// The proxies in front of the server, as addresses or blocks
  /// (`10.0.0.0/8`), whose `X-Forwarded-For` says who the client is. Without
  /// any, the client is the other end of the connection.
  std::vector<std::string> trusted_proxies = {};
  /// The names and addresses, without a port, by which clients may call; `*.`
  /// and a name stands for all below it, `*` for all. None: see `page_guard`.
  std::vector<std::string> allowed_hosts = {};
};

/// Where a server listens, and with how many threads.
struct listen_options {
  std::string host = "127.0.0.1";
  /// 0 takes a free one; `server::port` tells which.
  std::uint16_t port = 8000;
  /// Whether to listen at all; without, models answer actor messages only.
  bool listen = true;
  std::size_t io_threads = 1;
};

/// How a server listens and behaves.
struct server_options : listen_options {
  /// Covers queue and execution; zero means none.
  std::chrono::milliseconds timeout{30'000};
  connection_limits limits = {};
  half_close on_half_close = half_close::cancel;
  shutdown_options shutdown = {};
  admin_options admin = {};
  builtin_paths builtins = {};
  /// Required of endpoints with `access::key`, as `X-API-Key` or
  /// `Authorization: Bearer`. Empty: no key is asked for.
  std::string api_key = {};
  conflict_policy on_conflict = conflict_policy::error;
  path_options paths = {};
  /// The field that carries a request's id, there and back.
  std::string request_id_header = "X-Request-Id";
  peer_options peers = {};
  cors_options cors = {};
  rate_limit_options rate_limit = {};
  gzip_options gzip = {};
  log_options log = {};
  telemetry_options telemetry = {};
  /// Whether answers say how long their parts took, as `Server-Timing`.
  bool server_timing = false;
  cluster_options cluster = {};
  /// Options of CAF by their full name, e.g. `scheduler.max-threads` and `2`.
  /// Only for a server with an actor system of its own.
  std::vector<std::pair<std::string, std::string>> caf = {};
  /// Shown by `/info` under `model`.
  nlohmann::json model_metadata = nullptr;

  /// Returns the admin key, or "" where there is none.
  [[nodiscard]] const std::string& admin_key() const noexcept {
    return admin.key.empty() ? shutdown.endpoint_key : admin.key;
  }

  /// @returns what is wrong, or "".
  [[nodiscard]] std::string validate() const;
};

} // namespace troupe

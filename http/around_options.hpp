#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Which pages of other origins may call (the Fetch standard, "CORS
/// protocol").
struct cors_options {
  /// E.g. `https://app.example`; `*` stands for all. Empty: no CORS.
  std::vector<std::string> allow_origins = {};
  /// Told to a preflight; GET, HEAD and POST are always allowed by the
  /// standard.
  std::vector<std::string> allow_methods = {"GET", "HEAD", "POST"};
  /// Told to a preflight; `*` allows what it asks for.
  std::vector<std::string> allow_headers = {"*"};
  /// Fields of an answer that a page may read beyond the usual ones.
  std::vector<std::string> expose_headers = {};
  /// Cookies and credentials; needs origins by name.
  bool allow_credentials = false;
  /// How long a browser may keep a preflight's answer.
  std::chrono::seconds max_age{600};

  /// @returns what is wrong, or "".
  [[nodiscard]] std::string validate() const;
};

/// How many requests a client may send; see `token_buckets`.
struct rate_limit_options {
  /// In the long run; 0 switches the limit off.
  double per_second = 0;
  /// At once, after a pause; at least 1.
  double burst = 10;
  /// The field that names the client, where a proxy sets or checks it; the
  /// last one, where there are several. Empty, or absent from a request: the
  /// client's address (see `server_options::trusted_proxies`), which is also
  /// what `X-Forwarded-For` stands for.
  std::string key_header = {};
  /// Clients remembered at a time; the one that was seen longest ago is
  /// forgotten.
  std::size_t max_clients = 10'000;

  /// @returns what is wrong, or "".
  [[nodiscard]] std::string validate() const;
};

/// Checks `server_options::trusted_proxies`. @returns what is wrong, or ""
[[nodiscard]] std::string
check_trusted_proxies(const std::vector<std::string>& xs);

/// Checks `server_options::allowed_hosts`: names, addresses (IPv6 in brackets),
/// `*.` and a name for all below it, or `*`. @returns what is wrong, or ""
[[nodiscard]] std::string
check_allowed_hosts(const std::vector<std::string>& xs);

/// Whether a field is a list to which each proxy appends an address, so that
/// the client itself chooses its beginning.
[[nodiscard]] bool names_addresses(std::string_view field) noexcept;

/// Compression of whole answers; streams are left alone.
struct gzip_options {
  bool enabled = true;
  /// Smaller bodies are not worth it.
  std::size_t min_bytes = 1000;
  /// From 1, fast, to 9, small.
  int level = 1;

  /// @returns what is wrong, or "".
  [[nodiscard]] std::string validate() const;
};

} // namespace troupe

#pragma once

#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/method.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Who may call an endpoint.
enum class access : std::uint8_t {
  /// Everybody, also without a key. Probes by default.
  open,
  /// Callers with the API key, if the server has one. The default.
  key,
  /// Callers with the admin key.
  admin,
};

/// What is done with an entry that clashes with one registered before it.
enum class conflict_policy : std::uint8_t {
  /// The server does not start. The default.
  error,
  /// The entry registered first stays, the later one is dropped and shown.
  keep_first,
  /// The later entry takes the place of those it clashes with. Never applies
  /// to built-ins.
  override_earlier,
};

/// What an endpoint belongs to.
enum class endpoint_kind : std::uint8_t {
  /// A model's predict endpoint.
  predict,
  /// One of a spec's endpoints.
  spec,
  /// A custom route.
  route,
  /// Troupe's own; its path is reserved for every method.
  builtin,
};

std::string_view to_string(access x) noexcept;
std::string_view to_string(conflict_policy x) noexcept;
std::string_view to_string(endpoint_kind x) noexcept;

/// Where an entry was registered and how it is changed there, in the terms of
/// the code that registered it: keys of a config, or members in C++. For
/// messages; what is unknown stays empty.
struct entry_origin {
  entry_origin() = default;

  /*implicit*/ entry_origin(std::string where_text, std::string move_text = {},
                            std::string off_text = {},
                            std::string policy_text = {})
    : where(std::move(where_text)),
      move(std::move(move_text)),
      off(std::move(off_text)),
      policy(std::move(policy_text)) {
    // nop
  }

  /*implicit*/ entry_origin(const char* where_text) : where(where_text) {
    // nop
  }

  /// `config.json:12:18`, or what the code registered: `server.get("/ping")`.
  std::string where;
  /// How to give it another path: `"predict": "/other"`.
  std::string move;
  /// How to take its endpoint away: `"predict": false`.
  std::string off;
  /// How to let one of two win: `"on_conflict": "keep-first" or "override"`.
  std::string policy;
};

/// One endpoint as its owner declares it. A value.
struct endpoint {
  /// `GET` brings `HEAD` along. `OPTIONS` is answered for every path.
  method_set methods = {};
  /// `/literal/{name}/{name}:literal/{rest...}`; see pattern.hpp.
  std::string pattern = {};
  troupe::access access = troupe::access::key;
  /// Unset takes the server's limit. In bytes, counted on the stream.
  std::optional<std::size_t> max_body_bytes = {};
  /// Unset takes the server's timeout, zero means none.
  std::optional<std::chrono::milliseconds> timeout = {};
  /// How many of its requests may be in work at once, those that wait included;
  /// one more gets 503. 0 is no bound of its own.
  std::size_t max_concurrency = 0;
  conflict_policy on_conflict = conflict_policy::error;
  /// Whether the owner itself decides, by `Origin`, which web pages may call;
  /// else the server refuses those of other origins.
  bool checks_origin = false;
  /// `%2F` in the path is a slash inside a segment, which parameters get
  /// decoded, also where the server refuses it elsewhere: for names with
  /// slashes. What is done with such a parameter must not take it for a path.
  bool takes_encoded_slash = false;
};

} // namespace troupe

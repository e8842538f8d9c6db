#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/endpoint/pattern.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// One line of the merged table. A value.
struct table_entry {
  troupe::endpoint endpoint = {};
  troupe::pattern pattern = {};
  endpoint_kind kind = endpoint_kind::route;
  /// Who answers: the model's or spec's name, `routes`, or `troupe`.
  std::string owner = {};
  entry_origin origin = {};
  error_renderer render_error = render_detail;
  /// `spec::error_scope`, prefix included.
  std::string error_scope = {};
  /// Who answers, as an index into the snapshot's targets; the table itself
  /// only hands it back.
  std::uint32_t target = 0;
  /// Which endpoint of its owner this is; handed to the owner's handler.
  std::uint32_t endpoint_index = 0;
};

/// Two entries that cannot stand together.
struct table_conflict {
  /// The entry that stands, registered first.
  table_entry first;
  table_entry second;
  /// What clashes, e.g. `both match POST /predict`.
  std::string what;
  /// What to do instead, one sentence or more.
  std::string way_out;
};

/// Renders conflicts for a terminal: numbered, both owners and where each
/// came from, and the way out.
std::string render_conflicts(const std::vector<table_conflict>& conflicts);

/// Thrown when a table cannot be built; nothing has been changed.
class conflict_error : public std::runtime_error {
public:
  explicit conflict_error(std::vector<table_conflict> conflicts)
    : std::runtime_error(render_conflicts(conflicts)),
      conflicts_(std::move(conflicts)) {
    // nop
  }

  [[nodiscard]] const std::vector<table_conflict>& conflicts() const noexcept {
    return conflicts_;
  }

private:
  std::vector<table_conflict> conflicts_;
};

/// How a table is built and matched.
struct table_options {
  /// For entries that do not say it themselves.
  conflict_policy on_conflict = conflict_policy::error;
  /// Compares literals without case.
  bool ignore_case = false;
};

/// An entry that a policy dropped, and the one that took its place.
struct dropped_entry {
  table_entry entry;
  std::string by_owner;
  std::string by_where;
};

/// `over` wins where both match; legal, and shown.
struct shadowing {
  std::size_t over;
  std::size_t under;
};

/// The parameters of a match: names in the table, texts in the path that was
/// looked up.
class match_params {
public:
  struct value {
    std::string_view name;
    std::string_view text;
  };

  /// No pattern has more.
  static constexpr std::size_t max_size = max_pattern_parameters;

  match_params() = default;

  /// For the table: parts of this path will be pushed.
  explicit match_params(std::string_view path) noexcept : path_(path.data()) {
    // nop
  }

  /// Adds a part of the path.
  void push(std::size_t begin, std::size_t size) noexcept {
    if (size_ < max_size)
      parts_[size_++] = {static_cast<std::uint32_t>(begin),
                         static_cast<std::uint32_t>(size)};
  }

  void resize(std::size_t n) noexcept {
    size_ = static_cast<std::uint32_t>(n);
  }

  /// Sets where names come from.
  /// @pre outlives this object
  void names_from(const pattern& what) noexcept {
    pattern_ = &what;
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return size_;
  }

  /// Looks the name up in the pattern, which a look-up need not touch.
  [[nodiscard]] value operator[](std::size_t i) const noexcept {
    return {pattern_ ? name(i) : std::string_view{},
            {path_ + parts_[i].begin, parts_[i].size}};
  }

private:
  struct part {
    std::uint32_t begin;
    std::uint32_t size;
  };

  [[nodiscard]] std::string_view name(std::size_t i) const noexcept {
    for (const auto& seg : pattern_->segments)
      if (seg.kind != segment_kind::literal && i-- == 0)
        return seg.name;
    return {};
  }

  const char* path_ = nullptr;
  const pattern* pattern_ = nullptr;
  std::array<part, max_size> parts_{};
  std::uint32_t size_ = 0;
};

/// What a look-up found.
struct table_match {
  enum class status : std::uint8_t {
    /// `entry` answers.
    found,
    /// 404.
    not_found,
    /// 405; `allow` says what would do. Also for OPTIONS, which the front
    /// answers itself unless an entry takes it.
    method_not_allowed,
    /// The same path without its trailing slash matches: 307.
    redirect,
  };

  status code = status::not_found;
  /// For `found`; for `method_not_allowed` the most specific entry, so that
  /// its owner's envelope is used. Null otherwise.
  const table_entry* entry = nullptr;
  /// For `not_found`: the envelope of the longest `error_scope` around the
  /// path.
  error_renderer render_error = render_detail;
  method_set allow = {};
  /// Names point into the table, texts into the path.
  match_params params = {};
};

/// The one merged table: predict endpoints, specs' endpoints, custom routes
/// and built-ins. Immutable, hence safe to read from every thread.
///
/// Precedence: literal beats suffix beats parameter beats rest, segment by
/// segment from the left. `HEAD` follows `GET`. A match that does not take the
/// method gives way to a less specific one that does, except under a built-in,
/// whose path is reserved for every method.
class endpoint_table {
public:
  endpoint_table();
  ~endpoint_table();
  endpoint_table(endpoint_table&&) noexcept;
  endpoint_table& operator=(endpoint_table&&) noexcept;

  /// Builds a table from entries in the order of their registration. Patterns
  /// are parsed here; `table_entry::pattern` is filled in.
  /// @throws conflict_error with **every** conflict
  /// @throws std::invalid_argument for a malformed pattern
  static endpoint_table build(std::vector<table_entry> entries,
                              table_options options = {});

  /// Looks up a normalised path. Does not allocate; the cost depends on the
  /// path, not on the number of entries.
  [[nodiscard]] table_match find(method m, std::string_view path) const;

  /// The entries that stand, in the order of their registration.
  [[nodiscard]] const std::vector<table_entry>& entries() const noexcept;

  [[nodiscard]] const std::vector<shadowing>& shadows() const noexcept;

  [[nodiscard]] const std::vector<dropped_entry>& dropped() const noexcept;

  [[nodiscard]] const table_options& options() const noexcept;

private:
  class impl;
  std::unique_ptr<const impl> impl_;
};

/// Renders the table for a terminal, sorted by pattern: methods, pattern,
/// kind, owner, access, origin; below it what shadows what and what a policy
/// dropped.
std::string render_table(const endpoint_table& table);

} // namespace troupe

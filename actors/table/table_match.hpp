#pragma once

#include "troupe/actors/table/table_entry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe {

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

  /// Finds the name in the pattern, which the look-up itself does not read.
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
    /// 405; `allow` has the methods that are served. Also for OPTIONS, which
    /// the front answers itself unless an entry takes it.
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

} // namespace troupe

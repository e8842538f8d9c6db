#pragma once

#include "troupe/actors/status/cache_counters.hpp"
#include "troupe/specs/exchange/time_budget.hpp"
#include "troupe/specs/values/headers.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe {

/// A whole answer of a model, 200.
struct kept_answer {
  std::string body = {};
  std::string content_type = {};
  header_map headers = {};
  deadline_clock::time_point made = {};

  /// What it takes in memory, its key and its place in a store included.
  [[nodiscard]] std::size_t bytes() const noexcept;
};

/// Keeps answers by key, up to a number of bytes. When it is full, the answer
/// that was asked for longest ago makes room. Not thread-safe.
class answer_store {
public:
  using answer_ptr = std::shared_ptr<const kept_answer>;

  /// @param ttl how long an answer is good; zero means for ever
  answer_store(std::size_t max_bytes, std::chrono::milliseconds ttl,
               std::shared_ptr<cache_counters> counters)
    : max_bytes_(max_bytes), ttl_(ttl), counters_(std::move(counters)) {
    // nop
  }

  /// Returns the answer, if it is still good; or null.
  answer_ptr find(const std::string& key, deadline_clock::time_point now);

  /// Keeps an answer and replaces the one with the same key. An answer that is
  /// larger than the whole store is not kept.
  void put(const std::string& key, answer_ptr x);

  /// How long an answer is good from now on; `max()` is for ever.
  [[nodiscard]] std::chrono::milliseconds
  left(const kept_answer& x, deadline_clock::time_point now) const noexcept;

  [[nodiscard]] std::size_t bytes() const noexcept {
    return bytes_;
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return places_.size();
  }

private:
  struct entry {
    std::string key;
    answer_ptr answer;
  };
  using entry_list = std::list<entry>;

  void drop(entry_list::iterator i);
  void publish() noexcept;

  std::size_t max_bytes_;
  std::chrono::milliseconds ttl_;
  std::shared_ptr<cache_counters> counters_;
  std::size_t bytes_ = 0;
  /// The one that was asked for last is first.
  entry_list entries_;
  std::unordered_map<std::string_view, entry_list::iterator> places_;
};

} // namespace troupe

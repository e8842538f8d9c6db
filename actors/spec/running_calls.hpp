#pragma once

#include "troupe/specs/model/call_stopper.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace troupe {

/// The named calls of one spec, on whichever thread they run: one for all
/// shards of a SPEC. It holds what runs, and nothing else. Thread-safe.
class running_calls final : public call_stopper,
                            public std::enable_shared_from_this<running_calls> {
public:
  /// Ends a call. @returns whether it was open
  using stopper = std::function<bool()>;

  /// The place of a call; leaving it forgets the call. A value that moves.
  class place {
  public:
    place(place&&) noexcept = default;
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    place& operator=(place&&) = delete;
    ~place();

  private:
    friend class running_calls;
    place(std::shared_ptr<running_calls> owner, std::string name,
          std::shared_ptr<const stopper> stop);

    std::shared_ptr<running_calls> owner_;
    std::string name_;
    std::shared_ptr<const stopper> stop_;
  };

  /// Lets `stop` be called by this name, on any thread, until the place is
  /// left, and perhaps once more while it is.
  [[nodiscard]] place enter(std::string name, stopper stop);

  std::size_t stop(std::string_view name) override;

  /// The number of calls that are known.
  [[nodiscard]] std::size_t size() const;

private:
  mutable std::mutex mutex_;
  std::unordered_multimap<std::string, std::shared_ptr<const stopper>> calls_;
};

} // namespace troupe

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe {

/// The places of a queue that may be given a call now, by how many calls each
/// has. To find the one with the fewest costs the same with a thousand as with
/// one.
class idle_slots {
public:
  /// Takes a place in, or moves it.
  /// @param load how many calls it has
  /// @param remote whether it is on another machine
  void put(std::uint32_t slot, std::uint32_t load, bool remote);

  /// Takes a place out; does nothing when it is not in.
  void erase(std::uint32_t slot);

  /// Returns the place with the least to do. Of equal ones it is one that is
  /// here, the one put last: its caches are warm. Of equal ones on other
  /// machines it is the one put first, so that these take turns: otherwise a
  /// machine that is slow, or fails at once, would get all calls while there
  /// are few.
  /// @pre !empty()
  [[nodiscard]] std::uint32_t least() const;

  [[nodiscard]] bool empty() const noexcept {
    return size_ == 0;
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return size_;
  }

private:
  static constexpr std::uint32_t none = UINT32_MAX;

  struct place {
    std::uint32_t before = none;
    std::uint32_t after = none;
    std::uint32_t load = 0;
    bool remote = false;
    bool in = false;
  };

  /// Places of one load; the one that is next to be used is first.
  struct list {
    std::uint32_t first = none;
    std::uint32_t last = none;
  };

  struct level {
    list local = {};
    list remote = {};

    [[nodiscard]] bool empty() const noexcept {
      return local.first == none && remote.first == none;
    }
  };

  [[nodiscard]] list& list_of(const place& x) {
    auto& at = levels_[x.load];
    return x.remote ? at.remote : at.local;
  }

  std::vector<place> places_;
  /// By load.
  std::vector<level> levels_;
  /// The first level that is not empty, if there is one.
  std::size_t lowest_ = 0;
  std::size_t size_ = 0;
};

} // namespace troupe

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe {

/// Writes server-sent events that differ in one text of their document and in
/// nothing else: what stands before and after it is made once. Each event goes
/// into the memory of the one before. A value.
class event_template {
public:
  /// @param with_0 the event with the text "0" in that place
  /// @param with_1 the same event with the text "1"
  event_template(std::string with_0, std::string_view with_1);

  /// Returns the event with this text, escaped as `dump_json` does; it lives
  /// until the next call.
  std::string_view with(std::string_view text);

private:
  std::string event_;
  /// How much of it stands before the text.
  std::size_t head_;
  std::string tail_;
};

} // namespace troupe

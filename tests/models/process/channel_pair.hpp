#pragma once

#include "troupe/models/process/frame_channel.hpp"
#include "troupe/specs/worker/messages.hpp"

#include <array>
#include <optional>
#include <sys/socket.h>

namespace troupe {

/// Two ends of a connection.
struct channel_pair {
  channel_pair() : channel_pair(made()) {
    // nop
  }

  frame_channel here;
  frame_channel there;

private:
  explicit channel_pair(std::array<int, 2> fds)
    : here(unique_fd{fds[0]}), there(unique_fd{fds[1]}) {
    // nop
  }

  static std::array<int, 2> made() {
    std::array<int, 2> fds{-1, -1};
    static_cast<void>(
      !::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()));
    return fds;
  }
};

/// Waits for the next frame; nothing when the far side is gone, or silent for
/// half a minute.
inline std::optional<worker::incoming_frame> next_frame(frame_channel& from) {
  for (;;) {
    if (auto frame = from.next())
      return frame;
    if (!wait_readable(from.fd(), -1, std::chrono::milliseconds{30'000})
        || from.receive() == frame_channel::received::end)
      return std::nullopt;
  }
}

using worker::plain_frame;

} // namespace troupe

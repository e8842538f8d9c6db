#pragma once

#include "troupe/specs/worker/frame.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace troupe {

/// Owns a file descriptor.
class unique_fd {
public:
  unique_fd() = default;

  explicit unique_fd(int fd) noexcept : fd_(fd) {
    // nop
  }

  unique_fd(unique_fd&& other) noexcept : fd_(other.release()) {
    // nop
  }

  unique_fd& operator=(unique_fd&& other) noexcept {
    reset(other.release());
    return *this;
  }

  ~unique_fd() {
    reset();
  }

  [[nodiscard]] int get() const noexcept {
    return fd_;
  }

  explicit operator bool() const noexcept {
    return fd_ >= 0;
  }

  int release() noexcept {
    return std::exchange(fd_, -1);
  }

  void reset(int fd = -1) noexcept;

private:
  int fd_ = -1;
};

/// Frames over a Unix stream socket, with their memory files. One thread reads
/// at a time; any thread may send.
class frame_channel {
public:
  explicit frame_channel(unique_fd socket) : socket_(std::move(socket)) {
    // nop
  }

  [[nodiscard]] int fd() const noexcept {
    return socket_.get();
  }

  /// Sends a frame that is closed. Waits while the far side does not take it.
  /// @returns false when the far side is gone
  /// @throws std::system_error when no memory file can be made
  bool send(const worker::outgoing_frame& x);

  /// The same for a small frame without parts, and without a wait of any
  /// length.
  /// @returns false when it has to wait: nothing was sent; try again later
  bool try_send(const worker::outgoing_frame& x);

  /// Sends nothing more: the far side reads the end after what was sent.
  void end_sending() noexcept;

  enum class received : std::uint8_t { something, nothing, end };

  /// Reads some of what is there, without a wait.
  /// @throws worker::protocol_error
  received receive();

  /// Returns the next frame of what was read, if it is whole.
  /// @throws worker::protocol_error
  std::optional<worker::incoming_frame> next();

private:
  bool send_locked(const worker::outgoing_frame& x, int flags, bool& blocked);
  shared_bytes take_file();

  unique_fd socket_;
  std::mutex send_mutex_;
  /// What was read and is not used yet begins at `begin_`.
  std::string buffer_;
  std::size_t begin_ = 0;
  std::deque<unique_fd> files_;
};

/// Waits until a descriptor can be read or its far side is gone.
/// @param other another one that ends the wait; -1 for none
/// @returns whether one of them is ready
bool wait_readable(int fd, int other,
                   std::optional<std::chrono::milliseconds> timeout);

} // namespace troupe

#pragma once

#include "troupe/models/process/frame_channel.hpp"
#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/exchange/held_items.hpp"
#include "troupe/specs/worker/messages.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

namespace troupe {

/// A request in a worker process: its answers become frames. Made by
/// `make_sink`.
class hosted_exchange : public exchange,
                        public std::enable_shared_from_this<hosted_exchange> {
public:
  /// @param ended told once, when its last frame was sent
  hosted_exchange(frame_channel& channel, worker::call x,
                  std::function<void(std::uint64_t)> ended);

  [[nodiscard]] std::uint64_t id() const noexcept {
    return id_;
  }

  /// The server allows this many more items.
  void add_credit(std::uint64_t items);

  void cancel() noexcept override;

  [[nodiscard]] bool congested() const noexcept override;
  [[nodiscard]] bool takes_json_text() const noexcept override {
    return true;
  }

protected:
  flow do_write(payload item) override;
  void do_finish(reply answer) override;
  void do_fail(failure why) override;

private:
  void send_item(payload item);
  /// Ends with this frame when no item is held any more.
  void end_with(std::function<void()> send);

  frame_channel* channel_;
  std::uint64_t id_;
  std::function<void(std::uint64_t)> on_end_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  /// Items of a loop that does not wait.
  held_items<payload> held_{worker::initial_credit};
  /// Sends the end that waits for them, and what keeps this alive until then.
  std::function<void()> held_end_;
  std::shared_ptr<hosted_exchange> self_;
};

} // namespace troupe

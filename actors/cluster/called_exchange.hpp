#pragma once

#include "troupe/actors/cluster/model_messages.hpp"
#include "troupe/specs/exchange/held_items.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace troupe {

/// The exchange of a call by message: its items go to the caller, within the
/// credit that this gives, and so does its end, of which the MODEL actor is
/// told. Made by `make_sink`.
class called_exchange : public exchange,
                        public std::enable_shared_from_this<called_exchange> {
public:
  /// @param number the number that MODEL has given to the call
  /// @param caller null collects the items for the answer
  called_exchange(model_actor server, std::uint64_t number, call_id id,
                  model_caller caller);

  /// Makes it a part of the caller's trace, if its request names one.
  /// @param sink takes its spans; may be null
  void begin_trace(const std::shared_ptr<span_sink>& sink);

  /// The caller allows this many more items.
  void add_credit(std::uint32_t items);

  void cancel() noexcept override;

  [[nodiscard]] bool congested() const noexcept override;

  /// An answer goes on as text.
  [[nodiscard]] bool takes_json_text() const noexcept override;

protected:
  flow do_write(payload item) override;
  void do_finish(reply answer) override;
  void do_fail(failure why) override;

private:
  flow collect(payload item);
  void send_item(message_body item);
  void end_with(model_answer answer);
  void deliver(model_answer answer) const;
  [[nodiscard]] std::shared_ptr<called_exchange> deliver_held();

  model_actor server_;
  trace_context::span_bytes parent_ = {};
  std::uint64_t number_;
  call_id id_;
  model_caller caller_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  /// Items of a loop that does not wait.
  held_items<message_body> held_{initial_credit};
  /// The end, while it waits for them.
  std::optional<model_answer> held_end_;
  /// Keeps it until then.
  std::shared_ptr<called_exchange> self_;
  /// What `collect` has.
  nlohmann::json::array_t items_;
  std::size_t collected_bytes_ = 0;
};

} // namespace troupe

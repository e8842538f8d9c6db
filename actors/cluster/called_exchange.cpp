#include "troupe/actors/cluster/called_exchange.hpp"

#include "troupe/actors/cluster/model_values.hpp"
#include "troupe/actors/routing/message_gateway.hpp"
#include "troupe/specs/exchange/call_span.hpp"
#include "troupe/specs/json/json.hpp"

#include <exception>
#include <string>
#include <utility>

namespace troupe {

called_exchange::called_exchange(model_actor server, std::uint64_t number,
                                 call_id id, model_caller caller)
  : server_(std::move(server)),
    number_(number),
    id_(id),
    caller_(std::move(caller)) {
  // nop
}

void called_exchange::begin_trace(const std::shared_ptr<span_sink>& sink) {
  request_trace caller{trace_of(request.headers), sink};
  if (!caller.context.sampled())
    caller.sink = nullptr;
  parent_ = caller.context.span_id;
  continue_trace(*this, caller);
}

/// Sends the end that waited for items.
/// @returns what must outlive the lock
/// @pre locked
std::shared_ptr<called_exchange> called_exchange::deliver_held() {
  if (held_end_)
    deliver(*std::exchange(held_end_, std::nullopt));
  return std::exchange(self_, nullptr);
}

void called_exchange::add_credit(std::uint32_t items) {
  // The time that the writer waited for its reader does not count as silence.
  touch(deadline_clock::now());
  std::shared_ptr<called_exchange> last;
  std::unique_lock guard{mutex_};
  held_.add_credit(items);
  while (auto item = held_.next())
    send_item(std::move(*item));
  if (held_.empty())
    last = deliver_held();
  changed_.notify_all();
}

void called_exchange::cancel() noexcept {
  exchange::cancel();
  std::shared_ptr<called_exchange> last;
  std::unique_lock guard{mutex_};
  held_.clear();
  last = deliver_held();
  changed_.notify_all();
}

bool called_exchange::congested() const noexcept {
  std::unique_lock guard{mutex_};
  return caller_ != nullptr && !held_.has_credit();
}

bool called_exchange::takes_json_text() const noexcept {
  return caller_ != nullptr;
}

/// @pre locked, and its credit is taken
void called_exchange::send_item(message_body item) {
  tell(caller_, atom::item_v, id_, std::move(item));
}

flow called_exchange::collect(payload item) {
  auto text = std::move(item).take_text();
  collected_bytes_ += text.size();
  if (collected_bytes_ > max_collected_bytes) {
    failure why = make_failure(errc::internal);
    why.detail = "The answer is larger than "
                 + std::to_string(max_collected_bytes)
                 + " bytes; open a call for a stream";
    abandon(std::move(why));
    return flow::cancelled;
  }
  auto document = nlohmann::json::parse(text, nullptr, false);
  items_.push_back(document.is_discarded() ? nlohmann::json(std::move(text))
                                           : std::move(document));
  return flow::ok;
}

flow called_exchange::do_write(payload item) {
  if (cancelled())
    return flow::cancelled;
  const auto now = deadline_clock::now();
  touch(now);
  facts.item(now);
  time.begin_stream();
  if (caller_ == nullptr)
    return collect(std::move(item));
  auto body = to_body(std::move(item));
  std::unique_lock guard{mutex_};
  if (waits)
    // The caller gives credit, or the call ends, in bounded time.
    changed_.wait(guard, [this] { return held_.has_credit() || cancelled(); });
  if (cancelled())
    return flow::cancelled;
  switch (const auto bytes = body.data.size(); held_.add(body, bytes)) {
    case held_items<message_body>::verdict::send:
      send_item(std::move(body));
      break;
    case held_items<message_body>::verdict::held:
      break;
    case held_items<message_body>::verdict::too_much: {
      guard.unlock();
      failure why = make_failure(errc::internal);
      why.detail = "The reader is too far behind";
      abandon(std::move(why));
      return flow::cancelled;
    }
  }
  return held_.has_credit() ? flow::ok : flow::full;
}

void called_exchange::deliver(model_answer answer) const {
  // MODEL stays on its own thread: here it would wait for the model that this
  // thread runs.
  if (caller_ == nullptr) {
    tell(server_, atom::deliver_v, number_, std::move(answer));
    return;
  }
  model_answer outcome;
  outcome.error = answer.error;
  tell(caller_, atom::deliver_v, id_, std::move(answer));
  tell(server_, atom::deliver_v, number_, std::move(outcome));
}

void called_exchange::end_with(model_answer answer) {
  std::unique_lock guard{mutex_};
  self_ = held_.empty() || cancelled() ? nullptr : weak_from_this().lock();
  // An exchange that was forgotten cannot wait for credit.
  if (self_ == nullptr)
    deliver(std::move(answer));
  else
    held_end_ = std::move(answer);
}

void called_exchange::do_finish(reply answer) {
  facts.finished(deadline_clock::now(), answer.status);
  record_call(*this, parent_, "serve");
  if (caller_ == nullptr && begun())
    answer.body = nlohmann::json(std::move(items_));
  model_answer end;
  try {
    end = to_answer(std::move(answer));
  } catch (const std::exception&) {
    // For instance a file that cannot be read any more. The call has to end
    // here, because nobody else ends it.
    end = to_answer(make_failure(errc::internal));
    end.begun = true;
  }
  end_with(std::move(end));
}

void called_exchange::do_fail(failure why) {
  facts.failed(deadline_clock::now(), why.code, why.effective_status());
  record_call(*this, parent_, "serve");
  auto end = to_answer(why);
  end.begun = time.started();
  end_with(std::move(end));
}

} // namespace troupe

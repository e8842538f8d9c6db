#include "troupe/models/process/open_calls.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

/// A credit for each item would be as many frames as items.
constexpr std::uint64_t low_credit = worker::initial_credit / 2;

/// An answer after items becomes one more item, and items are documents.
worker::json_form form_for(const exchange& ex, bool trusted) {
  if (!ex.takes_json_text() || ex.begun())
    return worker::json_form::document;
  return trusted ? worker::json_form::trusted_text : worker::json_form::text;
}

std::string text_for(const exchange& ex, std::string_view what) {
  return ex.log_name().append(": ").append(what);
}

} // namespace

std::vector<std::uint64_t>
open_calls::add(std::span<const exchange_ptr> batch) {
  std::vector<std::uint64_t> result;
  result.reserve(batch.size());
  auto left = std::make_shared<std::size_t>(batch.size());
  std::unique_lock guard{mutex_};
  for (const auto& ex : batch) {
    result.push_back(++last_id_);
    entry x;
    x.ex = ex;
    x.predict = open_predict{*slot_, ex};
    x.batch = left;
    entries_.emplace(last_id_, std::move(x));
  }
  ++batches_;
  return result;
}

/// @pre locked
open_calls::entry& open_calls::at(std::uint64_t id) {
  auto i = entries_.find(id);
  if (i == entries_.end())
    throw worker::protocol_error("it answers the call " + std::to_string(id)
                                 + ", which is not open");
  return i->second;
}

exchange_ptr open_calls::exchange_of(std::uint64_t id) {
  std::unique_lock guard{mutex_};
  return at(id).ex;
}

/// Takes a call off the list.
void open_calls::end(std::uint64_t id) {
  std::unique_lock guard{mutex_};
  auto node = entries_.extract(id);
  if (--*node.mapped().batch == 0)
    --batches_;
  guard.unlock();
}

void open_calls::on_finish(const worker::incoming_frame& x) {
  const auto id = worker::number_of(x.header(), "id");
  auto ex = exchange_of(id);
  try {
    auto answer = read_finish(x, form_for(*ex, trusted_));
    end(id);
    if (ex->begun() && !answer.body.empty())
      ex->write(std::exchange(answer.body, payload{}));
    ex->finish(std::move(answer));
  } catch (const std::domain_error& e) {
    end(id);
    complain_(text_for(*ex, e.what()));
    ex->fail(make_failure(errc::internal));
  }
}

void open_calls::on_fail(const worker::incoming_frame& x) {
  const auto id = worker::number_of(x.header(), "id");
  auto ex = exchange_of(id);
  std::string text;
  auto why = read_failure(x, text);
  end(id);
  if (!text.empty())
    complain_(text_for(*ex, text));
  ex->fail(std::move(why));
}

void open_calls::on_item(const worker::incoming_frame& x) {
  const auto id = worker::number_of(x.header(), "id");
  exchange_ptr ex;
  {
    std::unique_lock guard{mutex_};
    auto& call = at(id);
    if (call.credit == 0)
      throw worker::protocol_error("an item without credit");
    --call.credit;
    ex = call.ex;
  }
  try {
    ex->write(read_payload(x, worker::json_form::document));
  } catch (const std::domain_error& e) {
    complain_(text_for(*ex, e.what()));
    ex->abandon(make_failure(errc::internal));
  }
  std::unique_lock guard{mutex_};
  give_credit(id, at(id));
}

/// Lets a call send more when its reader keeps up.
/// @pre locked
void open_calls::give_credit(std::uint64_t id, entry& x) {
  if (x.credit > low_credit)
    return;
  x.owes_credit = true;
  if (!x.ex->congested()) {
    const auto items = worker::initial_credit - x.credit;
    worker::outgoing_frame frame{"credit"};
    frame.number("id", id).number("items", items);
    frame.close();
    if (channel_->try_send(frame)) {
      x.credit += items;
      x.owes_credit = false;
    }
  }
  if (x.owes_credit)
    owes_credit_ = true;
}

deadline_clock::duration open_calls::look(time_point now) {
  auto longest = deadline_clock::duration::zero();
  std::unique_lock guard{mutex_};
  owes_credit_ = false;
  for (auto& [id, x] : entries_) {
    if (x.owes_credit) {
      give_credit(id, x);
      // It keeps a worker that other requests could use.
      if (x.owes_credit)
        x.ex->end_if_too_slow();
    }
    if (!x.ex->ended() && !x.ex->cancelled())
      continue;
    if (!x.unwanted_since)
      x.unwanted_since = now;
    longest = std::max(longest, now - *x.unwanted_since);
    if (!x.cancel_sent)
      x.cancel_sent = channel_->try_send(worker::plain_frame("cancel", id));
  }
  return longest;
}

} // namespace troupe

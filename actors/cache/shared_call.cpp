#include "troupe/actors/cache/shared_call.hpp"

#include "troupe/specs/exchange/inner_exchange.hpp"
#include "troupe/specs/exchange/shared_request.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

bool is_gone(const exchange_ptr& ex) noexcept {
  return ex->ended() || ex->cancelled();
}

} // namespace

shared_call::shared_call(std::shared_ptr<response_cache> owner, std::string key,
                         std::vector<exchange_ptr> all)
  : owner_(std::move(owner)), key_(std::move(key)), all_(std::move(all)) {
  const auto& first = all_.front();
  request = shared_request(first);
  request_id = first->request_id;
  shard = first->shard;
  through_spec = first->through_spec;
  facts.arrived = first->facts.arrived;
  // The call belongs to the trace of the first request and has no span of its
  // own.
  trace = first->trace;
  facts.in_detail = first->facts.in_detail;
  if (auto* counted = owner_->series())
    for (const auto& ex : all_)
      ex->facts.answered_through(*counted);
  time.begin(deadline_clock::now(), owner_->model_.limits);
}

bool shared_call::join(exchange_ptr ex, deadline_clock::time_point now) {
  if (auto* counted = owner_->series())
    ex->facts.answered_through(*counted);
  if (started_ && facts.worker() != request_facts::no_worker)
    ex->facts.taken_by(facts.worker(), now);
  all_.push_back(std::move(ex));
  ++owner_->waiting_;
  return started_;
}

std::vector<exchange_ptr> shared_call::close_locked() noexcept {
  if (std::exchange(open_, false))
    owner_->forget(*this);
  auto result = std::exchange(all_, {});
  if (!result.empty())
    owner_->waiting_ -= result.size() - 1;
  return result;
}

std::vector<exchange_ptr> shared_call::close() {
  std::unique_lock guard{owner_->mutex_};
  return close_locked();
}

std::vector<exchange_ptr> shared_call::dissolve() {
  claim();
  return close();
}

// -- how far it is ------------------------------------------------------------

void shared_call::start(deadline_clock::time_point now) noexcept {
  exchange::start(now);
  std::vector<exchange_ptr> all;
  {
    std::unique_lock guard{owner_->mutex_};
    started_ = true;
    all = all_;
  }
  const auto worker = facts.worker();
  for (const auto& ex : all) {
    if (worker != request_facts::no_worker)
      ex->facts.taken_by(worker, now);
    ex->start(now);
  }
}

exchange_ptr shared_call::reader() const {
  std::unique_lock guard{owner_->mutex_};
  return reader_;
}

void shared_call::touch(deadline_clock::time_point now) noexcept {
  exchange::touch(now);
  if (auto to = reader())
    to->touch(now);
}

bool shared_call::congested() const noexcept {
  auto to = reader();
  return to != nullptr && to->congested();
}

bool shared_call::end_if_too_slow() {
  auto to = reader();
  return to != nullptr && to->end_if_too_slow();
}

bool shared_call::cancelled() const noexcept {
  if (exchange::cancelled())
    return true;
  std::unique_lock guard{owner_->mutex_};
  if (abandoned_)
    return true;
  if (reader_ != nullptr)
    return is_gone(reader_);
  if (!std::all_of(all_.begin(), all_.end(), is_gone))
    return false;
  abandoned_ = true;
  if (std::exchange(open_, false))
    owner_->forget(*this);
  return true;
}

// -- what the model answers ---------------------------------------------------

exchange_ptr shared_call::become_stream() {
  std::vector<exchange_ptr> all;
  exchange_ptr result;
  {
    std::unique_lock guard{owner_->mutex_};
    all = close_locked();
    for (auto& ex : all)
      if (result == nullptr && !is_gone(ex))
        result = std::exchange(ex, nullptr);
    reader_ = result;
  }
  // The items go to one reader only: the others need calls of their own.
  for (auto& ex : all)
    if (ex != nullptr && !is_gone(ex))
      if (auto refusal = owner_->send(ex, nullptr, 0))
        ex->fail(std::move(*refusal));
  return result;
}

flow shared_call::do_write(payload item) {
  auto to = reader();
  if (to == nullptr)
    to = become_stream();
  if (to == nullptr || is_gone(to))
    return flow::cancelled;
  note_item(*this, deadline_clock::now(), *to);
  return to->write(std::move(item));
}

template <class F>
void shared_call::first_only(std::vector<exchange_ptr> all, F give) {
  if (all.empty())
    return;
  auto first = std::move(all.front());
  all.erase(all.begin());
  give(*first);
  owner_->begin_again(key_, std::move(all));
}

void shared_call::share(std::vector<exchange_ptr> all, reply answer) {
  auto kept = std::make_shared<kept_answer>();
  kept->made = deadline_clock::now();
  kept->content_type = answer.body.content_type();
  kept->body = std::move(answer.body).take_text();
  kept->headers = std::move(answer.headers);
  constexpr int ok = 200;
  if (answer.status == ok && may_be_kept(kept->headers)) {
    std::unique_lock guard{owner_->mutex_};
    if (!abandoned_)
      owner_->store_.put(key_, kept);
  }
  for (const auto& ex : all)
    ex->finish(reply_of(*kept, *ex, answer.status));
}

void shared_call::fail_one(exchange& ex, failure why) const {
  if (auto reason = facts.refusal(); reason != refusal_reason::none)
    ex.facts.refused(reason);
  ex.fail(std::move(why));
}

void shared_call::do_finish(reply answer) {
  facts.finished(deadline_clock::now(), answer.status);
  auto all = close();
  if (auto to = reader()) {
    to->finish(std::move(answer));
    return;
  }
  // A file has one reader only.
  constexpr int server_error = 500;
  if (answer.status >= server_error || answer.body.from_file() != nullptr) {
    first_only(std::move(all),
               [&](exchange& ex) { ex.finish(std::move(answer)); });
    return;
  }
  try {
    share(all, std::move(answer));
  } catch (...) {
    for (const auto& ex : all)
      ex->fail(make_failure(errc::internal));
  }
}

void shared_call::do_fail(failure why) {
  facts.failed(deadline_clock::now(), why.code, why.effective_status());
  auto all = close();
  if (auto to = reader()) {
    fail_one(*to, std::move(why));
    return;
  }
  constexpr int left_first = 499;
  if (why.effective_status() >= left_first) {
    first_only(std::move(all),
               [&](exchange& ex) { fail_one(ex, std::move(why)); });
    return;
  }
  for (const auto& ex : all)
    fail_one(*ex, why);
}

} // namespace troupe

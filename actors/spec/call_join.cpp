#include "troupe/actors/spec/call_join.hpp"

#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/actors/spec/encoded_exchange.hpp"
#include "troupe/specs/exchange/shared_request.hpp"
#include "troupe/specs/json/finite.hpp"
#include "troupe/specs/text/log_text.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// Returns the limit that lets a request go on for longer; zero means no bound.
std::chrono::milliseconds longer(std::chrono::milliseconds lhs,
                                 std::chrono::milliseconds rhs) {
  return lhs.count() == 0 || rhs.count() == 0 ? std::chrono::milliseconds{0}
                                              : std::max(lhs, rhs);
}

time_limits longer(const time_limits& lhs, const time_limits& rhs) {
  return {.queue = longer(lhs.queue, rhs.queue),
          .execution = longer(lhs.execution, rhs.execution),
          .stream_idle = longer(lhs.stream_idle.value_or(lhs.timeout),
                                rhs.stream_idle.value_or(rhs.timeout)),
          .timeout = longer(lhs.timeout, rhs.timeout)};
}

} // namespace

payload finite(payload x) {
  if (const auto* document = x.json())
    expect_finite(*document);
  return x;
}

reply finite(reply answer) {
  answer.body = finite(std::move(answer.body));
  return answer;
}

// -- the order ----------------------------------------------------------------

call_join::call_join(model_calls calls, snapshot_ptr table, exchange_ptr outer,
                     log_sink log)
  : outer_(std::move(outer)),
    log_(std::move(log)),
    join_(std::move(calls.join)),
    renders_failures_(static_cast<bool>(calls.calls.front().failed)),
    table_(std::move(table)),
    orders_(std::move(calls.calls)),
    at_once_(std::max<std::size_t>(calls.at_once, 1)),
    progress_(orders_.size()),
    answers_(orders_.size()),
    missing_(orders_.size()) {
  // nop
}

std::optional<std::string> call_join::find_targets() {
  std::vector<queue_actor> pools;
  for (const auto& order : orders_) {
    targets_.push_back(table_ != nullptr ? table_->find_model(order.model)
                                         : nullptr);
    if (targets_.back() == nullptr) {
      if (order.recover)
        continue;
      return order.model;
    }
    const auto& pool = targets_.back()->pool.of(outer_->shard);
    if (std::find(pools.begin(), pools.end(), pool) == pools.end())
      pools.push_back(pool);
  }
  sweep_ = [pools = std::move(pools)] {
    for (const auto& pool : pools)
      tell(pool, atom::sweep_v);
  };
  return std::nullopt;
}

handover call_join::to_models() const {
  handover result{{}, {}, sweep_};
  auto first = true;
  for (const auto* target : targets_) {
    if (target == nullptr)
      continue;
    result.limits =
      first ? target->limits : longer(result.limits, target->limits);
    if (first)
      result.heartbeat = target->heartbeat;
    first = false;
  }
  return result;
}

void call_join::enter_names(running_calls& known) {
  for (std::size_t i = 0; i < orders_.size(); ++i)
    if (!orders_[i].name.empty())
      places_.push_back(
        known.enter(orders_[i].name, [self = weak_from_this(), i] {
          auto join = self.lock();
          return join != nullptr && join->stop(i);
        }));
}

void call_join::order(model_calls calls, snapshot_ptr table,
                      const exchange_ptr& ex, const log_sink& log,
                      running_calls& known, execution_unit* host) {
  if (auto& render = calls.calls.front().failed)
    ex->render_with(render);
  auto events = calls.calls.front().events;
  auto to =
    std::make_shared<call_join>(std::move(calls), std::move(table), ex, log);
  if (auto missing = to->find_targets()) {
    ex->fail(make_failure(errc::not_found, "no model \"" + *missing + '"'));
    return;
  }
  if (events)
    ex->prefer_events();
  ex->hand_on(to->to_models());
  to->enter_names(known);
  to->begin(host);
}

// -- begin --------------------------------------------------------------------

/// Returns the call to begin now, if there is one.
std::optional<std::size_t> call_join::take_next() {
  std::unique_lock guard{mutex_};
  if (beginning_ || open_ >= at_once_ || next_ == orders_.size()
      || outer_->ended())
    return std::nullopt;
  beginning_ = true;
  ++open_;
  return next_++;
}

/// Notes that the call from `take_next` has begun, or has ended before it
/// began.
void call_join::begun(bool at_pool) {
  std::unique_lock guard{mutex_};
  beginning_ = false;
  any_begun_ = any_begun_ || at_pool;
}

bool call_join::has_begun() {
  std::unique_lock guard{mutex_};
  return any_begun_;
}

/// There is no room for the call from `take_next`: it begins when another one
/// of this request ends. @returns false when no other call is open, or this one
/// was stopped.
bool call_join::postpone() {
  std::unique_lock guard{mutex_};
  if (open_ == 1 || progress_[next_ - 1].stopped)
    return false;
  progress_[next_ - 1] = {};
  beginning_ = false;
  --open_;
  --next_;
  return true;
}

bool call_join::publish(std::size_t index, const exchange_ptr& inner) {
  std::unique_lock guard{mutex_};
  auto& x = progress_[index];
  x.inner = inner;
  x.begun = true;
  return x.stopped;
}

/// Hands one call to the pool of its model, or ends it.
/// @returns false when it is postponed
bool call_join::start_call(std::size_t index, execution_unit* host) {
  auto& order = orders_[index];
  const auto* target = targets_[index];
  auto inner = make_sink<encoded_exchange>(shared_from_this(), index,
                                           order.encoder, order.recover);
  if (order.document != nullptr) {
    inner->request = without_its_body(outer_->request);
    inner->request.document = order.document;
  } else {
    inner->request = outer_->request;
  }
  inner->facts.arrived = outer_->facts.arrived;
  inner->facts.in_detail = outer_->facts.in_detail;
  if (target != nullptr && target->state != nullptr)
    if (auto* series = target->state->series())
      outer_->facts.answered_through(*series);
  inner->through_spec = true;
  // Time before its request started was not spent in this queue.
  inner->time.begin(outer_->time.started() ? deadline_clock::now()
                                           : outer_->time.created(),
                    target != nullptr ? target->limits : time_limits{});
  std::optional<failure> refusal;
  if (publish(index, inner)) {
    refusal = make_failure(errc::cancelled);
  } else if (target == nullptr) {
    refusal = make_failure(errc::not_found, "no model \"" + order.model + '"');
  } else {
    exchange_ptr ex = inner;
    refusal = dispatch(*target, ex, host);
    if (refusal && refusal->code == errc::overloaded) {
      if (postpone()) {
        inner->dismiss();
        return false;
      }
      // The first of this request: other clients may hold more of the queue
      // than their share.
      if (!inner->stopped())
        refusal = dispatch(*target, ex, host, admission::overshoot);
    }
  }
  order = {};
  const auto at_pool = !refusal;
  if (refusal)
    inner->fail(std::move(*refusal));
  begun(at_pool);
  // The call was stopped before the pool had it, so the sweep did not find it.
  if (at_pool && inner->stopped())
    sweep_();
  return true;
}

void call_join::begin(execution_unit* host) {
  auto tried = false;
  while (auto index = take_next()) {
    tried = true;
    if (!start_call(*index, host))
      break;
  }
  // The client left before the pools had the calls, so the sweep did not find
  // them; or a later call was refused.
  if (tried && outer_->cancelled() && has_begun())
    sweep_();
}

// -- end ----------------------------------------------------------------------

void call_join::finish(std::size_t index, reply answer) {
  if (!join_) {
    outer_->finish(std::move(answer));
    return;
  }
  auto last = false;
  {
    std::unique_lock guard{mutex_};
    answers_[index] = std::move(answer);
    --open_;
    last = --missing_ == 0;
  }
  try {
    // Without a host: the thread of a worker that is inside its model must not
    // keep a pool waiting.
    if (last)
      outer_->finish(finite(join_(std::move(answers_))));
    else
      begin(nullptr);
  } catch (...) {
    fail(caught());
  }
}

void call_join::fail(failure why) {
  outer_->abandon(std::move(why));
}

bool call_join::stop(std::size_t index) {
  exchange_ptr inner;
  auto begun = false;
  {
    std::unique_lock guard{mutex_};
    auto& x = progress_[index];
    if (x.stopped || outer_->ended())
      return false;
    x.stopped = true;
    inner = x.inner.lock();
    begun = x.begun;
  }
  // The call has not begun and ends when its turn comes, or it is over already.
  if (inner == nullptr)
    return !begun;
  if (!inner->abandon(make_failure(errc::cancelled)))
    return false;
  sweep_();
  return true;
}

failure call_join::caught() {
  std::string text;
  auto why = failure_from_current_exception(text);
  if (!text.empty())
    log_(log_level::error, "encoder of " + log_quoted(outer_->request.path)
                             + ' ' + outer_->log_name() + ": " + text);
  return why;
}

} // namespace troupe

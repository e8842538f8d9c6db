#include "troupe/actors/spec/call_join.hpp"

#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/actors/spec/encoded_exchange.hpp"
#include "troupe/specs/json/finite.hpp"
#include "troupe/specs/text/log_text.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// Copies all but the body, for which a document stands.
request without_body(const request& x) {
  return {.method = x.method,
          .target = x.target,
          .path = x.path,
          .params = x.params,
          .headers = x.headers,
          .remote = x.remote};
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
    answers_(orders_.size()),
    missing_(orders_.size()) {
  // nop
}

std::optional<std::string> call_join::find_targets() {
  std::vector<queue_actor> pools;
  for (const auto& order : orders_) {
    targets_.push_back(table_ != nullptr ? table_->find_model(order.model)
                                         : nullptr);
    if (targets_.back() == nullptr)
      return order.model;
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

void call_join::order(model_calls calls, snapshot_ptr table,
                      const exchange_ptr& ex, const log_sink& log,
                      execution_unit* host) {
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
  const auto& first = *to->targets_.front();
  ex->hand_on({first.limits, first.heartbeat, to->sweep_});
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

/// The call from `take_next` has begun.
void call_join::begun() {
  std::unique_lock guard{mutex_};
  beginning_ = false;
  any_begun_ = true;
}

bool call_join::has_begun() {
  std::unique_lock guard{mutex_};
  return any_begun_;
}

/// There is no room for the call from `take_next`: it begins when another one
/// of this request ends. @returns false when none is open.
bool call_join::postpone() {
  std::unique_lock guard{mutex_};
  if (open_ == 1)
    return false;
  beginning_ = false;
  --open_;
  --next_;
  return true;
}

/// Hands one call to the pool of its model.
/// @returns whether it began; else it is postponed, or the request has failed
bool call_join::start_call(std::size_t index, execution_unit* host) {
  auto& order = orders_[index];
  const auto& target = *targets_[index];
  auto inner =
    make_sink<encoded_exchange>(shared_from_this(), index, order.encoder);
  if (order.document != nullptr) {
    inner->request = without_body(outer_->request);
    inner->request.document = order.document;
  } else {
    inner->request = outer_->request;
  }
  // Time before its request started was not spent in this queue.
  inner->time.begin(outer_->time.started() ? deadline_clock::now()
                                           : outer_->time.created(),
                    target.limits);
  exchange_ptr ex = inner;
  auto refusal = dispatch(target, ex, host);
  if (!refusal) {
    order = {};
    begun();
    return true;
  }
  if (refusal->code == errc::overloaded && postpone())
    inner->dismiss();
  else
    inner->fail(std::move(*refusal));
  return false;
}

void call_join::begin(execution_unit* host) {
  auto tried = false;
  while (auto index = take_next()) {
    tried = true;
    if (!start_call(*index, host))
      break;
  }
  // Its client left before the pools had it, and the sweep came to nothing; or
  // a later call was refused.
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
  guarded(
    [&] {
      // Without a host: the thread of a worker that is inside its model must
      // not keep a pool waiting.
      if (last)
        outer_->finish(finite(join_(std::move(answers_))));
      else
        begin(nullptr);
      return true;
    },
    false);
}

void call_join::fail(failure why) {
  outer_->abandon(std::move(why));
}

void call_join::fail_with_current_exception() {
  std::string text;
  auto why = failure_from_current_exception(text);
  if (!text.empty())
    log_(log_level::error, "encoder of " + log_quoted(outer_->request.path)
                             + " request " + outer_->request_id + ": " + text);
  fail(std::move(why));
}

} // namespace troupe

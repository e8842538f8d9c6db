#include "troupe/actors/spec/spec_runner.hpp"

#include "troupe/specs/values/finite.hpp"
#include "troupe/specs/values/log_text.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

namespace {

/// What a spec made itself; what models make is looked at by their loops.
/// @throws std::domain_error for a number that JSON has not
payload finite(payload x) {
  if (const auto* document = x.json())
    expect_finite(*document);
  return x;
}

reply finite(reply answer) {
  answer.body = finite(std::move(answer.body));
  return answer;
}

struct joint;

/// Begins calls until as many are open as may be. One thread does so at a time:
/// that one sees to what ends meanwhile, too.
/// @param host the calling thread's execution unit, or null
void begin_calls(joint& to, caf::execution_unit* host);

/// Where the calls that a handler ordered for one request begin and meet.
struct joint : std::enable_shared_from_this<joint> {
  exchange_ptr outer;
  log_sink log;
  std::function<reply(std::vector<reply>)> join;
  /// Whether a model's own error answer is told as failures are.
  bool tells_failures = false;
  /// Keeps the targets.
  snapshot_ptr snapshot;
  /// One for each call.
  std::vector<const route_target*> targets;
  std::function<void()> sweep;
  /// Used by who begins calls.
  std::vector<model_call> orders;
  /// How many are open at once.
  std::size_t at_once = 1;

  std::mutex mutex;
  std::vector<reply> answers;
  std::size_t missing = 0;
  /// The first that did not begin.
  std::size_t next = 0;
  std::size_t open = 0;
  /// Whether a thread begins one.
  bool beginning = false;
  /// Whether a pool has got one.
  bool any_begun = false;

  /// Returns the call to begin now, if there is one.
  std::optional<std::size_t> take_next() {
    std::unique_lock guard{mutex};
    if (beginning || open >= at_once || next == orders.size() || outer->ended())
      return std::nullopt;
    beginning = true;
    ++open;
    return next++;
  }

  /// The call from `take_next` has begun.
  void begun() {
    std::unique_lock guard{mutex};
    beginning = false;
    any_begun = true;
  }

  bool has_begun() {
    std::unique_lock guard{mutex};
    return any_begun;
  }

  /// There is no room for the call from `take_next`: it begins when another one
  /// of this request ends. @returns false when none is open.
  bool postpone() {
    std::unique_lock guard{mutex};
    if (open == 1)
      return false;
    beginning = false;
    --open;
    --next;
    return true;
  }

  /// Runs a part of the spec; what it throws fails the request, not the worker.
  template <class F, class R>
  R guarded(F&& f, R otherwise) {
    try {
      return f();
    } catch (...) {
      std::string text;
      auto why = failure_from_current_exception(text);
      if (!text.empty())
        log(log_level::error, "encoder of " + log_quoted(outer->request.path)
                                + " request " + outer->request_id + ": "
                                + text);
      fail(std::move(why));
      return otherwise;
    }
  }

  /// Takes the answer of a call; the last one ends the request.
  void finish(std::size_t place, reply answer) {
    if (!join) {
      outer->finish(std::move(answer));
      return;
    }
    {
      std::unique_lock guard{mutex};
      answers[place] = std::move(answer);
      --open;
      if (--missing > 0) {
        guard.unlock();
        guarded(
          [&] {
            begin_calls(*this, nullptr);
            return true;
          },
          false);
        return;
      }
    }
    guarded([&] { return outer->finish(finite(join(std::move(answers)))); },
            false);
  }

  void fail(failure why) {
    // The other calls, and a model that goes on, have to hear of it.
    outer->abandon(std::move(why));
  }
};

/// A spec's sink: what the model answers goes through the encoder to the
/// client's exchange, which this one keeps alive.
class translated_exchange : public exchange {
public:
  translated_exchange(std::shared_ptr<joint> to, std::size_t place,
                      std::shared_ptr<reply_encoder> encoder)
    : joint_(std::move(to)),
      outer_(*joint_->outer),
      place_(place),
      encoder_(std::move(encoder)) {
    request_id = outer_.request_id;
    deadline = outer_.deadline;
    created = outer_.created;
    shard = outer_.shard;
  }

  // Who waits for the outer one has to know how far this one is.

  void start(deadline_clock::time_point now) noexcept override {
    exchange::start(now);
    outer_.start(now);
  }

  void touch(deadline_clock::time_point now) noexcept override {
    exchange::touch(now);
    outer_.touch(now);
  }

  [[nodiscard]] bool congested() const noexcept override {
    return outer_.congested();
  }

  [[nodiscard]] bool cancelled() const noexcept override {
    return exchange::cancelled() || outer_.cancelled() || outer_.ended();
  }

  /// Ends it without an answer: another one takes its place.
  void dismiss() noexcept {
    claim();
  }

protected:
  flow do_write(payload item) override {
    if (cancelled())
      return flow::cancelled;
    touch(deadline_clock::now());
    outer_.waits = waits.load();
    if (encoder_ == nullptr)
      return outer_.write(std::move(item));
    return joint_->guarded(
      [&] {
        auto x = encoder_->item(std::move(item));
        if (x)
          return outer_.write(finite(std::move(*x)));
        return cancelled() ? flow::cancelled : flow::ok;
      },
      flow::cancelled);
  }

  void do_finish(reply answer) override {
    if (answer.status >= 400 && (joint_->join || joint_->tells_failures))
      joint_->fail(to_failure(std::move(answer)));
    else if (encoder_ == nullptr || answer.status >= 400)
      joint_->finish(place_, std::move(answer));
    else
      joint_->guarded(
        [&] {
          if (joint_->join)
            if (auto last = encoder_->last_item(answer))
              outer_.write(finite(std::move(*last)));
          joint_->finish(place_, finite(encoder_->finish(std::move(answer))));
          return true;
        },
        false);
  }

  void do_fail(failure why) override {
    if (encoder_ == nullptr)
      joint_->fail(std::move(why));
    else
      joint_->guarded(
        [&] {
          joint_->fail(encoder_->fail(std::move(why)));
          return true;
        },
        false);
  }

private:
  /// A model's own error, as a failure.
  static failure to_failure(reply answer) {
    failure result;
    result.status = answer.status;
    result.headers = std::move(answer.headers);
    if (auto* document = answer.body.json())
      result.detail = std::move(*document);
    else if (!answer.body.empty())
      result.detail = std::move(answer.body).take_text();
    return result;
  }

  std::shared_ptr<joint> joint_;
  exchange& outer_;
  std::size_t place_;
  std::shared_ptr<reply_encoder> encoder_;
};

/// Copies all but the body, for which a document stands.
request without_body(const request& x) {
  return {.method = x.method,
          .target = x.target,
          .path = x.path,
          .params = x.params,
          .headers = x.headers,
          .remote = x.remote};
}

/// Hands one call to the pool of its model.
/// @returns whether it began; else it is postponed, or the request has failed
bool start_call(joint& to, std::size_t place, caf::execution_unit* host) {
  auto& order = to.orders[place];
  const auto& target = *to.targets[place];
  auto inner =
    make_sink<translated_exchange>(to.shared_from_this(), place, order.encoder);
  if (order.document != nullptr) {
    inner->request = without_body(to.outer->request);
    inner->request.document = order.document;
  } else {
    inner->request = to.outer->request;
  }
  inner->limits = target.limits;
  if (target.timeout.count() > 0)
    inner->deadline =
      std::min(inner->deadline, inner->created + target.timeout);
  // It did not wait in the queue while it was not in there.
  if (to.outer->started())
    inner->created = deadline_clock::now();
  auto refusal = dispatch(target, inner, host);
  if (!refusal) {
    order = {};
    to.begun();
    return true;
  }
  if (refusal->code == errc::overloaded && to.postpone())
    inner->dismiss();
  else
    inner->fail(std::move(*refusal));
  return false;
}

void begin_calls(joint& to, caf::execution_unit* host) {
  auto tried = false;
  while (auto place = to.take_next()) {
    tried = true;
    if (!start_call(to, *place, host))
      break;
  }
  // Its client left before the pools had it, and the sweep came to nothing; or
  // a later call was refused.
  if (tried && to.outer->cancelled() && to.has_begun())
    to.sweep();
}

void call(model_calls ordered, const snapshot_cell& table,
          const exchange_ptr& ex, const log_sink& log,
          caf::execution_unit* host) {
  auto& orders = ordered.calls;
  auto to = std::make_shared<joint>();
  to->tells_failures = static_cast<bool>(orders.front().failed);
  if (to->tells_failures)
    ex->render_with(std::move(orders.front().failed));
  to->snapshot = table.load();
  std::vector<pool_actor> pools;
  for (const auto& order : orders) {
    to->targets.push_back(to->snapshot != nullptr
                            ? to->snapshot->find_model(order.model)
                            : nullptr);
    if (to->targets.back() == nullptr) {
      ex->fail(
        make_failure(errc::not_found, "no model \"" + order.model + '"'));
      return;
    }
    const auto& pool = to->targets.back()->pool.of(ex->shard);
    if (std::find(pools.begin(), pools.end(), pool) == pools.end())
      pools.push_back(pool);
  }
  if (orders.front().events)
    ex->prefer_events();
  to->outer = ex;
  to->log = log;
  to->join = std::move(ordered.join);
  to->answers.resize(orders.size());
  to->missing = orders.size();
  to->at_once = std::max<std::size_t>(ordered.at_once, 1);
  to->orders = std::move(orders);
  to->sweep = [pools = std::move(pools)] {
    for (const auto& pool : pools)
      tell(pool, atom::sweep_v);
  };
  const auto& first = *to->targets.front();
  ex->hand_on({first.limits, first.heartbeat, to->sweep, first.timeout});
  begin_calls(*to, host);
}

/// See `handlers_as_model`.
class handler_model final : public model {
public:
  handler_model(std::shared_ptr<const spec> s,
                std::shared_ptr<const snapshot_cell> table)
    : spec_(std::move(s)), table_(std::move(table)) {
    // nop
  }

  void setup(const worker_slot& slot) override {
    log_ = slot.log;
  }

  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch)
      run_handler(*spec_, *table_, ex, log_, nullptr);
  }

  [[nodiscard]] bool answers_later() const noexcept override {
    return true;
  }

private:
  std::shared_ptr<const spec> spec_;
  std::shared_ptr<const snapshot_cell> table_;
  log_sink log_ = no_log();
};

} // namespace

void run_handler(const spec& s, const snapshot_cell& table,
                 const exchange_ptr& ex, const log_sink& log,
                 caf::execution_unit* host) {
  try {
    context ctx{*ex};
    auto result = s.routes()[ex->endpoint_index].handler(ex->request, ctx);
    if (auto* order = result.call()) {
      model_calls alone;
      alone.calls.push_back(std::move(*order));
      call(std::move(alone), table, ex, log, host);
    } else if (auto* orders = result.calls()) {
      call(std::move(*orders), table, ex, log, host);
    } else {
      ex->finish(finite(std::move(*result.answer())));
    }
  } catch (...) {
    std::string text;
    auto why = failure_from_current_exception(text);
    if (!text.empty())
      log(log_level::error, "handler of " + log_quoted(ex->request.path) + " ("
                              + s.name() + ") request " + ex->request_id + ": "
                              + text);
    ex->fail(std::move(why));
  }
}

std::string handlers_name(const spec& s) {
  return s.name() + " handlers";
}

model_definition handlers_as_model(std::shared_ptr<const spec> s,
                                   std::shared_ptr<const snapshot_cell> table) {
  model_definition result;
  result.options.name = handlers_name(*s);
  result.options.workers = s->threads;
  result.options.queue.max_size = s->max_queue_size;
  result.make = [s, table](const worker_slot&) {
    return std::make_unique<handler_model>(s, table);
  };
  return result;
}

} // namespace troupe

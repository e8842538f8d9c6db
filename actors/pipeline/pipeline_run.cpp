#include "troupe/actors/pipeline/pipeline_run.hpp"

#include "troupe/actors/pipeline/step_exchange.hpp"
#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/specs/exchange/shared_request.hpp"
#include "troupe/specs/json/finite.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/text/log_text.hpp"

#include <utility>

namespace troupe {

namespace {

/// Makes a request of a value, without a copy of its bytes.
void put_into(request& out, const pipeline_value& x, const exchange_ptr& from) {
  if (const auto& document = x.document()) {
    out.document = document;
  } else if (const auto& raw = x.raw()) {
    out.spooled = shared_bytes{raw, raw->data};
    out.headers.set("Content-Type", raw->content_type.empty()
                                      ? "application/octet-stream"
                                      : raw->content_type);
  } else {
    out.document = from->request.document;
    out.spooled = shared_body(from);
  }
}

/// A model's own error, as a failure.
failure failure_of(reply answer) {
  const auto code = answer.status < 500 ? errc::bad_request : errc::internal;
  return to_failure(std::move(answer), code);
}

} // namespace

void sweep_models(const pipeline& of, const routing_snapshot& table,
                  std::uint32_t shard) {
  for (const auto& name : of.models())
    if (const auto* target = table.find_model(name))
      tell(target->pool.of(shard), atom::sweep_v);
}

void pipeline_run::start(std::shared_ptr<const pipeline_setting> setting,
                         snapshot_ptr table, exchange_ptr ex,
                         execution_unit* host) {
  const auto& steps = setting->steps->steps;
  // The time in front of the pipeline is over.
  const auto now = deadline_clock::now();
  // It counts as the only worker of a pipeline: what its models do is counted
  // as theirs.
  ex->facts.taken_by(0, now);
  ex->start(now);
  auto run = std::make_shared<pipeline_run>(std::move(setting),
                                            std::move(table), std::move(ex));
  run->go(std::make_shared<pipeline_place>(steps, pipeline_scope{*run}), host);
}

pipeline_run::~pipeline_run() {
  if (setting_->ended)
    setting_->ended();
}

const nlohmann::json& pipeline_run::input() const {
  std::call_once(read_, [this] {
    try {
      input_ = outer_->request.json();
    } catch (...) {
      unreadable_ = std::current_exception();
    }
  });
  if (unreadable_)
    std::rethrow_exception(unreadable_);
  return input_;
}

// -- step by step -------------------------------------------------------------

void pipeline_run::go(pipeline_place_ptr at, execution_unit* host) {
  auto last = at;
  try {
    advance(std::move(at), host);
  } catch (...) {
    give_up(*last, caught(*last));
  }
}

void pipeline_run::advance(pipeline_place_ptr at, execution_unit* host) {
  while (at != nullptr && !outer_->ended()) {
    if (at->next == at->steps->all().size()) {
      at = leave(std::move(at));
      continue;
    }
    // An exception of a step fails that step.
    try {
      const auto& step = at->step();
      switch (step.kind) {
        case step_kind::call:
          if (!call(at, step, host))
            return;
          break;
        case step_kind::make:
          at->took(step.input(at->scope));
          break;
        case step_kind::branch: {
          const auto& way = step.ways[step.condition(at->scope) ? 0 : 1];
          auto inner = std::make_shared<pipeline_place>(way.steps, at->scope);
          inner->after = std::move(at);
          at = std::move(inner);
          break;
        }
        case step_kind::map:
        case step_kind::parallel:
          if (!fork(at, step, host))
            return;
          break;
      }
    } catch (...) {
      give_up(*at, caught(*at));
      return;
    }
  }
}

pipeline_place_ptr pipeline_run::leave(pipeline_place_ptr at) {
  auto result = at->scope.last();
  if (at->after != nullptr) {
    auto next = std::move(at->after);
    next->took(std::move(result));
    return next;
  }
  if (at->fork == nullptr) {
    finish(std::move(result));
    return nullptr;
  }
  auto fork = at->fork;
  fork->finish(at->way_index, std::move(result));
  // Without a host: the thread of a worker that is inside its model must not
  // keep a pool waiting.
  if (!fork->begin(*this, nullptr))
    return nullptr;
  auto next = fork->owner();
  next->took(fork->joined(request()));
  return next;
}

bool pipeline_run::fork(const pipeline_place_ptr& at, const pipeline_step& step,
                        execution_unit* host) {
  pipeline_value list;
  const nlohmann::json* items = nullptr;
  auto most = step.ways.size();
  if (step.kind == step_kind::map) {
    list = step.input ? step.input(at->scope) : at->scope.last();
    items = list.is_request() ? &input() : list.document().get();
    if (items == nullptr || !items->is_array()) {
      auto why = make_failure(errc::internal,
                              "A map needs a list, and got something else");
      why.status = list.is_request() ? status_of(errc::unprocessable) : 0;
      give_up(*at, std::move(why));
      return false;
    }
    most = step.at_once;
  }
  auto ways = std::make_shared<pipeline_fork>(at, items, most);
  if (!ways->begin(*this, host))
    return false;
  at->took(ways->joined(request()));
  return true;
}

std::shared_ptr<step_exchange>
pipeline_run::make_call(const pipeline_place_ptr& at, const pipeline_step& step,
                        const route_target* target) {
  const auto streams = &step == setting_->steps->last_call();
  auto result = make_sink<step_exchange>(shared_from_this(), at, streams);
  result->request = without_its_body(request());
  put_into(result->request,
           step.input ? step.input(at->scope) : at->scope.last(), outer_);
  result->time.begin(deadline_clock::now(),
                     target != nullptr ? target->limits : time_limits{});
  return result;
}

bool pipeline_run::call(const pipeline_place_ptr& at, const pipeline_step& step,
                        execution_unit* host) {
  const auto* target =
    table_ != nullptr ? table_->find_model(step.model) : nullptr;
  auto inner = make_call(at, step, target);
  std::optional<failure> refusal;
  if (target == nullptr) {
    refusal = make_failure(errc::not_ready, "There is no such model any more");
  } else {
    exchange_ptr ex = inner;
    refusal = dispatch(*target, ex, host);
    if (refusal && refusal->code == errc::overloaded) {
      if (at->next == 0 && at->fork != nullptr && at->fork->postpone()) {
        inner->dismiss();
        return false;
      }
      // Other clients may hold more of the queue than their share.
      refusal = dispatch(*target, ex, host, admission::overshoot);
    }
  }
  if (refusal) {
    inner->fail(std::move(*refusal));
    return false;
  }
  const auto now = deadline_clock::now();
  if (setting_->watch && !inner->ended()
      && inner->time.next_look(now) < outer_->time.due())
    setting_->watch(inner);
  // The client left before the pool had the call, so the sweep did not find it.
  if (outer_->cancelled() || outer_->ended())
    tell(target->pool.of(outer_->shard), atom::sweep_v);
  return false;
}

// -- what comes back ----------------------------------------------------------

void pipeline_run::answered(const pipeline_place_ptr& at, reply answer) {
  if (answer.status >= 400) {
    failed(at, failure_of(std::move(answer)));
    return;
  }
  try {
    at->took(pipeline_value::of(std::move(answer.body)));
  } catch (...) {
    give_up(*at, caught(*at));
    return;
  }
  go(at, nullptr);
}

void pipeline_run::failed(const pipeline_place_ptr& at, failure why,
                          refusal_reason reason) {
  try {
    const auto& recover = at->step().recover;
    if (recover && why.code != errc::cancelled && !outer_->ended()) {
      if (auto value = recover(why)) {
        at->took(std::move(*value));
        go(at, nullptr);
        return;
      }
    }
  } catch (...) {
    why = caught(*at);
    reason = refusal_reason::none;
  }
  give_up(*at, std::move(why), reason);
}

void pipeline_run::finish(pipeline_value x) {
  reply answer;
  answer.body = x.to_payload(request());
  if (const auto* document = answer.body.json())
    expect_finite(*document);
  outer_->finish(std::move(answer));
}

void pipeline_run::give_up(const pipeline_place& at, failure why,
                           refusal_reason reason) {
  if (outer_->ended())
    return;
  if (reason != refusal_reason::none)
    outer_->facts.refused(reason);
  nlohmann::json detail{{"pipeline", setting_->name}, {"step", at.path()}};
  if (at.next < at.steps->all().size() && at.step().kind == step_kind::call)
    detail["model"] = at.step().model;
  detail["status"] = why.effective_status();
  detail["detail"] = why.effective_detail();
  why.detail = std::move(detail);
  if (outer_->abandon(std::move(why)))
    sweep();
}

failure pipeline_run::caught(const pipeline_place& at) {
  std::string text;
  auto why = failure_from_current_exception(text);
  if (!text.empty())
    setting_->log(log_level::error, "pipeline " + setting_->name + " step "
                                      + at.path() + " request "
                                      + outer_->request_id + ": " + text);
  return why;
}

void pipeline_run::sweep() {
  if (table_ != nullptr)
    sweep_models(*setting_->steps, *table_, outer_->shard);
}

} // namespace troupe

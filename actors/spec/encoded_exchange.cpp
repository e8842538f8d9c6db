#include "troupe/actors/spec/encoded_exchange.hpp"

#include "troupe/specs/exchange/call_span.hpp"

#include <utility>

namespace troupe {

encoded_exchange::encoded_exchange(
  std::shared_ptr<call_join> to, std::size_t index,
  std::shared_ptr<reply_encoder> encoder,
  std::function<std::optional<reply>(const failure&)> recover)
  : inner_exchange(to->outer()),
    join_(std::move(to)),
    index_(index),
    encoder_(std::move(encoder)),
    recover_(std::move(recover)) {
  continue_trace(*this, outer().trace);
  time.lower_deadline(outer().time.deadline());
}

void encoded_exchange::start(deadline_clock::time_point now) noexcept {
  exchange::start(now);
  if (facts.worker() != request_facts::no_worker)
    outer().facts.taken_by(facts.worker(), now);
  outer().start(now);
}

void encoded_exchange::touch(deadline_clock::time_point now) noexcept {
  exchange::touch(now);
  outer().touch(now);
}

void encoded_exchange::give_up(failure why) {
  if (recover_) {
    if (auto answer = recover_(why)) {
      join_->finish(index_, std::move(*answer));
      return;
    }
  }
  join_->fail(std::move(why));
}

template <class F, class R>
R encoded_exchange::guarded(F&& f, R otherwise) {
  try {
    return f();
  } catch (...) {
    give_up(join_->caught());
    return otherwise;
  }
}

flow encoded_exchange::do_write(payload item) {
  if (cancelled())
    return flow::cancelled;
  note_item(*this, deadline_clock::now(), outer());
  if (encoder_ == nullptr)
    return outer().write(std::move(item));
  try {
    if (auto events = encoder_->events(item)) {
      if (!events->empty())
        return outer().write_events(*events);
    } else if (auto x = encoder_->item(std::move(item))) {
      return outer().write(finite(std::move(*x)));
    }
    return cancelled() ? flow::cancelled : flow::ok;
  } catch (...) {
    auto why = join_->caught();
    cancel();
    if (claim())
      give_up(std::move(why));
    return flow::cancelled;
  }
}

void encoded_exchange::do_finish(reply answer) {
  facts.finished(deadline_clock::now(), answer.status);
  record_call(*this, outer().trace.context.span_id, "call");
  if (answer.status >= 400 && join_->errors_are_failures())
    give_up(to_failure(std::move(answer), errc::internal));
  else if (encoder_ == nullptr || answer.status >= 400)
    join_->finish(index_, std::move(answer));
  else
    guarded(
      [&] {
        if (join_->joins())
          if (auto last = encoder_->last_item(answer))
            outer().write(finite(std::move(*last)));
        auto whole = finite(encoder_->finish(std::move(answer)));
        if (auto used = encoder_->tokens())
          facts.tokens(*used);
        join_->finish(index_, std::move(whole));
        return true;
      },
      false);
}

void encoded_exchange::do_fail(failure why) {
  facts.failed(deadline_clock::now(), why.code, why.effective_status());
  record_call(*this, outer().trace.context.span_id, "call");
  if (auto reason = facts.refusal(); reason != refusal_reason::none)
    outer().facts.refused(reason);
  if (encoder_ == nullptr || recover_)
    give_up(std::move(why));
  else
    guarded(
      [&] {
        join_->fail(encoder_->fail(std::move(why)));
        return true;
      },
      false);
}

} // namespace troupe

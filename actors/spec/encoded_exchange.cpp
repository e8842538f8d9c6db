#include "troupe/actors/spec/encoded_exchange.hpp"

#include <utility>

namespace troupe {

namespace {

/// A model's own error, as a failure.
failure to_failure(reply answer) {
  failure result;
  result.status = answer.status;
  result.headers = std::move(answer.headers);
  if (auto* document = answer.body.json())
    result.detail = std::move(*document);
  else if (!answer.body.empty())
    result.detail = std::move(answer.body).take_text();
  return result;
}

} // namespace

encoded_exchange::encoded_exchange(
  std::shared_ptr<call_join> to, std::size_t index,
  std::shared_ptr<reply_encoder> encoder,
  std::function<std::optional<reply>(const failure&)> recover)
  : join_(std::move(to)),
    outer_(join_->outer()),
    index_(index),
    encoder_(std::move(encoder)),
    recover_(std::move(recover)) {
  request_id = outer_.request_id;
  time.lower_deadline(outer_.time.deadline());
  shard = outer_.shard;
}

void encoded_exchange::start(deadline_clock::time_point now) noexcept {
  exchange::start(now);
  if (facts.worker() != request_facts::no_worker)
    outer_.facts.taken_by(facts.worker(), now);
  outer_.start(now);
}

void encoded_exchange::touch(deadline_clock::time_point now) noexcept {
  exchange::touch(now);
  outer_.touch(now);
}

bool encoded_exchange::congested() const noexcept {
  return outer_.congested();
}

bool encoded_exchange::end_if_too_slow() {
  return outer_.end_if_too_slow();
}

bool encoded_exchange::cancelled() const noexcept {
  return exchange::cancelled() || outer_.cancelled() || outer_.ended();
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
  const auto now = deadline_clock::now();
  touch(now);
  facts.item(now);
  if (outer_.time.streams())
    time.begin_stream();
  outer_.waits = waits.load();
  outer_.company = company.load();
  if (encoder_ == nullptr)
    return outer_.write(std::move(item));
  try {
    auto x = encoder_->item(std::move(item));
    if (x)
      return outer_.write(finite(std::move(*x)));
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
  if (answer.status >= 400 && join_->errors_are_failures())
    give_up(to_failure(std::move(answer)));
  else if (encoder_ == nullptr || answer.status >= 400)
    join_->finish(index_, std::move(answer));
  else
    guarded(
      [&] {
        if (join_->joins())
          if (auto last = encoder_->last_item(answer))
            outer_.write(finite(std::move(*last)));
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
  if (auto reason = facts.refusal(); reason != refusal_reason::none)
    outer_.facts.refused(reason);
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

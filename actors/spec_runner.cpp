#include "troupe/actors/spec_runner.hpp"

namespace troupe {

namespace {

/// A spec's sink: what the model answers goes through the encoder to the
/// client's exchange, which this one keeps alive.
class translated_exchange : public exchange {
public:
  translated_exchange(exchange_ptr outer,
                      std::shared_ptr<reply_encoder> encoder, log_sink log)
    : outer_(std::move(outer)),
      encoder_(std::move(encoder)),
      log_(std::move(log)) {
    request_id = outer_->request_id;
    deadline = outer_->deadline;
    created = outer_->created;
  }

  // Who waits for the outer one has to know how far this one is.

  void start(deadline_clock::time_point now) noexcept override {
    exchange::start(now);
    outer_->start(now);
  }

  void touch(deadline_clock::time_point now) noexcept override {
    exchange::touch(now);
    outer_->touch(now);
  }

  [[nodiscard]] bool congested() const noexcept override {
    return outer_->congested();
  }

  [[nodiscard]] bool cancelled() const noexcept override {
    return exchange::cancelled() || outer_->cancelled();
  }

protected:
  flow do_write(payload item) override {
    touch(deadline_clock::now());
    outer_->waits = waits;
    if (encoder_ == nullptr)
      return outer_->write(std::move(item));
    return guarded(
      [&] { return outer_->write(encoder_->item(std::move(item))); },
      flow::cancelled);
  }

  void do_finish(reply answer) override {
    if (encoder_ == nullptr || answer.status >= 400)
      outer_->finish(std::move(answer));
    else
      guarded(
        [&] { return outer_->finish(encoder_->finish(std::move(answer))); },
        false);
  }

  void do_fail(failure why) override {
    if (encoder_ == nullptr)
      outer_->fail(std::move(why));
    else
      guarded([&] { return outer_->fail(encoder_->fail(std::move(why))); },
              false);
  }

private:
  /// An encoder that throws fails the exchange, not the worker.
  template <class F, class R>
  R guarded(F&& f, R otherwise) {
    try {
      return f();
    } catch (...) {
      std::string text;
      auto why = failure_from_current_exception(text);
      if (!text.empty())
        log_(log_level::error, "encoder of " + outer_->request.path
                                 + " request " + request_id + ": " + text);
      outer_->fail(std::move(why));
      return otherwise;
    }
  }

  exchange_ptr outer_;
  std::shared_ptr<reply_encoder> encoder_;
  log_sink log_;
};

void call(model_call& order, const snapshot_cell& table, const exchange_ptr& ex,
          const log_sink& log, caf::execution_unit* host) {
  auto snapshot = table.load();
  const auto* target =
    snapshot != nullptr ? snapshot->find_model(order.model) : nullptr;
  if (target == nullptr) {
    ex->fail(make_failure(errc::not_found, "no model \"" + order.model + '"'));
    return;
  }
  auto inner =
    make_sink<translated_exchange>(ex, std::move(order.encoder), log);
  inner->request = ex->request;
  if (order.document != nullptr) {
    inner->request.body.clear();
    inner->request.spooled = {};
    inner->request.document = std::move(order.document);
  }
  inner->limits = target->limits;
  ex->hand_on({target->limits, target->heartbeat,
               [pool = target->pool] { tell(pool, atom::sweep_v); }});
  if (auto refusal = dispatch(*target, inner, host))
    inner->fail(std::move(*refusal));
  // Its client left before the pool had it, and the sweep came to nothing.
  else if (ex->cancelled())
    tell(target->pool, atom::sweep_v);
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
    if (auto* order = result.call())
      call(*order, table, ex, log, host);
    else
      ex->finish(std::move(*result.answer()));
  } catch (...) {
    std::string text;
    auto why = failure_from_current_exception(text);
    if (!text.empty())
      log(log_level::error, "handler of " + ex->request.path + " (" + s.name()
                              + ") request " + ex->request_id + ": " + text);
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

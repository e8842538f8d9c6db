#pragma once

#include "troupe/specs/model/hooks/hook_runner.hpp"

namespace troupe {

/// For models that wait for something else: `void predict(const In&,
/// promise<Out>)` starts the work and returns; the promise is kept later, from
/// any thread. `capacity()` bounds how many are open in one worker (64
/// without the hook).
template <class Model>
class async_loop final : public hook_runner<Model> {
public:
  using super = hook_runner<Model>;
  using typename super::in;
  using typename super::out;

  template <class... Ts>
  explicit async_loop(const worker_slot& slot, const Ts&... xs)
    : super(slot, xs...) {
    // nop
  }

  void setup(const worker_slot& slot) override {
    super::setup(slot);
    if constexpr (hooks::has_capacity<Model>)
      capacity_ = std::max<std::size_t>(this->user().capacity(), 1);
    out_ = std::make_shared<typename promise<out>::output>();
    out_->item = [this](exchange& ex, out y) {
      ex.write(this->item_of(ex, std::move(y)));
    };
    out_->whole = [this](exchange& ex, out y) {
      if (!ex.begun())
        return this->reply_of(ex, std::move(y));
      ex.write(this->item_of(ex, std::move(y)));
      return reply{};
    };
    out_->fail = [this](exchange& ex, const std::exception_ptr& why) {
      this->fail(ex, why);
    };
    out_->release = [this] { --open_; };
    out_->slot = slot;
  }

  ~async_loop() override {
    if (out_ != nullptr)
      out_->closed = true;
  }

  async_loop(const async_loop&) = delete;
  async_loop& operator=(const async_loop&) = delete;

  [[nodiscard]] std::size_t capacity() const noexcept override {
    return capacity_;
  }

  [[nodiscard]] std::size_t open() const noexcept override {
    return open_;
  }

  [[nodiscard]] bool answers_later() const noexcept override {
    return true;
  }

  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch)
      this->guarded(*ex, [&] { run(ex); });
  }

private:
  using signature = hooks::predict_signature<Model>;

  void run(const exchange_ptr& ex) {
    ex->waits = false;
    context ctx{*ex, &this->slot()};
    auto item = this->decode(*ex, ctx);
    if (super::unwanted(*ex))
      return;
    promise<out> later{ex, out_};
    ++open_;
    // Our copy lives on, so that what is thrown is the answer.
    try {
      super::template with_context<signature>(
        [&](auto&&... xs) {
          this->user().predict(std::forward<decltype(xs)>(xs)...);
        },
        ctx, item, promise<out>{later});
    } catch (...) {
      later.thrown();
      throw;
    }
  }

  std::shared_ptr<typename promise<out>::output> out_;
  std::size_t capacity_ = 64;
  std::size_t open_ = 0;
};

} // namespace troupe

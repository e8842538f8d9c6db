#pragma once

#include "troupe/specs/hook_runner.hpp"

#include <algorithm>

namespace troupe {

/// Continuous batching: `State admit(const In&)` takes a request in,
/// `void step(std::span<sequence<State, Out>>)` advances all that are live;
/// members join and leave between steps. `capacity()` bounds how many are live
/// (8 without the hook).
///
/// What `admit` throws fails that request, what `step` throws fails all live
/// ones; a member fails alone by `sequence::fail`. A member whose reader is
/// behind sits out until he has caught up.
template <class Model>
class continuous_loop final : public hook_runner<Model> {
public:
  using super = hook_runner<Model>;
  using typename super::in;
  using typename super::out;
  using live_sequences =
    hooks::arg_t<hooks::signature<decltype(&Model::step)>, 0>;
  using member = typename live_sequences::element_type;
  using state = typename hooks::sequences_of<live_sequences>::state;

  template <class... Ts>
  explicit continuous_loop(const worker_slot& slot, const Ts&... xs)
    : super(slot, xs...) {
    out_.item = [this](exchange& ex, out x) {
      return this->item_of(ex, std::move(x));
    };
    out_.whole = [this](exchange& ex, out x) {
      return this->reply_of(ex, std::move(x));
    };
    out_.fail = [this](exchange& ex, const std::exception_ptr& why) {
      this->fail(ex, why);
    };
  }

  [[nodiscard]] std::size_t capacity() const noexcept override {
    if constexpr (hooks::has_capacity<Model>)
      return std::max<std::size_t>(capacity_, 1);
    else
      return 8;
  }

  void setup(const worker_slot& slot) override {
    super::setup(slot);
    if constexpr (hooks::has_capacity<Model>)
      capacity_ = this->user().capacity();
  }

  [[nodiscard]] std::size_t open() const noexcept override {
    return live_.size();
  }

  [[nodiscard]] bool answers_later() const noexcept override {
    return true;
  }

  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch)
      this->guarded(*ex, [&] {
        ex->waits = false;
        context ctx{*ex, &this->slot()};
        auto item = this->decode(*ex, ctx);
        using sig = hooks::signature<decltype(&Model::admit)>;
        live_.emplace_back(ex,
                           super::template with_context<sig>(
                             [&](auto&&... xs) -> state {
                               return this->user().admit(
                                 std::forward<decltype(xs)>(xs)...);
                             },
                             ctx, std::move(item)),
                           out_);
      });
  }

  progress step() override {
    leave();
    if (live_.empty())
      return progress::idle;
    auto ready = std::stable_partition(live_.begin(), live_.end(),
                                       [](auto& x) { return !x.congested(); });
    auto n = static_cast<std::size_t>(ready - live_.begin());
    if (n == 0)
      return progress::later;
    run(std::span{live_}.first(n));
    leave();
    return live_.empty() ? progress::idle : progress::more;
  }

private:
  void run(std::span<member> ready) {
    try {
      this->observed({}, &callback::on_before_predict,
                     &callback::on_after_predict,
                     [&] { this->user().step(ready); });
    } catch (const worker_fatal&) {
      throw;
    } catch (...) {
      auto why = std::current_exception();
      for (auto& x : ready)
        x.fail(why);
    }
  }

  void leave() {
    std::erase_if(live_, [](const auto& x) { return x.done(); });
  }

  typename member::output out_;
  std::vector<member> live_;
  std::size_t capacity_ = 1;
};

} // namespace troupe

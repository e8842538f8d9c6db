#pragma once

#include "troupe/specs/model/hooks/hook_runner.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <vector>

namespace troupe {

/// Continuous batching: `State admit(const In&)` takes a request in,
/// `void step(std::span<sequence<State, Out>>)` advances all that are live;
/// members join and leave between steps. `capacity()` bounds how many are live
/// (8 without the hook).
///
/// What `admit` throws fails that request, what `step` throws fails all live
/// ones; a member fails alone by `sequence::fail`. A member whose reader is
/// behind sits out until the reader has caught up; meanwhile it adds nothing to
/// the cost of a step. It
/// keeps its place for as long as `slow_reader_timeout_ms` says.
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
    out_.slot = &this->slot();
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
    return live_.size() + behind_.size();
  }

  [[nodiscard]] bool answers_later() const noexcept override {
    return true;
  }

  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch)
      this->guarded(*ex, [&] { take_in(ex); });
  }

  progress step() override {
    take_back();
    leave(live_);
    set_aside();
    if (!live_.empty()) {
      run(live_);
      leave(live_);
    }
    if (!live_.empty())
      return progress::more;
    return behind_.empty() ? progress::idle : progress::later;
  }

private:
  /// How often to look at members that are behind while others go on.
  static constexpr std::chrono::milliseconds look_interval{2};

  void take_in(const exchange_ptr& ex) {
    using sig = hooks::signature<decltype(&Model::admit)>;
    ex->waits = false;
    context ctx{*ex, &this->slot()};
    auto item = this->decode(*ex, ctx);
    if (super::unwanted(*ex))
      return;
    open_predict call{this->slot(), ex};
    try {
      live_.emplace_back(ex,
                         super::template with_context<sig>(
                           [&](auto&&... xs) -> state {
                             return this->user().admit(
                               std::forward<decltype(xs)>(xs)...);
                           },
                           ctx, std::move(item)),
                         out_, std::move(call));
    } catch (...) {
      call.end(true);
      throw;
    }
  }

  /// Takes back members that have caught up, and drops those whose client left.
  void take_back() {
    if (behind_.empty())
      return;
    auto now = std::chrono::steady_clock::now();
    if (!live_.empty() && now < next_look_)
      return;
    next_look_ = now + look_interval;
    for (auto& x : behind_)
      x.end_if_too_slow();
    leave(behind_);
    move_if(behind_, live_, [](const auto& x) { return !x.congested(); });
  }

  void set_aside() {
    move_if(live_, behind_, [](const auto& x) { return x.congested(); });
  }

  template <class F>
  static void move_if(std::vector<member>& from, std::vector<member>& to, F f) {
    if (std::none_of(from.begin(), from.end(), f))
      return;
    auto first =
      std::stable_partition(from.begin(), from.end(), std::not_fn(f));
    to.insert(to.end(), std::make_move_iterator(first),
              std::make_move_iterator(from.end()));
    from.erase(first, from.end());
  }

  void run(std::span<member> ready) {
    try {
      this->user().step(ready);
    } catch (const worker_fatal&) {
      for (auto& x : ready)
        x.thrown();
      throw;
    } catch (...) {
      auto why = std::current_exception();
      for (auto& x : ready)
        x.fail(why);
    }
  }

  /// Ends and drops the members that are done.
  static void leave(std::vector<member>& members) {
    auto to = members.begin();
    for (auto from = to; from != members.end(); ++from)
      if (from->done())
        from->leave();
      else if (from != to)
        *to++ = std::move(*from);
      else
        ++to;
    members.erase(to, members.end());
  }

  typename member::output out_;
  /// Those of the next step.
  std::vector<member> live_;
  /// Those that sit out.
  std::vector<member> behind_;
  std::chrono::steady_clock::time_point next_look_{};
  std::size_t capacity_ = 1;
};

} // namespace troupe

#pragma once

#include "troupe/specs/model/hooks/hook_runner.hpp"

namespace troupe {

/// One request after the other: `Out predict(const In&)`, or
/// `void predict(const In&, stream<Out>&)`.
template <class Model>
class single_loop final : public hook_runner<Model> {
public:
  using super = hook_runner<Model>;
  using super::super;
  using typename super::out;

  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch)
      this->guarded(*ex, [&] { run(*ex); });
  }

private:
  using signature = hooks::predict_signature<Model>;

  void run(exchange& ex) {
    context ctx{ex, &this->slot()};
    decltype(auto) item = this->decode(ex, ctx);
    if (super::unwanted(ex))
      return;
    const std::array<const request*, 1> requests{&ex.request};
    auto predict = [&](auto&&... xs) -> decltype(auto) {
      return this->observed(
        requests, &callback::on_before_predict, &callback::on_after_predict,
        [&]() -> decltype(auto) {
          return super::template with_context<signature>(
            [&](auto&&... ys) -> decltype(auto) {
              return this->user().predict(std::forward<decltype(ys)>(ys)...);
            },
            ctx, std::forward<decltype(xs)>(xs)...);
        });
    };
    if constexpr (hooks::loop_of<Model> == hooks::loop::streaming) {
      stream<out> sink{
        ex, [&](out x) { return this->item_of(ex, std::move(x)); },
        [&](const std::exception_ptr& why) { this->fail(ex, why); }};
      predict(item, sink);
      ex.finish();
    } else {
      ex.finish(this->reply_of(ex, out(predict(item))));
    }
  }
};

} // namespace troupe

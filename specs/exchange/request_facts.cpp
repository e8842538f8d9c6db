#include "troupe/specs/exchange/request_facts.hpp"

namespace troupe {

namespace {

cancel_reason cancel_of(errc code) noexcept {
  return code == errc::cancelled           ? cancel_reason::client
         : code == errc::deadline_exceeded ? cancel_reason::deadline
                                           : cancel_reason::none;
}

} // namespace

void request_facts::item(time_point now) noexcept {
  const auto ticks = now.time_since_epoch().count();
  const auto before = last_item_.load(std::memory_order_relaxed);
  last_item_.store(ticks, std::memory_order_relaxed);
  if (before == 0)
    first_item_.store(ticks, std::memory_order_relaxed);
  // What a spec makes of the items of its calls is not counted once more.
  auto* to = model();
  if (to == nullptr || through_calls_.load(std::memory_order_relaxed))
    return;
  if (before == 0)
    to->first_item(now - arrived);
  else
    to->between_items(clock::duration{ticks - before});
}

void request_facts::tokens(token_counts x) noexcept {
  token_counts more;
  auto raise = [](std::atomic<std::uint32_t>& known, std::uint32_t n) {
    const auto before = known.load(std::memory_order_relaxed);
    if (n <= before)
      return std::uint32_t{0};
    known.store(n, std::memory_order_relaxed);
    return n - before;
  };
  more.in = raise(tokens_in_, x.in);
  more.out = raise(tokens_out_, x.out);
  more.cached = raise(tokens_cached_, x.cached);
  auto* to = model();
  if (to != nullptr && more != token_counts{}
      && !through_calls_.load(std::memory_order_relaxed))
    to->tokens(more);
}

void request_facts::finished(time_point now, int status) noexcept {
  status_.store(static_cast<std::uint16_t>(status), std::memory_order_relaxed);
  ended_.store(now.time_since_epoch().count(), std::memory_order_release);
  auto* by = model();
  auto* to = by != nullptr ? by : otherwise;
  if (to == nullptr)
    return;
  request_end x;
  x.status = status;
  if (is_request) {
    x.total = now - arrived;
    x.refused = refusal();
    x.cancelled = cancel_of(code_.load(std::memory_order_relaxed));
  }
  if (!through_calls_.load(std::memory_order_relaxed))
    if (auto taken = taken_at())
      x.predict = now - *taken;
  if (x.total || x.predict)
    to->ended(x);
}

void request_facts::failed(time_point now, errc code, int status) noexcept {
  code_.store(code, std::memory_order_relaxed);
  if (refusal() == refusal_reason::none)
    refused(refusal_of(code));
  finished(now, status);
}

} // namespace troupe

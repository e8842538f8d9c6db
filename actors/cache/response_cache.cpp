#include "troupe/actors/cache/response_cache.hpp"

#include "troupe/actors/cache/cache_key.hpp"
#include "troupe/actors/cache/shared_call.hpp"
#include "troupe/actors/status/admit.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe {

namespace {

/// How many requests may wait for another request's call. They take no place in
/// the model's queue.
constexpr std::size_t most_waiting = 65'536;

} // namespace

reply reply_of(const kept_answer& x, const exchange& to, int status) {
  reply result;
  result.status = status;
  result.headers = x.headers;
  if (x.content_type.starts_with("application/json") && !to.takes_json_text()) {
    try {
      result.body = parse_json(x.body);
      return result;
    } catch (const std::exception&) {
      // The model called its bytes JSON, but they are not: they go out as they
      // are.
    }
  }
  if (!x.body.empty() || !x.content_type.empty())
    result.body = payload{x.body, x.content_type};
  return result;
}

response_cache::response_cache(cache_options options, cached_model model,
                               std::shared_ptr<cache_counters> counters)
  : options_(std::move(options)),
    model_(std::move(model)),
    counters_(std::move(counters)),
    store_(options_.max_bytes, options_.ttl, counters_) {
  // nop
}

response_cache::~response_cache() = default;

std::optional<failure> response_cache::send(exchange_ptr& ex,
                                            execution_unit* host,
                                            std::size_t above) {
  if (auto* counted = series())
    ex->facts.handed_to(*counted);
  if (auto why = refusal_of(model_.state.get()))
    return why;
  if (auto why = take_place(model_.admission, *ex, above))
    return why;
  const auto shard = ex->shard;
  tell_on(host, model_.pool.of(shard), std::move(ex));
  return std::nullopt;
}

answer_store::answer_ptr response_cache::find(const std::string& key,
                                              const cache_control& how,
                                              time_point now) {
  if (how.no_cache)
    return nullptr;
  auto result = store_.find(key, now);
  if (result == nullptr || (how.max_age && now - result->made > *how.max_age)
      || (how.min_fresh && store_.left(*result, now) < *how.min_fresh))
    return nullptr;
  return result;
}

response_cache::place response_cache::find_place(const std::string& key,
                                                 const cache_control& how,
                                                 exchange_ptr& ex,
                                                 time_point now) {
  place result;
  std::unique_lock guard{mutex_};
  result.answer = find(key, how, now);
  if (result.answer != nullptr || how.only_if_cached)
    return result;
  // An answer to what was asked before this request may be too old for it.
  const auto may_join = !how.no_cache && !how.max_age;
  auto i = calls_.find(key);
  if (may_join && i != calls_.end() && waiting_ < most_waiting) {
    result.begun = i->second->join(std::move(ex), now);
    result.joined = true;
    return result;
  }
  result.call = make_call(key, {std::move(ex)}, !how.no_cache);
  return result;
}

response_cache::call_ptr response_cache::make_call(const std::string& key,
                                                   waiters all, bool joinable) {
  waiting_ += all.size() - 1;
  auto result = make_sink<shared_call>(shared_from_this(), key, std::move(all));
  if (joinable)
    calls_.try_emplace(key, result.get());
  return result;
}

std::optional<failure> response_cache::begin(const call_ptr& call, waiters& all,
                                             execution_unit* host,
                                             std::size_t above) {
  exchange_ptr ex = call;
  auto refusal = send(ex, host, above);
  if (refusal)
    all = call->dissolve();
  return refusal;
}

std::optional<failure>
response_cache::ask(exchange_ptr& ex, execution_unit* host, std::size_t above) {
  const auto how = read_cache_control(ex->request.headers);
  auto& counts = *counters_;
  if (how.no_store) {
    counts.misses.fetch_add(1, std::memory_order_relaxed);
    return send(ex, host, above);
  }
  const auto now = deadline_clock::now();
  const auto asked = ex;
  auto found = find_place(cache_key(ex->request, options_.vary), how, ex, now);
  if (found.answer != nullptr) {
    counts.hits.fetch_add(1, std::memory_order_relaxed);
    auto answer = reply_of(*found.answer, *ex, 200);
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(
      now - found.answer->made);
    answer.headers.set("Age", std::to_string(age.count()));
    ex->finish(std::move(answer));
    return std::nullopt;
  }
  if (found.joined) {
    counts.shared.fetch_add(1, std::memory_order_relaxed);
    if (found.begun)
      asked->start(now);
    return std::nullopt;
  }
  counts.misses.fetch_add(1, std::memory_order_relaxed);
  if (found.call == nullptr)
    return http_error(504, "There is no answer in the cache").why();
  waiters all;
  auto refusal = begin(found.call, all, host, above);
  if (!refusal)
    return std::nullopt;
  // The others came while it was refused.
  for (const auto& x : all)
    if (x != asked)
      x->fail(*refusal);
  ex = asked;
  return refusal;
}

void response_cache::begin_again(const std::string& key, waiters others) {
  std::erase_if(others,
                [](const auto& x) { return x->ended() || x->cancelled(); });
  if (others.empty())
    return;
  call_ptr call;
  {
    std::unique_lock guard{mutex_};
    if (auto i = calls_.find(key); i != calls_.end()) {
      const auto now = deadline_clock::now();
      for (auto& ex : others)
        i->second->join(std::move(ex), now);
      return;
    }
    call = make_call(key, std::move(others), true);
  }
  waiters all;
  if (auto refusal = begin(call, all, nullptr, 0))
    for (const auto& ex : all)
      ex->fail(*refusal);
}

void response_cache::limits(const time_limits& x) {
  std::unique_lock guard{mutex_};
  model_.limits = x;
}

void response_cache::forget(const shared_call& x) {
  if (auto i = calls_.find(x.key()); i != calls_.end() && i->second == &x)
    calls_.erase(i);
}

std::shared_ptr<response_cache> make_cache(const cache_options& options,
                                           cached_model model) {
  if (!options.enabled())
    return nullptr;
  auto counters = model.state != nullptr ? model.state->cache : nullptr;
  if (counters == nullptr)
    counters = std::make_shared<cache_counters>();
  return std::make_shared<response_cache>(options, std::move(model),
                                          std::move(counters));
}

} // namespace troupe

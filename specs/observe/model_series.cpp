#include "troupe/specs/observe/model_series.hpp"

#include <new>
#include <string_view>
#include <utility>

namespace troupe {

namespace {

constexpr std::size_t cache_line = 64;

/// How often each status was answered. The statuses of a model are few.
class status_counts {
public:
  void add(int status, bool alone) noexcept {
    for (auto& x : slots_) {
      auto known = x.status.load(std::memory_order_relaxed);
      if (known == 0
          && x.status.compare_exchange_strong(known, status,
                                              std::memory_order_relaxed))
        known = status;
      if (known == status) {
        x.n.add(1, alone);
        return;
      }
    }
    others_.add(1, alone);
  }

  void merge_into(std::map<int, std::uint64_t>& to) const {
    for (const auto& x : slots_)
      if (auto status = x.status.load(std::memory_order_relaxed); status != 0)
        to[status] += x.n.get();
    if (auto n = others_.get(); n > 0)
      to[0] += n;
  }

private:
  struct slot {
    std::atomic<int> status{0};
    counted n;
  };

  std::array<slot, 24> slots_{};
  counted others_;
};

/// Those that are shown from the beginning, so that a first one is seen as an
/// increase.
constexpr std::array<int, 12> common_statuses{200, 400, 401, 404, 413, 422,
                                              429, 499, 500, 502, 503, 504};

} // namespace

std::string_view to_string(cancel_reason x) noexcept {
  constexpr std::array<std::string_view, cancel_reason_count> names{
    "none", "client", "deadline"};
  return names[static_cast<std::size_t>(x)];
}

std::string_view status_class_name(std::size_t x) noexcept {
  constexpr std::array<std::string_view, status_class_count> names{
    "2xx", "3xx", "4xx", "5xx"};
  return names[x];
}

/// What one thread has counted.
struct alignas(cache_line) model_series::part {
  status_counts by_status;
  std::array<histogram_part<time_bounds>, status_class_count> request;
  std::array<histogram_part<time_bounds>, status_class_count> predict;
  histogram_part<time_bounds> queue;
  histogram_part<time_bounds> first_item;
  histogram_part<time_bounds> between_items;
  histogram_part<size_bounds> batch;
  std::array<counted, refusal_reason_count> refused;
  std::array<counted, cancel_reason_count> cancelled;
  counted tokens_in;
  counted tokens_out;
  counted tokens_cached;
  counted restarts;
};

struct model_series::queue_node {
  std::shared_ptr<queue_depth> depth = std::make_shared<queue_depth>();
  queue_node* next = nullptr;

  /// Whether a queue has it.
  [[nodiscard]] bool in_use() const noexcept {
    return depth.use_count() > 1;
  }
};

model_series::model_series(std::string name, bool counts_anything)
  : name_(std::move(name)), on_(counts_anything) {
  // nop
}

model_series::~model_series() {
  for (auto& x : parts_)
    delete x.load(std::memory_order_acquire);
  for (auto* x = queues_.load(std::memory_order_acquire); x != nullptr;)
    delete std::exchange(x, x->next);
}

model_series::part* model_series::part_of(std::size_t slot) noexcept {
  auto* result = parts_[slot].load(std::memory_order_acquire);
  if (result != nullptr) [[likely]]
    return result;
  auto* made = new (std::nothrow) part{};
  if (made == nullptr
      || parts_[slot].compare_exchange_strong(result, made,
                                              std::memory_order_acq_rel))
    return made;
  delete made;
  return result;
}

template <class F>
void model_series::count(F&& f) noexcept {
  if (!on_)
    return;
  const auto slot = thread_slot();
  if (auto* x = part_of(slot)) [[likely]]
    f(*x, slot < thread_slots);
}

void model_series::ended(const request_end& x) noexcept {
  count([&x](part& to, bool alone) {
    const auto kind = status_class(x.status);
    if (x.total) {
      to.by_status.add(x.status, alone);
      to.request[kind].add(*x.total, alone);
      if (x.refused != refusal_reason::none)
        to.refused[static_cast<std::size_t>(x.refused)].add(1, alone);
      if (x.cancelled != cancel_reason::none)
        to.cancelled[static_cast<std::size_t>(x.cancelled)].add(1, alone);
    }
    if (x.predict)
      to.predict[kind].add(*x.predict, alone);
  });
}

void model_series::answered(int status, refusal_reason why) noexcept {
  count([&](part& to, bool alone) {
    to.by_status.add(status, alone);
    if (why != refusal_reason::none)
      to.refused[static_cast<std::size_t>(why)].add(1, alone);
  });
}

void model_series::batch(std::size_t size) noexcept {
  count(
    [size](part& to, bool alone) { to.batch.add(std::uint64_t{size}, alone); });
}

void model_series::waited(duration x) noexcept {
  count([x](part& to, bool alone) { to.queue.add(x, alone); });
}

void model_series::first_item(duration x) noexcept {
  count([x](part& to, bool alone) { to.first_item.add(x, alone); });
}

void model_series::between_items(duration x) noexcept {
  count([x](part& to, bool alone) { to.between_items.add(x, alone); });
}

void model_series::tokens(token_counts more) noexcept {
  count([&more](part& to, bool alone) {
    to.tokens_in.add(more.in, alone);
    to.tokens_out.add(more.out, alone);
    to.tokens_cached.add(more.cached, alone);
  });
}

void model_series::restart() noexcept {
  count([](part& to, bool alone) { to.restarts.add(1, alone); });
}

std::shared_ptr<queue_depth> model_series::new_queue() {
  auto made = std::make_unique<queue_node>();
  // Each I/O thread may make its queue of an inline model at the same time.
  while (adding_.test_and_set(std::memory_order_acquire)) {
    // A few instructions, once for each queue.
  }
  auto result = add_queue(made);
  adding_.clear(std::memory_order_release);
  return result;
}

std::shared_ptr<queue_depth>
model_series::add_queue(std::unique_ptr<queue_node>& made) noexcept {
  auto* first = queues_.load(std::memory_order_acquire);
  for (auto* x = first; x != nullptr; x = x->next)
    if (!x->in_use()) {
      x->depth->queued.store(0, std::memory_order_relaxed);
      x->depth->running.store(0, std::memory_order_relaxed);
      return x->depth;
    }
  made->next = first;
  auto result = made->depth;
  queues_.store(made.release(), std::memory_order_release);
  return result;
}

model_counts model_series::counts() const {
  model_counts result;
  for (auto status : common_statuses)
    result.by_status[status] = 0;
  for (const auto& slot : parts_) {
    const auto* x = slot.load(std::memory_order_acquire);
    if (x == nullptr)
      continue;
    x->by_status.merge_into(result.by_status);
    for (std::size_t i = 0; i < status_class_count; ++i) {
      x->request[i].merge_into(result.request[i]);
      x->predict[i].merge_into(result.predict[i]);
    }
    x->queue.merge_into(result.queue);
    x->first_item.merge_into(result.first_item);
    x->between_items.merge_into(result.between_items);
    x->batch.merge_into(result.batch);
    for (std::size_t i = 0; i < refusal_reason_count; ++i)
      result.refused[i] += x->refused[i].get();
    for (std::size_t i = 0; i < cancel_reason_count; ++i)
      result.cancelled[i] += x->cancelled[i].get();
    result.tokens_in += x->tokens_in.get();
    result.tokens_out += x->tokens_out.get();
    result.tokens_cached += x->tokens_cached.get();
    result.restarts += x->restarts.get();
  }
  for (const auto* x = queues_.load(std::memory_order_acquire); x != nullptr;
       x = x->next)
    if (x->in_use()) {
      result.queued += x->depth->queued.load(std::memory_order_relaxed);
      result.running += x->depth->running.load(std::memory_order_relaxed);
    }
  return result;
}

} // namespace troupe

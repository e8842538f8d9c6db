#include "troupe/actors/spec/handler_model.hpp"

#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/spec/run_handler.hpp"

#include <span>
#include <utility>

namespace troupe {

namespace {

class handler_model final : public model {
public:
  handler_model(std::shared_ptr<const spec> s,
                std::shared_ptr<const snapshot_cell> table,
                std::shared_ptr<running_calls> known)
    : spec_(std::move(s)), table_(std::move(table)), known_(std::move(known)) {
    // nop
  }

  void setup(const worker_slot& slot) override {
    log_ = slot.log;
  }

  /// A model's POOL that the handler calls runs on this thread, right after
  /// this function.
  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch)
      run_handler(*spec_, *table_, ex, log_, *known_, thread_unit::current());
  }

  [[nodiscard]] bool answers_later() const noexcept override {
    return true;
  }

private:
  std::shared_ptr<const spec> spec_;
  std::shared_ptr<const snapshot_cell> table_;
  std::shared_ptr<running_calls> known_;
  log_sink log_ = no_log();
};

} // namespace

model_definition handler_workers(std::shared_ptr<const spec> s,
                                 std::shared_ptr<const snapshot_cell> table,
                                 std::shared_ptr<running_calls> known) {
  model_definition result;
  result.options.name = s->name();
  result.options.workers = s->threads;
  result.options.queue.max_size = s->max_queue_size;
  result.make =
    [s = std::move(s), table = std::move(table),
     known = std::move(known)](const worker_slot&) -> std::unique_ptr<model> {
    return std::make_unique<handler_model>(s, table, known);
  };
  return result;
}

} // namespace troupe

#include "troupe/models/process/process_model.hpp"

#include "troupe/models/process/process_link.hpp"

#include <mutex>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

/// How long a first answer to `health` may take.
constexpr std::chrono::milliseconds health_wait{1'000};

child_command command_for(const process_recipe& recipe,
                          const worker_slot& slot) {
  auto result = recipe.command;
  if (!recipe.devices.empty()) {
    const auto& mine = recipe.devices[slot.index % recipe.devices.size()];
    result.env["CUDA_VISIBLE_DEVICES"] = mine;
    result.env["HIP_VISIBLE_DEVICES"] = mine;
  }
  return result;
}

class process_model final : public model {
public:
  process_model(const process_recipe& recipe, const worker_slot& slot)
    : recipe_(recipe), slot_(slot) {
    // nop
  }

  process_model(const process_model&) = delete;
  process_model& operator=(const process_model&) = delete;

  ~process_model() override {
    if (link_ != nullptr)
      link_->stop();
  }

  void setup(const worker_slot& slot) override {
    slot_ = slot;
    auto start = recipe_.start;
    start.model = slot.model;
    start.index = slot.index;
    start.device = slot.device;
    start.pure = slot.pure;
    std::unique_lock guard{mutex_};
    if (interrupted_)
      throw std::runtime_error("the server ends");
    link_ = std::make_unique<process_link>(
      command_for(recipe_, slot), slot,
      process_link::bounds{recipe_.hang_after, recipe_.memory_bytes,
                           recipe_.trusted});
    guard.unlock();
    hello_ = link_->start(start);
    if (start.batch_max_size > 1 && !hello_.batched)
      throw std::runtime_error("its model takes one request at a time; set "
                               "batch.max_size to 1");
  }

  [[nodiscard]] std::size_t capacity() const noexcept override {
    return hello_.capacity;
  }

  [[nodiscard]] std::size_t open() const noexcept override {
    return link_->open();
  }

  [[nodiscard]] bool answers_later() const noexcept override {
    return true;
  }

  void process(std::span<const exchange_ptr> batch) override {
    link_->call(batch, recipe_.streams);
    // Where several may be open, the next must not wait for this one.
    if (hello_.capacity == 1)
      link_->take_answers();
  }

  void interrupt() noexcept override {
    std::unique_lock guard{mutex_};
    interrupted_ = true;
    if (link_ != nullptr)
      link_->interrupt();
  }

  bool healthy() override {
    return !hello_.has_health || link_->healthy(health_wait);
  }

private:
  process_recipe recipe_;
  worker_slot slot_;
  worker::hello_message hello_;
  /// Guards the two members below, which `interrupt` looks at.
  std::mutex mutex_;
  bool interrupted_ = false;
  std::unique_ptr<process_link> link_;
};

} // namespace

process_recipe recipe_of(const model_config& config,
                         const process_options& options) {
  process_recipe result;
  result.command.env = options.env;
  result.command.nice = options.nice;
  result.command.cpus = options.cpu_affinity;
  result.devices = options.devices;
  if (options.memory_mb)
    result.memory_bytes = *options.memory_mb << 20U;
  result.start.model_type = config.type;
  result.start.path = config.path.string();
  result.start.directory = config.directory.string();
  result.start.options = config.options;
  return result;
}

std::unique_ptr<model> make_process_model(const process_recipe& recipe,
                                          const worker_slot& slot) {
  return std::make_unique<process_model>(recipe, slot);
}

void run_in_processes(model_definition& definition, process_recipe recipe) {
  recipe.streams = definition.streaming;
  recipe.hang_after = definition.options.restart.hang.after;
  recipe.start.batch_max_size = definition.options.batch.max_size;
  definition.has_processes = true;
  definition.make =
    [shared = std::make_shared<const process_recipe>(std::move(recipe))](
      const worker_slot& slot) { return make_process_model(*shared, slot); };
}

} // namespace troupe

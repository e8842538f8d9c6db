#include "troupe/http/server/server_observers.hpp"

#include "troupe/http/server/server_info.hpp"

#include <algorithm>

namespace troupe {

void server_observers::start(bool keep_stats, const log_sink& log) {
  if (!added_.empty())
    callbacks_ =
      std::make_shared<const std::vector<std::shared_ptr<callback>>>(added_);
  if (keep_stats)
    stats_ = std::make_shared<logged_value_stats>();
  if (!loggers_.empty())
    queue_ = std::make_shared<logged_value_queue>(loggers_, log);
}

void server_observers::open(const server_options& options,
                            const log_sink& log) {
  if (options.telemetry.enabled())
    spans_ =
      std::make_shared<otlp_exporter>(options.telemetry, server_version(), log);
  if (!options.log.access.enabled)
    return;
  auto made =
    std::make_shared<access_log>(options.log, options.io_threads, log);
  std::unique_lock guard{mutex_};
  access_ = std::move(made);
}

void server_observers::close(std::chrono::milliseconds bound) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + bound;
  auto ended = true;
  if (access_ != nullptr)
    ended = access_->end(bound);
  const auto left =
    std::chrono::duration_cast<std::chrono::milliseconds>(end - clock::now());
  if (spans_ != nullptr)
    ended = spans_->end(std::max(left, std::chrono::milliseconds{0})) && ended;
  left_behind_ = !ended;
}

bool server_observers::reopen() {
  std::unique_lock guard{mutex_};
  return access_ != nullptr && access_->reopen();
}

logged_value_sink server_observers::sink() const {
  if (stats_ == nullptr && queue_ == nullptr)
    return {};
  return [s = stats_, q = queue_](std::string_view model, std::string_view key,
                                  const nlohmann::json& value) {
    if (s != nullptr)
      s->process(model, key, value);
    if (q != nullptr)
      q->push(model, key, value);
  };
}

} // namespace troupe

#include "troupe/http/server/server_observers.hpp"

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

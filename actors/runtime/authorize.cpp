#include "troupe/actors/runtime/authorize.hpp"

#include "troupe/actors/runtime_scope.hpp"

#include <string>

namespace troupe {

std::function<std::optional<failure>(exchange&)>
make_authorize(const model_definition& definition, const log_sink& log,
               const void* owner) {
  if (!definition.authorize)
    return nullptr;
  return [ask = definition.authorize, name = definition.options.name, log,
          owner](exchange& ex) -> std::optional<failure> {
    runtime_scope inside{owner};
    try {
      ask(ex);
      return std::nullopt;
    } catch (...) {
      std::string text;
      auto why = failure_from_current_exception(text);
      if (!text.empty())
        log(log_level::error, "authorize of model " + name + " request "
                                + ex.request_id + ": " + text);
      return why;
    }
  };
}

} // namespace troupe

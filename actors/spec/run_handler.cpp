#include "troupe/actors/spec/run_handler.hpp"

#include "troupe/actors/spec/call_join.hpp"
#include "troupe/specs/text/log_text.hpp"

#include <string>
#include <utility>

namespace troupe {

void run_handler(const spec& s, const snapshot_cell& table,
                 const exchange_ptr& ex, const log_sink& log,
                 running_calls& known, execution_unit* host) {
  try {
    context ctx{*ex, nullptr, &known};
    auto result = s.routes()[ex->endpoint_index].handler(ex->request, ctx);
    // It took so long that there is nobody to call a model for.
    if (ex->ended())
      return;
    if (auto* call = result.call()) {
      model_calls alone;
      alone.calls.push_back(std::move(*call));
      call_join::order(std::move(alone), table.load(), ex, log, known, host);
    } else if (auto* calls = result.calls()) {
      call_join::order(std::move(*calls), table.load(), ex, log, known, host);
    } else {
      ex->finish(finite(std::move(*result.answer())));
    }
  } catch (...) {
    std::string text;
    auto why = failure_from_current_exception(text);
    if (!text.empty())
      log(log_level::error, "handler of " + log_quoted(ex->request.path) + " ("
                              + s.name() + ") " + ex->log_name() + ": " + text);
    ex->fail(std::move(why));
  }
}

} // namespace troupe

#include "troupe/http/admin/topology/server_view.hpp"

#include "troupe/http/admin/topology/actor_census.hpp"
#include "troupe/http/admin/topology/topology_document.hpp"

namespace troupe {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

nlohmann::json server_view::topology() const {
  const auto now = steady_clock::now();
  const auto actors = actors_.load();
  const auto options = this->options();
  topology_facts x;
  x.options = options.get();
  x.board = runtime_->board().get();
  x.table = runtime_->snapshot();
  x.models = runtime_->models();
  x.actors = actors.get();
  x.uptime = duration_cast<milliseconds>(now - begin_);
  if (actors != nullptr)
    x.census = take_census(*system_, *actors, x.table, patience);
  auto result = topology_document(x);
  result["took_ms"] =
    duration<double, std::milli>(steady_clock::now() - now).count();
  return result;
}

} // namespace troupe

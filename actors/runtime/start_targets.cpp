#include "troupe/actors/runtime/start_targets.hpp"

#include "troupe/actors/cache/response_cache.hpp"
#include "troupe/actors/pipeline/pipe.hpp"
#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/runtime/asking.hpp"
#include "troupe/actors/runtime/authorize.hpp"
#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/actors/spec/handler_model.hpp"
#include "troupe/actors/spec/spec_actor.hpp"
#include "troupe/specs/json/json.hpp"

#include <tuple>
#include <utility>

namespace troupe {

std::shared_ptr<admission> make_admission(const model_options& options,
                                          std::size_t workers) {
  return std::make_shared<admission>(options.queue.max_size
                                     + workers * options.batch.max_size);
}

std::shared_ptr<const void> make_lease(const supervisor_actor& supervisor,
                                       const std::string& key) {
  return {nullptr, [supervisor, key](const void*) {
            tell(supervisor, atom::retire_v, key);
          }};
}

// -- where it runs ------------------------------------------------------------

const std::shared_ptr<thread_unit>&
runtime::made(std::shared_ptr<thread_unit>& x) const {
  if (x == nullptr && options_.threads)
    x = std::make_shared<thread_unit>(system_);
  return x;
}

void runtime::place(serve_order& order, bool inlined) {
  if (!inlined) {
    order.homes = {made(order.definition.pipeline ? pipes_ : control_)};
    return;
  }
  order.shards = shards();
  order.homes = io_units_;
  if (order.homes.empty())
    order.homes = {made(inlined_)};
}

// -- what is served -----------------------------------------------------------

runtime::served runtime::serve(serve_order order) {
  const auto what = "cannot start the " + order.label;
  auto handles = ask<queue_handles>(
    system_, what, supervisor_, atom::serve_v,
    serve_order_ptr{std::make_shared<serve_order>(std::move(order))});
  return {sharded{std::move(handles.all)},
          make_lease(supervisor_, handles.key)};
}

route_target runtime::start_model(const model_definition& definition,
                                  bool stands_in) {
  const auto& options = definition.options;
  const auto inlined = options.execution == execution_mode::inlined;
  serve_order order;
  order.definition = definition;
  order.label = "model " + options.name;
  order.off_board = stands_in;
  place(order, inlined);
  if (inlined)
    order.setup = made(setup_);
  if (definition.pipeline)
    order_pipeline(order, cell_, options_.log, board_.get());
  const auto workers = order.definition.options.workers * order.shards;
  order.admission = make_admission(options, workers);
  order.state = std::make_shared<model_state>(options.name, options.required,
                                              workers, order.admission);
  order.state->escalates(options.escalates());
  order.state->counts_in(board_->series(options.name));
  if (definition.cache.enabled())
    order.state->cache = std::make_shared<cache_counters>();
  if (definition.pipeline)
    board_->update(*order.state, model_phase::ready, 0);
  route_target result;
  result.owner = options.name;
  result.authorize = make_authorize(definition, options_.log, board_.get());
  result.admission = order.admission;
  result.state = order.state;
  result.limits = options.limits;
  result.limits.timeout = options.timeout.value_or(options_.timeout);
  result.heartbeat = options.heartbeat;
  result.nodes = options.nodes;
  if (options.workers > 0)
    result.schema = dump_json(definition.metadata);
  std::tie(result.pool, result.lease) = serve(std::move(order));
  result.cache =
    make_cache(definition.cache, {result.pool, result.admission, result.state,
                                  result.limits, result.lease});
  return result;
}

route_target runtime::start_spec(const std::shared_ptr<spec>& s,
                                 bool stands_in) {
  const auto inlined = s->execution == handler_execution::inlined;
  serve_order order;
  auto known = std::make_shared<running_calls>();
  order.definition = handler_workers(s, cell_, known);
  order.label = "spec " + s->name();
  auto& options = order.definition.options;
  order.off_board = stands_in;
  place(order, inlined);
  if (inlined) {
    // SPEC runs them itself.
    options.execution = execution_mode::inlined;
    options.workers = 0;
    order.off_board = true;
    order.admission = std::make_shared<admission>(s->max_queue_size);
  } else {
    order.admission = make_admission(options, options.workers);
  }
  order.state =
    std::make_shared<model_state>(s->name(), options.required, options.workers,
                                  order.admission, served_kind::handlers);
  spec_actor_config config{
    s, cell_, known, order.admission, options_.log, board_.get()};
  order.make_queue = [config](caf::actor_system& sys, placement where) {
    return spawn_placed(sys, std::move(where), spec_behavior, config);
  };
  route_target result;
  result.owner = s->name();
  result.admission = order.admission;
  result.state = inlined ? nullptr : order.state;
  result.limits.timeout = options_.timeout;
  std::tie(result.spec, result.lease) = serve(std::move(order));
  return result;
}

} // namespace troupe

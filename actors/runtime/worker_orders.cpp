#include "troupe/actors/runtime/worker_orders.hpp"

#include "troupe/actors/runtime/asking.hpp"
#include "troupe/actors/supervision/scale/scale_care.hpp"

#include <cstdint>
#include <stdexcept>

namespace troupe {

namespace {

std::string quoted_model(const std::string& name) {
  std::string result{"model \""};
  result.append(name).append("\"");
  return result;
}

void must_have_workers(const model_definition* model, const std::string& name) {
  if (model == nullptr)
    throw std::invalid_argument("there is no " + quoted_model(name));
  if (model->pipeline)
    throw std::invalid_argument(quoted_model(name) + ' '
                                + why_not_scaled(*model));
}

} // namespace

model_options order_workers(caf::actor_system& sys,
                            const supervisor_actor& supervisor,
                            const model_definition* model,
                            const std::string& name, worker_range range) {
  must_have_workers(model, name);
  auto result = model->options;
  result.workers.range(range);
  if (auto why = result.validate(); !why.empty())
    throw std::invalid_argument(quoted_model(name) + ": " + why);
  if (supervisor != nullptr)
    ask<atom::ready>(sys, quoted_model(name) + " was not scaled", supervisor,
                     atom::scale_v, name, std::uint64_t{range.min},
                     std::uint64_t{range.max});
  return result;
}

void order_revival(caf::actor_system& sys, const supervisor_actor& supervisor,
                   const model_definition* model, const std::string& name) {
  must_have_workers(model, name);
  if (supervisor == nullptr)
    throw std::runtime_error("the server does not serve yet");
  ask<atom::ready>(sys, quoted_model(name) + " was not revived", supervisor,
                   atom::revive_v, name);
}

} // namespace troupe

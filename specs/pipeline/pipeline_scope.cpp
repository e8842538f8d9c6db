#include "troupe/specs/pipeline/pipeline_scope.hpp"

#include <stdexcept>

namespace troupe {

const pipeline_value*
pipeline_scope::find(std::string_view step) const noexcept {
  for (const auto* x = named_.get(); x != nullptr; x = x->before.get())
    if (x->name == step)
      return &x->value;
  return nullptr;
}

const nlohmann::json& pipeline_scope::step(std::string_view name) const {
  const auto* found = find(name);
  if (found == nullptr || found->document() == nullptr)
    throw std::out_of_range("no step before this one gave a document under the "
                            "name \""
                            + std::string{name} + '"');
  return *found->document();
}

const nlohmann::json& pipeline_scope::item() const {
  if (item_ == nullptr)
    throw std::out_of_range("there is an item in a map only");
  return *item_;
}

std::size_t pipeline_scope::index() const {
  if (item_ == nullptr)
    throw std::out_of_range("there is an index in a map only");
  return index_;
}

void pipeline_scope::took(std::string_view name, pipeline_value x) {
  if (!name.empty())
    named_ = std::make_shared<const frame>(frame{name, x, named_});
  last_ = std::move(x);
}

void pipeline_scope::enter(std::shared_ptr<const nlohmann::json> item,
                           std::size_t index) {
  last_ = pipeline_value{item};
  item_ = std::move(item);
  index_ = index;
}

} // namespace troupe

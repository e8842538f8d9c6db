#include "troupe/specs/openai/wire/catalog.hpp"

#include "troupe/specs/openai/wire/error.hpp"

#include <algorithm>
#include <utility>

namespace troupe::openai {

catalog::catalog(std::string model, const std::vector<std::string>& aliases,
                 bool any)
  : model_(std::move(model)), any_(any) {
  if (model_.empty())
    return;
  names_.push_back(model_);
  for (const auto& x : aliases)
    if (std::find(names_.begin(), names_.end(), x) == names_.end())
      names_.push_back(x);
}

const std::string& catalog::resolve(const std::string& asked) const {
  if (asked.empty())
    return model_;
  if (any_)
    return asked;
  auto i = std::find(names_.begin(), names_.end(), asked);
  if (i == names_.end())
    throw model_not_found(asked, names_);
  return *i;
}

} // namespace troupe::openai

#include "troupe/http/caf_options.hpp"

#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/text/text.hpp"

#include <caf/all.hpp>

namespace troupe {

namespace {

/// CAF has no public list of its options.
class known_options : public caf::actor_system_config {
public:
  [[nodiscard]] const caf::config_option_set& all() const noexcept {
    return custom_options_;
  }
};

std::string unknown_option(const known_options& known,
                           const std::string& name) {
  std::vector<std::string> names;
  for (const auto& x : known.all())
    names.emplace_back(x.full_name().begin(), x.full_name().end());
  auto near = nearest_name(name, names);
  return near.empty()
           ? "CAF has no option of this name"
           : "CAF has no option of this name, did you mean \"" + near + "\"?";
}

} // namespace

std::string check_caf_options(
  const std::vector<std::pair<std::string, std::string>>& options) {
  if (options.empty())
    return {};
  known_options known;
  for (const auto& [name, value] : options) {
    auto why = name;
    why += ": ";
    const auto* option = known.all().qualified_name_lookup(
      caf::string_view{name.data(), name.size()});
    if (option == nullptr)
      return why.append(unknown_option(known, name));
    auto parsed = caf::config_value::parse(value);
    if (!parsed || option->check(*parsed)) {
      auto type = option->type_name();
      return why.append("expected ")
        .append(type.begin(), type.end())
        .append(", got ")
        .append(clipped(value));
    }
  }
  return {};
}

} // namespace troupe

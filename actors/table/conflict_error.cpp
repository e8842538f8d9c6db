#include "troupe/actors/table/conflict_error.hpp"

#include "troupe/actors/table/describe_conflict.hpp"

namespace troupe {

std::string render_conflicts(const std::vector<table_conflict>& conflicts) {
  if (conflicts.empty())
    return "no endpoint conflicts";
  auto result = std::to_string(conflicts.size()) + " endpoint conflict"
                + (conflicts.size() == 1 ? ":" : "s:");
  for (std::size_t i = 0; i < conflicts.size(); ++i) {
    const auto& x = conflicts[i];
    const auto number = std::to_string(i + 1) + ". ";
    const auto indent = '\n' + std::string(number.size() + 2, ' ');
    result += "\n  " + number + x.what;
    for (const auto* entry : {&x.first, &x.second}) {
      result += indent + "  " + owner_text(*entry);
      if (entry->kind == endpoint_kind::predict)
        result += " (predict)";
      if (!entry->origin.where.empty())
        result += " at " + entry->origin.where;
    }
    result += indent + x.way_out;
  }
  return result;
}

} // namespace troupe

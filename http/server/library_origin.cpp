#include "troupe/http/server/library_origin.hpp"

#include <utility>

namespace troupe {

namespace {

constexpr const char* let_one_win = "on_conflict = conflict_policy::keep_first "
                                    "or conflict_policy::override_earlier";

void complete(entry_origin& x, std::string where, const char* move,
              const char* off) {
  if (x.where.empty())
    x.where = std::move(where);
  if (x.move.empty() && x.off.empty() && x.policy.empty())
    x = {std::move(x.where), move, off, let_one_win};
}

} // namespace

void complete_model_origin(entry_origin& x, const std::string& model) {
  complete(x, "server.add(\"" + model + "\")",
           "model_options::predict = \"/other\"",
           "model_options::predict = std::nullopt");
}

void complete_spec_origin(entry_origin& x, const std::string& spec) {
  complete(x, "server.add(" + spec + ")", "spec::prefix = \"/other\"", "");
}

entry_origin route_origin(std::string where) {
  return {std::move(where), {}, {}, let_one_win};
}

} // namespace troupe

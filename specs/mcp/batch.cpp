#include "troupe/specs/mcp/batch.hpp"

#include "troupe/specs/mcp/tool_call.hpp"

#include <functional>
#include <optional>
#include <utility>

namespace troupe::mcp {

namespace {

using nlohmann::json;

/// Takes a response out of an answer; null for a request without one.
json response_of(reply answer) {
  auto* document = answer.body.json();
  return document == nullptr ? json{} : std::move(*document);
}

reply joined(std::vector<json> answers) {
  auto result = json::array();
  for (auto& x : answers)
    if (!x.is_null())
      result.push_back(std::move(x));
  return result.empty() ? no_answer() : json_reply(std::move(result));
}

/// Puts responses in the places that wait for one.
/// @param next gives the next response
template <class F>
reply completed(std::vector<json> answers, F next) {
  for (auto& x : answers)
    if (x.is_null())
      x = response_of(next());
  return joined(std::move(answers));
}

} // namespace

void batch::add(json answer) {
  answers_.push_back(std::move(answer));
}

void batch::add(model_call call) {
  answers_.emplace_back(nullptr);
  calls_.push_back(std::move(call));
}

outcome batch::finish() && {
  if (answers_.empty())
    return reply{202, {}, {}};
  if (calls_.empty())
    return joined(std::move(answers_));
  model_calls result;
  std::vector<std::function<reply(const failure&)>> failed;
  for (auto& call : calls_) {
    failed.push_back(call.failed);
    call.recover = [f = std::move(call.failed)](const failure& why) {
      return std::optional{f(why)};
    };
    result.calls.push_back(std::move(call));
  }
  result.calls.front().failed = [failed = std::move(failed),
                                 answers = answers_](const failure& why) {
    auto i = failed.begin();
    return completed(answers, [&] { return (*i++)(why); });
  };
  result.join = [answers = std::move(answers_)](std::vector<reply> replies) {
    auto i = replies.begin();
    return completed(answers, [&] { return std::move(*i++); });
  };
  return result;
}

} // namespace troupe::mcp

#include "troupe/specs/openai/chat/tool_calls.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe::openai {

call_assembler::part& call_assembler::part_of(const tool_call_piece& x) {
  std::uint64_t next = 0;
  for (auto& p : parts_) {
    if (p.index == x.index)
      return p;
    next = std::max(next, p.index + 1);
  }
  if (parts_.size() >= max_calls)
    throw std::runtime_error("the model's answer has more than "
                             + std::to_string(max_calls) + " tool calls");
  auto& result = parts_.emplace_back();
  result.index = x.index.value_or(next);
  return result;
}

void call_assembler::push(tool_call_piece& x) {
  auto& p = part_of(x);
  x.index = p.index;
  // Clients join all that comes, ids and names, too.
  if (!p.call.id.empty())
    x.id.clear();
  else if (x.id.empty())
    x.id = prefix_ + std::to_string(p.index);
  if (!p.call.name.empty())
    x.name.clear();
  p.call.id += x.id;
  p.call.name += x.name;
  p.assembler.push(x.arguments);
  p.has_arguments = p.has_arguments || !x.arguments.empty();
  if (keeps_)
    p.call.arguments += x.arguments;
}

void call_assembler::finish(std::vector<tool_call_piece>& last) {
  for (auto& p : parts_) {
    std::string rest;
    p.assembler.finish(rest);
    // Clients parse the arguments of a function that takes none, too.
    if (rest.empty() && !p.has_arguments)
      rest = "{}";
    if (rest.empty())
      continue;
    p.has_arguments = true;
    if (keeps_)
      p.call.arguments += rest;
    auto i = std::find_if(last.begin(), last.end(),
                          [&](const auto& x) { return x.index == p.index; });
    if (i == last.end())
      i = last.insert(i, {p.index, {}, {}, {}});
    i->arguments += rest;
  }
}

std::vector<tool_call> call_assembler::calls() const {
  std::vector<tool_call> result;
  result.reserve(parts_.size());
  for (const auto& p : parts_)
    result.push_back(p.call);
  return result;
}

} // namespace troupe::openai

#include "troupe/models/onnx/onnx_error.hpp"

#include <algorithm>
#include <string_view>

namespace troupe {

namespace {

constexpr std::size_t max_reason = 200;

/// Returns the text between two others, or "".
std::string_view between(std::string_view text, std::string_view before,
                         std::string_view after) {
  auto first = text.find(before);
  if (first == std::string_view::npos)
    return {};
  first += before.size();
  auto last = text.find(after, first);
  if (last == std::string_view::npos)
    return {};
  return text.substr(first, last - first);
}

/// Returns the text after another, or the whole without it.
std::string_view after(std::string_view text, std::string_view word) {
  auto i = text.find(word);
  return i != std::string_view::npos ? text.substr(i + word.size()) : text;
}

/// Returns whether the text is about the library's internals.
bool is_internal(std::string_view text) {
  constexpr std::string_view words[] = {
    "::", ".cc", ".h:", ".cpp", "/", "onnxruntime"};
  return std::any_of(std::begin(words), std::end(words), [&](auto x) {
    return text.find(x) != std::string_view::npos;
  });
}

bool is_printable(char c) noexcept {
  return c >= ' ' && c <= '~';
}

} // namespace

onnx_fault fault_of_run(const std::string& what) {
  for (const auto* words :
       {"bad_alloc", "bad allocation", "Failed to allocate memory",
        "is smaller than requested bytes", "out of memory"})
    if (what.find(words) != std::string::npos)
      return onnx_fault::memory;
  return onnx_fault::input;
}

std::string reason_of_run(const std::string& what) {
  // E.g. "Non-zero status code returned while running Add node. Name:''
  // Status Message: /src/element_wise_ops.h:560 void f(long) a == b was false.
  // Attempting to broadcast ..."
  auto node = between(what, "while running ", " node.");
  auto text = after(after(what, "Status Message: "), " was false. ");
  std::string result;
  if (std::all_of(node.begin(), node.end(), is_printable))
    result = node;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  if (!text.empty() && !is_internal(text)
      && std::all_of(text.begin(), text.end(), is_printable)) {
    if (!result.empty())
      result += ": ";
    result += text;
  }
  if (result.size() > max_reason)
    result = result.substr(0, max_reason - 3) + "...";
  return result;
}

} // namespace troupe

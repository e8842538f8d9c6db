#include "troupe/models/llama/llama_chat.hpp"

#include "troupe/models/llama/llama_library.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <llama.h>
#include <optional>
#include <vector>

namespace troupe {

namespace {

// -- which templates are known ------------------------------------------------

/// A template by its length and its hash (FNV-1a, 64 bits).
struct known_template {
  std::size_t size;
  std::uint64_t hash;
  /// The end token that the library writes, where the template has a variable.
  std::string_view end_token;
};

/// What scripts/check-chat-template.py prints for a template.
constexpr known_template known_templates[] = {
  // OpenHermes-2.5-Mistral-7B
  {199, 0xA41D6BAE9B9141BC, ""},
  // vicuna-13b-1.1
  {361, 0x0B96EEDEF78124FA, ""},
  // Orca-Vicuna
  {367, 0xF61250AF26B584E3, ""},
  // Llama-3
  {348, 0x74891E390E614AE2, ""},
  // Phi-3-small
  {218, 0x475FD3E16D05C1AF, ""},
  // ChatGLM3
  {247, 0xE44D93F27838891B, ""},
  // GLMEdge
  {263, 0x85F73D87563054A6, ""},
  // MiniCPM-3B-OpenHermes-2.5-v2-GGUF
  {178, 0x8AE35A95BB1326CC, ""},
  // DeepSeek-V2
  {459, 0x5111253F4AA4A502, "<｜end▁of▁sentence｜>"},
  // granite-3.0-8b-instruct
  {1185, 0x0F0E22051160BCB0, ""},
  // Mistral-Large-Instruct-2411
  {423, 0xE4A9CC594604808A, "</s>"},
  // granite-3.x, with calls of tools
  {477, 0xB755C6691D4784E9, ""},
  // Ling-lite
  {293, 0x734AF42266CA217D, ""},
  // granite-4.0, shortened
  {529, 0x97B13EDE8EF8FF30, ""},
  // granite-4.1, shortened
  {503, 0xF7F67D04E06D1CED, ""},
  // LFM2-8B-A1B
  {1349, 0x64C90FCEDE246B34, ""},
  // Qwen3-Coder
  {6148, 0x19EB9D1C93C092F3, ""},
  // granite-4.1
  {6099, 0x0CABCC19A9F80029, ""},
};

std::uint64_t hash_of(std::string_view text) noexcept {
  std::uint64_t result = 0xCBF29CE484222325;
  for (auto c : text)
    result = (result ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return result;
}

const known_template* find_known(std::string_view text) noexcept {
  const auto* end = std::end(known_templates);
  const auto* i = std::find_if(std::begin(known_templates), end,
                               [&, hash = hash_of(text)](const auto& x) {
                                 return x.size == text.size() && x.hash == hash;
                               });
  return i != end ? i : nullptr;
}

std::vector<std::string> template_names() {
  auto n = llama_chat_builtin_templates(nullptr, 0);
  std::vector<const char*> names(static_cast<std::size_t>(std::max(n, 0)));
  llama_chat_builtin_templates(names.data(), names.size());
  return {names.begin(), names.end()};
}

// -- what the library makes of a conversation ---------------------------------

std::string rendered(const std::vector<std::string>& contents,
                     std::span<const chat_turn> turns,
                     const std::string& format) {
  std::vector<llama_chat_message> messages;
  std::size_t size = 256;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    messages.push_back({turns[i].role.c_str(), contents[i].c_str()});
    size += 2 * (turns[i].role.size() + contents[i].size());
  }
  std::string result(
    std::min<std::size_t>(size, std::numeric_limits<std::int32_t>::max()),
    '\0');
  auto apply = [&] {
    return llama_chat_apply_template(format.c_str(), messages.data(),
                                     messages.size(), true, result.data(),
                                     static_cast<std::int32_t>(result.size()));
  };
  auto n = apply();
  if (n > static_cast<std::int32_t>(result.size())) {
    result.resize(static_cast<std::size_t>(n));
    n = apply();
  }
  if (n < 0)
    throw llama_error("the model's chat template is not known");
  result.resize(static_cast<std::size_t>(n));
  return result;
}

std::string_view stripped(std::string_view text) noexcept {
  while (!text.empty() && is_white_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_white_space(text.back()))
    text.remove_suffix(1);
  return text;
}

// -- where the contents are in it ---------------------------------------------

constexpr char mark_begin = '\x01';
constexpr char mark_end = '\x02';

/// A template's own text, and the turn whose content comes after it.
struct template_piece {
  std::string text = {};
  std::optional<std::size_t> turn = {};
};

/// Renders marks instead of contents, and takes the prompt apart at them.
std::vector<template_piece> pieces_of(std::span<const chat_turn> turns,
                                      const std::string& format) {
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < turns.size(); ++i)
    // Templates may look whether there is a content.
    marks.push_back(stripped(turns[i].content).empty()
                      ? turns[i].content
                      : mark_begin + std::to_string(i) + mark_end);
  auto text = rendered(marks, turns, format);
  std::vector<template_piece> result(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != mark_begin) {
      result.back().text += text[i];
      continue;
    }
    std::size_t turn = 0;
    for (++i; i < text.size() && text[i] != mark_end; ++i)
      turn = 10 * turn + static_cast<std::size_t>(text[i] - '0');
    result.back().turn = turn;
    result.emplace_back();
  }
  return result;
}

void expect_no_zero(std::span<const chat_turn> turns) {
  for (std::size_t i = 0; i < turns.size(); ++i)
    if (turns[i].content.find('\0') != std::string::npos)
      reading::at("messages", [&] {
        reading::at(i, [] {
          reading::at("content", [] {
            throw validation_error("value_error", "expected no U+0000");
          });
        });
      });
}

void expect_all_there(std::span<const chat_turn> turns,
                      const std::vector<template_piece>& pieces) {
  for (std::size_t i = 0; i < turns.size(); ++i)
    if (!stripped(turns[i].content).empty()
        && std::none_of(pieces.begin(), pieces.end(),
                        [&](const auto& x) { return x.turn == i; }))
      reading::at("messages", [&] {
        reading::at(i, [] {
          throw validation_error("value_error",
                                 "the model's chat template has no place for "
                                 "this message");
        });
      });
}

prompt_text lines_of(std::span<const chat_turn> turns) {
  prompt_text result;
  for (const auto& x : turns) {
    result.text += x.role + ": ";
    auto begin = result.text.size();
    result.text += x.content;
    result.foreign.push_back({begin, result.text.size()});
    result.text += '\n';
  }
  result.text += "assistant:";
  return result;
}

} // namespace

bool is_template_name(const std::string& name) {
  auto names = template_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string nearest_template_name(const std::string& name) {
  return nearest_name(name, template_names());
}

bool renders_exactly(std::string_view template_text,
                     std::string_view end_token) {
  const auto* known = find_known(template_text);
  return known != nullptr
         && (known->end_token.empty() || known->end_token == end_token);
}

bool may_render_exactly(std::string_view template_text) {
  return find_known(template_text) != nullptr;
}

prompt_text chat_prompt(std::span<const chat_turn> turns,
                        const std::string& format) {
  if (format == lines_format)
    return lines_of(turns);
  expect_no_zero(turns);
  std::vector<std::string> contents;
  for (const auto& x : turns)
    contents.push_back(x.content);
  prompt_text result{rendered(contents, turns, format)};
  auto pieces = pieces_of(turns, format);
  expect_all_there(turns, pieces);
  std::string_view text = result.text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    auto lost = text.substr(at, pieces[i].text.size()) != pieces[i].text;
    at += pieces[i].text.size();
    if (!pieces[i].turn) {
      if (lost || at != text.size())
        throw llama_error("cannot tell the chat template from the contents");
      break;
    }
    // Templates leave a content as it is, or trim it.
    std::string_view content = turns[*pieces[i].turn].content;
    auto follows = [&](std::string_view x) {
      return at <= text.size() && text.substr(at).starts_with(x)
             && text.substr(at + x.size()).starts_with(pieces[i + 1].text);
    };
    if (!follows(content))
      content = stripped(content);
    if (lost || !follows(content))
      throw llama_error("cannot tell the chat template from the contents");
    result.foreign.push_back({at, at + content.size()});
    at += content.size();
  }
  return result;
}

} // namespace troupe

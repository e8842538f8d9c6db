#pragma once

#include "troupe/models/llama/llama_controls.hpp"
#include "troupe/models/llama/llama_request.hpp"

#include <span>
#include <string>
#include <string_view>

namespace troupe {

/// The formats that are not templates: turns as lines `role: content`, and no
/// conversations at all.
inline constexpr std::string_view lines_format = "lines";
inline constexpr std::string_view no_chat_format = "none";

/// Returns whether llama.cpp has a template of this name (`chatml`).
[[nodiscard]] bool is_template_name(const std::string& name);

/// Returns the name that was probably meant, or "".
std::string nearest_template_name(const std::string& name);

/// Returns whether llama.cpp renders every conversation as the template says.
/// It does not run Jinja: it looks for words that are typical of the templates
/// that it knows, and mistakes many others for one of these. So only templates
/// count whose output was compared with Jinja's own, by
/// scripts/check-chat-template.py.
/// @param end_token the text of the model's end token, which some use
[[nodiscard]] bool renders_exactly(std::string_view template_text,
                                   std::string_view end_token);

/// As `renders_exactly`, for a model whose end token is not known yet.
[[nodiscard]] bool may_render_exactly(std::string_view template_text);

/// Makes a prompt of a conversation, up to where the assistant continues. The
/// contents are foreign to it.
/// @param format a template's name, a text that is rendered exactly, or
///        `lines_format`
/// @pre turns are not empty
/// @throws validation_error for a content that the template leaves out, and for
///         one with a U+0000, where the library's templates end
prompt_text chat_prompt(std::span<const chat_turn> turns,
                        const std::string& format);

} // namespace troupe

#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// Appends a server-sent event (WHATWG HTML section 9.2) whose data is a
/// document.
/// @param name of the event, `message` when it is empty; without line ends
void append_event(std::string& out, const nlohmann::json& data,
                  std::string_view name = {});

/// As `append_event`, with a text as the data, each of its lines in a field of
/// its own.
void append_text_event(std::string& out, std::string_view data,
                       std::string_view name = {});

} // namespace troupe

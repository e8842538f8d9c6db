#pragma once

#include "troupe/specs/exchange/exchange.hpp"

#include <string_view>

/// Ends of exchanges that no worker brings about.
namespace troupe {

/// Answers an exchange with this failure and gives its ticket back.
void drop(exchange& ex, errc code, std::string_view detail = {});

/// Drops the exchange if nobody wants its answer any more.
bool dropped(exchange& ex, deadline_clock::time_point now);

/// Whether somebody waits for what a worker does. What has been answered needs
/// no drain, even if its worker does not come back.
bool is_wanted(const exchange_ptr& ex);

} // namespace troupe

#pragma once

#include "troupe/specs/exchange/exchange.hpp"

#include <string_view>

/// Answers that no worker gives.
namespace troupe {

/// Fails the exchange, and gives its place back.
void drop(exchange& ex, errc code, std::string_view detail = {});

/// Drops an exchange that workers would die of.
void drop_shunned(exchange& ex);

/// Drops the exchange if nobody wants its answer any more.
bool dropped(exchange& ex, deadline_clock::time_point now);

/// Whether somebody waits for what a worker does. What has been answered needs
/// no drain, even if its worker does not come back.
bool is_wanted(const exchange_ptr& ex);

} // namespace troupe

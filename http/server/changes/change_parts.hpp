#pragma once

#include "troupe/http/admin/change_desk.hpp"
#include "troupe/http/admin/change_runner.hpp"
#include "troupe/http/admin/topology/server_view.hpp"
#include "troupe/http/builtins/front_shared.hpp"
#include "troupe/http/config_link.hpp"
#include "troupe/http/server/changes/config_watch.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// What a server needs to change while it runs.
struct change_parts {
  change_desk desk = {};
  std::shared_ptr<change_runner> runner = std::make_shared<change_runner>();
  /// Whether its thread is still inside a change.
  bool left_behind = false;
  /// Where changes by document come from; may be null.
  std::shared_ptr<config_link> link = {};
  /// How what the link reads was when it was given.
  std::string stamp = {};
  /// What the front goes by; null without one.
  std::shared_ptr<const front_shared> front = {};
  /// Null unless the link asks for it. Ends first.
  std::optional<config_watch> watch = {};
  /// Shows the server to the admin endpoints; null before these were
  /// registered.
  std::shared_ptr<server_view> view = {};
};

} // namespace troupe

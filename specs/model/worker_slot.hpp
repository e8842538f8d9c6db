#pragma once

#include "troupe/specs/model/callback.hpp"
#include "troupe/specs/text/log.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace troupe {

/// Which worker a model instance belongs to.
struct worker_slot {
  std::string model = {};
  /// From 0.
  std::uint32_t index = 0;
  std::string device = "cpu";
  log_sink log = no_log();
  /// Runs a function on the worker's thread, after what it does now. Safe
  /// from every thread; dropped when the worker is gone.
  std::function<void(std::function<void()>)> post = {};
  /// Takes what hooks `log(key, value)`; null when nobody asked.
  logged_value_sink values = {};
  /// The observers of hooks; null when there are none.
  callback_list callbacks = {};
  /// `model_options::pure`.
  bool pure = false;
};

} // namespace troupe

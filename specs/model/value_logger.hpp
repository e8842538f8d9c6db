#pragma once

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <string_view>

namespace troupe {

/// Takes what hooks gave to `context::log`; derive and override. All loggers
/// of a server are called on one thread of their own, one value after the
/// other: a slow one delays no request, but values beyond a bound are then
/// dropped and counted. What `process` throws is written to the log.
class value_logger {
public:
  virtual ~value_logger() = default;

  /// @param model which model's hook it was
  virtual void process(std::string_view model, std::string_view key,
                       const nlohmann::json& value) = 0;
};

/// Appends each value to a file as one line of JSON:
/// `{"time":"2026-11-24T09:38:12Z","model":"m","key":"loss","value":0.5}`.
class json_lines_logger final : public value_logger {
public:
  /// @throws std::runtime_error when the file cannot be opened for appending
  explicit json_lines_logger(const std::string& path);

  void process(std::string_view model, std::string_view key,
               const nlohmann::json& value) override;

private:
  std::ofstream out_;
};

} // namespace troupe

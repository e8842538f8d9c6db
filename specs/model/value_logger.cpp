#include "troupe/specs/model/value_logger.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <stdexcept>

namespace troupe {

namespace {

std::string utc_now() {
  auto now =
    std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  auto n =
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), n};
}

} // namespace

json_lines_logger::json_lines_logger(const std::string& path)
  : out_(path, std::ios::app) {
  if (!out_)
    throw std::runtime_error("cannot open \"" + path
                             + "\" to append logged values");
}

void json_lines_logger::process(std::string_view model, std::string_view key,
                                const nlohmann::json& value) {
  nlohmann::ordered_json line;
  line["time"] = utc_now();
  line["model"] = model;
  line["key"] = key;
  line["value"] = value;
  using handler = nlohmann::ordered_json::error_handler_t;
  out_ << line.dump(-1, ' ', false, handler::replace) << '\n' << std::flush;
  if (!out_) {
    out_.clear();
    throw std::runtime_error("cannot write a logged value");
  }
}

} // namespace troupe

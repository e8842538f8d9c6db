#include "troupe/specs/system/file_stamp.hpp"

#include <system_error>

namespace troupe {

std::string file_stamp(const std::filesystem::path& file) {
  std::error_code ec;
  auto time = std::filesystem::last_write_time(file, ec);
  if (ec)
    return {};
  auto result = std::to_string(time.time_since_epoch().count());
  auto size = std::filesystem::file_size(file, ec);
  if (!ec)
    result.append("/").append(std::to_string(size));
  return result;
}

} // namespace troupe

#include "troupe/specs/values/file_source.hpp"

#include "troupe/specs/values/error.hpp"

#include <algorithm>
#include <cerrno>
#include <ios>
#include <stdexcept>
#include <system_error>

namespace troupe {

file_source::file_source(const std::filesystem::path& path) : path_(path) {
  auto fail = [&](const std::string& why) {
    std::string text{"cannot read the file "};
    throw std::runtime_error(text.append(path.string() + ": " + why));
  };
  // Asked first: to open a pipe would wait for its writer.
  std::error_code ec;
  auto kind = std::filesystem::status(path, ec).type();
  if (kind == std::filesystem::file_type::none)
    fail(ec.message());
  if (kind != std::filesystem::file_type::regular)
    throw http_error(404, "Not Found");
  // We read in large pieces.
  file_.pubsetbuf(nullptr, 0);
  errno = 0;
  if (file_.open(path, std::ios::in | std::ios::binary) == nullptr)
    fail(std::generic_category().message(errno));
  auto end = file_.pubseekoff(0, std::ios::end, std::ios::in);
  if (end < 0)
    fail("its size is not known");
  size_ = static_cast<std::uint64_t>(end);
}

bool file_source::read(std::uint64_t offset, std::size_t max,
                       std::string& out) noexcept {
  try {
    out.resize(static_cast<std::size_t>(
      std::min<std::uint64_t>(max, size_ - std::min(offset, size_))));
    if (file_.pubseekpos(static_cast<std::streamoff>(offset), std::ios::in) < 0)
      return false;
    auto want = static_cast<std::streamsize>(out.size());
    return file_.sgetn(out.data(), want) == want;
  } catch (const std::exception&) {
    return false;
  }
}

} // namespace troupe

#include "troupe/models/python/worker_archive.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace troupe {

namespace {

/// Writes all of it; returns false and leaves errno when that fails.
bool write_all(int fd, std::string_view left) {
  while (!left.empty()) {
    auto n = ::write(fd, left.data(), left.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// A name for a version of the archive: FNV-1a of its bytes.
std::string name_of(std::string_view archive) {
  std::uint64_t hash = 14695981039346656037U;
  for (auto x : archive)
    hash = (hash ^ static_cast<unsigned char>(x)) * 1099511628211U;
  std::array<char, 16> digits{};
  constexpr int hexadecimal = 16;
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash,
                           hexadecimal)
               .ptr;
  return "python-" + std::string{digits.data(), end} + ".zip";
}

[[noreturn]] void refuse_folder(const std::string& folder, const char* why) {
  throw std::runtime_error("the Python packages cannot be written to " + folder
                           + ": " + why);
}

} // namespace

std::shared_ptr<const unique_fd> python_worker_file() {
  auto result = std::make_shared<unique_fd>(
    ::memfd_create("troupe-python-worker", MFD_CLOEXEC));
  if (!write_all(result->get(), python_worker_archive()))
    throw std::system_error(errno, std::system_category(),
                            "the Python worker cannot be unpacked");
  return result;
}

std::string unpack_python_worker(const std::string& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code)
    refuse_folder(folder, code.message().c_str());
  const auto archive = python_worker_archive();
  auto file = std::filesystem::absolute(folder) / name_of(archive);
  if (std::filesystem::file_size(file, code) == archive.size() && !code)
    return file.string();
  // Another process may do the same: a file of that name is always complete.
  auto part = file.string() + ".XXXXXX";
  unique_fd fd{::mkostemp(part.data(), O_CLOEXEC)};
  if (!fd || !write_all(fd.get(), archive)
      || ::rename(part.c_str(), file.c_str()) != 0) {
    const auto* why = std::strerror(errno);
    if (fd)
      ::unlink(part.c_str());
    refuse_folder(folder, why);
  }
  return file.string();
}

} // namespace troupe

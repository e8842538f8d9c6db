#include "troupe/http/wire/body_spool.hpp"

#include "troupe/http/wire/free_text.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <stdlib.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace troupe {

namespace {

constexpr std::size_t piece = 64UL * 1024;

} // namespace

body_spool::body_spool(std::string directory)
  : directory_(std::move(directory)) {
  // nop
}

body_spool::~body_spool() {
  if (fd_ >= 0)
    ::close(fd_);
}

bool body_spool::fail(std::string_view what) {
  errno_ = errno;
  error_ = "cannot keep a large body on disk: ";
  error_.append(what).append(directory_).append(": ");
  error_ += std::generic_category().message(errno_);
  return false;
}

bool body_spool::open() {
  if (directory_.empty()) {
    std::error_code ec;
    directory_ = std::filesystem::temp_directory_path(ec).string();
    if (ec) {
      errno = ec.value();
      return fail("no directory for temporary files");
    }
  }
  auto name = directory_ + "/troupe-XXXXXX";
  fd_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd_ < 0)
    return fail("no file in ");
  ::unlink(name.c_str());
  return true;
}

bool body_spool::append(std::string_view bytes) {
  if (!error_.empty())
    return false;
  waiting_.append(bytes);
  return waiting_.size() < piece || flush();
}

bool body_spool::flush() {
  if (fd_ < 0 && !open())
    return false;
  std::string_view rest{waiting_};
  while (!rest.empty()) {
    auto n = ::write(fd_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return fail("no room in ");
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  size_ += waiting_.size();
  waiting_.clear();
  return true;
}

std::optional<shared_bytes> body_spool::finish() {
  if (!error_.empty() || !flush())
    return std::nullopt;
  free_text(waiting_);
  if (size_ == 0)
    return shared_bytes{};
  auto* memory = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd_, 0);
  if (memory == MAP_FAILED) {
    fail("cannot map a file in ");
    return std::nullopt;
  }
  std::string_view view{static_cast<const char*>(memory), size_};
  std::shared_ptr<const void> owner{
    view.data(), [memory, n = size_](const void*) { ::munmap(memory, n); }};
  return shared_bytes{std::move(owner), view};
}

bool body_spool::out_of_room() const noexcept {
  return errno_ == ENOSPC || errno_ == EDQUOT || errno_ == EFBIG;
}

} // namespace troupe

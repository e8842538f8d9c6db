#include "troupe/models/process/frame_channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace troupe {

namespace {

constexpr int wanted_seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
constexpr std::size_t read_size = 65'536;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

void write_at(int fd, std::string_view bytes, std::size_t offset) {
  while (!bytes.empty()) {
    auto n =
      ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      throw_errno("a memory file cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::size_t>(n);
  }
}

/// Makes the sealed memory file of a frame.
unique_fd make_file(const worker::outgoing_frame& x) {
  unique_fd fd{::memfd_create("troupe-frame", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!fd)
    throw_errno("cannot make a memory file");
  if (::ftruncate(fd.get(), static_cast<off_t>(x.file_size())) != 0)
    throw_errno("a memory file cannot be made that large");
  for (const auto& part : x.file_parts())
    write_at(fd.get(), part.bytes, part.offset);
  if (::fcntl(fd.get(), F_ADD_SEALS, wanted_seals | F_SEAL_SEAL) != 0)
    throw_errno("a memory file cannot be sealed");
  return fd;
}

/// Maps a memory file that the far side made.
shared_bytes map_file(const unique_fd& fd) {
  auto seals = ::fcntl(fd.get(), F_GET_SEALS);
  if (seals < 0 || (seals & wanted_seals) != wanted_seals)
    throw worker::protocol_error("a memory file is not sealed");
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0)
    throw worker::protocol_error("a memory file has no size");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0)
    return {};
  // Linux before 6.7 cannot map a file as shared that is sealed against
  // writing.
  auto* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (at == MAP_FAILED)
    throw worker::protocol_error("a memory file cannot be mapped");
  std::shared_ptr<const void> owner{at, [size](void* p) { ::munmap(p, size); }};
  return {std::move(owner), {static_cast<const char*>(at), size}};
}

/// What `sendmsg` needs to pass one descriptor.
struct fd_message {
  explicit fd_message(int fd) {
    auto* header = reinterpret_cast<cmsghdr*>(bytes.data());
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof(int));
  }

  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

} // namespace

void unique_fd::reset(int fd) noexcept {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = fd;
}

// -- sending ------------------------------------------------------------------

bool frame_channel::send(const worker::outgoing_frame& x) {
  auto blocked = false;
  std::unique_lock guard{send_mutex_};
  return send_locked(x, 0, blocked);
}

bool frame_channel::try_send(const worker::outgoing_frame& x) {
  std::unique_lock guard{send_mutex_, std::try_to_lock};
  if (!guard)
    return false;
  auto blocked = false;
  send_locked(x, MSG_DONTWAIT, blocked);
  // The thread that reads notices when the far side is gone.
  return !blocked;
}

/// @param blocked whether nothing was sent, because it would have had to wait
bool frame_channel::send_locked(const worker::outgoing_frame& x, int flags,
                                bool& blocked) {
  std::vector<iovec> pieces;
  pieces.reserve(1 + x.inline_parts().size());
  auto add = [&pieces](std::string_view bytes) {
    pieces.push_back({const_cast<char*>(bytes.data()), bytes.size()});
  };
  add(x.head());
  for (auto part : x.inline_parts())
    if (!part.empty())
      add(part);
  unique_fd file;
  std::optional<fd_message> control;
  if (!x.file_parts().empty()) {
    file = make_file(x);
    control.emplace(file.get());
  }
  auto* at = pieces.data();
  auto left = pieces.size();
  while (left > 0) {
    msghdr message{};
    message.msg_iov = at;
    message.msg_iovlen = std::min<std::size_t>(left, IOV_MAX);
    if (control) {
      message.msg_control = control->bytes.data();
      message.msg_controllen = control->bytes.size();
    }
    auto n = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | flags);
    if (n < 0) {
      if (errno == EINTR)
        continue;
      blocked = errno == EAGAIN || errno == EWOULDBLOCK;
      return false;
    }
    // What is begun is sent whole; the descriptor went with the first byte.
    flags = 0;
    control.reset();
    auto sent = static_cast<std::size_t>(n);
    while (left > 0 && sent >= at->iov_len) {
      sent -= at->iov_len;
      ++at;
      --left;
    }
    if (left > 0) {
      at->iov_base = static_cast<char*>(at->iov_base) + sent;
      at->iov_len -= sent;
    }
  }
  return true;
}

void frame_channel::end_sending() noexcept {
  ::shutdown(socket_.get(), SHUT_WR);
}

// -- receiving ----------------------------------------------------------------

frame_channel::received frame_channel::receive() {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  const auto old = buffer_.size();
  buffer_.resize(old + read_size);
  // More than one descriptor comes when the far side sends what it must not.
  alignas(cmsghdr) std::array<char, CMSG_SPACE(16 * sizeof(int))> control{};
  iovec piece{buffer_.data() + old, read_size};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  auto n = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  buffer_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  if (n < 0)
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
             ? received::nothing
             : received::end;
  for (auto* x = CMSG_FIRSTHDR(&message); x != nullptr;
       x = CMSG_NXTHDR(&message, x)) {
    if (x->cmsg_level != SOL_SOCKET || x->cmsg_type != SCM_RIGHTS)
      continue;
    const auto count = (x->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      auto fd = -1;
      std::memcpy(&fd, CMSG_DATA(x) + i * sizeof(int), sizeof(int));
      files_.emplace_back(fd);
    }
  }
  constexpr std::size_t most_files = 256;
  if ((message.msg_flags & MSG_CTRUNC) != 0 || files_.size() > most_files)
    throw worker::protocol_error("more descriptors than frames");
  return n > 0 ? received::something : received::end;
}

std::optional<worker::incoming_frame> frame_channel::next() {
  auto there = std::string_view{buffer_}.substr(begin_);
  if (there.size() < worker::prefix_size)
    return std::nullopt;
  auto [header_size, inline_size] = worker::read_prefix(there);
  const auto size = worker::prefix_size + header_size + inline_size;
  if (there.size() < size) {
    // Not in steps that copy it again and again.
    if (begin_ == 0)
      buffer_.reserve(size + read_size);
    return std::nullopt;
  }
  auto header = there.substr(worker::prefix_size, header_size);
  worker::incoming_frame result{
    header,
    std::string{there.substr(worker::prefix_size + header_size, inline_size)}};
  begin_ += size;
  if (result.wants_file())
    result.attach(take_file());
  return result;
}

shared_bytes frame_channel::take_file() {
  if (files_.empty())
    throw worker::protocol_error("a memory file did not come");
  auto fd = std::move(files_.front());
  files_.pop_front();
  return map_file(fd);
}

bool wait_readable(int fd, int other,
                   std::optional<std::chrono::milliseconds> timeout) {
  std::array<pollfd, 2> fds{pollfd{fd, POLLIN, 0}, pollfd{other, POLLIN, 0}};
  auto wait =
    timeout
      ? static_cast<int>(std::min<std::int64_t>(timeout->count(), 1'000'000))
      : -1;
  return ::poll(fds.data(), fds.size(), wait) > 0;
}

} // namespace troupe

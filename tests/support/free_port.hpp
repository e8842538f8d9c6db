#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe {

/// A port that is free, outside the range from which clients get theirs.
inline std::uint16_t free_port() {
  std::random_device random;
  for (;;) {
    auto port = static_cast<std::uint16_t>(15'000 + random() % 15'000);
    auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto free =
      ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    ::close(fd);
    if (free)
      return port;
  }
}

} // namespace troupe

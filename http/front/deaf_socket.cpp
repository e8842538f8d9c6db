#include "troupe/http/front/deaf_socket.hpp"

#include <array>
#include <cstdint>
#include <linux/filter.h>
#include <sys/socket.h>

namespace troupe {

void make_deaf(int listening_socket) noexcept {
  // The filter sees segments from their TCP header on (RFC 9293 section 3.1):
  // the flags are in byte 13. A SYN without ACK begins a connection.
  constexpr std::uint32_t flags_at = 13;
  constexpr std::uint32_t syn = 0x02;
  constexpr std::uint32_t syn_and_ack = 0x12;
  constexpr std::uint32_t all = 0xFFFFFFFF;
  std::array<sock_filter, 5> program{{
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags_at),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn_and_ack),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 0),
    BPF_STMT(BPF_RET | BPF_K, all),
  }};
  const sock_fprog filter{program.size(), program.data()};
  ::setsockopt(listening_socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
               sizeof(filter));
}

} // namespace troupe

#include "troupe/models/process/frame_channel.hpp"
#include "troupe/tests/models/process/channel_pair.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

namespace troupe {

namespace {

/// Sends bytes as they are, with a descriptor if there is one.
void send_raw(const frame_channel& to, std::string_view bytes, int fd = -1) {
  iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (fd >= 0) {
    auto* header = reinterpret_cast<cmsghdr*>(control.data());
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof(int));
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
  ASSERT_EQ(::sendmsg(to.fd(), &message, MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

worker::outgoing_frame with_part(std::string_view bytes) {
  worker::outgoing_frame result{"x"};
  result.add_part(bytes);
  result.close();
  return result;
}

} // namespace

TEST(frame_channel, passes_frames_in_order) {
  channel_pair pair;
  for (std::uint64_t id = 1; id <= 100; ++id)
    ASSERT_TRUE(pair.here.send(plain_frame("x", id)));
  for (std::uint64_t id = 1; id <= 100; ++id) {
    auto frame = next_frame(pair.there);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->header()["id"], id);
  }
}

TEST(frame_channel, passes_large_parts_mapped_and_small_ones_between_them) {
  channel_pair pair;
  const std::string large(5'000'000, 'l');
  std::thread sender{[&] {
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(pair.here.send(with_part("small")));
      EXPECT_TRUE(pair.here.send(with_part(large)));
    }
  }};
  for (int i = 0; i < 10; ++i) {
    auto small = next_frame(pair.there);
    ASSERT_TRUE(small);
    EXPECT_EQ(small->part(0), "small");
    auto frame = next_frame(pair.there);
    ASSERT_TRUE(frame);
    auto mapped = frame->mapped_part(0);
    frame.reset();
    EXPECT_EQ(mapped.view(), large) << "it outlives its frame";
  }
  sender.join();
}

TEST(frame_channel, passes_a_frame_larger_than_the_socket_takes_at_once) {
  channel_pair pair;
  const std::string header(3'000'000, 'h');
  std::thread sender{[&] {
    worker::outgoing_frame frame{"x"};
    frame.text("text", header);
    frame.close();
    EXPECT_TRUE(pair.here.send(frame));
  }};
  auto frame = next_frame(pair.there);
  sender.join();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->header()["text"], header);
}

TEST(frame_channel, knows_when_the_far_side_is_gone) {
  channel_pair pair;
  pair.there.end_sending();
  EXPECT_FALSE(next_frame(pair.here));
  ::shutdown(pair.there.fd(), SHUT_RDWR);
  EXPECT_FALSE(next_frame(pair.here));
  EXPECT_FALSE(pair.here.send(plain_frame("x")));
}

TEST(frame_channel, does_not_wait_when_it_must_not) {
  channel_pair pair;
  int sent = 0;
  while (sent < 1'000'000 && pair.here.try_send(plain_frame("x", 1)))
    ++sent;
  EXPECT_LT(sent, 1'000'000) << "the socket is full";
  for (int i = 0; i < sent; ++i)
    ASSERT_TRUE(next_frame(pair.there)) << i;
  EXPECT_TRUE(pair.here.try_send(plain_frame("x", 1)));
}

TEST(frame_channel, refuses_a_memory_file_that_may_change) {
  channel_pair pair;
  unique_fd file{::memfd_create("x", MFD_CLOEXEC)};
  ASSERT_EQ(::ftruncate(file.get(), 100'000), 0);
  send_raw(pair.here, with_part(std::string(100'000, 'x')).head(), file.get());
  EXPECT_THROW(next_frame(pair.there), worker::protocol_error);
}

TEST(frame_channel, refuses_a_frame_whose_memory_file_did_not_come) {
  channel_pair pair;
  send_raw(pair.here, with_part(std::string(100'000, 'x')).head());
  EXPECT_THROW(next_frame(pair.there), worker::protocol_error);
}

TEST(frame_channel, refuses_what_is_no_frame) {
  channel_pair pair;
  send_raw(pair.here, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_THROW(next_frame(pair.there), worker::protocol_error);
}

} // namespace troupe

#include "troupe/http/connection/response_writer.hpp"
#include "troupe/tests/support/http_client.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;
using sent = response_writer::progress;

class response_writer_test : public ::testing::Test {
public:
  response_writer_test() {
    acceptor.open(tcp::v4());
    acceptor.bind({boost::asio::ip::address_v4::loopback(), 0});
    acceptor.listen();
    peer = std::make_unique<http_client>(acceptor.local_endpoint().port());
    acceptor.accept(socket);
    socket.non_blocking(true);
    frame.date = "now";
    frame.request_id_header = "X-Request-Id";
  }

  /// A stream that began, and its pipe.
  std::shared_ptr<stream_pipe>
  begin_stream(const char* type, std::chrono::milliseconds heartbeat = 0ms) {
    wire_reply head;
    head.content_type = type;
    auto pipe =
      std::make_shared<stream_pipe>(stream_pipe::bounds{.credit = 100'000});
    writer.begin_stream(frame, head, pipe, heartbeat, now);
    return pipe;
  }

  boost::asio::io_context context;
  tcp::acceptor acceptor{context};
  tcp::socket socket{context};
  std::unique_ptr<http_client> peer;
  connection_limits limits;
  response_writer writer{socket, limits};
  response_frame frame;
  response_writer::time_point now = timer_wheel::clock::now();
};

TEST_F(response_writer_test, sends_whole_answers_one_after_another) {
  for (auto* text : {"one", "two"}) {
    wire_reply answer;
    answer.status = 201;
    answer.content_type = "text/plain";
    answer.body = text;
    writer.begin(frame, std::move(answer), now);
    EXPECT_EQ(writer.send(), sent::complete);
    EXPECT_EQ(writer.status(), 201);
    auto r = peer->read();
    EXPECT_EQ(r.status, 201);
    EXPECT_EQ(r.body, text);
  }
  EXPECT_EQ(writer.due(), response_writer::time_point::max());
}

TEST_F(response_writer_test, sends_a_file_and_says_when_it_cannot) {
  temp_dir dir;
  auto path = dir.write("a", std::string(100'000, 'x'));
  auto begin = [&] { writer.begin(frame, to_wire(file_reply(path)), now); };
  begin();
  EXPECT_EQ(writer.send(), sent::complete);
  EXPECT_EQ(peer->read().body.size(), 100'000U);
  begin();
  std::filesystem::resize_file(path, 10);
  EXPECT_EQ(writer.send(), sent::broken);
  EXPECT_TRUE(
    writer.error().starts_with("cannot read the rest of " + path.string()));
}

TEST_F(response_writer_test, waits_for_the_producer_and_ends_with_the_stream) {
  auto pipe = begin_stream("application/x-ndjson");
  EXPECT_TRUE(writer.sends(pipe));
  EXPECT_TRUE(writer.open());
  pipe->put("2\r\n1\n\r\n", false);
  EXPECT_EQ(writer.send(), sent::starved);
  EXPECT_EQ(writer.send(), sent::starved);
  writer.end_stream({"0\r\n\r\n"}, now);
  EXPECT_FALSE(writer.open());
  EXPECT_EQ(writer.send(), sent::complete);
  auto r = peer->read();
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.body, "1\n");
}

TEST_F(response_writer_test, cuts_a_stream_that_failed_after_its_record) {
  auto pipe = begin_stream("application/x-ndjson");
  stream_end end;
  end.last = "2\r\n!\n\r\n";
  end.cut = true;
  writer.end_stream(std::move(end), now);
  EXPECT_EQ(writer.send(), sent::cut);
  socket.close();
  auto r = peer->read();
  EXPECT_FALSE(r.complete);
  EXPECT_EQ(r.body, "!\n");
}

TEST_F(response_writer_test, keeps_a_silent_event_stream_alive) {
  auto pipe = begin_stream("text/event-stream", 10ms);
  EXPECT_TRUE(writer.heartbeat_due(now + 10ms));
  EXPECT_FALSE(writer.heartbeat_due(now + 9ms));
  writer.add_heartbeat();
  EXPECT_EQ(writer.send(), sent::starved);
  EXPECT_EQ(writer.due(), writer.last_progress() + 10ms);
  pipe->put("6\r\ndata\n\n\r\n", false);
  writer.end_stream({"0\r\n\r\n"}, now);
  EXPECT_EQ(writer.due(), response_writer::time_point::max());
  EXPECT_EQ(writer.send(), sent::complete);
  EXPECT_EQ(peer->read().body, ":\n\ndata\n\n");
}

TEST_F(response_writer_test, has_no_heartbeat_among_lines) {
  auto pipe = begin_stream("application/x-ndjson", 10ms);
  EXPECT_EQ(writer.send(), sent::starved);
  EXPECT_EQ(writer.due(), response_writer::time_point::max());
}

TEST_F(response_writer_test, stands_still_for_a_reader_that_takes_nothing) {
  limits.write_timeout = 1000ms;
  wire_reply answer;
  answer.body.assign(64UL * 1024 * 1024, 'x');
  writer.begin(frame, std::move(answer), now);
  EXPECT_EQ(writer.send(), sent::blocked);
  EXPECT_TRUE(writer.waits());
  EXPECT_TRUE(writer.stalled());
  EXPECT_EQ(writer.due(), writer.last_progress() + 1000ms);
  EXPECT_FALSE(writer.gave_up(writer.last_progress()));
  EXPECT_TRUE(writer.gave_up(writer.last_progress() + 1000ms));
  writer.resume(now + 1ms);
  EXPECT_FALSE(writer.waits());
  EXPECT_FALSE(writer.stalled());
}

TEST_F(response_writer_test, gives_a_reader_who_is_hurried_one_time_for_all) {
  limits.write_timeout = 1000ms;
  auto pipe = begin_stream("application/x-ndjson");
  pipe->put(std::string(64UL * 1024 * 1024, 'x'), false);
  EXPECT_EQ(writer.send(), sent::blocked);
  stream_end end;
  end.cut = true;
  end.hurried = true;
  writer.end_stream(std::move(end), now);
  // It takes something, but not all.
  writer.resume(now + 500ms);
  EXPECT_EQ(writer.due(), now + 1000ms);
  EXPECT_FALSE(writer.gave_up(now + 999ms));
  EXPECT_TRUE(writer.gave_up(now + 1000ms));
  writer.drop();
  EXPECT_EQ(writer.due(), response_writer::time_point::max());
}

TEST_F(response_writer_test, gives_others_a_turn_while_a_file_is_sent) {
  temp_dir dir;
  auto path = dir.write("a", std::string(1'000'000, 'x'));
  writer.begin(frame, to_wire(file_reply(path)), now);
  auto got = writer.send();
  // The kernel may have taken less before.
  EXPECT_TRUE(got == sent::turn_over || got == sent::blocked);
  EXPECT_TRUE(writer.waits());
}

TEST_F(response_writer_test, sends_no_body_to_head) {
  frame.head_only = true;
  wire_reply answer;
  answer.body = "12345";
  writer.begin(frame, std::move(answer), now);
  EXPECT_EQ(writer.send(), sent::complete);
  socket.close();
  auto r = peer->read(true);
  EXPECT_EQ(r.header("Content-Length"), "5");
  EXPECT_TRUE(peer->closed());
}

TEST_F(response_writer_test, tells_the_producer_when_it_is_dropped) {
  auto pipe = begin_stream("application/x-ndjson");
  writer.drop();
  EXPECT_EQ(pipe->put("x", false), stream_pipe::result::closed);
  EXPECT_FALSE(writer.open());
}

TEST_F(response_writer_test, notices_a_broken_socket) {
  socket.close();
  writer.begin(frame, {}, now);
  EXPECT_EQ(writer.send(), sent::broken);
  EXPECT_EQ(writer.error(), "");
}

} // namespace

} // namespace troupe

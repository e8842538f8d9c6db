// Answers made on the spot; what comes from exchanges is in
// connection_work_test.cpp and connection_time_test.cpp.
#include "troupe/http/connection/responder.hpp"
#include "troupe/http/embedded.hpp"
#include "troupe/tests/support/http_client.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using boost::asio::ip::tcp;

/// Writes down what the responder asks for.
class noting_reader final : public responder::reader {
public:
  void on_answered(bool keep_alive) override {
    notes += keep_alive ? "answered; " : "answered, the last; ";
  }
  void close() override {
    notes += "close; ";
  }
  void await_socket() override {
    notes += "await socket; ";
  }
  void await_turn() override {
    notes += "await turn; ";
  }
  void wake_at(timer_wheel::time_point at) override {
    wakes_at = at;
  }
  bool owes_answers() override {
    return owes;
  }

  bool at_end() const override {
    return ended;
  }
  std::uint64_t received() const override {
    return 0;
  }
  std::shared_ptr<connection> share() override {
    return nullptr;
  }

  std::string notes;
  timer_wheel::time_point wakes_at = timer_wheel::time_point::max();
  bool ended = false;
  bool owes = false;
};

class responder_test : public ::testing::Test {
public:
  responder_test() {
    prepare(config);
    system = std::make_unique<caf::actor_system>(config);
    shared = std::make_shared<front_shared>();
    shared->board = std::make_shared<status_board>();
    io = std::make_shared<io_thread>(*system, shared);
    acceptor.open(tcp::v4());
    acceptor.bind({boost::asio::ip::address_v4::loopback(), 0});
    acceptor.listen();
    peer = std::make_unique<http_client>(acceptor.local_endpoint().port());
    acceptor.accept(socket);
    socket.non_blocking(true);
    tested = std::make_unique<responder>(reader, *io, socket);
  }

  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<front_shared> shared;
  std::shared_ptr<io_thread> io;
  boost::asio::io_context context;
  tcp::acceptor acceptor{context};
  tcp::socket socket{context};
  std::unique_ptr<http_client> peer;
  noting_reader reader;
  std::unique_ptr<responder> tested;
};

TEST_F(responder_test, answers_on_the_spot) {
  EXPECT_FALSE(tested->has_scope());
  tested->begin(nullptr, "my-id");
  tested->answer(text_reply("hello"), "");
  EXPECT_EQ(reader.notes, "answered; ");
  auto r = peer->read();
  EXPECT_EQ(r.body, "hello");
  EXPECT_EQ(r.header("X-Request-Id"), "my-id");
  EXPECT_FALSE(r.closes());
  EXPECT_EQ(shared->board->traffic.finished.load(), 1U);
  tested->clear();
  EXPECT_FALSE(tested->has_scope());
}

TEST_F(responder_test, leaves_nothing_of_one_request_to_the_next) {
  auto& first = tested->begin(nullptr, "1");
  first.keep_alive = false;
  first.http_11 = false;
  first.head_only = true;
  first.heartbeat = std::chrono::milliseconds{1};
  tested->answer(text_reply("first"), "");
  EXPECT_TRUE(peer->read(true).closes());
  tested->clear();
  auto& second = tested->begin(nullptr, "2");
  EXPECT_TRUE(second.keep_alive);
  EXPECT_EQ(second.heartbeat.count(), 0);
  tested->answer(text_reply("second"), "");
  auto r = peer->read();
  EXPECT_EQ(r.body, "second");
  EXPECT_FALSE(r.closes());
  EXPECT_EQ(reader.notes, "answered, the last; answered; ");
}

TEST_F(responder_test,
       says_close_when_the_input_has_ended_or_the_server_drains) {
  reader.ended = true;
  tested->begin(nullptr, "1");
  tested->answer(text_reply("a"), "");
  EXPECT_TRUE(peer->read().closes());
  tested->clear();
  reader.ended = false;
  io->begin_draining();
  tested->begin(nullptr, "2");
  tested->answer(text_reply("b"), "");
  EXPECT_TRUE(peer->read().closes());
  EXPECT_EQ(reader.notes, "answered, the last; answered, the last; ");
}

TEST_F(responder_test, compresses_for_clients_that_accept_it) {
  tested->begin(nullptr, "1");
  tested->answer(text_reply(std::string(5'000, 'x')), "gzip");
  EXPECT_EQ(peer->read().header("Content-Encoding"), "gzip");
}

TEST_F(responder_test, waits_for_a_slow_reader_and_gives_it_up) {
  shared->options.limits.write_timeout = std::chrono::milliseconds{0};
  tested->begin(nullptr, "1");
  tested->answer(text_reply(std::string(64UL * 1024 * 1024, 'x')), "");
  EXPECT_EQ(reader.notes, "await socket; ");
  EXPECT_LE(reader.wakes_at, timer_wheel::clock::now());
  tested->on_timer();
  EXPECT_EQ(reader.notes, "await socket; close; ");
  tested->abandon();
  tested->go_on(false);
  EXPECT_EQ(reader.notes, "await socket; close; ") << "it is over";
}

} // namespace

} // namespace troupe

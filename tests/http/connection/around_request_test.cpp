#include "troupe/http/connection/around_request.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace troupe {

namespace {

/// Writes down what is called.
class noting_middleware final : public middleware {
public:
  noting_middleware(std::string name, std::string& notes)
    : name_(std::move(name)), notes_(notes) {
    // nop
  }

  std::optional<reply> before(request& req) override {
    notes_ += "before " + name_ + "; ";
    if (req.path == "/answer-" + name_)
      return text_reply("own");
    if (req.path == "/throw-" + name_)
      throw std::runtime_error("broken");
    return std::nullopt;
  }

  void after(const request& req, reply_head& head) override {
    notes_ += "after " + name_ + " of " + req.path + "; ";
    head.headers.add("X-" + name_, "1");
    head.status = 299;
  }

private:
  std::string name_;
  std::string& notes_;
};

class noting_callback final : public callback {
public:
  explicit noting_callback(std::string& notes) : notes_(notes) {
    // nop
  }

  void on_request(const request& req, std::size_t active) override {
    notes_ += "request " + req.path + ' ' + std::to_string(active) + "; ";
  }

  void on_response(const request& req, int status,
                   std::chrono::nanoseconds) override {
    notes_ += "response " + req.path + ' ' + std::to_string(status) + "; ";
  }

private:
  std::string& notes_;
};

class around_request_test : public ::testing::Test {
public:
  around_request_test() {
    shared.board = std::make_shared<status_board>();
    req.path = "/a";
  }

  void add_middlewares() {
    for (auto* name : {"one", "two"})
      shared.middleware.push_back(
        std::make_shared<noting_middleware>(name, notes));
  }

  void add_callback() {
    shared.callbacks =
      std::make_shared<const std::vector<std::shared_ptr<callback>>>(
        std::vector<std::shared_ptr<callback>>{
          std::make_shared<noting_callback>(notes)});
  }

  std::string notes;
  front_shared shared;
  std::unique_ptr<request> copy;
  request req;
};

TEST_F(around_request_test, costs_nothing_when_nothing_is_configured) {
  around_request tested{shared, copy};
  EXPECT_EQ(tested.enter(req).index(), 0U);
  tested.begin(req);
  wire_reply answer;
  tested.leave(answer, false, deadline_clock::now());
  tested.end(200);
  EXPECT_EQ(copy, nullptr);
  EXPECT_EQ(answer.status, 200);
}

TEST_F(around_request_test, enters_in_order_and_leaves_in_reverse) {
  add_middlewares();
  around_request tested{shared, copy};
  EXPECT_EQ(tested.enter(req).index(), 0U);
  req.path = "/changed later";
  wire_reply answer;
  tested.leave(answer, false, deadline_clock::now());
  tested.leave(answer, false, deadline_clock::now());
  EXPECT_EQ(notes,
            "before one; before two; after two of /a; after one of /a; ");
  EXPECT_EQ(answer.status, 299);
  EXPECT_EQ(answer.headers.size(), 2U);
}

TEST_F(around_request_test, shows_a_broken_request_to_nobody_who_did_not_ask) {
  add_middlewares();
  around_request tested{shared, copy};
  tested.enter_broken(req);
  wire_reply answer;
  tested.leave(answer, false, deadline_clock::now());
  EXPECT_EQ(notes, "");
}

TEST_F(around_request_test, leaves_the_status_of_a_stream) {
  add_middlewares();
  around_request tested{shared, copy};
  tested.enter(req);
  wire_reply head;
  tested.leave(head, true, deadline_clock::now());
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.size(), 2U);
}

TEST_F(around_request_test, stops_at_the_first_that_answers) {
  add_middlewares();
  req.path = "/answer-two";
  around_request tested{shared, copy};
  auto result = tested.enter(req);
  ASSERT_TRUE(std::holds_alternative<reply>(result));
  wire_reply answer;
  tested.leave(answer, false, deadline_clock::now());
  EXPECT_EQ(notes, "before one; before two; after one of /answer-two; ");
}

TEST_F(around_request_test, tells_what_one_threw) {
  add_middlewares();
  std::string logged;
  shared.log = [&](log_level, std::string_view text) { logged = text; };
  req.path = "/throw-one";
  around_request tested{shared, copy};
  auto result = tested.enter(req);
  ASSERT_TRUE(std::holds_alternative<failure>(result));
  EXPECT_EQ(std::get<failure>(result).code, errc::internal);
  EXPECT_EQ(logged, "a middleware threw: broken");
}

TEST_F(around_request_test, tells_callbacks_once_of_each_end) {
  add_callback();
  {
    around_request tested{shared, copy};
    tested.enter(req);
    tested.end(404);
    tested.begin(req);
    EXPECT_EQ(shared.board->traffic.active.load(), 1U);
    req.path = "/moved on";
    tested.end(200);
    tested.end(499);
  }
  EXPECT_EQ(notes, "request /a 1; response /a 200; ");
  EXPECT_EQ(shared.board->traffic.active.load(), 0U);
  const auto* memory = copy.get();
  req.path = "/b";
  around_request next{shared, copy};
  next.begin(req);
  EXPECT_EQ(copy.get(), memory) << "it serves all requests";
  next.end(500);
  EXPECT_TRUE(notes.ends_with("request /b 1; response /b 500; "));
}

} // namespace

} // namespace troupe

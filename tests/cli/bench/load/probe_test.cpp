#include "troupe/cli/bench/load/probe.hpp"
#include "troupe/tests/cli/bench/scripted_server.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace troupe::load;

namespace {

using step = scripted_server::step;

engine_options probing(const scripted_server& server) {
  engine_options result;
  result.request.target = target::parse(server.url());
  return result;
}

std::string reason(const engine_options& options) {
  try {
    probe(options);
    return "none";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

} // namespace

TEST(probe, tells_the_status) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  EXPECT_EQ(probe(probing(server)).status, 200U);
}

TEST(probe, shows_the_beginning_of_an_error) {
  scripted_server server{
    [](const auto&) { return step{{answer(std::string(1000, 'x'), 422)}}; }};
  auto seen = probe(probing(server));
  EXPECT_EQ(seen.status, 422U);
  EXPECT_EQ(seen.text, std::string(300, 'x'));
}

TEST(probe, does_not_wait_for_the_end_of_a_stream) {
  scripted_server server{[](const auto&) {
    return step{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}};
  }};
  EXPECT_EQ(probe(probing(server)).status, 200U);
}

TEST(probe, tells_why_there_is_no_connection) {
  engine_options options;
  {
    scripted_server gone{[](const auto&) { return step{}; }};
    options = probing(gone);
  }
  auto text = reason(options);
  EXPECT_NE(text.find("cannot connect: Connection refused"), std::string::npos)
    << text;
}

TEST(probe, tells_that_there_was_no_answer) {
  scripted_server silent{[](const auto&) { return step{}; }};
  auto options = probing(silent);
  options.timeout = 20ms;
  EXPECT_NE(reason(options).find("no answer within 20.0 ms"),
            std::string::npos);
  scripted_server rude{[](const auto&) { return step{{"SSH-2.0\r\n"}}; }};
  EXPECT_NE(reason(probing(rude)).find("no HTTP answer"), std::string::npos);
}

TEST(probe, tells_that_a_certificate_is_not_trusted) {
  self_signed own;
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }, &own};
  auto text = reason(probing(server));
  EXPECT_NE(text.find("no TLS session"), std::string::npos) << text;
  auto options = probing(server);
  options.insecure = true;
  EXPECT_EQ(probe(options).status, 200U);
}

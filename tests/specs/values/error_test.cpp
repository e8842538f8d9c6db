#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/error.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace troupe;

namespace {

struct expectation {
  errc code;
  std::string_view name;
  int status;
};

/// All of them, written down again: the numbers are promises to clients.
constexpr expectation expectations[] = {
  {errc::bad_request, "bad_request", 400},
  {errc::unauthorized, "unauthorized", 401},
  {errc::forbidden, "forbidden", 403},
  {errc::not_found, "not_found", 404},
  {errc::method_not_allowed, "method_not_allowed", 405},
  {errc::request_timeout, "request_timeout", 408},
  {errc::payload_too_large, "payload_too_large", 413},
  {errc::uri_too_long, "uri_too_long", 414},
  {errc::unsupported_media_type, "unsupported_media_type", 415},
  {errc::expectation_failed, "expectation_failed", 417},
  {errc::unprocessable, "unprocessable", 422},
  {errc::too_many_requests, "too_many_requests", 429},
  {errc::header_too_large, "header_too_large", 431},
  {errc::internal, "internal", 500},
  {errc::not_implemented, "not_implemented", 501},
  {errc::worker_died, "worker_died", 500},
  {errc::overloaded, "overloaded", 503},
  {errc::not_ready, "not_ready", 503},
  {errc::draining, "draining", 503},
  {errc::deadline_exceeded, "deadline_exceeded", 504},
  {errc::cancelled, "cancelled", 499},
};

/// Throws `x` and maps it back. @returns the failure and the log's text
template <class T>
std::pair<failure, std::string> mapped(const T& x) {
  try {
    throw x;
  } catch (...) {
    std::string text;
    auto why = failure_from_current_exception(text);
    return {why, text};
  }
}

} // namespace

TEST(errc, has_a_name_a_status_and_a_text_for_every_code) {
  ASSERT_EQ(std::size(expectations) + 1, errc_end);
  std::set<std::string_view> names;
  std::set<std::string_view> details;
  for (const auto& x : expectations) {
    EXPECT_EQ(to_string(x.code), x.name);
    EXPECT_EQ(status_of(x.code), x.status) << x.name;
    EXPECT_FALSE(default_detail(x.code).empty()) << x.name;
    names.insert(to_string(x.code));
    details.insert(default_detail(x.code));
  }
  EXPECT_EQ(names.size(), std::size(expectations));
  EXPECT_EQ(details.size(), std::size(expectations));
}

TEST(failure, takes_status_and_detail_of_its_code) {
  auto x = make_failure(errc::not_found);
  EXPECT_EQ(x.effective_status(), 404);
  EXPECT_EQ(x.effective_detail(), "Not Found");
  EXPECT_TRUE(x.headers.empty());
}

TEST(failure, keeps_a_status_and_detail_of_its_own) {
  auto x = make_failure(errc::bad_request, "no");
  x.status = 418;
  EXPECT_EQ(x.effective_status(), 418);
  EXPECT_EQ(x.effective_detail(), "no");
}

TEST(failure, says_when_to_come_back_if_that_helps) {
  for (const auto& x : expectations)
    EXPECT_EQ(make_failure(x.code).headers.count("Retry-After"),
              x.status == 503 ? 1u : 0u)
      << x.name;
}

TEST(failure, is_rendered_in_the_envelope_of_litserve) {
  auto x = make_failure(errc::overloaded);
  auto answer = render_detail(x);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.find("Retry-After"), "1");
  EXPECT_EQ(std::move(answer.body).take_text(),
            R"({"detail":"Server is overloaded"})");
}

TEST(http_error, keeps_status_detail_and_headers) {
  http_error x{418, {{"a", 1}}, {{"X-Pot", "tea"}}};
  EXPECT_EQ(x.why().effective_status(), 418);
  EXPECT_EQ(x.why().effective_detail().dump(), R"({"a":1})");
  EXPECT_EQ(x.why().headers.find("x-pot"), "tea");
}

TEST(http_error, has_a_text_when_given_none) {
  EXPECT_EQ(http_error{404}.why().effective_detail(), "Bad Request");
  EXPECT_EQ(http_error{503}.why().effective_detail(), "Internal server error");
}

TEST(http_error, never_carries_a_status_that_is_not_an_error) {
  for (int status : {-1, 0, 99, 100, 200, 204, 304, 399, 600, 1000})
    EXPECT_EQ(http_error{status}.why().effective_status(), 500) << status;
  EXPECT_EQ(http_error{400}.why().effective_status(), 400);
  EXPECT_EQ(http_error{599}.why().effective_status(), 599);
}

TEST(exception, http_error_reaches_the_client_as_it_is) {
  auto [why, text] = mapped(http_error{409, "taken"});
  EXPECT_EQ(why.effective_status(), 409);
  EXPECT_EQ(why.effective_detail(), "taken");
  EXPECT_EQ(text, "");
}

TEST(exception, a_syntax_error_is_400_with_its_text) {
  auto [why, text] = mapped(json_syntax_error{"malformed", "", 0});
  EXPECT_EQ(why.effective_status(), 400);
  EXPECT_EQ(why.effective_detail(), "malformed");
  EXPECT_EQ(text, "");
}

TEST(exception, a_validation_error_is_422_with_its_place) {
  validation_error e{"missing", "Field required"};
  e.prepend("input");
  auto [why, text] = mapped(e);
  EXPECT_EQ(why.effective_status(), 422);
  EXPECT_EQ(why.effective_detail()[0]["loc"][1], "input");
  EXPECT_EQ(text, "");
}

TEST(exception, any_other_is_500_and_its_text_stays_in_the_log) {
  auto [why, text] = mapped(std::runtime_error{"password is 123"});
  EXPECT_EQ(why.code, errc::internal);
  EXPECT_EQ(why.effective_detail(), "Internal server error");
  EXPECT_EQ(text, "password is 123");
}

TEST(exception, one_that_is_not_a_std_exception_is_500) {
  auto [why, text] = mapped(42);
  EXPECT_EQ(why.code, errc::internal);
  EXPECT_EQ(why.effective_detail(), "Internal server error");
  EXPECT_NE(text, "");
}

TEST(exception, a_detail_that_is_nested_too_deeply_is_500_and_logged) {
  nlohmann::json deep = 1;
  for (int i = 0; i < 200'000; ++i) {
    auto outer = nlohmann::json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  try {
    throw http_error{409, std::move(deep)};
  } catch (...) {
    std::string text;
    auto why = failure_from_current_exception(text);
    EXPECT_EQ(why.effective_status(), 500);
    EXPECT_EQ(why.effective_detail(), "Internal server error");
    EXPECT_EQ(text, "the detail of an http_error is nested deeper than 1000 "
                    "levels");
  }
}

TEST(error, says_in_full_seconds_when_to_come_again) {
  using namespace std::chrono_literals;
  auto x = make_failure(errc::overloaded);
  const std::pair<std::chrono::milliseconds, const char*> cases[]{
    {0ms, "1"}, {900ms, "1"}, {1001ms, "2"}, {1h, "60"}, {-5s, "1"}};
  for (const auto& [pause, text] : cases) {
    set_retry_after(x, pause);
    EXPECT_EQ(x.headers.find("Retry-After"), text);
    EXPECT_EQ(x.headers.count("Retry-After"), 1u);
  }
}

#include "troupe/http/around/cors.hpp"
#include "troupe/http/wire/field_list.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

constexpr const char* app = "https://app.example";

cors_options options_for(std::vector<std::string> origins) {
  cors_options result;
  result.allow_origins = std::move(origins);
  return result;
}

request preflight(std::string_view origin) {
  request result;
  result.method = method::options;
  result.headers = {{"Origin", origin},
                    {"Access-Control-Request-Method", "POST"},
                    {"Access-Control-Request-Headers", "authorization"}};
  return result;
}

/// The header of a usual answer to a request from `origin`.
header_map marked(cors& x, std::string_view origin) {
  request req;
  if (!origin.empty())
    req.headers.add("Origin", origin);
  header_map result;
  reply_head head{.headers = result};
  x.after(req, head);
  return result;
}

TEST(cors, answers_the_preflight_of_a_friend) {
  cors x{options_for({app})};
  auto req = preflight(app);
  auto r = x.before(req);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->status, 204);
  EXPECT_EQ(r->headers.find("Access-Control-Allow-Origin"), app);
  EXPECT_EQ(r->headers.find("Access-Control-Allow-Methods"), "GET, HEAD, POST");
  EXPECT_EQ(r->headers.find("Access-Control-Allow-Headers"), "authorization");
  EXPECT_EQ(r->headers.find("Access-Control-Max-Age"), "600");
  EXPECT_EQ(r->headers.find("Vary"), "Origin");
}

TEST(cors, refuses_the_preflight_of_a_stranger) {
  cors x{options_for({app})};
  auto req = preflight("https://evil.example");
  auto r = x.before(req);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->status, 403);
  EXPECT_FALSE(r->headers.find("Access-Control-Allow-Origin"));
}

TEST(cors, leaves_other_options_requests_to_the_endpoint) {
  cors x{options_for({app})};
  auto without_origin = preflight(app);
  without_origin.headers.remove("Origin");
  auto without_method = preflight(app);
  without_method.headers.remove("Access-Control-Request-Method");
  EXPECT_FALSE(x.before(without_origin));
  EXPECT_FALSE(x.before(without_method));
}

TEST(cors, marks_answers_by_their_origin) {
  cors x{options_for({app})};
  EXPECT_EQ(marked(x, app).find("Access-Control-Allow-Origin"), app);
  EXPECT_FALSE(
    marked(x, "https://evil.example").find("Access-Control-Allow-Origin"));
  // Also without an origin, for caches.
  EXPECT_EQ(marked(x, "").find("Vary"), "Origin");
}

TEST(cors, needs_no_vary_for_everybody) {
  cors x{options_for({"*"})};
  EXPECT_EQ(marked(x, app).find("Access-Control-Allow-Origin"), "*");
  EXPECT_FALSE(marked(x, app).find("Vary"));
}

TEST(cors, lets_everybody_read_refusals_whose_origin_was_not_read) {
  auto refused = [](cors x, int status) {
    header_map headers;
    reply_head head{status, {}, headers};
    x.after(request{}, head);
    return headers.find("Access-Control-Allow-Origin").has_value();
  };
  EXPECT_TRUE(refused(cors{options_for({"*"})}, 414));
  EXPECT_FALSE(refused(cors{options_for({"*"})}, 200));
  EXPECT_FALSE(refused(cors{options_for({app})}, 414));
}

TEST(cors, allows_credentials_to_the_origins_named) {
  auto options = options_for({app});
  options.allow_credentials = true;
  options.expose_headers = {"X-Request-Id", "X-Other"};
  cors x{options};
  auto headers = marked(x, app);
  EXPECT_EQ(headers.find("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(headers.find("Access-Control-Expose-Headers"),
            "X-Request-Id, X-Other");
}

TEST(cors_options, say_what_is_wrong) {
  auto options = options_for({"*"});
  EXPECT_EQ(options.validate(), "");
  options.allow_credentials = true;
  EXPECT_NE(options.validate().find("cors.allow_credentials"),
            std::string::npos);
  EXPECT_NE(options_for({"app.example"}).validate().find("cors.allow_origins"),
            std::string::npos);
  EXPECT_NE(options_for({"https://a.example/"}).validate(), "");
}

} // namespace

} // namespace troupe

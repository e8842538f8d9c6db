#include "troupe/specs/openai/chat/chat.hpp"
#include "troupe/tests/specs/openai/fixture.hpp"

using namespace troupe;
using namespace troupe::openai;

TEST(chat, choices_are_bounded) {
  stage s;
  EXPECT_EQ(s.chat(hello({{"n", 8}})).status, 200);
  auto x = s.chat(hello({{"n", 9}}));
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(x.body["error"]["param"], "n");
  EXPECT_EQ(x.body["error"]["message"],
            "n: expected an integer from 1 to 8, got 9");
  EXPECT_EQ(s.documents.size(), 8U) << "nothing was called for the second";
}

TEST(chat, what_a_chat_does_not_have_is_500_and_logged) {
  for (const auto& item : {json(1), json({{"contents", "x"}})}) {
    stage s;
    s.model = yields({item});
    auto x = s.chat(hello());
    EXPECT_EQ(x.status, 500);
    EXPECT_EQ(x.body["error"]["message"], "Internal server error");
    EXPECT_TRUE(x.body.contains("log"));
    s.model = answers(item);
    EXPECT_EQ(s.chat(hello()).status, 500);
    EXPECT_EQ(s.chat(hello({{"stream", true}})).status, 500);
  }
}

TEST(chat, bodies_that_are_no_request_are_400) {
  stage s;
  for (const auto* body :
       {"[]", "null", "\"x\"", "{", "", R"({"messages":[]})"}) {
    auto x = s.post("/v1/chat/completions", std::string{body});
    EXPECT_EQ(x.status, 400) << body;
    EXPECT_EQ(x.body["error"]["type"], "invalid_request_error");
  }
}

TEST(chat, bodies_that_do_not_say_that_they_are_json_are_415) {
  stage s;
  auto status = [&](const char* type, const std::string& path, json body) {
    request req;
    if (type != nullptr)
      req.headers.add("Content-Type", type);
    req.body = body.dump();
    return s.run(path, req).status;
  };
  // What a page of any site may send without asking the server first.
  for (const auto* type :
       {static_cast<const char*>(nullptr), "", "text/plain", "text/html",
        "text/plain; charset=utf-8", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x", "text/plain;application/json"}) {
    EXPECT_EQ(status(type, "/v1/chat/completions", hello()), 415) << type;
    EXPECT_EQ(status(type, "/v1/completions", {{"prompt", "a"}}), 415);
    EXPECT_EQ(status(type, "/v1/embeddings", {{"input", "a"}}), 415);
  }
  EXPECT_TRUE(s.documents.empty());
  for (const auto* type : {"application/json", "Application/JSON;charset=utf-8",
                           "application/vnd.me+json", "text/json"})
    EXPECT_EQ(status(type, "/v1/chat/completions", hello()), 200) << type;
}

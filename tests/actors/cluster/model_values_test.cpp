#include "troupe/actors/cluster/model_values.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/reply.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace troupe;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string binary{"\0\xff{\r\n", 5};

request http_request() {
  request x;
  x.method = method::put;
  x.target = "/m/a%20b?x=1";
  x.path = "/m/a b";
  x.params = {{"id", "a b"}, {"id", "again"}};
  x.headers = {{"Content-Type", "application/octet-stream"},
               {"X-Twice", "1"},
               {"x-twice", "2"}};
  x.body = binary;
  x.max_json_memory = 1234;
  x.remote = "127.0.0.1:99";
  return x;
}

/// A call whose body is a document.
model_request call_with(std::string text) {
  model_request x;
  x.body = {body_kind::json, {}, std::move(text)};
  return x;
}

model_answer answer_with(std::uint16_t status, name_values headers = {}) {
  model_answer x;
  x.status = status;
  x.headers = std::move(headers);
  return x;
}

model_answer failure_with(std::string code, std::uint16_t status,
                          std::string detail) {
  model_answer x;
  x.status = status;
  x.error = std::move(code);
  x.detail = std::move(detail);
  return x;
}

bool is_internal(const failure& x) {
  return x.code == errc::internal && x.effective_status() == 500
         && x.headers.empty()
         && x.effective_detail() == "Internal server error";
}

/// What nobody may say.
const name_values bad_fields[] = {{{"X-A", "a\r\nSet-Cookie: b"}},
                                  {{"X-A", "a\nb"}},
                                  {{"X-A", std::string{"a\0b", 3}}},
                                  {{"X A", "a"}},
                                  {{"", "a"}},
                                  {{"X-A:", "a"}}};

} // namespace

// -- requests -----------------------------------------------------------------

TEST(model_values, a_request_comes_back_as_it_was) {
  const auto x = to_request(to_call(http_request(), "id-7", 3s));
  EXPECT_EQ(x.method, method::put);
  EXPECT_EQ(x.target, "/m/a%20b?x=1");
  EXPECT_EQ(x.path, "/m/a b");
  EXPECT_EQ(x.params, http_request().params);
  ASSERT_EQ(x.headers.size(), 3U);
  EXPECT_EQ(x.headers[0].value, "application/octet-stream");
  EXPECT_EQ(x.headers[1].value, "1");
  EXPECT_EQ(x.headers[2].name, "x-twice");
  EXPECT_EQ(x.bytes(), binary);
  EXPECT_EQ(x.document, nullptr);
  EXPECT_EQ(x.remote, "127.0.0.1:99");
  EXPECT_EQ(x.max_json_memory, 1234U);
}

TEST(model_values, a_call_says_how_much_longer_its_client_waits) {
  EXPECT_EQ(to_call({}, "", 3s).remaining_ms, 3'000);
  EXPECT_EQ(to_call({}, "", 0ms).remaining_ms, 0);
  // It must not read as "for ever".
  EXPECT_EQ(to_call({}, "", -7ms).remaining_ms, 0);
  EXPECT_LT(to_call({}, "", std::nullopt).remaining_ms, 0);
  EXPECT_EQ(to_call({}, "id-7", 3s).request_id, "id-7");
}

TEST(model_values, the_trace_of_a_call_is_in_its_header_fields) {
  auto trace = *parse_traceparent(
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  trace.state = "a=1";
  request x;
  x.headers.add("Traceparent", "00-of-the-client");
  x.headers.add("tracestate", "b=2");
  const auto there = to_request(to_call(x, "", {}, trace));
  EXPECT_EQ(trace_of(there.headers), trace);
  // Without one, what the client sent goes on.
  EXPECT_EQ(to_request(to_call(x, "", {})).header("traceparent"),
            "00-of-the-client");
}

TEST(model_values, a_document_stays_one) {
  request x;
  x.body = "not this";
  x.document = std::make_shared<const json>(json{{"a", {1, nullptr, "ü"}}});
  const auto call = to_call(x, "", {});
  EXPECT_EQ(call.body.kind, body_kind::json);
  const auto back = to_request(call);
  ASSERT_NE(back.document, nullptr);
  EXPECT_EQ(*back.document, *x.document);
  EXPECT_TRUE(back.body.empty());
}

TEST(model_values, a_document_that_is_null_is_one) {
  request x;
  x.document = std::make_shared<const json>(nullptr);
  const auto back = to_request(to_call(x, "", {}));
  ASSERT_NE(back.document, nullptr);
  EXPECT_TRUE(back.document->is_null());
}

TEST(model_values, a_body_in_a_file_is_sent_as_a_whole) {
  auto x = http_request();
  x.body.clear();
  x.spooled = shared_bytes{"--b\r\n" + binary};
  x.headers = {{"Content-Type", "multipart/form-data; boundary=b"}};
  const auto back = to_request(to_call(x, "", {}));
  EXPECT_EQ(back.bytes(), "--b\r\n" + binary);
  EXPECT_EQ(back.header("content-type"), "multipart/form-data; boundary=b");
}

TEST(model_values, a_request_without_a_body_has_none) {
  const auto call = to_call({}, "", {});
  EXPECT_EQ(call.body.kind, body_kind::empty);
  const auto back = to_request(call);
  EXPECT_TRUE(back.bytes().empty());
  EXPECT_EQ(back.document, nullptr);
}

TEST(model_values, bytes_bring_their_type_unless_a_field_says_it) {
  model_request x;
  x.body = {body_kind::bytes, "text/plain", "hi"};
  EXPECT_EQ(to_request(x).header("content-type"), "text/plain");
  x.headers = {{"CONTENT-TYPE", "image/png"}};
  const auto y = to_request(x);
  EXPECT_EQ(y.header("content-type"), "image/png");
  EXPECT_EQ(y.headers.size(), 1U);
  x.headers.clear();
  x.body.content_type = "text/plain\r\nX: y";
  EXPECT_THROW(static_cast<void>(to_request(x)), std::invalid_argument);
}

TEST(model_values, the_default_call_is_a_post_to_predict) {
  const auto x = to_request({});
  EXPECT_EQ(x.method, method::post);
  EXPECT_EQ(x.path, "/predict");
  EXPECT_EQ(x.max_json_memory, default_json_memory);
}

TEST(model_values, a_call_that_makes_no_sense_is_refused) {
  for (const auto* name : {"", "BREW", "post", "POST\r\n"}) {
    model_request x;
    x.method = name;
    EXPECT_THROW(static_cast<void>(to_request(x)), std::invalid_argument)
      << name;
  }
  for (const auto& fields : bad_fields) {
    model_request x;
    x.headers = fields;
    EXPECT_THROW(static_cast<void>(to_request(x)), std::invalid_argument)
      << fields[0].first;
  }
  for (const auto& text :
       {std::string{}, std::string{"{"}, std::string{"1 2"}, std::string{"nan"},
        std::string(2'000, '[') + std::string(2'000, ']')})
    EXPECT_THROW(static_cast<void>(to_request(call_with(text))),
                 std::invalid_argument)
      << text.substr(0, 9);
}

// -- answers ------------------------------------------------------------------

TEST(model_values, an_answer_comes_back_as_it_was) {
  reply x;
  x.status = 201;
  x.headers = {{"X-A", "1"}, {"x-a", "2"}};
  x.body = payload{binary, "image/png"};
  const auto y = to_reply(to_answer(std::move(x)), false);
  EXPECT_EQ(y.status, 201);
  ASSERT_EQ(y.headers.size(), 2U);
  EXPECT_EQ(y.headers[1].value, "2");
  ASSERT_NE(y.body.raw(), nullptr);
  EXPECT_EQ(y.body.raw()->data, binary);
  EXPECT_EQ(y.body.content_type(), "image/png");
}

TEST(model_values, a_document_may_come_as_text) {
  const auto answer = to_answer(json_reply({{"a", 1}}));
  EXPECT_FALSE(answer.failed());
  const auto parsed = to_reply(answer, false);
  ASSERT_NE(parsed.body.json(), nullptr);
  EXPECT_EQ(*parsed.body.json(), (json{{"a", 1}}));
  const auto text = to_reply(answer, true);
  ASSERT_NE(text.body.raw(), nullptr);
  EXPECT_EQ(text.body.raw()->data, R"({"a":1})");
  EXPECT_EQ(text.body.content_type(), "application/json");
}

TEST(model_values, an_answer_without_a_body_has_none) {
  reply x;
  x.status = 204;
  const auto y = to_reply(to_answer(std::move(x)), true);
  EXPECT_EQ(y.status, 204);
  EXPECT_TRUE(y.body.empty());
  // Bytes that are none are not the same.
  const auto z = to_reply(to_answer(text_reply("")), true);
  ASSERT_NE(z.body.raw(), nullptr);
  EXPECT_EQ(z.body.content_type(), "text/plain; charset=utf-8");
}

TEST(model_values, a_file_is_sent_as_a_whole) {
  temp_dir folder;
  const auto path = folder.path() / "f";
  std::ofstream{path, std::ios::binary} << binary;
  const auto body = to_body(file_reply(path, "image/png").body);
  EXPECT_EQ(body.kind, body_kind::bytes);
  EXPECT_EQ(body.content_type, "image/png");
  EXPECT_EQ(body.data, binary);
  auto cut = file_reply(path);
  std::filesystem::resize_file(path, 1);
  EXPECT_THROW(static_cast<void>(to_answer(std::move(cut))),
               std::runtime_error);
}

// An answer that the front must refuse would end the worker there, and with it
// everybody's calls.
TEST(model_values, what_http_cannot_carry_stays_at_home) {
  for (const auto& fields : bad_fields) {
    reply x;
    x.headers.add("X-Good", "1");
    x.headers.add(fields[0].first, fields[0].second);
    const auto y = to_reply(to_answer(std::move(x)), false);
    ASSERT_EQ(y.headers.size(), 1U) << fields[0].first;
    EXPECT_EQ(y.headers[0].name, "X-Good");
    failure why = make_failure(errc::unprocessable);
    why.headers.add("X-Good", "1");
    why.headers.add(fields[0].first, fields[0].second);
    const auto z = to_failure(to_answer(why));
    EXPECT_EQ(z.code, errc::unprocessable);
    EXPECT_EQ(z.headers.size(), 1U);
  }
  const auto body = to_body(payload{"x", "text/plain\r\nX: y"});
  EXPECT_EQ(body.content_type, "application/octet-stream");
}

TEST(model_values, a_status_that_http_has_not_is_a_failure_of_the_model) {
  for (auto status : {-1, 0, 99, 101, 600, 65'736}) {
    reply x;
    x.status = status;
    const auto y = to_answer(std::move(x));
    ASSERT_TRUE(y.failed()) << status;
    EXPECT_TRUE(is_internal(to_failure(y)));
  }
}

TEST(model_values, an_answer_that_makes_no_sense_is_refused) {
  for (auto status : std::vector<std::uint16_t>{0, 99, 100, 199, 600, 65'535})
    EXPECT_THROW(static_cast<void>(to_reply(answer_with(status), true)),
                 std::invalid_argument)
      << status;
  for (const auto& fields : bad_fields)
    EXPECT_THROW(static_cast<void>(to_reply(answer_with(200, fields), true)),
                 std::invalid_argument);
  EXPECT_THROW(
    static_cast<void>(to_payload({body_kind::bytes, "a\r\nb", "x"}, true)),
    std::invalid_argument);
  EXPECT_THROW(static_cast<void>(to_payload({body_kind::json, {}, "{"}, false)),
               std::invalid_argument);
  EXPECT_THROW(static_cast<void>(to_payload({body_kind::json, {}, ""}, false)),
               std::invalid_argument);
  EXPECT_EQ(to_payload({body_kind::json, {}, "null"}, false).json()->type(),
            json::value_t::null);
}

// -- failures -----------------------------------------------------------------

TEST(model_values, every_failure_comes_back_as_it_was) {
  for (std::size_t i = 1; i < errc_end; ++i) {
    const auto code = static_cast<errc>(i);
    const auto x = to_answer(make_failure(code));
    EXPECT_TRUE(x.failed());
    const auto y = to_failure(x);
    EXPECT_EQ(y.code, code);
    EXPECT_EQ(y.effective_status(), make_failure(code).effective_status());
    EXPECT_EQ(y.effective_detail(), make_failure(code).effective_detail());
  }
}

TEST(model_values, a_failure_keeps_its_status_detail_and_fields) {
  const auto why =
    http_error(418, {{"tea", {1, 2}}}, {{"Retry-After", "7"}}).why();
  const auto x = to_failure(to_answer(why));
  EXPECT_EQ(x.effective_status(), 418);
  EXPECT_EQ(x.effective_detail(), (json{{"tea", {1, 2}}}));
  EXPECT_EQ(x.headers.find("retry-after"), "7");
}

TEST(model_values, an_unknown_code_is_an_internal_one_with_its_status) {
  const auto x = to_failure(failure_with("from_the_future", 429, R"("slow")"));
  EXPECT_EQ(x.code, errc::internal);
  EXPECT_EQ(x.effective_status(), 429);
  EXPECT_EQ(x.effective_detail(), "slow");
}

TEST(model_values, a_failure_that_makes_no_sense_is_an_internal_one) {
  for (auto status : std::vector<std::uint16_t>{0, 99, 200, 302, 399, 600})
    EXPECT_TRUE(
      is_internal(to_failure(failure_with("overloaded", status, "1"))))
      << status;
  for (const auto* text : {"", "{", "no json"})
    EXPECT_TRUE(is_internal(to_failure(failure_with("overloaded", 503, text))))
      << text;
  for (const auto& fields : bad_fields) {
    auto x = failure_with("overloaded", 503, "1");
    x.headers = fields;
    EXPECT_TRUE(is_internal(to_failure(x)));
  }
}

TEST(model_values, a_detail_that_is_too_deep_is_left_out) {
  json deep = json::array();
  for (std::size_t i = 0; i < 2 * max_answer_depth; ++i)
    deep = json::array({std::move(deep)});
  auto why = make_failure(errc::unprocessable);
  why.detail = std::move(deep);
  const auto x = to_answer(why);
  EXPECT_EQ(x.status, 422);
  EXPECT_EQ(x.detail, R"("Internal server error")");
}

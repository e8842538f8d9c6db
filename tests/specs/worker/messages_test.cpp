#include "troupe/specs/worker/messages.hpp"
#include "troupe/tests/specs/worker/passed.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace troupe::worker {

namespace {

using std::chrono::milliseconds;

/// An answer whose body is a text with tensors.
incoming_frame with_tensors(const std::string& text, const std::string& tensors,
                            std::string_view bytes) {
  outgoing_frame x{"finish"};
  x.number("id", 1);
  x.add_part(text);
  x.add_part(bytes);
  x.json("body", R"({"kind":"json","part":0,"tensors":)" + tensors + '}');
  x.close();
  return passed(x);
}

} // namespace

TEST(worker_messages, a_start_says_what_the_model_is) {
  start_message x;
  x.model = "m";
  x.index = 3;
  x.model_type = "square";
  x.path = "a b";
  x.directory = "/d";
  x.options = {{"k", 1}};
  x.settings = {{"class", "C"}};
  x.device = "cuda:0";
  x.batch_max_size = 8;
  x.pure = true;
  auto y = read_start(passed(to_frame(x)));
  EXPECT_EQ(y.model, "m");
  EXPECT_EQ(y.index, 3U);
  EXPECT_EQ(y.model_type, "square");
  EXPECT_EQ(y.path, "a b");
  EXPECT_EQ(y.directory, "/d");
  EXPECT_EQ(y.options, x.options);
  EXPECT_EQ(y.settings, x.settings);
  EXPECT_EQ(y.device, "cuda:0");
  EXPECT_EQ(y.batch_max_size, 8U);
  EXPECT_TRUE(y.pure);
}

TEST(worker_messages, a_call_carries_the_whole_request) {
  request r;
  r.method = method::put;
  r.target = "/a%20b?x=1";
  r.path = "/a b";
  r.params = {{"name", "a b"}};
  r.headers.add("X-A", "1");
  r.headers.add("x-a", "2");
  r.headers.add("Content-Type", "text/plain");
  r.remote = "127.0.0.1:1";
  r.body = "body";
  request document;
  document.document =
    std::make_shared<const nlohmann::json>(nlohmann::json{{"a", 1}});
  call_frame frame;
  frame.add(5, r, "id-5", milliseconds{250}, false);
  frame.add(6, document, "id-6", std::nullopt, true);
  auto calls = read_calls(passed(frame.close()));
  ASSERT_EQ(calls.size(), 2U);
  const auto& x = calls[0];
  EXPECT_EQ(x.id, 5U);
  EXPECT_EQ(x.request_id, "id-5");
  EXPECT_EQ(x.remaining, milliseconds{250});
  EXPECT_FALSE(x.stream);
  EXPECT_EQ(x.request.method, method::put);
  EXPECT_EQ(x.request.target, "/a%20b?x=1");
  EXPECT_EQ(x.request.path, "/a b");
  EXPECT_EQ(x.request.param("name"), "a b");
  EXPECT_EQ(x.request.headers.count("X-A"), 2U);
  EXPECT_EQ(x.request.header("content-type"), "text/plain");
  EXPECT_EQ(x.request.remote, "127.0.0.1:1");
  EXPECT_EQ(x.request.bytes(), "body");
  EXPECT_EQ(x.request.max_json_memory, default_json_memory);
  const auto& y = calls[1];
  EXPECT_FALSE(y.remaining);
  ASSERT_NE(y.request.document, nullptr);
  EXPECT_EQ(*y.request.document, *document.document);
}

TEST(worker_messages, a_call_says_which_trace_it_belongs_to) {
  auto trace = *parse_traceparent(
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  trace.state = "a=1";
  call_frame frame;
  frame.add(1, request{}, "", std::nullopt, true, trace);
  frame.add(2, request{}, "", std::nullopt, true);
  auto calls = read_calls(passed(frame.close()));
  EXPECT_EQ(calls.at(0).trace, trace);
  EXPECT_FALSE(calls.at(1).trace);
}

TEST(worker_messages, a_large_form_is_not_copied_at_the_far_side) {
  request r;
  r.body.assign(inline_limit + 1, 'x');
  r.headers.add("Content-Type", "multipart/form-data; boundary=b");
  call_frame frame;
  frame.add(1, r, "", std::nullopt, true);
  auto calls = read_calls(passed(frame.close()));
  EXPECT_TRUE(calls.front().request.body.empty());
  EXPECT_EQ(calls.front().request.spooled.view(), r.body);
}

TEST(worker_messages, another_large_body_is_where_models_look_for_it) {
  request r;
  r.body.assign(inline_limit + 1, 'x');
  r.headers.add("Content-Type", "application/octet-stream");
  call_frame frame;
  frame.add(1, r, "", std::nullopt, true);
  EXPECT_EQ(read_calls(passed(frame.close())).front().request.body, r.body);
}

TEST(worker_messages, time_that_is_up_is_no_negative_number) {
  call_frame frame;
  const request r;
  frame.add(1, r, "", milliseconds{-5}, true);
  EXPECT_EQ(read_calls(passed(frame.close())).front().remaining,
            milliseconds{0});
}

TEST(worker_messages, an_answer_keeps_status_headers_and_body) {
  std::string kept;
  auto json =
    read_finish(passed(finish_frame(
                  1, {201, {{"X", "1"}}, nlohmann::json{{"a", 1}}}, kept)),
                json_form::document);
  EXPECT_EQ(json.status, 201);
  EXPECT_EQ(json.headers.find("x"), "1");
  ASSERT_NE(json.body.json(), nullptr);
  EXPECT_EQ(*json.body.json(), (nlohmann::json{{"a", 1}}));
  auto text = read_finish(
    passed(finish_frame(1, {200, {}, nlohmann::json{{"a", 1}}}, kept)),
    json_form::text);
  EXPECT_EQ(text.body.content_type(), "application/json");
  EXPECT_EQ(std::move(text.body).take_text(), R"({"a":1})");
  auto bytes = read_finish(
    passed(finish_frame(1, {200, {}, payload("\xFF", "image/png")}, kept)),
    json_form::text);
  EXPECT_EQ(bytes.body.content_type(), "image/png");
  EXPECT_EQ(std::move(bytes.body).take_text(), "\xFF");
  EXPECT_TRUE(read_finish(passed(finish_frame(1, {}, kept)), json_form::text)
                .body.empty());
}

TEST(worker_messages, arrays_are_filled_into_the_text) {
  const std::array<float, 4> numbers{1.5F, 0.1F, -2, 3};
  const std::string_view bytes{reinterpret_cast<const char*>(numbers.data()),
                               sizeof(numbers)};
  auto x = with_tensors(
    R"({"a":,"b":true})",
    R"([{"at":5,"dtype":"float32","shape":[2,2],"part":1}])", bytes);
  auto text = read_finish(x, json_form::text);
  EXPECT_EQ(std::move(text.body).take_text(),
            R"({"a":[[1.5,0.1],[-2,3]],"b":true})");
  auto document = read_finish(x, json_form::document);
  ASSERT_NE(document.body.json(), nullptr);
  EXPECT_EQ((*document.body.json())["a"][0][0], 1.5);
}

TEST(worker_messages, arrays_that_do_not_fit_are_refused) {
  const std::string bytes(8, '\0');
  for (const auto* tensors : {
         R"({})",
         R"([{"at":99,"dtype":"int8","shape":[8],"part":1}])",
         R"([{"at":0,"dtype":"int3","shape":[8],"part":1}])",
         R"([{"at":0,"dtype":"int8","shape":[9],"part":1}])",
         R"([{"at":0,"dtype":"int8","shape":[-8],"part":1}])",
         R"([{"at":0,"dtype":"int8","shape":[8],"part":7}])",
         R"([{"at":0,"dtype":"int8","shape":[99999999,0],"part":1}])",
       })
    EXPECT_THROW(read_finish(with_tensors("", tensors, bytes), json_form::text),
                 protocol_error)
      << tensors;
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(
    read_finish(
      with_tensors("", R"([{"at":0,"dtype":"float64","shape":[],"part":1}])",
                   {reinterpret_cast<const char*>(&nan), 8}),
      json_form::text),
    std::domain_error);
}

TEST(worker_messages, a_failure_keeps_its_code_detail_and_headers) {
  failure why;
  why.code = errc::unprocessable;
  why.detail = nlohmann::json::array({1});
  why.headers.add("X", "1");
  std::string log;
  auto x = read_failure(passed(fail_frame(1, why)), log);
  EXPECT_EQ(x.code, errc::unprocessable);
  EXPECT_EQ(x.effective_status(), 422);
  EXPECT_EQ(x.detail, why.detail);
  EXPECT_EQ(x.headers.find("X"), "1");
  EXPECT_EQ(log, "");
  outgoing_frame bare{"fail"};
  bare.number("id", 1).text("log", "trace");
  bare.close();
  auto y = read_failure(passed(bare), log);
  EXPECT_EQ(y.effective_status(), 500);
  EXPECT_EQ(log, "trace");
}

TEST(worker_messages, a_hello_says_what_the_model_takes) {
  hello_message x;
  x.loop = "continuous";
  x.capacity = 16;
  x.batched = true;
  x.has_health = true;
  x.schema = {{"inputs", 1}};
  auto y = read_hello(passed(to_frame(x)));
  EXPECT_EQ(y.loop, "continuous");
  EXPECT_EQ(y.capacity, 16U);
  EXPECT_TRUE(y.batched);
  EXPECT_TRUE(y.has_health);
  EXPECT_EQ(y.schema, x.schema);
  for (const auto* bad :
       {R"({"type":"hello","protocol":2,"loop":"single","capacity":1})",
        R"({"type":"hello","protocol":1,"loop":"single","capacity":0})",
        R"({"type":"hello","protocol":1,"capacity":1})"})
    EXPECT_THROW(static_cast<void>(read_hello({bad, {}})), protocol_error)
      << bad;
}

} // namespace troupe::worker

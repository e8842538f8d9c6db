// Pipelines of the program's own models, as clients see them.
#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

constexpr auto everything = R"({
  "server": {"timeout_ms": 5000},
  "models": [
    {"name": "echo", "type": "echo", "predict": false},
    {"name": "square", "type": "square", "predict": false},
    {"name": "inline_square", "type": "square", "predict": false,
     "execution": "inline"},
    {"name": "fault", "type": "fault", "predict": "/fault"},
    {"name": "narrow", "type": "sleep", "predict": false,
     "queue": {"max_size": 1}, "options": {"base_ms": 5}},
    {"name": "slow", "type": "sleep", "predict": false, "timeout_ms": 300,
     "options": {"base_ms": 2000}},
    {"name": "items", "type": "stream", "predict": false,
     "options": {"count": 3, "interval_ms": 0}},

    {"name": "fourth", "type": "pipeline", "predict": "/fourth", "options": {
      "steps": [
        {"model": "square"},
        {"model": "inline_square", "input": {"input": "$last/output"}}]}},
    {"name": "everything", "type": "pipeline", "predict": "/everything",
     "execution": "inline", "options": {
      "steps": [
        {"name": "first", "model": "square", "input": {"input": "$input/x"}},
        {"name": "size", "if": {"value": "$first/output", "above": 10},
         "then": [{"value": "large"}], "else": [{"value": "small"}]},
        {"name": "list", "map": "$input/list", "at_once": 2, "steps": [
          {"model": "square", "input": {"input": "$item"}},
          {"value": {"n": "$index", "of": "$item", "is": "$last/output"}}]},
        {"name": "both", "parallel": {
          "left": [{"model": "echo", "input": ["$size"]}],
          "right": [{"model": "fourth", "input": {"input": 2}}]}}],
      "output": {"size": "$size", "list": "$list", "both": "$both",
                 "price": "$$5"}}},
    {"name": "failing", "type": "pipeline", "predict": "/failing", "options": {
      "steps": [
        {"name": "lines", "map": "$input/lines", "steps": [
          {"name": "read", "model": "square",
           "input": {"input": "$item"}}]}]}},
    {"name": "throwing", "type": "pipeline", "predict": "/throwing", "options": {
      "steps": [{"value": "$input/to"}, {"name": "end", "model": "fault"}]}},
    {"name": "careful", "type": "pipeline", "predict": "/careful", "options": {
      "steps": [{"model": "fault", "on_failure": {"none": true}}]}},
    {"name": "wide", "type": "pipeline", "predict": "/wide", "options": {
      "steps": [{"map": "$input", "at_once": 64, "steps": [
        {"model": "narrow", "input": {}}]}],
      "output": "$last/0/batch_size"}},
    {"name": "late", "type": "pipeline", "predict": "/late", "options": {
      "steps": [{"name": "wait", "model": "slow", "input": {}}]}},
    {"name": "bytes", "type": "pipeline", "predict": "/bytes", "options": {
      "steps": [{"model": "echo", "input": {"text": "$request"}}]}},
    {"name": "stream", "type": "pipeline", "predict": "/stream", "options": {
      "steps": [{"value": {"count": 2}}, {"model": "items"}]}},
    {"name": "nested", "type": "pipeline", "predict": "/nested", "options": {
      "steps": [{"name": "inner", "model": "failing"}]}}
  ]})";

/// One program for all tests.
class served_pipeline : public testing::Test {
protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<served>(everything);
  }

  static void TearDownTestSuite() {
    server_.reset();
  }

  static http_response ask(std::string_view path, const std::string& body,
                           const header_list& headers = {}) {
    return server_->post(path, body, headers);
  }

  static const served& server() {
    return *server_;
  }

private:
  static inline std::unique_ptr<served> server_;
};

} // namespace

TEST_F(served_pipeline, hands_the_answer_of_a_step_to_the_next_one) {
  auto answer = ask("/fourth", R"({"input": 3})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"output":81.0})");
}

TEST_F(served_pipeline, branches_maps_goes_several_ways_and_joins) {
  auto answer = ask("/everything", R"({"x": 4, "list": [1, 2, 3]})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(json_of(answer), json::parse(R"({
    "size": "large", "price": "$5",
    "list": [{"n": 0, "of": 1, "is": 1}, {"n": 1, "of": 2, "is": 4},
             {"n": 2, "of": 3, "is": 9}],
    "both": {"left": ["large"], "right": {"output": 16}}})"));
  answer = ask("/everything", R"({"x": 1, "list": []})");
  EXPECT_EQ(json_of(answer)["size"], "small") << answer.body;
  EXPECT_EQ(json_of(answer)["list"], json::array());
}

TEST_F(served_pipeline, keeps_the_status_of_an_inner_failure_and_names_it) {
  auto answer = ask("/fourth", R"({"input": "three"})");
  EXPECT_EQ(answer.status, 422);
  auto detail = json_of(answer)["detail"];
  EXPECT_EQ(detail["pipeline"], "fourth");
  EXPECT_EQ(detail["step"], "square");
  EXPECT_EQ(detail["model"], "square");
  EXPECT_EQ(detail["status"], 422);
  EXPECT_EQ(detail["detail"][0]["loc"], json::parse(R"(["body", "input"])"));
}

TEST_F(served_pipeline, names_the_item_of_a_map_that_failed) {
  auto answer = ask("/failing", R"({"lines": [1, "two", 3]})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(json_of(answer)["detail"]["step"], "lines[1].read");
  EXPECT_EQ(json_of(answer)["detail"]["model"], "square");
}

TEST_F(served_pipeline, shows_no_text_of_an_inner_exception) {
  auto answer = ask("/throwing", R"({"to": {"mode": "throw"}})");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(json_of(answer)["detail"]["step"], "end");
  EXPECT_EQ(json_of(answer)["detail"]["detail"], "Internal server error");
  answer = ask("/throwing", R"({"to": {"mode": "status", "status": 418}})");
  EXPECT_EQ(answer.status, 418);
}

TEST_F(served_pipeline, names_the_failures_of_a_pipeline_in_a_pipeline) {
  auto answer = ask("/nested", R"({"lines": ["one"]})");
  EXPECT_EQ(answer.status, 422);
  auto detail = json_of(answer)["detail"];
  EXPECT_EQ(detail["step"], "inner");
  EXPECT_EQ(detail["detail"]["step"], "lines[0].read");
}

TEST_F(served_pipeline, says_what_the_request_lacks) {
  auto answer = ask("/failing", R"({"rows": []})");
  EXPECT_EQ(answer.status, 422);
  auto detail = json_of(answer)["detail"];
  EXPECT_EQ(detail["step"], "lines");
  EXPECT_EQ(detail["detail"][0]["loc"], json::parse(R"(["body", "lines"])"));
  answer = ask("/failing", "no JSON");
  EXPECT_EQ(answer.status, 400);
  answer = ask("/failing", R"({"lines": 5})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(json_of(answer)["detail"]["detail"][0]["msg"], "Expected a list");
}

TEST_F(served_pipeline, goes_on_with_something_else_where_a_step_says_so) {
  auto answer = ask("/careful", R"({"mode": "throw"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"none":true})");
  EXPECT_EQ(ask("/careful", R"({"a":1})").body, R"({"a":1})");
}

TEST_F(served_pipeline, waits_for_room_in_a_queue_that_its_own_items_fill) {
  auto list = json::array();
  for (auto i = 0; i < 40; ++i)
    list.push_back(i);
  auto answer = ask("/wide", list.dump());
  EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(served_pipeline, ends_a_call_at_the_limits_of_its_model_by_name) {
  auto answer = ask("/late", "{}");
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(json_of(answer)["detail"]["step"], "wait");
}

TEST_F(served_pipeline, ends_at_the_deadline_of_its_client) {
  auto answer = ask("/late", "{}", {{"X-Request-Timeout", "0.05"}});
  EXPECT_EQ(answer.status, 504);
}

TEST_F(served_pipeline, gives_a_step_the_bytes_of_the_request) {
  auto answer = ask("/bytes", "image", {{"Content-Type", "image/png"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"text":"aW1hZ2U="})");
}

TEST_F(served_pipeline, hands_the_stream_of_its_last_step_on) {
  auto answer = ask("/stream", "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"index\":0}\n{\"index\":1}\n");
}

TEST_F(served_pipeline, stands_in_the_table_in_info_and_in_the_metrics) {
  auto info = json_of(server().get("/info"));
  json found;
  for (const auto& x : info["models"])
    if (x["name"] == "fourth")
      found = x;
  EXPECT_EQ(found["predict"], "/fourth");
  EXPECT_EQ(found["workers"], 0);
  EXPECT_EQ(found["metadata"]["pipeline"],
            json::parse(R"(["square", "inline_square"])"));
  EXPECT_TRUE(contains(server().get("/metrics").body,
                       "troupe_model_ready{model=\"fourth\"} 1"));
}

TEST_F(served_pipeline, drops_inner_calls_when_its_client_leaves) {
  // The only worker is held, so that the pipeline's call waits.
  auto held = hold_worker(server(), "/fault");
  auto client = server().connect();
  client.send(request_text("POST", "/careful", R"({"a":1})"));
  auto pending = [] {
    return contains(server().get("/metrics").body,
                    "troupe_model_pending_requests{model=\"fault\"} 2");
  };
  EXPECT_TRUE(eventually(pending));
  client.close();
  EXPECT_TRUE(eventually([] {
    return contains(server().get("/metrics").body,
                    "troupe_model_pending_requests{model=\"fault\"} 1");
  }));
  held.close();
}

} // namespace troupe

#include "troupe/tests/integration/served.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr auto streaming_config = R"({
  "models": [
    { "name": "stream", "type": "stream", "options": { "count": 3 } },
    { "name": "fault", "type": "fault", "predict": "/fault" }
  ]})";

const header_list as_events{{"Accept", "text/event-stream"}};

} // namespace

TEST(streaming, sends_lines_of_json_in_chunks) {
  served server{streaming_config};
  auto client = server.connect();
  for (int i = 0; i < 3; ++i) {
    auto answer = client.post("/predict", "{}");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Content-Type"), "application/x-ndjson");
    EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
    EXPECT_FALSE(answer.has("Content-Length"));
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.body, "{\"index\":0}\n{\"index\":1}\n{\"index\":2}\n");
  }
}

TEST(streaming, sends_events_to_clients_that_ask_for_them) {
  served server{streaming_config};
  auto answer = server.post("/predict", R"({"count":2})", as_events);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.header("Cache-Control"), "no-cache");
  EXPECT_EQ(answer.header("X-Accel-Buffering"), "no");
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, "data: {\"index\":0}\n\ndata: {\"index\":1}\n\n");
}

TEST(streaming, sends_an_item_as_soon_as_it_is_made) {
  served server{streaming_config};
  // The first item is here while the model still runs.
  auto client = hold_worker(server, "/fault");
  EXPECT_FALSE(client.readable(std::chrono::milliseconds{0}));
}

TEST(streaming, carries_many_items_through_a_slow_reader) {
  served server{streaming_config};
  auto client = server.connect();
  auto answer = client.post("/predict", R"({"count":200000})");
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 200'000);
  EXPECT_TRUE(answer.body.ends_with("{\"index\":199999}\n"));
}

TEST(streaming, has_a_real_status_when_it_fails_before_the_first_item) {
  served server{streaming_config};
  auto client = server.connect();
  auto thrown = client.post("/fault", R"({"mode":"throw"})", as_events);
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(thrown.header("Content-Type"), "application/json");
  EXPECT_EQ(client.post("/fault", R"({"mode":"status","status":418})").status,
            418);
  EXPECT_EQ(client.post("/predict", R"({"count":-1})").status, 422);
  EXPECT_EQ(client.post("/predict", R"({"count":0})").status, 200);
}

TEST(streaming, fails_in_band_and_ends_as_the_format_tells_errors) {
  served server{streaming_config};
  auto lines = server.connect();
  auto answer = lines.post("/fault", R"({"mode":"throw","after_items":2})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.complete) << "a last chunk would say that all is well";
  EXPECT_EQ(answer.body, "{\"index\":0}\n{\"index\":1}\n"
                         "{\"detail\":\"Internal server error\"}\n");
  EXPECT_TRUE(lines.closed());
  auto sse = server.connect();
  answer = sse.post(
    "/fault", R"({"mode":"status","status":418,"after_items":1})", as_events);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.complete) << "readers of events know the error's record";
  EXPECT_EQ(answer.body,
            "data: {\"index\":0}\n\nevent: error\n"
            "data: {\"detail\":\"fault: asked for status 418\"}\n\n");
  EXPECT_TRUE(sse.closed());
}

TEST(streaming, fails_in_band_when_the_worker_dies) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault",
                 "restart": { "initial_backoff_ms": 1, "max_backoff_ms": 1,
                              "max_restarts": 1000 } }]})"};
  auto revived = [&] {
    return eventually(
      [&] { return server.post("/predict", "{}").status == 200; });
  };
  constexpr auto record =
    "{\"detail\":\"Worker died while processing the request\"}";
  // So many items that the first are out for sure.
  http_client client{server.port, std::chrono::seconds{10}};
  auto answer =
    client.post("/predict", R"({"mode":"exit","after_items":50000})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.complete);
  EXPECT_TRUE(answer.body.ends_with(record + std::string{"\n"}));
  ASSERT_TRUE(client.closed());
  ASSERT_TRUE(revived());
  // Often: the death may overtake the only item on its way out, which leaves
  // a real status possible, but neither both nor none of them.
  for (int i = 0; i < 30; ++i) {
    http_client other{server.port, std::chrono::seconds{10}};
    // An input that had killed two workers would not be tried again.
    answer = other.post("/predict", R"({"mode":"exit","after_items":1,"n":)"
                                      + std::to_string(i) + '}');
    if (answer.status == 500) {
      EXPECT_TRUE(answer.complete);
      EXPECT_EQ(answer.body, record);
    } else {
      EXPECT_EQ(answer.status, 200);
      EXPECT_FALSE(answer.complete);
      EXPECT_EQ(answer.body, std::string{"{\"index\":0}\n"} + record + '\n');
      ASSERT_TRUE(other.closed()) << i;
    }
    ASSERT_TRUE(revived());
  }
}

TEST(streaming, fails_in_band_when_the_deadline_passes) {
  served server{streaming_config};
  auto client = server.connect();
  auto answer = client.post("/fault", R"({"mode":"hang","after_items":1})",
                            {{"X-Request-Timeout", "0.2"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(answer.body, "{\"index\":0}\n{\"detail\":\"Request timed out\"}\n");
  EXPECT_TRUE(client.closed());
}

TEST(streaming, ends_with_the_connection_for_http_1_0) {
  served server{streaming_config};
  for (auto fields : {"", "Connection: keep-alive\r\n"}) {
    auto client = server.connect();
    client.send("POST /predict HTTP/1.0\r\nContent-Length: 2\r\n"
                + std::string{fields} + "\r\n{}");
    auto answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.has("Transfer-Encoding"));
    EXPECT_FALSE(answer.has("Content-Length"));
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.body, "{\"index\":0}\n{\"index\":1}\n{\"index\":2}\n");
  }
}

} // namespace troupe

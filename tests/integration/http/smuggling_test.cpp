#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

constexpr auto smuggling_config = R"({
  "models": [{ "name": "square", "type": "square" }]})";

/// The request that a desynchronised server would find.
constexpr auto inner = "GET /health HTTP/1.1\r\nHost: t\r\n\r\n";

struct shape {
  const char* name;
  std::string bytes;
  int status;
};

std::string post(const std::string& fields, const std::string& rest = {}) {
  return "POST /predict HTTP/1.1\r\n" + fields + "\r\n" + rest + inner;
}

std::vector<shape> shapes() {
  const std::string host = "Host: t\r\n";
  const std::string te = host + "Transfer-Encoding: ";
  const std::string chunked = te + "chunked\r\n";
  const std::string body = "c\r\n{\"input\":12}\r\n0\r\n";
  const std::string cl = host + "Content-Length: ";
  const std::string text = R"({"input":12})";
  return {
    {"xchunked", post(te + "xchunked\r\n"), 400},
    {"chunked, gzip", post(te + "chunked, gzip\r\n", "0\r\n\r\n"), 400},
    {"chunked, chunked", post(te + "chunked, chunked\r\n", "0\r\n\r\n"), 400},
    {"gzip", post(te + "gzip\r\n"), 400},
    {"gzip, chunked", post(te + "gzip, chunked\r\n", body + "\r\n"), 501},
    {"identity", post(te + "identity\r\nContent-Length: 12\r\n", text), 400},
    {",chunked", post(te + ",chunked\r\n", body + "\r\n"), 400},
    {"empty TE", post(te + "\r\n"), 400},
    {"two TE", post(chunked + "Transfer-Encoding: chunked\r\n", body), 400},
    {"TE + CL", post(chunked + "Content-Length: 4\r\n", body + "\r\n"), 400},
    {"CL + TE", post(cl + "4\r\nTransfer-Encoding: chunked\r\n", body + "\r\n"),
     400},
    {"TE in 1.0",
     "POST /predict HTTP/1.0\r\n" + chunked + "\r\n" + body + "\r\n" + inner,
     400},
    {"two CL", post(cl + "12\r\nContent-Length: 12\r\n", text), 400},
    {"two different CL", post(cl + "12\r\nContent-Length: 0\r\n", text), 400},
    {"CL list", post(cl + "12, 12\r\n", text), 400},
    {"CL plus", post(cl + "+12\r\n", text), 400},
    {"CL minus", post(cl + "-1\r\n", text), 400},
    {"CL hex", post(cl + "0xc\r\n", text), 400},
    {"CL empty", post(cl + "\r\n", text), 400},
    {"CL huge", post(cl + "99999999999999999999999\r\n", text), 400},
    {"no Host", post("Content-Length: 12\r\n", text), 400},
    {"two Hosts", post("Host: a\r\nHost: b\r\nContent-Length: 12\r\n", text),
     400},
    {"strange Host", post("Host: a b\r\nContent-Length: 12\r\n", text), 400},
    {"folded", post(cl + "12\r\nX: a\r\n b\r\n", text), 400},
    {"folded TE", post(host + "Transfer-Encoding:\r\n chunked\r\n", body), 400},
    {"space before colon", post(host + "Content-Length : 12\r\n", text), 400},
    {"bare LF", "POST /predict HTTP/1.1\nHost: t\n\n" + std::string{inner},
     400},
    {"bare LF in a field", post(cl + "12\r\nX: a\nY: b\r\n", text), 400},
    {"bare CR in a field", post(cl + "12\r\nX: a\rb\r\n", text), 400},
    {"NUL in a field", post(cl + "12\r\nX: a" + std::string(1, '\0') + "\r\n"),
     400},
    {"NUL in the target",
     "GET /a" + std::string(1, '\0') + " HTTP/1.1\r\nHost: t\r\n\r\n" + inner,
     400},
    {"huge trailer",
     post(chunked, body + "X: " + std::string(200'000, 'b') + "\r\n\r\n"), 431},
    {"many trailers",
     post(
       chunked, body +
                  [] {
                    std::string result;
                    for (int i = 0; i < 50'000; ++i)
                      result += "X: y\r\n";
                    return result;
                  }()
                  + "\r\n"),
     431},
    {"huge chunk extension",
     post(chunked, "1;" + std::string(200'000, 'x') + "\r\n1\r\n0\r\n\r\n"),
     431},
    {"chunk size 0x", post(chunked, "0xc\r\n" + text + "\r\n0\r\n\r\n"), 400},
    {"chunk size overflow",
     post(chunked, "fffffffffffffffff\r\n" + text + "\r\n0\r\n\r\n"), 400},
    {"spilled chunk", post(chunked, "3\r\n" + text + "\r\n0\r\n\r\n"), 400},
    {"lower-case method", "get / HTTP/1.1\r\nHost: t\r\n\r\n" + std::string{},
     501},
    {"unknown method", "BREW / HTTP/1.1\r\nHost: t\r\n\r\n", 501},
    {"version 2.0", "GET / HTTP/2.0\r\nHost: t\r\n\r\n", 505},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"GET *", "GET * HTTP/1.1\r\nHost: t\r\n\r\n", 400},
    {"user in the target", "GET http://u@t/ HTTP/1.1\r\nHost: t\r\n\r\n", 400},
    {"no version", "GET / \r\n", 400},
    {"bare LF after the last chunk", post(chunked, body + "\n"), 400},
    {"bare LF after a field", "GET / HTTP/1.1\r\nHost: t\n", 400},
    {"two empty lines", "\r\n\r\nGET / HTTP/1.1\r\nHost: t\r\n\r\n", 400},
    {"long method", std::string(100'000, 'A') + " / HTTP/1.1\r\n\r\n", 501},
    {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"Host of brackets", "GET / HTTP/1.1\r\nHost: ]][[\r\n\r\n", 400},
    {"Host with two ports", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400},
    {"chunk extensions without end",
     post(chunked,
          [] {
            std::string result;
            for (int i = 0; i < 100; ++i)
              result += "1;" + std::string(2'000, 'e') + "\r\n \r\n";
            return result;
          }()),
     400},
    {"garbage", "\x16\x03\x01\x02\r\n\r\n", 400},
    {"raw bytes in the target", "GET /\xff HTTP/1.1\r\nHost: t\r\n\r\n", 400},
    {"space in the target", "GET /a b HTTP/1.1\r\nHost: t\r\n\r\n", 400},
  };
}

} // namespace

TEST(smuggling, is_refused_with_one_answer_and_a_closed_connection) {
  served server{smuggling_config};
  for (const auto& x : shapes()) {
    auto client = server.connect();
    // May fail when the answer is quicker than the rest of the request.
    client.send(x.bytes);
    auto all = client.read_all();
    ASSERT_TRUE(all) << x.name << ": not closed";
    EXPECT_TRUE(all->starts_with("HTTP/1.1 " + std::to_string(x.status) + ' '))
      << x.name << ": " << all->substr(0, 60);
    EXPECT_EQ(count(*all, "\r\nServer: "), 1U) << x.name << ": " << *all;
    EXPECT_EQ(count(*all, "Connection: close\r\n"), 1U) << x.name;
    auto end = all->find("\r\n\r\n");
    ASSERT_NE(end, std::string::npos) << x.name;
    EXPECT_TRUE(json::accept(all->substr(end + 4))) << x.name << ": " << *all;
    ASSERT_EQ(server.post("/predict", R"({"input":2})").status, 200)
      << "after " << x.name;
  }
  EXPECT_EQ(server.program.err().find("exception"), std::string::npos)
    << server.program.err();
}

/// Sends the parts one by one; the server reads them as they come, for the
/// most part.
std::string ask_in_pieces(const served& server,
                          const std::vector<std::string>& pieces) {
  auto client = server.connect();
  for (const auto& x : pieces)
    if (!client.send(x))
      break;
  auto all = client.read_all().value_or("not closed");
  // What differs by nature.
  for (std::string_view field : {"\r\nDate: ", "\r\nX-Request-Id: "})
    for (auto i = all.find(field); i != std::string::npos;
         i = all.find(field, i))
      all.erase(i, all.find("\r\n", i + 2) - i);
  return all;
}

TEST(smuggling, is_answered_in_the_same_way_however_the_bytes_come) {
  served server{smuggling_config};
  auto cases = shapes();
  cases.push_back({"fine",
                   "\r\nGET /health HTTP/1.3\r\nHost: t\r\n"
                   "Connection: close\r\n\r\n",
                   200});
  for (const auto& x : cases) {
    if (x.bytes.size() > 1'000)
      continue;
    auto whole = ask_in_pieces(server, {x.bytes});
    EXPECT_TRUE(whole.starts_with("HTTP/1.1 " + std::to_string(x.status)))
      << x.name << whole;
    std::vector<std::string> bytes;
    for (auto c : x.bytes)
      bytes.emplace_back(1, c);
    EXPECT_EQ(ask_in_pieces(server, bytes), whole) << x.name;
    for (std::size_t i = 1; i < x.bytes.size(); i += 5)
      EXPECT_EQ(
        ask_in_pieces(server, {x.bytes.substr(0, i), x.bytes.substr(i)}), whole)
        << x.name << " cut at " << i;
  }
}

TEST(smuggling, does_not_come_in_by_json) {
  served server{smuggling_config};
  std::string deep(200'000, '[');
  deep.append(200'000, ']');
  for (const auto& body :
       {deep, std::string(200'000, '['), "{\"input\":" + deep + '}'}) {
    auto answer = server.post("/predict", body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(json_of(answer)["detail"].is_string()) << answer.body;
  }
  EXPECT_EQ(server.post("/predict", R"({"input":1e999})").status, 400);
  EXPECT_EQ(server.get("/health").status, 200);
}

TEST(smuggling, does_not_come_in_by_escapes) {
  served server{smuggling_config};
  auto client = server.connect();
  for (auto path : {"/nope%ff", "/%C3%28", "/%ed%a0%80"}) {
    auto answer = client.get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_TRUE(json_of(answer)["detail"].is_string()) << answer.body;
  }
  for (auto path : {"/a%00", "/a%2Fb", "/%", "/%4", "/%zz"})
    EXPECT_EQ(client.get(path).status, 400) << path;
  EXPECT_EQ(client.get("/x/../health").body, "ok");
  EXPECT_EQ(client.get("/x/%2e%2e/health").body, "ok");
  EXPECT_EQ(client.get("/nope%ff/").status, 404);
  EXPECT_EQ(client.post("/predict%0d%0aX:%20y/", "{}").status, 404);
}

} // namespace troupe

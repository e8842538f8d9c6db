#include "troupe/cli/bench/load/request_source.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

using namespace troupe::load;

namespace {

request_options asked_of(std::string_view url) {
  request_options result;
  result.target = target::parse(url);
  return result;
}

std::string next(request_source& x) {
  return *x.next().bytes;
}

} // namespace

TEST(request_source, sends_get_without_a_body) {
  request_source x{asked_of("http://h:1/a?b")};
  EXPECT_EQ(next(x), "GET /a?b HTTP/1.1\r\nHost: h:1\r\nUser-Agent: "
                     "troupe-bench\r\nAccept: */*\r\n\r\n");
}

TEST(request_source, sends_post_with_a_body_and_its_length) {
  auto options = asked_of("http://h/");
  options.bodies = {"{\"a\": 1}"};
  options.content_type = "application/json";
  request_source x{options};
  auto text = next(x);
  EXPECT_EQ(text.find("POST / HTTP/1.1\r\n"), 0U);
  EXPECT_NE(text.find("\r\nContent-Type: application/json\r\n"),
            std::string::npos);
  EXPECT_NE(text.find("\r\nContent-Length: 8\r\n\r\n{\"a\": 1}"),
            std::string::npos);
  EXPECT_TRUE(x.next().stable);
}

TEST(request_source, lets_headers_replace_its_own) {
  auto options = asked_of("http://h/");
  options.bodies = {"x"};
  options.content_type = "application/octet-stream";
  options.headers = {{"content-type", "text/plain"}, {"HOST", "other"}};
  request_source x{options};
  auto text = next(x);
  EXPECT_EQ(text.find("octet-stream"), std::string::npos);
  EXPECT_EQ(text.find("Host: h"), std::string::npos);
  EXPECT_NE(text.find("content-type: text/plain\r\n"), std::string::npos);
}

TEST(request_source, sends_bodies_in_turn) {
  auto options = asked_of("http://h/");
  options.bodies = {"first", "second"};
  request_source x{options};
  EXPECT_NE(next(x).find("first"), std::string::npos);
  EXPECT_NE(next(x).find("second"), std::string::npos);
  EXPECT_NE(next(x).find("first"), std::string::npos);
}

TEST(request_source, sends_all_bodies_when_it_is_one_of_several) {
  auto options = asked_of("http://h/");
  options.bodies = {"first", "second"};
  request_source a{options, 0, 2};
  request_source b{options, 1, 2};
  EXPECT_NE(next(a).find("first"), std::string::npos);
  EXPECT_NE(next(a).find("second"), std::string::npos);
  EXPECT_NE(next(b).find("second"), std::string::npos);
  EXPECT_NE(next(b).find("first"), std::string::npos);
}

TEST(request_source, fills_in_templates_of_path_and_body) {
  auto options = asked_of("http://h/x");
  options.target.path = "/x/{{n}}";
  options.bodies = {"{{n}}!"};
  options.templates = true;
  request_source a{options, 0, 2};
  request_source b{options, 1, 2};
  EXPECT_NE(next(a).find("POST /x/0 "), std::string::npos);
  EXPECT_NE(next(b).find("Content-Length: 2\r\n\r\n1!"), std::string::npos);
  EXPECT_NE(next(a).find("Content-Length: 2\r\n\r\n2!"), std::string::npos);
  EXPECT_FALSE(a.next().stable);
}

TEST(request_source, repeats_random_values_with_the_same_seed_only) {
  auto of = [](std::uint64_t seed, std::uint64_t number) {
    auto options = asked_of("http://h/");
    options.bodies = {"{{uuid}}"};
    options.templates = true;
    options.seed = seed;
    options.first_number = number;
    request_source x{options};
    return next(x);
  };
  EXPECT_EQ(of(1, 0), of(1, 0));
  EXPECT_NE(of(1, 0), of(2, 0));
  EXPECT_NE(of(1, 0), of(1, 1));
}

TEST(request_source, leaves_braces_alone_without_templates) {
  auto options = asked_of("http://h/");
  options.bodies = {"{{n}}"};
  request_source x{options};
  EXPECT_NE(next(x).find("\r\n\r\n{{n}}"), std::string::npos);
}

TEST(request_source, refuses_what_would_break_the_message) {
  auto with = [](const char* name, const char* value) {
    auto options = asked_of("http://h/");
    options.headers = {{name, value}};
    return options;
  };
  EXPECT_THROW(request_source{with("a b", "c")}, std::invalid_argument);
  EXPECT_THROW(request_source{with("a", "b\r\nc: d")}, std::invalid_argument);
  EXPECT_THROW(request_source{with("content-length", "7")},
               std::invalid_argument);
  EXPECT_THROW(request_source{with("Transfer-Encoding", "chunked")},
               std::invalid_argument);
  auto options = asked_of("http://h/");
  options.method = "GET /x";
  EXPECT_THROW(request_source{options}, std::invalid_argument);
}

TEST(form_field, is_a_value_or_a_file) {
  auto x = form_field::parse("a=b=c");
  EXPECT_EQ(x.name, "a");
  EXPECT_EQ(x.value, "b=c");
  troupe::temp_dir dir;
  auto file = dir.write("body.png", {"\x89PNG\0", 5});
  auto y = form_field::parse("image=@" + file.string() + ";type=image/png");
  EXPECT_EQ(y.value, (std::string{"\x89PNG\0", 5}));
  EXPECT_EQ(y.content_type, "image/png");
  EXPECT_EQ(y.filename, "body.png");
}

TEST(form_field, is_refused_when_it_is_neither) {
  EXPECT_THROW(form_field::parse("a"), std::invalid_argument);
  EXPECT_THROW(form_field::parse("=b"), std::invalid_argument);
  EXPECT_THROW(form_field::parse("a=@/nowhere/at/all"), std::invalid_argument);
}

TEST(multipart_body, joins_fields_by_a_boundary_that_they_do_not_have) {
  std::vector<form_field> fields{{"a", "--troupe-bench-boundary-0"},
                                 {"f\"", "x", "f.png", "image/png"}};
  auto [body, type] = multipart_body(fields);
  EXPECT_EQ(type, "multipart/form-data; boundary=troupe-bench-boundary-1");
  EXPECT_EQ(body, "--troupe-bench-boundary-1\r\n"
                  "Content-Disposition: form-data; name=\"a\"\r\n\r\n"
                  "--troupe-bench-boundary-0\r\n"
                  "--troupe-bench-boundary-1\r\n"
                  "Content-Disposition: form-data; name=\"f%22\"; "
                  "filename=\"f.png\"\r\nContent-Type: image/png\r\n\r\nx\r\n"
                  "--troupe-bench-boundary-1--\r\n");
}

#include "troupe/specs/input/form.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/values/error.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

std::string part(std::string_view head, std::string_view content) {
  std::string result{"--XX\r\n"};
  return result.append(head).append("\r\n\r\n").append(content).append("\r\n");
}

std::string field(std::string_view name, std::string_view content) {
  std::string head{"Content-Disposition: form-data; name=\""};
  return part(head.append(name).append("\""), content);
}

constexpr auto end = "--XX--\r\n";

/// Parses; @returns the text of the refusal, or "".
std::string form_refusal(std::string_view body,
                         std::string_view boundary = "XX") {
  try {
    parse_multipart(body, boundary);
    return "";
  } catch (const http_error& e) {
    EXPECT_EQ(e.why().effective_status(), 400);
    return e.why().detail.get<std::string>();
  }
}

request of_type(std::string type, std::string body) {
  request result;
  result.headers.add("Content-Type", std::move(type));
  result.body = std::move(body);
  return result;
}

} // namespace

TEST(form, reads_urlencoded_fields) {
  auto x = parse_urlencoded("input=4.0&a=1&a=2&&text=a+b%26c&empty=&bare");
  EXPECT_EQ(x.number("input"), 4.0);
  EXPECT_EQ(x.all("a"), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(x.at("text"), "a b&c");
  EXPECT_EQ(x.at("empty"), "");
  EXPECT_EQ(x.at("bare"), "");
  EXPECT_EQ(x.find("none"), nullptr);
}

TEST(form, names_the_field_that_is_missing_or_no_number) {
  auto x = parse_urlencoded("input=four");
  try {
    (void)x.number("input");
    FAIL();
  } catch (const validation_error& e) {
    EXPECT_EQ(e.location().front(), "input");
    EXPECT_EQ(e.message(), "expected number, got string");
  }
  EXPECT_THROW((void)x.at("other"), validation_error);
  EXPECT_THROW((void)x.file("input"), validation_error);
}

TEST(form, reads_fields_and_files_of_a_multipart_body) {
  auto body = "preamble\r\n" + field("a", "1")
              + part("content-disposition: form-data; name=f; "
                     "filename=\"a \\\"b\\\".bin\"\r\nContent-Type: image/png",
                     std::string_view{"\0\r\n--X\r\n", 8})
              + field("a", "") + end + "epilogue";
  auto x = parse_multipart(body, "XX");
  EXPECT_EQ(x.all("a"), (std::vector<std::string>{"1", ""}));
  ASSERT_EQ(x.files.size(), 1u);
  EXPECT_EQ(x.file("f").name, "a \"b\".bin");
  EXPECT_EQ(x.file("f").content_type, "image/png");
  EXPECT_EQ(x.file("f").bytes, (std::string{"\0\r\n--X\r\n", 8}));
}

TEST(form, an_empty_filename_is_still_a_file) {
  auto x = parse_multipart(
    part("Content-Disposition: form-data; name=\"f\"; filename=\"\"", "") + end,
    "XX");
  EXPECT_NE(x.find_file("f"), nullptr);
  EXPECT_EQ(x.file("f").content_type, "text/plain");
}

TEST(form, undoes_the_escapes_of_browsers_in_names) {
  auto x = parse_multipart(field("a%22b%0D%0A", "1") + end, "XX");
  EXPECT_NE(x.find("a\"b\r\n"), nullptr);
}

TEST(form, undoes_a_million_escapes_in_one_pass) {
  // More of them than a part's header section may have are refused before.
  std::string escapes;
  for (int i = 0; i < 1'000'000; ++i)
    escapes += "%22";
  EXPECT_EQ(form_refusal(field(escapes, "1") + end),
            "malformed multipart body: a part's header section has more than "
            "16 KiB");
  auto most = escapes.substr(0, 15'000);
  auto x = parse_multipart(field(most, "1") + end, "XX");
  EXPECT_EQ(x.fields[0].first, std::string(5'000, '"'));
}

TEST(form, undoes_only_the_escapes_that_browsers_write) {
  auto x = parse_multipart(field("%2522%22%0D%0A%0d%", "1") + end, "XX");
  EXPECT_EQ(x.fields[0].first, "%2522\"\r\n%0d%");
}

TEST(form, bounds_the_header_section_of_a_part) {
  auto head = [](std::size_t n) {
    std::string result{"X: "};
    result.append(n, 'a');
    return result + "\r\nContent-Disposition: form-data; name=\"a\"";
  };
  auto fixed = head(0).size();
  EXPECT_EQ(form_refusal(part(head(max_part_head - fixed), "1") + end), "");
  EXPECT_EQ(form_refusal(part(head(max_part_head - fixed + 1), "1") + end),
            "malformed multipart body: a part's header section has more than "
            "16 KiB");
}

TEST(form, keeps_the_backslashes_of_file_names) {
  auto name_of = [](std::string_view parameter) {
    std::string head{"Content-Disposition: form-data; name=\"f\"; "};
    auto x = parse_multipart(part(head.append(parameter), "1") + end, "XX");
    return x.file("f").name;
  };
  EXPECT_EQ(name_of(R"(filename="a\b.png")"), R"(a\b.png)");
  EXPECT_EQ(name_of(R"(filename="C:\new\text.txt")"), R"(C:\new\text.txt)");
  EXPECT_EQ(name_of(R"(filename="a\\b.png")"), R"(a\b.png)");
  EXPECT_EQ(name_of(R"(filename="a\"b.png")"), R"(a"b.png)");
  EXPECT_EQ(name_of(R"(filename="a%22b.png")"), R"(a"b.png)");
  EXPECT_EQ(name_of(R"(filename="a\)"), R"(a\)");
}

TEST(form, a_part_with_nothing_but_an_extended_file_name_is_a_file) {
  auto name_of = [](std::string_view parameter) {
    std::string head{"Content-Disposition: form-data; name=\"f\"; "};
    auto x = parse_multipart(part(head.append(parameter), "1") + end, "XX");
    return x.file("f").name;
  };
  EXPECT_EQ(name_of("filename*=utf-8''%e2%82%ac%20rates.csv"),
            "\u20ac rates.csv");
  EXPECT_EQ(name_of("filename*=UTF-8'en'a.csv"), "a.csv");
  EXPECT_EQ(name_of("filename*=iso-8859-1''%e4.csv"), "\u00e4.csv");
  EXPECT_EQ(name_of("filename*=koi8-r''%c1"), "koi8-r''%c1");
  EXPECT_EQ(name_of("filename*=plain.txt"), "plain.txt");
  EXPECT_EQ(name_of("filename=a.csv; filename*=utf-8''b.csv"), "a.csv");
}

TEST(form, names_what_is_missing_as_json_does) {
  form x;
  for (auto ask : {+[](const form& f) { static_cast<void>(f.at("a")); },
                   +[](const form& f) { static_cast<void>(f.file("a")); }}) {
    try {
      ask(x);
      FAIL();
    } catch (const validation_error& e) {
      EXPECT_EQ(e.message(), "Field required");
      EXPECT_EQ(e.location().front(), "a");
    }
  }
}

TEST(form, refuses_a_malformed_multipart_body) {
  EXPECT_NE(form_refusal("", "XX"), "");
  EXPECT_NE(form_refusal(field("a", "1")), "");
  EXPECT_NE(form_refusal(field("a", "1") + end, "YY").find("not in the body"),
            std::string::npos);
  EXPECT_NE(form_refusal(field("a", "1") + end, "").find("boundary"),
            std::string::npos);
  EXPECT_NE(form_refusal(part("Content-Type: text/plain", "1") + end)
              .find("Content-Disposition"),
            std::string::npos);
  EXPECT_NE(form_refusal(part("Content-Disposition: form-data", "1") + end)
              .find("no name"),
            std::string::npos);
  EXPECT_NE(form_refusal(part("no colon", "1") + end).find("colon"),
            std::string::npos);
  EXPECT_NE(form_refusal("--XX\r\n\r\n1\r\n--XX--").find("Content-Disposition"),
            std::string::npos);
  EXPECT_NE(form_refusal("--XX\r\nContent-Disposition: form-data; name=a\r\n"),
            "");
  EXPECT_NE(form_refusal("--XXX\r\n"), "");
  EXPECT_NE(form_refusal(part("Content-Disposition: form-data; name=a\r\n"
                              "Content-Transfer-Encoding: base64",
                              "MQ==")
                         + end)
              .find("Content-Transfer-Encoding"),
            std::string::npos);
}

TEST(form, refuses_a_part_that_says_twice_what_it_is) {
  EXPECT_NE(form_refusal(part("Content-Disposition: form-data; name=a\r\n"
                              "content-disposition: form-data; name=b",
                              "1")
                         + end)
              .find("repeats content-disposition"),
            std::string::npos);
  EXPECT_NE(
    form_refusal(part("Content-Disposition: form-data; name=a; filename=f\r\n"
                      "Content-Type: text/html\r\nContent-Type: image/png",
                      "1")
                 + end)
      .find("repeats Content-Type"),
    std::string::npos);
}

TEST(form, copies_the_files_of_a_body_that_somebody_else_owns) {
  auto body = std::make_unique<std::string>(
    part("Content-Disposition: form-data; name=f; filename=f", "bytes") + end);
  auto x = parse_multipart(std::string_view{*body}, "XX");
  body = nullptr;
  EXPECT_EQ(x.file("f").bytes.view(), "bytes");
}

TEST(form, shares_the_files_of_a_spooled_body) {
  request req;
  req.headers.add("Content-Type", "multipart/form-data; boundary=XX");
  req.spooled = shared_bytes{
    part("Content-Disposition: form-data; name=f; filename=f", "bytes")
    + field("a", "1") + end};
  auto whole = req.spooled.view();
  auto x = read_form(req);
  EXPECT_EQ(x.at("a"), "1");
  EXPECT_GE(x.file("f").bytes.data(), whole.data());
  EXPECT_LT(x.file("f").bytes.data(), whole.data() + whole.size());
  // The form keeps what it needs of the body.
  req = {};
  EXPECT_EQ(x.file("f").bytes.view(), "bytes");
}

TEST(form, bounds_what_its_fields_hold_but_not_its_files) {
  std::string large(max_form_text, 'x');
  auto status = [](std::string_view body) {
    try {
      parse_multipart(body, "XX");
      return 200;
    } catch (const http_error& e) {
      return e.why().effective_status();
    }
  };
  EXPECT_EQ(status(field("a", large.substr(1)) + end), 200);
  EXPECT_EQ(status(field("a", large) + end), 413);
  EXPECT_EQ(status(field("a", large.substr(9)) + field("b", "12345678") + end),
            413);
  EXPECT_EQ(
    status(part("Content-Disposition: form-data; name=f; filename=f", large)
           + end),
    200);
  EXPECT_THROW(parse_urlencoded("a=" + large), http_error);
}

TEST(form, bounds_the_number_of_its_parts) {
  std::string many;
  for (std::size_t i = 0; i <= max_form_parts; ++i)
    many += field("a", "1");
  EXPECT_NE(form_refusal(many + end).find("1000"), std::string::npos);
  std::string fields;
  for (std::size_t i = 0; i <= max_form_parts; ++i)
    fields += "a=1&";
  EXPECT_THROW(parse_urlencoded(fields), http_error);
}

TEST(form, goes_by_the_content_type_with_its_parameters) {
  EXPECT_EQ(read_form(of_type("Application/X-WWW-Form-Urlencoded; "
                              "charset=utf-8",
                              "a=1"))
              .at("a"),
            "1");
  EXPECT_EQ(read_form(of_type("multipart/form-data; charset=utf-8; "
                              "BOUNDARY=\"XX\"",
                              field("a", "1") + end))
              .at("a"),
            "1");
  try {
    read_form(of_type("application/json", "{}"));
    FAIL();
  } catch (const http_error& e) {
    EXPECT_EQ(e.why().effective_status(), 415);
    EXPECT_TRUE(e.why().headers.find("Accept"));
  }
}

TEST(form, finds_the_parameters_of_a_header) {
  EXPECT_EQ(header_parameter("a/b; x=1; y=\"2;3\\\"4\"; z=5", "y"), "2;3\"4");
  EXPECT_EQ(header_parameter("a/b; x=1; y=\"2\"; z=5", "Z"), "5");
  EXPECT_EQ(header_parameter("a/b;x", "x"), "");
  EXPECT_EQ(header_parameter("a/b; x=\"1", "x"), "1");
  EXPECT_EQ(header_parameter("", "x"), "");
}

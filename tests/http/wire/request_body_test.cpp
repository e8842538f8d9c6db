// What comes of framing is in the tests of request_parser.
#include "troupe/http/around/gzip.hpp"
#include "troupe/http/wire/request_body.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

class request_body_test : public ::testing::Test {
public:
  request_body_test() {
    limits.body_memory_bytes = 100;
  }

  connection_limits limits;
  request req;
};

TEST_F(request_body_test, keeps_what_it_is_given) {
  request_body x{limits, req};
  EXPECT_TRUE(x.announce(200));
  EXPECT_TRUE(x.take(std::string(150, 'a')));
  EXPECT_TRUE(x.take(std::string(50, 'b')));
  EXPECT_TRUE(x.finish());
  EXPECT_EQ(req.body, std::string(150, 'a') + std::string(50, 'b'));
}

TEST_F(request_body_test, is_bounded) {
  request_body x{limits, req};
  x.limit(10);
  EXPECT_FALSE(x.announce(11));
  EXPECT_TRUE(x.take("0123456789"));
  EXPECT_FALSE(x.take("x"));
  EXPECT_EQ(x.why().code, errc::payload_too_large);
}

TEST_F(request_body_test, spools_a_large_form_also_when_it_is_coded) {
  req.headers = {{"Content-Type", "multipart/form-data; boundary=b"},
                 {"Content-Length", "7"}};
  request_body x{limits, req};
  x.coding(content_coding::gzip);
  std::string form(5000, 'f');
  EXPECT_TRUE(x.take(gzip(form, 6)));
  EXPECT_TRUE(x.finish());
  EXPECT_EQ(req.body, "");
  EXPECT_EQ(req.bytes(), form);
  EXPECT_EQ(req.header("Content-Length"), "5000");
}

TEST_F(request_body_test, keeps_no_memory_for_what_is_in_a_file) {
  limits.body_memory_bytes = 10'000;
  req.headers = {{"Content-Type", "multipart/form-data; boundary=b"}};
  request_body x{limits, req};
  EXPECT_TRUE(x.take(std::string(9'000, 'f')));
  EXPECT_TRUE(x.take(std::string(9'000, 'f')));
  EXPECT_EQ(req.body.capacity(), std::string{}.capacity());
  EXPECT_TRUE(x.finish());
  EXPECT_EQ(req.bytes().size(), 18'000U);
}

TEST_F(request_body_test, bounds_the_decoded_body) {
  request_body x{limits, req};
  x.coding(content_coding::gzip);
  x.limit(4999);
  EXPECT_FALSE(x.take(gzip(std::string(5000, 'f'), 6)));
  EXPECT_EQ(x.why().code, errc::payload_too_large);
}

TEST_F(request_body_test, tells_a_coded_body_that_is_cut_off) {
  request_body x{limits, req};
  x.coding(content_coding::gzip);
  EXPECT_TRUE(x.take(gzip("text", 6).substr(0, 20)));
  EXPECT_FALSE(x.finish());
  EXPECT_EQ(x.why().code, errc::bad_request);
}

TEST_F(request_body_test, decodes_nothing_that_is_thrown_away) {
  request_body x{limits, req};
  x.coding(content_coding::gzip);
  x.discard();
  EXPECT_TRUE(x.take("no gzip at all"));
  EXPECT_TRUE(x.finish());
  EXPECT_EQ(req.bytes(), "");
}

} // namespace

} // namespace troupe

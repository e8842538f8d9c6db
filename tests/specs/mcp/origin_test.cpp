#include "troupe/specs/mcp/origin.hpp"

#include <gtest/gtest.h>

using troupe::mcp::is_loopback_origin;

TEST(is_loopback_origin, knows_the_pages_of_this_machine) {
  for (const auto* x :
       {"http://localhost", "http://localhost:6274", "https://LOCALHOST:1",
        "http://127.0.0.1", "http://127.0.0.1:8000", "https://127.1.2.3:443",
        "http://[::1]", "http://[::1]:8000"})
    EXPECT_TRUE(is_loopback_origin(x)) << x;
}

TEST(is_loopback_origin, is_not_taken_in) {
  for (const auto* x : {"",
                        "null",
                        "localhost",
                        "http://",
                        "http://localhost.example.com",
                        "http://127.0.0.1.example.com",
                        "http://127.example.com",
                        "http://127.0.0",
                        "http://127.0.0.",
                        "http://127..0.1",
                        "http://127.0.0.1000",
                        "http://example.com:127",
                        "http://localhost@example.com",
                        "http://localhost:80/x",
                        "http://localhost:",
                        "http://[::1",
                        "http://[::2]",
                        "http://10.0.0.1",
                        "file://localhost",
                        "http://[::1]x:1",
                        "http://127.0.0.1:1:2"})
    EXPECT_FALSE(is_loopback_origin(x)) << x;
}

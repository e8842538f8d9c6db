#include "troupe/http/caf_options.hpp"
#include "troupe/http/options.hpp"
#include "troupe/http/server.hpp"
#include "troupe/http/server/own_system.hpp"
#include "troupe/http/start_error.hpp"

#include <gtest/gtest.h>

using troupe::check_caf_options;

TEST(check_caf_options, takes_what_caf_knows) {
  EXPECT_EQ(check_caf_options({}), "");
  EXPECT_EQ(check_caf_options({{"scheduler.max-threads", "2"},
                               {"scheduler.policy", "'sharing'"}}),
            "");
}

TEST(check_caf_options, names_what_caf_would_ignore) {
  EXPECT_EQ(check_caf_options({{"schedular.max-threads", "2"}}),
            "schedular.max-threads: CAF has no option of this name, did you "
            "mean \"scheduler.max-threads\"?");
  EXPECT_EQ(check_caf_options({{"troupe.x", "1"}}),
            "troupe.x: CAF has no option of this name");
  EXPECT_EQ(check_caf_options({{"scheduler.max-threads", "-1"}}),
            "scheduler.max-threads: expected uint64, got -1");
  EXPECT_EQ(check_caf_options({{"scheduler.policy", "{{"}}),
            "scheduler.policy: expected atom, got {{");
}

TEST(check_caf_options, is_asked_by_the_servers_options) {
  troupe::server_options options;
  options.caf = {{"a.b", "1"}};
  EXPECT_EQ(options.validate(), "caf.a.b: CAF has no option of this name");
}

TEST(check_caf_options, leaves_those_of_a_host_to_the_host) {
  troupe::own_system host{{}};
  auto options = troupe::server_options{};
  options.caf = {{"scheduler.max-threads", "2"}};
  troupe::server server{host.get(), options, troupe::no_log()};
  EXPECT_THROW(server.start(), troupe::start_error);
}

#include "troupe/specs/mcp/json_rpc.hpp"
#include "troupe/specs/mcp/session.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace troupe;
using namespace troupe::mcp;
using nlohmann::json;

namespace {

/// The status that a session is refused with; 0: it is not.
int session_refusal(const header_map& headers) {
  try {
    session_of(headers, 7);
  } catch (const rpc_error& e) {
    EXPECT_EQ(e.id(), 7);
    return e.effective_status();
  }
  return 0;
}

} // namespace

TEST(new_session, is_another_one_each_time) {
  std::set<std::string> seen;
  for (auto i = 0; i < 100; ++i) {
    auto x = new_session();
    EXPECT_EQ(x.size(), 32U);
    EXPECT_EQ(x.find_first_not_of("0123456789abcdef"), std::string::npos) << x;
    seen.insert(x);
  }
  EXPECT_EQ(seen.size(), 100U);
}

TEST(session_of, reads_what_a_server_gave) {
  EXPECT_EQ(session_of({}, 1), "");
  auto given = new_session();
  EXPECT_EQ(session_of({{"mcp-session-id", given}}, 1), given);
}

TEST(session_of, sends_clients_of_other_servers_back_to_the_beginning) {
  for (const auto* other : {"", "1", "0123456789abcdef0123456789abcde",
                            "0123456789ABCDEF0123456789ABCDEF",
                            "01234567-89ab-cdef-0123-456789abcdef",
                            "0123456789abcdef0123456789abcdef0"})
    EXPECT_EQ(session_refusal({{"Mcp-Session-Id", other}}), 404) << other;
}

TEST(session_of, takes_one_session_only) {
  EXPECT_EQ(session_refusal({{"Mcp-Session-Id", new_session()},
                             {"Mcp-Session-Id", new_session()}}),
            400);
}

TEST(running_name, tells_apart_sessions_and_types_of_ids) {
  std::set<std::string> names{running_name("a", 1), running_name("a", "1"),
                              running_name("b", 1), running_name("a", 11),
                              running_name("a", "\"1\"")};
  EXPECT_EQ(names.size(), 5U);
  EXPECT_EQ(running_name("a", 1), running_name("a", json::parse("1")));
}

TEST(running_name, is_empty_without_a_session) {
  EXPECT_EQ(running_name("", 1), "");
}

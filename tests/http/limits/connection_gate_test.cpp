#include "troupe/http/limits/connection_gate.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace troupe {

namespace {

auto address_of(const char* text) {
  return boost::asio::ip::make_address(text);
}

std::shared_ptr<connection_gate> make_gate(connection_gate::bounds b) {
  return std::make_shared<connection_gate>(b);
}

TEST(connection_gate, has_so_many_places_and_takes_them_back) {
  auto gate = make_gate({2, 0, true, 0});
  auto a = gate->enter(address_of("10.0.0.1"));
  auto b = gate->enter(address_of("10.0.0.2"));
  ASSERT_TRUE(a && b);
  EXPECT_FALSE(gate->enter(address_of("10.0.0.3")));
  EXPECT_FALSE(gate->enter_reserve(address_of("10.0.0.3")));
  a.reset();
  EXPECT_TRUE(gate->enter(address_of("10.0.0.3")));
}

TEST(connection_gate, gives_each_address_so_many) {
  auto gate = make_gate({10, 1, true, 0});
  auto a = gate->enter(address_of("10.0.0.1"));
  ASSERT_TRUE(a);
  EXPECT_TRUE(gate->client_is_full(address_of("10.0.0.1")));
  EXPECT_FALSE(gate->enter(address_of("10.0.0.1")));
  EXPECT_FALSE(gate->enter(address_of("::ffff:10.0.0.1"))) << "the same one";
  EXPECT_FALSE(gate->client_is_full(address_of("10.0.0.2")));
  auto b = gate->enter(address_of("10.0.0.2"));
  EXPECT_TRUE(b);
  a.reset();
  EXPECT_FALSE(gate->client_is_full(address_of("10.0.0.1")));
  EXPECT_TRUE(gate->enter(address_of("10.0.0.1")));
}

TEST(connection_gate, takes_a_network_of_64_bits_for_one_client) {
  auto gate = make_gate({10, 1, true, 0});
  auto a = gate->enter(address_of("2001:db8:1:2::1"));
  ASSERT_TRUE(a);
  EXPECT_FALSE(gate->enter(address_of("2001:db8:1:2:ffff::9")));
  EXPECT_TRUE(gate->enter(address_of("2001:db8:1:3::1")));
}

TEST(connection_gate, may_leave_the_loopback_out) {
  auto gate = make_gate({10, 1, false, 0});
  std::vector<connection_ticket> tickets;
  for (auto* text :
       {"127.0.0.1", "127.0.0.1", "::1", "::1", "::ffff:127.0.0.1"})
    if (auto ticket = gate->enter(address_of(text)))
      tickets.push_back(std::move(*ticket));
  EXPECT_EQ(tickets.size(), 5U);
}

TEST(connection_gate, lets_one_in_for_another_that_is_about_to_leave) {
  auto gate = make_gate({1, 0, true, 2});
  auto a = gate->enter(address_of("10.0.0.1"));
  auto b = gate->enter(address_of("10.0.0.2"), true);
  auto c = gate->enter(address_of("10.0.0.2"), true);
  EXPECT_TRUE(b && c);
  EXPECT_FALSE(b->reserve());
  EXPECT_FALSE(gate->enter(address_of("10.0.0.2"), true)) << "within bounds";
}

TEST(connection_gate, gives_each_client_a_quarter_of_the_reserve) {
  auto gate = make_gate({1, 0, true, 8});
  std::vector<connection_ticket> tickets;
  auto enter = [&](const char* text) {
    auto ticket = gate->enter_reserve(address_of(text));
    if (!ticket)
      return false;
    EXPECT_TRUE(ticket->reserve());
    tickets.push_back(std::move(*ticket));
    return true;
  };
  EXPECT_TRUE(enter("10.0.0.1"));
  EXPECT_TRUE(enter("10.0.0.1"));
  EXPECT_FALSE(enter("10.0.0.1"));
  for (auto* text : {"10.0.0.2", "10.0.0.3", "10.0.0.4"})
    EXPECT_TRUE(enter(text) && enter(text));
  EXPECT_FALSE(enter("10.0.0.5"));
  tickets.clear();
  EXPECT_TRUE(enter("10.0.0.5"));
  EXPECT_TRUE(gate->enter(address_of("10.0.0.5"))) << "a place of its own";
}

} // namespace

} // namespace troupe

#include "troupe/actors/routing/router.hpp"
#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

using namespace troupe;

namespace {

class router_test : public deterministic_system {
protected:
  router_test() {
    table = std::make_shared<routing_snapshot>();
    table->targets.resize(1);
    table->targets[0].owner = "m";
    table->targets[0].pool = own(sys.spawn(scripted_pool, told, nullptr));
    table->targets[0].admission = admission;
    tested = own(sys.spawn(router, router_config{}));
  }

  std::shared_ptr<recording_exchange> send(std::string id) {
    auto ex = ask("{}", std::move(id));
    tell(tested, routed_request{ex, table, &table->targets[0]});
    run();
    return ex;
  }

  notes told = make_notes();
  std::shared_ptr<troupe::admission> admission =
    std::make_shared<troupe::admission>(1);
  std::shared_ptr<routing_snapshot> table;
  router_actor tested;
};

} // namespace

TEST_F(router_test, hands_a_request_to_the_pool_of_its_model) {
  auto ex = send("a");
  EXPECT_EQ(*told, std::vector<std::string>{"exchange a"});
  EXPECT_TRUE(ex->ticket);
}

TEST_F(router_test, answers_what_it_refuses) {
  auto all = take_every_ticket(admission);
  auto ex = send("a");
  EXPECT_EQ(ex->error->code, errc::overloaded);
  EXPECT_TRUE(told->empty());
}

TEST_F(router_test, leaves_it_to_the_pool_who_goes_when_there_is_no_room) {
  admission_ticket all{admission};
  auto ex = send("a");
  EXPECT_EQ(*told, std::vector<std::string>{"exchange a"});
  EXPECT_TRUE(ex->ticket.is_above());
}

TEST_F(router_test, lets_go_of_the_version_that_a_request_came_with) {
  auto ex = send("a");
  EXPECT_EQ(table.use_count(), 1);
}

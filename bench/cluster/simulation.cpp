#include "troupe/bench/cluster/simulation.hpp"

#include "troupe/actors/pool/work_queue.hpp"
#include "troupe/bench/cluster/event_queue.hpp"
#include "troupe/bench/cluster/handles.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace troupe::bench {

namespace {

using time_point = event_queue::time_point;

struct recorder {
  /// Of all requests, also those that are not recorded.
  std::uint64_t ended = 0;
  simulation_result result = {};
  time_point from = time_point::max();
  /// The last arrival.
  time_point to = time_point::max();
};

/// A request of a client.
class client_request : public exchange {
public:
  client_request(recorder& out, time_point now) : arrived(now), out_(&out) {
    // nop
  }

  const time_point arrived;
  time_point begun_at = {};
  time_point answered = {};
  std::uint32_t node = 0;

protected:
  flow do_write(payload) override {
    return flow::ok;
  }

  void do_finish(reply) override {
    ++out_->ended;
    if (arrived < out_->from)
      return;
    auto& to = out_->result;
    to.waits.push_back(static_cast<float>(seconds_of(begun_at - arrived)));
    to.latencies.push_back(static_cast<float>(seconds_of(answered - arrived)));
    ++to.answers[node];
    to.retried += in_pool.attempts > 1 ? 1 : 0;
    to.in_time += answered <= out_->to ? 1 : 0;
  }

  void do_fail(failure) override {
    ++out_->ended;
    if (arrived >= out_->from)
      ++out_->result.failed;
  }

private:
  recorder* out_;
};

/// The same on its node.
class node_request : public exchange {
public:
  explicit node_request(std::shared_ptr<client_request> x) : of(std::move(x)) {
    // nop
  }

  const std::shared_ptr<client_request> of;

protected:
  flow do_write(payload) override {
    return flow::ok;
  }

  void do_finish(reply) override {
    // nop
  }

  void do_fail(failure) override {
    // Lost with its node; the front answers.
  }
};

struct node {
  work_queue pool;
  bool alive = true;
  bool slow = false;
  /// Counts its lives: what was planned in an earlier one does not happen.
  std::uint32_t life = 0;
};

class cluster {
public:
  cluster(caf::actor_system& sys, const simulation_plan& plan)
    : plan_(plan),
      arrivals_(plan.seed),
      services_(plan.seed + 0x9e3779b9),
      losses_(plan.seed + 0x7f4a7c15),
      remote_(sys, plan.nodes),
      local_(sys, plan.workers),
      nodes_(plan.nodes) {
    out_.result.answers.resize(plan.nodes);
    out_.result.waits.reserve(plan.arrivals);
    out_.result.latencies.reserve(plan.arrivals);
    start();
  }

  simulation_result run() {
    while (answering() && events_.step()) {
      // nop
    }
    out_.result.simulated_seconds = seconds_of(out_.to - out_.from);
    front_ = {};
    nodes_.clear();
    return std::move(out_.result);
  }

private:
  /// Losses go on for ever.
  [[nodiscard]] bool answering() const {
    return out_.ended < plan_.arrivals;
  }

  void start() {
    work_queue::owner owner;
    owner.now = [this] { return events_.now(); };
    owner.send_one = [this](const worker_actor& to, const exchange_ptr& ex) {
      send(remote_.index_of(to), std::static_pointer_cast<client_request>(ex));
    };
    owner.send_batch = [](const worker_actor&, const batch_ptr&) {
      // Batches are closed on the nodes.
    };
    front_ = work_queue{
      {.idempotent = plan_.losses.idempotent, .died_status = 503}, owner};
    for (std::uint32_t i = 0; i < plan_.nodes; ++i) {
      nodes_[i].slow = i < plan_.slow_nodes;
      begin_life(i);
      plan_loss(i);
    }
    events_.after(next_arrival(), [this] { arrive(); });
  }

  // -- clients ----------------------------------------------------------------

  event_queue::duration next_arrival() {
    return seconds(arrivals_.exponential() / arrival_rate(plan_));
  }

  void arrive() {
    if (++arrived_ == plan_.arrivals / 10)
      out_.from = events_.now();
    front_.put(make_sink<client_request>(out_, events_.now()));
    if (arrived_ < plan_.arrivals)
      events_.after(next_arrival(), [this] { arrive(); });
    else
      out_.to = events_.now();
  }

  // -- between front and node -------------------------------------------------

  void send(std::uint32_t to, std::shared_ptr<client_request> ex) {
    ex->node = to;
    if (plan_.network == 0) {
      take(to, std::move(ex));
      return;
    }
    events_.after(seconds(plan_.network),
                  [this, to, ex = std::move(ex), life = nodes_[to].life] {
                    if (nodes_[to].life == life)
                      take(to, ex);
                  });
  }

  void take(std::uint32_t at, std::shared_ptr<client_request> ex) {
    if (nodes_[at].alive)
      nodes_[at].pool.put(make_sink<node_request>(std::move(ex)));
  }

  void answer(std::uint32_t from, const std::shared_ptr<client_request>& ex) {
    ex->answered = events_.now();
    ex->finish();
    front_.idle({from});
  }

  // -- nodes ------------------------------------------------------------------

  void begin_life(std::uint32_t index) {
    auto& x = nodes_[index];
    x.alive = true;
    work_queue::owner owner;
    owner.now = [this] { return events_.now(); };
    owner.send_one = [this, index](const worker_actor& to, exchange_ptr ex) {
      run_model(index, local_.index_of(to), {std::move(ex)});
    };
    owner.send_batch = [this, index](const worker_actor& to,
                                     const batch_ptr& batch) {
      run_model(index, local_.index_of(to), *batch);
    };
    owner.tick_later = [this, index](event_queue::duration delay,
                                     batch_number batch) {
      events_.after(delay, [this, index, batch, life = nodes_[index].life] {
        if (nodes_[index].life == life && nodes_[index].alive)
          nodes_[index].pool.tick(batch);
      });
    };
    x.pool = work_queue{{.batch = plan_.batch}, owner};
    for (std::uint32_t i = 0; i < plan_.workers; ++i)
      x.pool.join({{i}, local_.all[i]});
    const auto capacity =
      plan_.workers * static_cast<std::uint32_t>(plan_.batch.max_size);
    front_.join({{index}, remote_.all[index], capacity, true});
  }

  void run_model(std::uint32_t at, std::uint32_t worker,
                 std::vector<exchange_ptr> batch) {
    const auto n = static_cast<double>(batch.size());
    for (const auto& ex : batch)
      static_cast<node_request&>(*ex).of->begun_at = events_.now();
    out_.result.model_calls += out_.from < events_.now() ? 1 : 0;
    const auto time = services_.service(plan_.service)
                      * (plan_.call_time + n * plan_.item_time)
                      * (nodes_[at].slow ? 2 : 1);
    events_.after(seconds(time), [this, at, worker, batch = std::move(batch),
                                  life = nodes_[at].life] {
      if (nodes_[at].life == life && nodes_[at].alive)
        end_model(at, worker, batch);
    });
  }

  void end_model(std::uint32_t at, std::uint32_t worker,
                 const std::vector<exchange_ptr>& batch) {
    for (const auto& x : batch) {
      x->finish();
      auto of = static_cast<node_request&>(*x).of;
      if (plan_.network == 0)
        answer(at, of);
      else
        events_.after(seconds(plan_.network),
                      [this, at, of, life = nodes_[at].life] {
                        // What is on its way arrives, also from the dead.
                        if (nodes_[at].life == life)
                          answer(at, of);
                      });
    }
    nodes_[at].pool.idle({worker});
  }

  // -- losses -----------------------------------------------------------------

  void plan_loss(std::uint32_t index) {
    if (plan_.losses.between > 0)
      events_.after(seconds(losses_.exponential() * plan_.losses.between),
                    [this, index] { lose(index); });
  }

  void lose(std::uint32_t index) {
    const auto& how = plan_.losses;
    nodes_[index].alive = false;
    nodes_[index].pool = {};
    out_.result.losses += out_.from < events_.now() ? 1 : 0;
    const auto noticed =
      how.noticed_from
      + losses_.uniform() * (how.noticed_to - how.noticed_from);
    events_.after(seconds(noticed), [this, index] {
      ++nodes_[index].life;
      front_.died(remote_.all[index].address());
    });
    // It cannot be back before the front knows that it was gone.
    events_.after(seconds(noticed + losses_.exponential() * how.repair),
                  [this, index] {
                    begin_life(index);
                    plan_loss(index);
                  });
  }

  const simulation_plan& plan_;
  event_queue events_;
  dice arrivals_;
  dice services_;
  dice losses_;
  handles remote_;
  /// The same for each node: a queue compares its own only.
  handles local_;
  recorder out_;
  work_queue front_;
  std::vector<node> nodes_;
  std::uint64_t arrived_ = 0;
};

double share(const std::vector<std::uint64_t>& of, std::uint64_t one) {
  std::uint64_t all = 0;
  for (auto x : of)
    all += x;
  return static_cast<double>(one) * static_cast<double>(of.size())
         / static_cast<double>(all);
}

} // namespace

double simulation_result::least_share() const {
  return share(answers, *std::min_element(answers.begin(), answers.end()));
}

double simulation_result::greatest_share() const {
  return share(answers, *std::max_element(answers.begin(), answers.end()));
}

double arrival_rate(const simulation_plan& plan) {
  const auto fast = plan.nodes - plan.slow_nodes;
  const auto workers = plan.workers * (fast + plan.slow_nodes / 2.0);
  const auto batch = static_cast<double>(plan.batch.max_size);
  return plan.load * workers * batch
         / (plan.call_time + batch * plan.item_time);
}

simulation_result simulate(caf::actor_system& sys,
                           const simulation_plan& plan) {
  return cluster{sys, plan}.run();
}

} // namespace troupe::bench

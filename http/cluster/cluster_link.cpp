#include "troupe/http/cluster/cluster_link.hpp"

#include "troupe/actors/cluster/coordinator.hpp"
#include "troupe/actors/cluster/member.hpp"
#include "troupe/actors/runtime/asking.hpp"
#include "troupe/specs/json/json.hpp"

#include <array>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace troupe {

namespace {

/// Returns the machine's name and the number of the process.
std::string default_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0)
    host = {};
  return std::string{host.data()} + ':' + std::to_string(::getpid());
}

} // namespace

tls_files files_of(const cluster_tls_options& x) {
  return {x.certificate, x.key, x.client_ca};
}

model_server_config model_server_of(const runtime& rt,
                                    const model_definition& definition) {
  return {definition.options.name,
          rt.cell(),
          rt.board(),
          dump_json(definition.metadata),
          definition.options.queue.max_size,
          definition.options.execution != execution_mode::inlined};
}

model_actor spawn_model_server(caf::actor_system& sys, const runtime& rt,
                               const model_server_config& config) {
  return spawn_placed(sys, placement{rt.home()}, model_server, config);
}

cluster_link::cluster_link(caf::actor_system& sys, runtime& rt,
                           cluster_options options, log_sink log,
                           std::function<void(const std::string&)> on_refused)
  : system_(sys),
    runtime_(rt),
    options_(std::move(options)),
    log_(std::move(log)),
    on_refused_(std::move(on_refused)) {
  // nop
}

cluster_link::~cluster_link() {
  stop();
}

bool cluster_link::has_tls() const {
  return files_of(options_.tls).enabled();
}

void cluster_link::start() {
  if (!is_prepared(system_, has_tls()))
    throw std::runtime_error(
      "cluster: the actor system is the host's and knows "
      "no other machines; call prepare_cluster for its "
      "config");
  if (!options_.listen.empty())
    listen();
  if (!options_.join.empty())
    join();
}

void cluster_link::listen() {
  const auto at = parse_cluster_address(options_.listen);
  cluster_ =
    spawn_placed(system_, placement{runtime_.home()}, troupe::coordinator,
                 coordinator_config{runtime_.supervisor(), runtime_.cell(),
                                    log_, options_.secret, TROUPE_VERSION});
  port_ = publish(system_, cluster_, at.host, at.port, has_tls());
  log_(log_level::info, "nodes may join at " + (at.host.empty() ? "*" : at.host)
                          + ':' + std::to_string(port_));
}

void cluster_link::join() {
  const auto to = parse_cluster_address(options_.join);
  member_config config;
  config.host = to.host;
  config.port = to.port;
  config.connector = caf::actor_cast<caf::actor>(connector(system_, has_tls()));
  config.name = options_.name.empty() ? default_name() : options_.name;
  config.labels = options_.labels;
  config.secret = options_.secret;
  config.version = TROUPE_VERSION;
  config.log = log_;
  config.on_refused = on_refused_;
  for (const auto& x : runtime_.models()) {
    auto what = model_server_of(runtime_, x);
    models_.emplace_back(x.options.name,
                         spawn_model_server(system_, runtime_, what));
    config.models.emplace_back(std::move(what), models_.back().second);
  }
  member_ = spawn_placed(system_, placement{runtime_.home()}, troupe::member,
                         std::move(config));
}

bool cluster_link::leave(std::chrono::milliseconds timeout) {
  if (member_ == nullptr)
    return true;
  auto result = false;
  caf::scoped_actor self{system_, true};
  self->request(member_, timeout, atom::leave_v)
    .receive([&](atom::drained) { result = true; }, [](const caf::error&) {});
  return result;
}

void cluster_link::stop() {
  caf::scoped_actor self{system_, true};
  end_actor(self, std::exchange(member_, nullptr));
  for (const auto& [name, x] : std::exchange(models_, {}))
    end_actor(self, x);
  if (auto x = std::exchange(cluster_, nullptr); x != nullptr) {
    unpublish(system_, x, port_, has_tls());
    end_actor(self, x);
  }
}

} // namespace troupe

#include "troupe/models/process/worker_host.hpp"

#include "troupe/models/process/hosted_exchange.hpp"
#include "troupe/models/process/worker_inbox.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using std::chrono::milliseconds;

void send_text(frame_channel& channel, const char* type, const char* key,
               std::string_view text) {
  worker::outgoing_frame frame{type};
  frame.text(key, text);
  frame.close();
  channel.send(frame);
}

std::string_view loop_of(const model_definition& x, std::size_t capacity) {
  if (x.continuous)
    return "continuous";
  if (capacity > 1)
    return "async";
  if (x.batched)
    return x.streaming ? "batched_streaming" : "batched";
  return x.streaming ? "streaming" : "single";
}

class host {
public:
  host(frame_channel& channel, const hosted_model& make)
    : channel_(&channel), make_(&make), inbox_(channel) {
    // nop
  }

  int run() {
    auto start = inbox_.wait_for_start();
    if (!start)
      return 0;
    try {
      set_up(*start);
      while (serve_next()) {
      }
      model_ = nullptr;
      return 0;
    } catch (const std::exception& e) {
      send_text(*channel_, "fatal", "text", e.what());
    } catch (...) {
      send_text(*channel_, "fatal", "text",
                "an exception that is not a std::exception");
    }
    // What has no answer gets one from the server.
    channel_->end_sending();
    return 1;
  }

private:
  worker_slot slot_for(const worker::start_message& x) {
    worker_slot result;
    result.model = x.model;
    result.index = x.index;
    result.device = x.device;
    result.pure = x.pure;
    result.log = [channel = channel_](log_level level, std::string_view text) {
      worker::outgoing_frame frame{"log"};
      frame.text("level", to_string(level)).text("text", text);
      frame.close();
      channel->send(frame);
    };
    result.values = [channel = channel_](std::string_view, std::string_view key,
                                         const nlohmann::json& value) {
      worker::outgoing_frame frame{"log"};
      frame.text("key", key).json("value", dump_json(value));
      frame.close();
      channel->send(frame);
    };
    result.post = [this](std::function<void()> f) {
      inbox_.post(std::move(f));
    };
    return result;
  }

  void set_up(const worker::start_message& x) {
    auto definition = (*make_)(x);
    auto slot = slot_for(x);
    model_ = definition.make(slot);
    model_->setup(slot);
    model_->warmup();
    worker::hello_message hello;
    hello.capacity = model_->capacity();
    hello.loop = loop_of(definition, hello.capacity);
    hello.batched = definition.batched;
    hello.has_health = definition.has_health;
    hello.schema = definition.metadata;
    channel_->send(to_frame(hello));
  }

  /// Waits for something to do, and does it.
  /// @returns false at the end
  bool serve_next() {
    std::optional<milliseconds> timeout;
    if (next_ != progress::idle)
      timeout = next_ == progress::more ? milliseconds{0} : congestion_pause;
    auto work = inbox_.take(timeout);
    if (work.stop)
      return false;
    for (auto& f : work.jobs)
      f();
    if (work.health)
      answer_health();
    for (auto& calls : work.calls)
      process(std::move(calls));
    next_ = progress::idle;
    if (model_->open() > 0) {
      worker_inbox::busy_time busy{inbox_};
      next_ = model_->step();
    }
    return true;
  }

  void answer_health() {
    auto healthy = false;
    worker_inbox::busy_time busy{inbox_};
    try {
      healthy = model_->healthy();
    } catch (const std::exception& e) {
      send_text(*channel_, "log", "text",
                std::string{"health threw: "}.append(e.what()));
    }
    worker::outgoing_frame frame{"health"};
    frame.flag("healthy", healthy);
    frame.close();
    channel_->send(frame);
  }

  void process(std::vector<exchange_ptr> calls) {
    batch_ = std::move(calls);
    std::erase_if(batch_, [](const auto& ex) {
      return ex->cancelled() && ex->fail(make_failure(errc::cancelled));
    });
    if (batch_.empty())
      return;
    {
      worker_inbox::busy_time busy{inbox_};
      model_->process(batch_);
    }
    if (!model_->answers_later())
      for (const auto& ex : batch_)
        if (!ex->ended())
          ex->fail(make_failure(errc::internal));
    batch_.clear();
  }

  frame_channel* channel_;
  const hosted_model* make_;
  worker_inbox inbox_;
  std::unique_ptr<model> model_;
  /// Of the call that runs: outlives an exception of the model.
  std::vector<exchange_ptr> batch_;
  progress next_ = progress::idle;
};

} // namespace

int host_worker(frame_channel& channel, const hosted_model& make) {
  try {
    return host{channel, make}.run();
  } catch (const worker::protocol_error& e) {
    send_text(channel, "fatal", "text", e.what());
    return 1;
  }
}

unique_fd inherited_connection() {
  const auto* text = std::getenv("TROUPE_WORKER_FD");
  auto fd = text != nullptr ? std::atoi(text) : -1;
  if (fd < 3 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    throw std::runtime_error("this command is run by a server, which says in "
                             "TROUPE_WORKER_FD where it listens");
  ::unsetenv("TROUPE_WORKER_FD");
  return unique_fd{fd};
}

} // namespace troupe

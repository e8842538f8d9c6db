#include "troupe/http/observe/trace/otlp_exporter.hpp"

#include "troupe/http/observe/join_within.hpp"
#include "troupe/http/observe/trace/collector_client.hpp"
#include "troupe/http/observe/trace/otlp_json.hpp"
#include "troupe/specs/text/log_text.hpp"
#include "troupe/specs/text/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <variant>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How often a batch is tried, and how long it waits in between at first and at
/// most.
constexpr int most_tries = 4;
constexpr milliseconds first_pause{1'000};
constexpr milliseconds longest_pause{10'000};

/// How often the log tells of a collector that does not take spans.
constexpr std::chrono::seconds telling_of_loss{60};

collector_url url_of(const telemetry_options& options) {
  auto url = parse_collector_url(options.target());
  if (const auto* what = std::get_if<std::string>(&url))
    throw std::runtime_error("telemetry.otlp_endpoint: " + *what);
  return std::get<collector_url>(std::move(url));
}

/// As OTLP has it.
bool may_try_again(int status) noexcept {
  return status == 0 || status == 429 || status == 502 || status == 503
         || status == 504;
}

/// How many spans a collector says that it did not take.
std::uint64_t rejected_by(const std::string& body) {
  const auto x = nlohmann::json::parse(body, nullptr, false);
  if (!x.is_object() || !x.contains("partialSuccess")
      || !x["partialSuccess"].is_object())
    return 0;
  const auto& n = x["partialSuccess"].value("rejectedSpans", nlohmann::json{});
  if (n.is_number_unsigned())
    return n.get<std::uint64_t>();
  if (!n.is_string())
    return 0;
  const auto& text = n.get_ref<const std::string&>();
  constexpr std::size_t most_digits = 9;
  if (text.size() > most_digits || !is_digits(text))
    return 0;
  return std::stoull(text);
}

} // namespace

/// Shared with the thread, which may be left behind.
class otlp_exporter::impl {
public:
  impl(const telemetry_options& options, std::string version, log_sink log)
    : options_(options),
      version_(std::move(version)),
      log_(std::move(log)),
      client_(url_of(options), options.headers, options.ca_file) {
    // nop
  }

  void begin(const std::shared_ptr<impl>& self) {
    thread_ = std::thread{[self] { self->run(); }};
  }

  void take(std::vector<span>&& spans) noexcept {
    try {
      std::unique_lock guard{mutex_};
      if (ended_ || spans_.size() + spans.size() > options_.max_queue) {
        dropped_.fetch_add(spans.size(), std::memory_order_relaxed);
        return;
      }
      const auto before = spans_.size();
      std::move(spans.begin(), spans.end(), std::back_inserter(spans_));
      if (before == 0
          || (before < options_.max_batch
              && spans_.size() >= options_.max_batch))
        changed_.notify_all();
    } catch (...) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  bool end(milliseconds bound) {
    std::unique_lock guard{mutex_};
    if (!thread_.joinable())
      return ended_;
    ending_ = true;
    changed_.notify_all();
    return join_within(thread_, guard, done_, bound, [this] { return ended_; });
  }

  [[nodiscard]] std::uint64_t sent() const noexcept {
    return sent_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return dropped_.load(std::memory_order_relaxed);
  }

private:
  void run() {
    std::unique_lock guard{mutex_};
    for (;;) {
      changed_.wait(guard, [this] { return ending_ || !spans_.empty(); });
      changed_.wait_for(guard, options_.delay, [this] {
        return ending_ || spans_.size() >= options_.max_batch;
      });
      if (spans_.empty())
        break;
      auto batch = next_batch();
      guard.unlock();
      send(batch);
      guard.lock();
    }
    ended_ = true;
    done_.notify_all();
  }

  /// @pre locked
  std::vector<span> next_batch() {
    if (spans_.size() <= options_.max_batch)
      return std::exchange(spans_, {});
    const auto end =
      spans_.begin() + static_cast<std::ptrdiff_t>(options_.max_batch);
    std::vector<span> result{std::move_iterator{spans_.begin()},
                             std::move_iterator{end}};
    spans_.erase(spans_.begin(), end);
    return result;
  }

  void send(const std::vector<span>& batch) {
    const auto text =
      to_otlp_json(batch, options_, version_, clock_offset::now());
    auto wait = first_pause;
    for (int i = 1;; ++i) {
      const auto answer = client_.post(text, options_.timeout);
      if (answer.status >= 200 && answer.status < 300) {
        const auto refused =
          std::min<std::uint64_t>(rejected_by(answer.body), batch.size());
        sent_.fetch_add(batch.size() - refused, std::memory_order_relaxed);
        if (refused > 0)
          lose(refused, "it refused some of a batch");
        return;
      }
      auto pause = wait;
      if (answer.retry_after)
        pause = std::min<milliseconds>(*answer.retry_after, longest_pause);
      if (!may_try_again(answer.status) || i == most_tries || !sleeps(pause)) {
        lose(batch.size(), answer.status == 0
                             ? answer.error
                             : "it answered " + std::to_string(answer.status));
        return;
      }
      wait = std::min(wait * 2, longest_pause);
    }
  }

  /// @returns false when the server ends
  bool sleeps(milliseconds pause) {
    std::unique_lock guard{mutex_};
    return !changed_.wait_for(guard, pause, [this] { return ending_; });
  }

  void lose(std::uint64_t n, const std::string& why) {
    dropped_.fetch_add(n, std::memory_order_relaxed);
    const auto now = steady_clock::now();
    if (now < next_)
      return;
    next_ = now + telling_of_loss;
    log_(log_level::warning, "telemetry: the collector at " + options_.target()
                               + " does not take spans (" + why + "); "
                               + std::to_string(dropped()) + " dropped so far");
  }

  telemetry_options options_;
  std::string version_;
  log_sink log_;
  collector_client client_;
  steady_clock::time_point next_{};
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable done_;
  std::vector<span> spans_;
  bool ending_ = false;
  bool ended_ = false;
  std::thread thread_;
};

otlp_exporter::otlp_exporter(const telemetry_options& options,
                             std::string version, log_sink log)
  : impl_(std::make_shared<impl>(options, std::move(version), std::move(log))) {
  impl_->begin(impl_);
}

otlp_exporter::~otlp_exporter() {
  end(milliseconds{0});
}

void otlp_exporter::take(std::vector<span> spans) noexcept {
  impl_->take(std::move(spans));
}

bool otlp_exporter::end(milliseconds bound) {
  return impl_->end(bound);
}

std::uint64_t otlp_exporter::sent() const noexcept {
  return impl_->sent();
}

std::uint64_t otlp_exporter::dropped() const noexcept {
  return impl_->dropped();
}

} // namespace troupe

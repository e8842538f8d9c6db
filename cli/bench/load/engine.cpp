#include "troupe/cli/bench/load/engine.hpp"

#include "troupe/cli/bench/load/load_thread.hpp"
#include "troupe/cli/bench/load/tls.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace troupe::load {

class engine::impl {
public:
  impl(const engine_options& options, const load_level& level, time_point start,
       std::chrono::nanoseconds window) {
    // Fails here, not on a thread.
    [[maybe_unused]] const request_source checked{options.request};
    tls_ = make_tls(options);
    auto addresses = resolve(options.request.target);
    auto count = std::clamp<std::size_t>(
      options.threads, 1, std::max<std::size_t>(1, level.connections));
    for (std::size_t i = 0; i < count; ++i) {
      load_thread::settings part{i, count, level, start, window};
      part.level.rate = level.rate / static_cast<double>(count);
      part.level.connections =
        level.connections / count + (i < level.connections % count ? 1 : 0);
      threads_.push_back(std::make_unique<load_thread>(
        options, part, addresses, tls_ ? &*tls_ : nullptr));
    }
    auto origin = std::chrono::steady_clock::now();
    for (const auto& x : threads_)
      x->begin(origin);
  }

  window_stats window(std::size_t index) {
    window_stats result;
    for (const auto& x : threads_)
      result.merge(x->window(index));
    return result;
  }

  std::vector<std::uint64_t> each_second() {
    std::vector<std::uint64_t> result;
    for (const auto& x : threads_) {
      auto part = x->each_second();
      result.resize(std::max(result.size(), part.size()));
      for (std::size_t i = 0; i < part.size(); ++i)
        result[i] += part[i];
    }
    return result;
  }

  std::uint64_t next_number() {
    std::uint64_t result = 0;
    for (const auto& x : threads_)
      result = std::max(result, x->next_number());
    return result;
  }

  void finish(time_point end, std::chrono::nanoseconds patience) {
    std::vector<std::future<void>> all;
    for (const auto& x : threads_)
      all.push_back(x->finish(end, patience));
    for (auto& x : all)
      x.wait();
  }

private:
  std::optional<boost::asio::ssl::context> tls_;
  std::vector<std::unique_ptr<load_thread>> threads_;
};

engine::engine(const engine_options& options, const load_level& level,
               time_point start, std::chrono::nanoseconds window)
  : impl_(std::make_unique<impl>(options, level, start, window)) {
  // nop
}

engine::~engine() {
  // nop
}

window_stats engine::window(std::size_t index) {
  return impl_->window(index);
}

std::vector<std::uint64_t> engine::each_second() {
  return impl_->each_second();
}

std::uint64_t engine::next_number() {
  return impl_->next_number();
}

void engine::finish(time_point end, std::chrono::nanoseconds patience) {
  impl_->finish(end, patience);
}

} // namespace troupe::load

#include "troupe/http/around/rate_limit.hpp"

#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/error.hpp"

#include <algorithm>
#include <cmath>

namespace troupe {

namespace {

/// A longer name costs memory for each client; the rest of it is ignored.
constexpr std::size_t max_name = 256;

} // namespace

std::string rate_limit_options::validate() const {
  if (!(per_second >= 0) || per_second > 1e9)
    return "rate_limit.per_second: from 0 (off) to 1e9";
  if (!(burst >= 1) || burst > 1e9)
    return "rate_limit.burst: from 1 to 1e9";
  if (max_clients == 0)
    return "rate_limit.max_clients: at least 1";
  if (!key_header.empty() && !is_token(key_header))
    return "rate_limit.key_header: not the name of a header: \"" + key_header
           + '"';
  return {};
}

bool names_addresses(std::string_view field) noexcept {
  return iequals(field, "X-Forwarded-For");
}

token_buckets::token_buckets(double per_second, double burst,
                             std::size_t max_clients)
  : per_second_(per_second), burst_(burst), max_clients_(max_clients) {
  // nop
}

token_buckets::clock::duration token_buckets::take(std::string_view client,
                                                   clock::time_point now) {
  using seconds = std::chrono::duration<double>;
  auto i = index_.find(client);
  if (i == index_.end()) {
    if (index_.size() >= max_clients_) {
      index_.erase(buckets_.back().client);
      buckets_.pop_back();
    }
    buckets_.push_front({std::string{client}, burst_, now});
    i = index_.emplace(buckets_.front().client, buckets_.begin()).first;
  } else {
    buckets_.splice(buckets_.begin(), buckets_, i->second);
  }
  auto& b = *i->second;
  b.tokens =
    std::min(burst_, b.tokens + seconds{now - b.filled}.count() * per_second_);
  b.filled = now;
  if (b.tokens >= 1) {
    b.tokens -= 1;
    return clock::duration::zero();
  }
  auto wait = std::ceil((1 - b.tokens) / per_second_ * 1e9);
  // Far above any real wait, and far below what overflows.
  return std::chrono::nanoseconds{
    static_cast<std::int64_t>(std::clamp(wait, 1.0, 1e18))};
}

rate_limit::rate_limit(rate_limit_options options,
                       std::vector<std::string> exempt)
  : key_header_(names_addresses(options.key_header)
                  // These fields are used only through `trusted_proxies`.
                  ? std::string{}
                  : std::move(options.key_header)),
    exempt_(std::move(exempt)),
    buckets_(options.per_second, options.burst, options.max_clients) {
  // nop
}

std::optional<reply> rate_limit::before(request& req) {
  if (std::find(exempt_.begin(), exempt_.end(), req.path) != exempt_.end())
    return std::nullopt;
  // A letter tells addresses from names, so that no client can pose as the
  // address of another. Without the port, which differs for each connection.
  std::string client = "a";
  client.append(without_port(req.remote));
  if (!key_header_.empty())
    if (auto name = req.headers.find_last(key_header_).value_or("");
        !name.empty())
      client = std::string{"k"}.append(name.substr(0, max_name));
  token_buckets::clock::duration wait{};
  {
    std::unique_lock guard{mutex_};
    wait = buckets_.take(client, token_buckets::clock::now());
  }
  if (wait == wait.zero())
    return std::nullopt;
  // Thrown, so that the endpoint's owner renders it.
  auto left = std::chrono::ceil<std::chrono::seconds>(wait).count();
  throw http_error{status_of(errc::too_many_requests),
                   std::string{default_detail(errc::too_many_requests)},
                   {{"Retry-After", std::to_string(left)}}};
}

} // namespace troupe

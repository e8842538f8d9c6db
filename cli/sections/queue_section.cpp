#include "troupe/cli/sections/queue_section.hpp"

#include "troupe/cli/options/option_field.hpp"

#include <limits>
#include <map>
#include <string>

namespace troupe::fields {

/// An object of numbers; a value that is not a number becomes one that no check
/// accepts.
template <>
struct json_form<std::map<std::string, double>> {
  static constexpr auto kind = option_kind::free_object;
  static std::optional<nlohmann::json>
  show(const std::map<std::string, double>& xs) {
    return nlohmann::json(xs);
  }
  static void read(const nlohmann::json& j,
                   std::map<std::string, double>& out) {
    for (const auto& [name, value] : j.items())
      out[name] = value.is_number() ? value.get<double>()
                                    : std::numeric_limits<double>::quiet_NaN();
  }
};

} // namespace troupe::fields

namespace troupe {

using namespace fields;

option queue_section() {
  return section(
    "queue", "Requests that wait for a worker.",
    {
      bounded(
        "max_size",
        [](auto& d) -> auto& { return d.models.back().options.queue.max_size; },
        1, 10'000'000, "How many wait at most; one more is answered 503."),
      bounded(
        "max_concurrency", [](auto& d) -> auto& {
          return d.models.back().options.queue.max_concurrency;
        },
        0, 10'000'000,
        "How many requests of the predict endpoint may be in work at once, "
        "those that wait included; one more is answered 503. 0 means no such "
        "bound."),
      choice<fair_by>(
        "fair_by",
        [](auto& d) -> auto& { return d.models.back().options.queue.fair_by; },
        {{"traffic", fair_by::traffic},
         {"key", fair_by::key},
         {"address", fair_by::address},
         {"header", fair_by::header}},
        "Whose requests share the workers in equal parts, while more than one "
        "of them waits: those of the predict endpoint and those that come "
        "through specs; those of each API key that is sent, of each client "
        "address, or of each value of fair_header."),
      text(
        "fair_header", [](auto& d) -> auto& {
          return d.models.back().options.queue.fair_header;
        },
        "The header field that names the client, for fair_by header."),
      free_object(
        "weights",
        [](auto& d) -> auto& { return d.models.back().options.queue.weights; },
        "The parts of clients by the value of that field, e.g. {\"gold\": 4}; "
        "others have 1."),
      bounded(
        "max_per_client", [](auto& d) -> auto& {
          return d.models.back().options.queue.max_per_client;
        },
        0, 10'000'000,
        "How many requests of one client (fair_by) may be in work at once, "
        "those that wait included; one more is answered 429. 0 means no such "
        "bound."),
      field(
        "priority",
        [](auto& d) -> auto& { return d.models.back().options.queue.priority; },
        "Takes requests in the order of their Priority field (RFC 9218: u=0 is "
        "the most urgent, 7 the least, 3 the default). Whoever may call may "
        "say "
        "so, and less urgent requests wait as long as there are others."),
    });
}

} // namespace troupe

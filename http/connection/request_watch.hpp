#pragma once

#include "troupe/actors/table/table_entry.hpp"
#include "troupe/http/builtins/front_shared.hpp"
#include "troupe/http/observe/access/access_record.hpp"
#include "troupe/http/observe/trace/tracer.hpp"
#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/exchange/span.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// What became of the work for a request; a copy, because the exchange may be
/// gone when its answer is out.
struct work_end {
  work_times times = {};
  /// Lives as long as the server.
  const model_series* model = nullptr;
  std::uint32_t worker = request_facts::no_worker;
  std::optional<errc> code = {};
  refusal_reason refusal = refusal_reason::none;
};

/// Returns what is known by now.
[[nodiscard]] work_end end_of(const exchange& ex);

/// How the answer of a request went out.
struct answer_end {
  int status = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  /// Whether the client left before the end.
  bool left = false;
};

/// Observes one request, from its header section to the end of its answer, for
/// the access log, traces and `Server-Timing`. One for each connection, used
/// for one request after the other, and only where somebody wants to know. For
/// the connection's thread.
class request_watch {
public:
  using time_point = deadline_clock::time_point;

  /// Whether anybody wants to know.
  [[nodiscard]] static bool wanted(const front_shared& shared) noexcept {
    return shared.access != nullptr || shared.traces != nullptr
           || shared.options.server_timing;
  }

  /// @param lane the connection's thread
  explicit request_watch(std::uint32_t lane) : lane_(lane) {
    // nop
  }

  /// Begins with a request.
  /// @param shared what it goes by; lives until the next one begins
  /// @param readable whether its request line was read
  void begin(const front_shared& shared, const request& req, bool readable,
             time_point now);

  /// The request is for a built-in, whose answers never count as refusals.
  void is_builtin() noexcept {
    taken_ = true;
  }

  /// It goes to its owner.
  void hand_over(exchange& ex);

  /// Its work is done.
  void work_ended(const work_end& x) {
    work_ = x;
  }

  /// Header fields for its answer, whole lines. The view lives until the next
  /// call.
  /// @param so_far what is known of the work
  [[nodiscard]] std::string_view fields(const work_end& so_far, time_point now);

  /// The same with what `work_ended` brought.
  [[nodiscard]] std::string_view fields(time_point now) {
    return fields(work_, now);
  }

  /// Its answer is out, or never will be.
  /// @param entry the endpoint that was found, or null
  void end(const answer_end& how, const table_entry* entry,
           std::string_view request_id);

  [[nodiscard]] const trace_context& trace() const noexcept {
    return start_.trace.context;
  }

private:
  [[nodiscard]] request_outcome
  outcome_of(const answer_end& how) const noexcept;
  [[nodiscard]] bool has_work() const noexcept {
    return work_.times.ended != time_point{};
  }
  void log(const answer_end& how, const table_entry* entry,
           std::string_view request_id, time_point now) const;
  void record(const answer_end& how, const table_entry* entry,
              std::string_view request_id, time_point now) const;

  const front_shared* shared_ = nullptr;
  std::uint32_t lane_;
  /// Whether a request is observed.
  bool active_ = false;
  /// Whether it had an owner.
  bool taken_ = false;
  std::string_view method_;
  std::string path_;
  std::string client_;
  std::string fields_;
  trace_start start_;
  work_end work_;
  time_point began_;
};

/// Lets `watch` observe the next request; takes it away when nobody wants to
/// know.
/// @param seen what it may see; null for nothing
void begin_watch(std::unique_ptr<request_watch>& watch,
                 const front_shared& shared, std::uint32_t lane,
                 const request* seen, bool readable);

} // namespace troupe

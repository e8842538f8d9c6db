#pragma once

#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/reply.hpp"
#include "troupe/specs/values/request.hpp"
#include "troupe/specs/values/trace_context.hpp"
#include "troupe/specs/worker/frame.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the frames of the worker protocol say, see docs/worker-protocol.md.
namespace troupe::worker {

/// How many items of a stream may be sent before the first `credit`.
inline constexpr std::uint64_t initial_credit = 16;

/// Returns a closed frame without anything but its type and, above 0, the `id`
/// of a call.
[[nodiscard]] outgoing_frame plain_frame(std::string_view type,
                                         std::uint64_t id = 0);

// -- from the server ----------------------------------------------------------

/// What a worker needs to make its model.
struct start_message {
  std::string model = {};
  std::uint32_t index = 0;
  std::string model_type = {};
  std::string path = {};
  std::string directory = {};
  nlohmann::json options = nlohmann::json::object();
  nlohmann::json settings = nlohmann::json::object();
  std::string device = "cpu";
  std::size_t batch_max_size = 1;
  bool pure = false;
};

[[nodiscard]] outgoing_frame to_frame(const start_message& x);

/// @throws protocol_error
[[nodiscard]] start_message read_start(const incoming_frame& x);

/// Collects requests for one call of the model.
class call_frame {
public:
  /// @param remaining how much longer the client waits
  /// @pre the request stays until the frame is sent
  /// @param trace what the request belongs to; empty without a trace
  void add(std::uint64_t id, const request& what, std::string_view request_id,
           std::optional<std::chrono::milliseconds> remaining, bool stream,
           const trace_context& trace = {});

  /// Completes the frame, which lives as long as this.
  [[nodiscard]] outgoing_frame& close();

private:
  outgoing_frame frame_{"call"};
  std::string calls_;
  /// Texts of documents.
  std::deque<std::string> kept_;
};

/// A request as a worker gets it.
struct call {
  std::uint64_t id = 0;
  troupe::request request = {};
  std::string request_id = {};
  trace_context trace = {};
  std::optional<std::chrono::milliseconds> remaining = {};
  bool stream = true;
};

/// @throws protocol_error
[[nodiscard]] std::vector<call> read_calls(const incoming_frame& x);

// -- from the worker ----------------------------------------------------------

/// A model that is set up.
struct hello_message {
  std::string loop = "single";
  std::size_t capacity = 1;
  bool batched = false;
  bool has_health = false;
  nlohmann::json schema = nullptr;
};

[[nodiscard]] outgoing_frame to_frame(const hello_message& x);

/// @throws protocol_error
[[nodiscard]] hello_message read_hello(const incoming_frame& x);

/// Sends nothing by itself: `kept` takes what the frame's parts point to, and
/// must stay until it is sent.
[[nodiscard]] outgoing_frame item_frame(std::uint64_t id, payload item,
                                        std::string& kept);
[[nodiscard]] outgoing_frame finish_frame(std::uint64_t id, reply answer,
                                          std::string& kept);
[[nodiscard]] outgoing_frame fail_frame(std::uint64_t id, const failure& why);

/// How a body that is JSON comes back.
enum class json_form : std::uint8_t {
  /// As a document.
  document,
  /// As bytes of the type `application/json`, for a sink that only sends them.
  text,
  /// The same, from a worker that is this program and need not be checked.
  trusted_text,
};

/// Reads the body of an `item` or a `finish`.
/// @throws protocol_error
/// @throws std::domain_error for numbers that JSON cannot write
[[nodiscard]] payload read_payload(const incoming_frame& x, json_form form);

/// @throws protocol_error
/// @throws std::domain_error for numbers that JSON cannot write
[[nodiscard]] reply read_finish(const incoming_frame& x, json_form form);

/// @param log takes what is for the log only
/// @throws protocol_error
[[nodiscard]] failure read_failure(const incoming_frame& x, std::string& log);

// -- members of any header ----------------------------------------------------

/// Returns a member that must be there.
/// @throws protocol_error
[[nodiscard]] std::uint64_t number_of(const nlohmann::json& header,
                                      const char* key);
[[nodiscard]] const std::string& text_of(const nlohmann::json& header,
                                         const char* key);

} // namespace troupe::worker

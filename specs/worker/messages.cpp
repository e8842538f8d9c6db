#include "troupe/specs/worker/messages.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/json/json_string.hpp"
#include "troupe/specs/worker/fields.hpp"
#include "troupe/specs/worker/json_out.hpp"
#include "troupe/specs/worker/tensor_text.hpp"

#include <algorithm>
#include <utility>

namespace troupe::worker {

namespace {

using nlohmann::json;

/// Appends `{"kind":...,"part":...}` for bytes that are a part of the frame.
std::string body_text(std::string_view kind, std::size_t part,
                      std::string_view content_type) {
  std::string out{"{\"kind\":\""};
  out += kind;
  out += "\",\"part\":";
  append_number(out, part);
  if (!content_type.empty()) {
    out += ",\"content_type\":";
    append_json_string(out, content_type);
  }
  out += '}';
  return out;
}

constexpr std::string_view empty_body = R"({"kind":"empty"})";

std::string put_payload(outgoing_frame& frame, payload x, std::string& kept) {
  if (x.empty())
    return std::string{empty_body};
  const auto is_json = x.is_json();
  auto type = is_json ? std::string{} : std::string{x.content_type()};
  kept = std::move(x).take_text();
  return body_text(is_json ? "json" : "bytes", frame.add_part(kept), type);
}

/// Fills the arrays of a body into its text.
std::string with_tensors(const incoming_frame& x, std::string_view text,
                         const json& tensors) {
  if (!tensors.is_array())
    throw protocol_error("tensors is not a list");
  std::string out;
  std::size_t done = 0;
  for (const auto& entry : tensors) {
    raw_tensor tensor;
    const auto at = number_of(entry, "at");
    if (at < done || at > text.size())
      throw protocol_error("a tensor's place is not in the text");
    tensor.dtype = text_of(entry, "dtype");
    for (const auto& n : list_of(entry, "shape")) {
      if (!n.is_number_unsigned())
        throw protocol_error("a tensor's shape is not a list of sizes");
      tensor.shape.push_back(n.get<std::size_t>());
    }
    tensor.bytes = x.part(number_of(entry, "part"));
    out += text.substr(done, at - done);
    append_tensor(out, tensor);
    done = at;
  }
  out += text.substr(done);
  return out;
}

payload read_json_body(const incoming_frame& x, const json& body,
                       json_form form) {
  auto text = x.part(number_of(body, "part"));
  std::string filled;
  if (auto tensors = body.find("tensors"); tensors != body.end()) {
    filled = with_tensors(x, text, *tensors);
    text = filled;
  }
  if (form == json_form::text && !json::accept(text))
    throw protocol_error("an answer that is not JSON");
  if (form != json_form::document)
    return payload::json_text{filled.empty() ? std::string{text}
                                             : std::move(filled)};
  return parse_own(text);
}

} // namespace

outgoing_frame plain_frame(std::string_view type, std::uint64_t id) {
  outgoing_frame frame{type};
  if (id > 0)
    frame.number("id", id);
  frame.close();
  return frame;
}

// -- start --------------------------------------------------------------------

outgoing_frame to_frame(const start_message& x) {
  outgoing_frame frame{"start"};
  frame.number("protocol", protocol_version)
    .text("model", x.model)
    .number("worker", x.index)
    .text("model_type", x.model_type)
    .text("path", x.path)
    .text("directory", x.directory)
    .json("options", dump_json(x.options))
    .json("settings", dump_json(x.settings))
    .text("device", x.device)
    .number("batch_max_size", x.batch_max_size)
    .flag("pure", x.pure);
  frame.close();
  return frame;
}

start_message read_start(const incoming_frame& x) {
  const auto& h = x.header();
  if (number_of(h, "protocol") != protocol_version)
    throw protocol_error("the server speaks version "
                         + std::to_string(number_of(h, "protocol"))
                         + " of the worker protocol, this worker version 1");
  start_message result;
  result.model = text_of(h, "model");
  result.index = static_cast<std::uint32_t>(number_of(h, "worker"));
  result.model_type = text_of(h, "model_type");
  result.path = text_of(h, "path");
  result.directory = text_of(h, "directory");
  result.options = object_of(h, "options");
  result.settings = object_of(h, "settings");
  result.device = text_of(h, "device");
  result.batch_max_size = number_of(h, "batch_max_size");
  result.pure = flag_of(h, "pure", false);
  return result;
}

// -- call ---------------------------------------------------------------------

void call_frame::add(std::uint64_t id, const request& what,
                     std::string_view request_id,
                     std::optional<std::chrono::milliseconds> remaining,
                     bool stream, const trace_context& trace) {
  auto& out = calls_;
  out += out.empty() ? "[{\"id\":" : ",{\"id\":";
  append_number(out, id);
  out += ",\"method\":";
  append_json_string(out, to_string(what.method));
  out += ",\"target\":";
  append_json_string(out, what.target);
  out += ",\"path\":";
  append_json_string(out, what.path);
  out += ",\"params\":[";
  for (std::size_t i = 0; i < what.params.size(); ++i)
    append_pair(out, i, what.params[i].first, what.params[i].second);
  out += "],\"headers\":";
  append_headers(out, what.headers);
  out += ",\"client\":";
  append_json_string(out, what.remote);
  out += ",\"request_id\":";
  append_json_string(out, request_id);
  if (trace) {
    out += ",\"traceparent\":";
    append_json_string(out, to_traceparent(trace));
    if (!trace.state.empty()) {
      out += ",\"tracestate\":";
      append_json_string(out, trace.state);
    }
  }
  out += ",\"remaining_ms\":";
  if (remaining)
    append_number(out, static_cast<std::uint64_t>(
                         std::max(remaining->count(), std::int64_t{0})));
  else
    out += "null";
  out += ",\"max_json_bytes\":";
  append_number(out, what.max_json_memory);
  out += stream ? ",\"stream\":true,\"body\":" : ",\"stream\":false,\"body\":";
  if (what.document != nullptr)
    out += body_text(
      "json", frame_.add_part(kept_.emplace_back(dump_json(*what.document))),
      {});
  else if (auto bytes = what.bytes(); !bytes.empty())
    out +=
      body_text("bytes", frame_.add_part(bytes), what.header("content-type"));
  else
    out += empty_body;
  out += '}';
}

outgoing_frame& call_frame::close() {
  calls_ += ']';
  frame_.json("calls", calls_);
  frame_.close();
  return frame_;
}

namespace {

call read_call(const incoming_frame& x, const json& h) {
  call result;
  auto& r = result.request;
  result.id = number_of(h, "id");
  r.method = method_from(text_of(h, "method"));
  r.target = text_of(h, "target");
  r.path = text_of(h, "path");
  for (const auto& [name, value] : pairs_of(h, "params"))
    r.params.emplace_back(name, value);
  for (const auto& [name, value] : pairs_of(h, "headers"))
    r.headers.add(name, value);
  r.remote = text_of(h, "client");
  result.request_id = text_of(h, "request_id");
  // A server of an older version sends none.
  if (h.contains("traceparent"))
    result.trace =
      parse_traceparent(text_of(h, "traceparent")).value_or(trace_context{});
  if (result.trace && h.contains("tracestate"))
    result.trace.state = parse_tracestate(text_of(h, "tracestate"));
  if (auto i = h.find("remaining_ms"); i != h.end() && !i->is_null())
    result.remaining = std::chrono::milliseconds{
      static_cast<std::int64_t>(number_of(h, "remaining_ms"))};
  r.max_json_memory = number_of(h, "max_json_bytes");
  result.stream = flag_of(h, "stream", true);
  const auto& body = object_of(h, "body");
  const auto& kind = text_of(body, "kind");
  if (kind == "empty")
    return result;
  const auto part = number_of(body, "part");
  if (kind == "json") {
    r.document = std::make_shared<const json>(parse_own(x.part(part)));
  } else if (kind == "bytes") {
    // Models may read `request::body`, which is empty for forms in files only.
    if (r.content_type() == "multipart/form-data")
      r.spooled = x.mapped_part(part);
    if (r.spooled.empty())
      r.body = x.part(part);
  } else {
    throw protocol_error("a body of the kind " + kind);
  }
  return result;
}

} // namespace

std::vector<call> read_calls(const incoming_frame& x) {
  std::vector<call> result;
  for (const auto& h : list_of(x.header(), "calls"))
    result.push_back(read_call(x, h));
  if (result.empty())
    throw protocol_error("a frame of no calls");
  return result;
}

// -- hello --------------------------------------------------------------------

outgoing_frame to_frame(const hello_message& x) {
  outgoing_frame frame{"hello"};
  frame.number("protocol", protocol_version)
    .text("loop", x.loop)
    .number("capacity", x.capacity)
    .flag("batched", x.batched)
    .flag("has_health", x.has_health)
    .json("schema", dump_json(x.schema));
  frame.close();
  return frame;
}

hello_message read_hello(const incoming_frame& x) {
  constexpr std::size_t most_capacity = 1'000'000;
  const auto& h = x.header();
  if (number_of(h, "protocol") != protocol_version)
    throw protocol_error("it speaks version "
                         + std::to_string(number_of(h, "protocol"))
                         + " of the worker protocol, the server version 1");
  hello_message result;
  result.loop = text_of(h, "loop");
  result.capacity = number_of(h, "capacity");
  result.batched = flag_of(h, "batched", false);
  result.has_health = flag_of(h, "has_health", false);
  if (result.capacity == 0 || result.capacity > most_capacity)
    throw protocol_error("a capacity of " + std::to_string(result.capacity));
  if (auto i = h.find("schema"); i != h.end())
    result.schema = *i;
  return result;
}

// -- answers ------------------------------------------------------------------

outgoing_frame item_frame(std::uint64_t id, payload item, std::string& kept) {
  outgoing_frame frame{"item"};
  frame.number("id", id);
  frame.json("body", put_payload(frame, std::move(item), kept));
  frame.close();
  return frame;
}

outgoing_frame finish_frame(std::uint64_t id, reply answer, std::string& kept) {
  outgoing_frame frame{"finish"};
  frame.number("id", id);
  if (answer.status != 200)
    frame.number("status", static_cast<std::uint64_t>(answer.status));
  if (!answer.headers.empty()) {
    std::string headers;
    append_headers(headers, answer.headers);
    frame.json("headers", headers);
  }
  frame.json("body", put_payload(frame, std::move(answer.body), kept));
  frame.close();
  return frame;
}

outgoing_frame fail_frame(std::uint64_t id, const failure& why) {
  outgoing_frame frame{"fail"};
  frame.number("id", id)
    .number("status", static_cast<std::uint64_t>(why.effective_status()))
    .text("code", to_string(why.code))
    .json("detail", dump_json(why.effective_detail()));
  if (!why.headers.empty()) {
    std::string headers;
    append_headers(headers, why.headers);
    frame.json("headers", headers);
  }
  frame.close();
  return frame;
}

payload read_payload(const incoming_frame& x, json_form form) {
  const auto& body = object_of(x.header(), "body");
  const auto& kind = text_of(body, "kind");
  if (kind == "empty")
    return {};
  if (kind == "json")
    return read_json_body(x, body, form);
  if (kind != "bytes")
    throw protocol_error("a body of the kind " + kind);
  std::string type{"application/octet-stream"};
  if (auto i = body.find("content_type"); i != body.end())
    type = text_of(body, "content_type");
  return {std::string{x.part(number_of(body, "part"))}, std::move(type)};
}

reply read_finish(const incoming_frame& x, json_form form) {
  reply result;
  const auto& h = x.header();
  if (h.contains("status"))
    result.status = status_of(h, 200, 599);
  if (h.contains("headers"))
    read_headers(h, result.headers);
  result.body = read_payload(x, form);
  return result;
}

failure read_failure(const incoming_frame& x, std::string& log) {
  const auto& h = x.header();
  failure result;
  result.status = h.contains("status") ? status_of(h, 400, 599) : 500;
  result.code = result.status < 500 ? errc::bad_request : errc::internal;
  if (h.contains("code"))
    result.code = code_from(text_of(h, "code"), result.code);
  if (auto i = h.find("detail"); i != h.end())
    result.detail = *i;
  if (h.contains("headers"))
    read_headers(h, result.headers);
  if (h.contains("log"))
    log = text_of(h, "log");
  return result;
}

} // namespace troupe::worker

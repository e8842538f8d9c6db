// What stands around a request; see session.hpp. None of it costs more than a
// test when nothing is configured.
#include "troupe/http/connection/session.hpp"

#include <utility>

namespace troupe {

error_renderer session::renderer_of(const request& req) const {
  if (snapshot_ == nullptr)
    return render_detail;
  auto match = snapshot_->table.find(req.method, req.path);
  return match.entry != nullptr ? match.entry->render_error
                                : match.render_error;
}

reply session::rendered(const error_renderer& render, const failure& why) {
  try {
    return render(why);
  } catch (...) {
    std::string text;
    failure_from_current_exception(text);
    io_->shared().log(log_level::error,
                      "request " + request_id_
                        + ": the error's renderer threw: " + text);
    return render_detail(make_failure(errc::internal));
  }
}

reply session::refusal(const failure& why) {
  return entry_ != nullptr ? rendered(entry_->render_error, why)
                           : render_detail(why);
}

std::optional<reply> session::enter_middleware() {
  const auto& list = io_->shared().middleware;
  if (list.empty())
    return std::nullopt;
  auto& req = parser_->request();
  for (const auto& x : list) {
    std::optional<reply> result;
    try {
      result = x->before(req);
    } catch (...) {
      std::string text;
      auto why = failure_from_current_exception(text);
      result = rendered(renderer_of(req), why);
      if (!text.empty())
        io_->shared().log(log_level::error, "a middleware threw: " + text);
    }
    if (result) {
      remember(req);
      return result;
    }
    ++entered_;
  }
  remember(req);
  return std::nullopt;
}

void session::choose_request_id() {
  auto id = parser_->request().header(io_->shared().options.request_id_header);
  request_id_ = !id.empty() && id.size() <= 128 && is_field_value(id)
                  ? std::string{id}
                  : io_->next_request_id();
}

void session::remember_broken() {
  if (parser_->header_complete())
    return;
  auto& req = parser_->request();
  parser_->keep_whole_fields(input_.data());
  req.remote = remote_;
  choose_request_id();
  const auto& list = io_->shared().middleware;
  if (list.empty())
    return;
  remember(req);
  broken_ = true;
  entered_ = list.size();
}

void session::leave_middleware(wire_reply& x, bool streamed) {
  if (entered_ == 0)
    return;
  const auto& list = io_->shared().middleware;
  const auto duration = moved_ - began_;
  for (; entered_ > 0; --entered_) {
    if (broken_ && !list[entered_ - 1]->sees_broken_requests())
      continue;
    reply_head head{x.status, x.content_type, x.headers, streamed, duration};
    try {
      list[entered_ - 1]->after(*seen_, head);
    } catch (const std::exception& e) {
      io_->shared().log(log_level::error,
                        std::string{"a middleware threw: "} + e.what());
    } catch (...) {
      io_->shared().log(log_level::error, "a middleware threw");
    }
    if (!streamed && head.status >= 200 && head.status < 1000)
      x.status = head.status;
  }
}

void session::remember(const request& req) {
  if (!std::exchange(remembered_, true))
    began_ = deadline_clock::now();
  // Its memory serves all requests of the connection.
  if (seen_ == nullptr)
    seen_ = std::make_unique<request>();
  // All but the body, which its owner takes.
  seen_->method = req.method;
  seen_->target = req.target;
  seen_->path = req.path;
  seen_->params = req.params;
  seen_->headers = req.headers;
  seen_->remote = req.remote;
}

void session::begin_active(const request& req) {
  const auto& shared = io_->shared();
  active_ = true;
  auto n = shared.board->traffic.active.fetch_add(1, std::memory_order_relaxed);
  if (!shared.callbacks)
    return;
  // Behind middleware only the path's parameters are new.
  if (remembered_)
    seen_->params = req.params;
  else
    remember(req);
  told_ = true;
  notify(shared.callbacks, shared.log,
         [&](callback& x) { x.on_request(req, n + 1); });
}

void session::end_active(int status) {
  if (!std::exchange(active_, false))
    return;
  const auto& shared = io_->shared();
  shared.board->traffic.active.fetch_sub(1, std::memory_order_relaxed);
  if (!std::exchange(told_, false))
    return;
  notify(shared.callbacks, shared.log, [&](callback& x) {
    x.on_response(*seen_, status, deadline_clock::now() - began_);
  });
}

} // namespace troupe

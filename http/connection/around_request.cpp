#include "troupe/http/connection/around_request.hpp"

#include "troupe/actors/runtime_scope.hpp"

#include <utility>

namespace troupe {

around_request::entered around_request::enter(request& req) {
  const auto& list = shared_->middleware;
  if (list.empty())
    return {};
  for (const auto& x : list) {
    entered result;
    try {
      runtime_scope theirs{shared_->board.get()};
      if (auto own = x->before(req))
        result = std::move(*own);
    } catch (...) {
      std::string text;
      result = failure_from_current_exception(text);
      if (!text.empty())
        shared_->log(log_level::error, "a middleware threw: " + text);
    }
    if (result.index() != 0) {
      keep_copy(req);
      return result;
    }
    ++depth_;
  }
  keep_copy(req);
  return {};
}

void around_request::enter_broken(const request& req) {
  if (shared_->middleware.empty())
    return;
  keep_copy(req);
  broken_ = true;
  depth_ = shared_->middleware.size();
}

void around_request::leave(wire_reply& x, bool streamed,
                           deadline_clock::time_point now) {
  const auto& list = shared_->middleware;
  for (; depth_ > 0; --depth_) {
    if (broken_ && !list[depth_ - 1]->sees_broken_requests())
      continue;
    reply_head head{x.status, x.content_type, x.headers, streamed,
                    now - began_};
    try {
      runtime_scope theirs{shared_->board.get()};
      list[depth_ - 1]->after(**copy_, head);
    } catch (const std::exception& e) {
      shared_->log(log_level::error,
                   std::string{"a middleware threw: "} + e.what());
    } catch (...) {
      shared_->log(log_level::error, "a middleware threw");
    }
    if (!streamed && head.status >= 200 && head.status < 1000)
      x.status = head.status;
  }
}

void around_request::keep_copy(const request& req) {
  if (!std::exchange(copied_, true))
    began_ = deadline_clock::now();
  auto& copy = *copy_;
  if (copy == nullptr)
    copy = std::make_unique<request>();
  // All but the body, which its owner takes.
  copy->method = req.method;
  copy->target = req.target;
  copy->path = req.path;
  copy->params = req.params;
  copy->headers = req.headers;
  copy->remote = req.remote;
}

void around_request::begin(const request& req) {
  active_ = true;
  auto& active = shared_->board->traffic.active;
  active.add();
  if (!shared_->callbacks)
    return;
  // After middlewares only the path's parameters are new.
  if (copied_)
    (*copy_)->params = req.params;
  else
    keep_copy(req);
  announced_ = true;
  runtime_scope theirs{shared_->board.get()};
  notify(shared_->callbacks, shared_->log,
         [&](callback& x) { x.on_request(req, active.load()); });
}

void around_request::end(int status) {
  if (!std::exchange(active_, false))
    return;
  shared_->board->traffic.active.subtract();
  if (!std::exchange(announced_, false))
    return;
  runtime_scope theirs{shared_->board.get()};
  notify(shared_->callbacks, shared_->log, [&](callback& x) {
    x.on_response(**copy_, status, deadline_clock::now() - began_);
  });
}

} // namespace troupe

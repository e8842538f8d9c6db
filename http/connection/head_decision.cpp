#include "troupe/http/connection/head_decision.hpp"

#include "troupe/http/limits/connection_gate.hpp"
#include "troupe/http/wire/codings.hpp"

namespace troupe {

head_step decide_on_head(request_scope& scope, request_parser& parser,
                         bool reserve) {
  auto& req = parser.request();
  scope.keep_alive = parser.keep_alive() && !reserve;
  scope.http_11 = parser.is_http_11();
  scope.head_only = req.method == method::head;
  const auto announced = parser.announced_body();
  scope.decide(req, parser.from_page(), announced);
  if (scope.wants_body() && parser.body_pending()
      && parser.body_coding() == content_coding::unsupported)
    scope.early = scope.refusal(unsupported_coding());
  if (reserve && scope.wants_body())
    scope.early =
      scope.refusal(make_failure(errc::overloaded, too_many_connections));
  if (!parser.body_pending())
    return head_step::answer;
  // A client that waits for permission to send a body that nobody wants, or
  // announced a large one, is answered at once.
  if (scope.early
      && (parser.expects_continue() || !announced
          || *announced > request_scope::max_discard)) {
    scope.keep_alive = false;
    return head_step::answer;
  }
  if (!scope.wants_body())
    parser.discard_body();
  parser.limit_body(scope.body_limit());
  return parser.expects_continue() && !scope.early ? head_step::invite_body
                                                   : head_step::read_body;
}

} // namespace troupe

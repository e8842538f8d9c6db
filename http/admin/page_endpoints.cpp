#include "troupe/http/admin/page_endpoints.hpp"

#include "troupe/http/admin/page/page_files.hpp"

#include <string>
#include <utility>

namespace troupe {

namespace {

/// The page loads nothing from elsewhere, sends nothing elsewhere, runs no
/// script that stands in it, and stands in no page of others.
constexpr const char* content_policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
  "connect-src 'self'; base-uri 'none'; form-action 'none'; "
  "frame-ancestors 'none'";

reply file_reply(const page_file& x) {
  reply result{
    200, {}, payload{std::string{x.bytes}, std::string{x.content_type}}};
  result.headers.add("Content-Security-Policy", content_policy);
  result.headers.add("X-Content-Type-Options", "nosniff");
  result.headers.add("Referrer-Policy", "no-referrer");
  // Another version of the server has other files.
  result.headers.add("Cache-Control", "no-cache");
  return result;
}

} // namespace

void add_page_endpoints(admin_spec& to) {
  endpoint open;
  open.access = access::open;
  to.get(
    "/admin", [](const request&, context&) { return file_reply(admin_page()); },
    open);
  to.get(
    "/admin/assets/{name}",
    [](const request& req, context&) {
      auto file = admin_asset(req.param("name"));
      if (!file)
        throw http_error(404, "the admin page has no such file");
      return file_reply(*file);
    },
    open);
}

void add_topology_endpoint(admin_spec& to) {
  to.serve(method::get, "/admin/topology",
           [look = to.hooks().topology](const request&, context&) {
             auto result = json_reply(look());
             result.headers.add("Cache-Control", "no-store");
             return result;
           });
}

void add_drain_endpoint(admin_spec& to) {
  to.serve(method::post, "/admin/drain",
           [drain = to.hooks().drain](const request&, context&) {
             drain();
             return text_reply("the server finishes its work, and then ends",
                               202);
           });
}

} // namespace troupe

#include "troupe/actors/pipeline/step_exchange.hpp"

#include <utility>

namespace troupe {

step_exchange::step_exchange(std::shared_ptr<pipeline_run> run,
                             pipeline_place_ptr at, bool streams)
  : run_(std::move(run)),
    outer_(run_->outer()),
    at_(std::move(at)),
    streams_(streams) {
  request_id = outer_.request_id;
  shard = outer_.shard;
  through_spec = outer_.through_spec;
  facts.arrived = outer_.facts.arrived;
  facts.in_detail = outer_.facts.in_detail;
  // What is left of the request's time is all that there is. A stream may go
  // on after its first item.
  time.lower_deadline(streams ? outer_.time.deadline() : outer_.time.due());
}

void step_exchange::touch(deadline_clock::time_point now) noexcept {
  exchange::touch(now);
  if (streams_)
    outer_.touch(now);
}

bool step_exchange::congested() const noexcept {
  return outer_.congested();
}

bool step_exchange::end_if_too_slow() {
  return outer_.end_if_too_slow();
}

bool step_exchange::cancelled() const noexcept {
  return exchange::cancelled() || outer_.cancelled() || outer_.ended();
}

flow step_exchange::do_write(payload item) {
  if (cancelled())
    return flow::cancelled;
  if (!streams_) {
    abandon(make_failure(errc::internal,
                         "The model yields a stream, which only the last step "
                         "of a pipeline may do"));
    return flow::cancelled;
  }
  const auto now = deadline_clock::now();
  touch(now);
  facts.item(now);
  if (outer_.time.streams())
    time.begin_stream();
  outer_.waits = waits.load();
  outer_.company = company.load();
  return outer_.write(std::move(item));
}

void step_exchange::do_finish(reply answer) {
  facts.finished(deadline_clock::now(), answer.status);
  if (streams_ && begun()) {
    outer_.finish(std::move(answer));
    return;
  }
  run_->answered(at_, std::move(answer));
}

void step_exchange::do_fail(failure why) {
  facts.failed(deadline_clock::now(), why.code, why.effective_status());
  run_->failed(at_, std::move(why), facts.refusal());
}

} // namespace troupe

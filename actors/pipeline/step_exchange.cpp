#include "troupe/actors/pipeline/step_exchange.hpp"

#include "troupe/specs/exchange/call_span.hpp"

#include <utility>

namespace troupe {

step_exchange::step_exchange(std::shared_ptr<pipeline_run> run,
                             pipeline_place_ptr at, bool streams)
  : inner_exchange(run->outer()),
    run_(std::move(run)),
    at_(std::move(at)),
    streams_(streams) {
  through_spec = outer().through_spec;
  facts.arrived = outer().facts.arrived;
  continue_trace(*this, outer().trace);
  // The call has what is left of the request's time. A stream may go on after
  // its first item.
  time.lower_deadline(streams ? outer().time.deadline() : outer().time.due());
}

void step_exchange::touch(deadline_clock::time_point now) noexcept {
  exchange::touch(now);
  if (streams_)
    outer().touch(now);
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
  note_item(*this, deadline_clock::now(), outer());
  return outer().write(std::move(item));
}

void step_exchange::record() const noexcept {
  record_call(*this, outer().trace.context.span_id, "call", at_->step().name);
}

void step_exchange::do_finish(reply answer) {
  facts.finished(deadline_clock::now(), answer.status);
  record();
  if (streams_ && begun()) {
    outer().finish(std::move(answer));
    return;
  }
  run_->answered(at_, std::move(answer));
}

void step_exchange::do_fail(failure why) {
  facts.failed(deadline_clock::now(), why.code, why.effective_status());
  record();
  run_->failed(at_, std::move(why), facts.refusal());
}

} // namespace troupe

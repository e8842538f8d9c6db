#pragma once

#include "troupe/actors/pipeline/pipeline_run.hpp"
#include "troupe/specs/exchange/inner_exchange.hpp"

#include <memory>

namespace troupe {

/// The exchange of one call that a pipeline makes. What the model answers lets
/// the pipeline go on.
class step_exchange : public inner_exchange {
public:
  /// @param streams whether items of the model are items for the client
  step_exchange(std::shared_ptr<pipeline_run> run, pipeline_place_ptr at,
                bool streams);

  // The client's exchange has to know how far a stream is.

  void touch(deadline_clock::time_point now) noexcept override;

protected:
  flow do_write(payload item) override;
  void do_finish(reply answer) override;
  void do_fail(failure why) override;

private:
  /// Its end, for the trace.
  void record() const noexcept;

  std::shared_ptr<pipeline_run> run_;
  pipeline_place_ptr at_;
  bool streams_;
};

} // namespace troupe

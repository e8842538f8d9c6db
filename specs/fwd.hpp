#pragma once

#include <memory>

/// Forward declarations of the module that says *what* is served. Everything
/// here is pure C++: no CAF, no Beast, no threads.
namespace troupe {

class context;
class exchange;
class header_map;
class model;
class payload;
class model_series;
class reply_sink;
class spec;

struct endpoint;
struct failure;
struct model_call;
struct model_definition;
struct model_options;
struct reply;
struct request;
struct worker_slot;

/// A request on its way through the runtime: process-local, shared, never
/// copied.
using exchange_ptr = std::shared_ptr<exchange>;

} // namespace troupe

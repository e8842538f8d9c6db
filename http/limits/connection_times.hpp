#pragma once

#include <chrono>

/// How long a connection waits for what no option bounds.
namespace troupe::connection_times {

using std::chrono::milliseconds;

/// How long a connection that we have ended still reads what is on its way.
inline constexpr milliseconds linger{2'000};

/// How long one of the reserve may take to send its request.
inline constexpr milliseconds reserve{2'000};

/// In a shutdown: how long bytes that were sent before may be on their way, how
/// long a new connection may take to send its first request, and how long the
/// rest of a request may keep us waiting.
inline constexpr milliseconds arrival{20};
inline constexpr milliseconds first_request{500};
inline constexpr milliseconds rest_of_request{2'000};

} // namespace troupe::connection_times

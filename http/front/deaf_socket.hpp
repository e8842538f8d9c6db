#pragma once

namespace troupe {

/// Stops a listening socket from answering new connections, while those on
/// their way complete and can still be accepted. Closing it at once would reset
/// them. Clients that come now try again after a second, and find it closed.
/// Does nothing where the system has no such filter.
void make_deaf(int listening_socket) noexcept;

} // namespace troupe

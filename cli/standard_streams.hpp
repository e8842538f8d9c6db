#pragma once

namespace troupe {

/// Opens /dev/null for each of standard input, output and error that the
/// process was started without. Otherwise the next file or connection would
/// take its number, and what is written to it would go there.
void open_standard_streams();

} // namespace troupe

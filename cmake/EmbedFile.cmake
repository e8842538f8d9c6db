# Writes FILE as the body of a C++ function: cmake -DFILE=... -DOUT=...
# -DHEADER=... -DFUNCTION=... -P EmbedFile.cmake
file(READ "${FILE}" hex HEX)
string(REPEAT "." 64 line)
string(REGEX REPLACE "(${line})" "\\1;" lines "${hex}")
list(TRANSFORM lines REPLACE "(..)" "\\\\x\\1")
list(TRANSFORM lines REPLACE "^(.+)$" "    \"\\1\"")
list(JOIN lines "\n" text)
file(WRITE "${OUT}" "// Made of a file by EmbedFile.cmake.
#include \"${HEADER}\"

namespace troupe {

std::string_view ${FUNCTION}() noexcept {
  static constexpr char bytes[] =
${text};
  return {bytes, sizeof(bytes) - 1};
}

} // namespace troupe
")

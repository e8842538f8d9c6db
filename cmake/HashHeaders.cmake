# Writes what tells one interface of Troupe from another, its version and a
# digest of headers: cmake -DROOT=... -DVERSION=... -DOUT=... -P HashHeaders.cmake
# The headers are those whose types cross between the program and a plugin.
file(GLOB_RECURSE headers RELATIVE "${ROOT}" "${ROOT}/specs/*.hpp"
     "${ROOT}/models/*.hpp")
list(FILTER headers EXCLUDE REGEX "_pch\\.hpp$")
list(FILTER headers INCLUDE REGEX "^(specs/|models/plugin/|models/[a-z_]+\\.hpp)")
list(SORT headers)
set(all "")
foreach(header IN LISTS headers)
  file(SHA256 "${ROOT}/${header}" digest)
  string(APPEND all "${header} ${digest}\n")
endforeach()
string(SHA256 digest "${all}")
string(SUBSTRING "${digest}" 0 16 digest)
file(WRITE "${OUT}.new" "troupe ${VERSION}, headers ${digest}")
file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)
file(REMOVE "${OUT}.new")

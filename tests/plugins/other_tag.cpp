// What a plugin of another Troupe looks like. Whoever calls its second function
// has not looked at its tag.
#include <cstdlib>

extern "C" const char* troupe_plugin_abi() {
  return "troupe 0.0.9, headers 0000000000000000, C++ ABI 1, another library";
}

extern "C" void troupe_plugin_models() {
  std::abort();
}

extern "C" void troupe_plugin_note() {
  std::abort();
}

// Nothing of Troupe.
extern "C" int troupe_plugin_of_others() {
  return 1;
}

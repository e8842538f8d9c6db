#include "troupe/models/plugin/plugin.hpp"

// Asio and Beast, compiled once for the whole tree.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>

// Asio's TLS, compiled here and nowhere else; the rest of Asio is in http/.
#include <boost/asio/ssl/impl/src.hpp>

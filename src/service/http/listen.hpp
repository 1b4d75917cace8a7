// Listen: open sockets to accept on, and the TLS context of a server.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>

#include "base/result.hpp"
#include "service/config/config.hpp"

namespace tutela::http {

using TcpAcceptor = boost::asio::ip::tcp::acceptor;
using UnixAcceptor = boost::asio::local::stream_protocol::acceptor;

struct Listener {
  std::variant<TcpAcceptor, UnixAcceptor> acceptor;
  std::string address;              // as it came out, with the port that the kernel chose
  std::filesystem::path unix_path;  // removed when the server stops
};

/// Binds and listens. A socket file that nobody answers at is stale and is replaced. Errors:
/// kInvalidInput "config.bad_listen"; kConflict "server.address_taken"; kUnavailable
/// "server.cannot_listen".
Result<Listener> listen_on(boost::asio::io_context& io, const std::string& address);

/// nullptr when TLS is off. TLS 1.2 and newer. Error: kInvalidInput "config.bad_tls".
Result<std::shared_ptr<boost::asio::ssl::context>> load_tls(const config::ServerConfig& config);

}  // namespace tutela::http

#include "service/http/listen.hpp"

#include <utility>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <sys/stat.h>

namespace tutela::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

namespace {

Error cannot_listen(const std::string& address, const error_code& error) {
  const bool taken = error == asio::error::address_in_use;
  return {taken ? ErrorKind::kConflict : ErrorKind::kUnavailable,
          taken ? "server.address_taken" : "server.cannot_listen",
          "cannot listen on " + address + ": " + error.message()};
}

/// A socket file is stale when nobody accepts behind it.
error_code remove_stale(asio::io_context& io, const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_socket(path, ignored)) {
    return {};
  }
  Local::socket probe(io);
  error_code error;
  probe.connect(Local::endpoint(path.string()), error);
  if (!error) {
    return asio::error::address_in_use;
  }
  std::filesystem::remove(path, ignored);
  return {};
}

Result<Listener> listen_unix(asio::io_context& io, const std::filesystem::path& path) {
  constexpr mode_t kMode = 0660;  // the group may connect
  const std::string address = "unix:" + path.string();
  if (const error_code error = remove_stale(io, path)) {
    return cannot_listen(address, error);
  }
  UnixAcceptor acceptor(io);
  error_code error;
  acceptor.open(Local(), error);
  if (!error) {
    acceptor.bind(Local::endpoint(path.string()), error);
  }
  if (!error && ::chmod(path.c_str(), kMode) != 0) {
    error = error_code(errno, boost::system::system_category());
  }
  if (!error) {
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    return cannot_listen(address, error);
  }
  return Listener{std::move(acceptor), address, path};
}

Result<Listener> listen_tcp(asio::io_context& io,
                            const config::ListenAddress& wanted,
                            const std::string& address) {
  error_code error;
  tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(wanted.host, std::to_string(wanted.port), tcp::resolver::passive, error);
  if (error || found.empty()) {
    return cannot_listen(address, error);
  }
  const tcp::endpoint endpoint = found.begin()->endpoint();
  TcpAcceptor acceptor(io);
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    acceptor.set_option(asio::socket_base::reuse_address(true), error);
  }
  if (!error) {
    acceptor.bind(endpoint, error);
  }
  if (!error) {
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    return cannot_listen(address, error);
  }
  const tcp::endpoint bound = acceptor.local_endpoint(error);
  const std::string host = bound.address().to_string();
  const std::string shown = bound.address().is_v6() ? "[" + host + "]" : host;
  return Listener{std::move(acceptor), shown + ":" + std::to_string(bound.port()), {}};
}

}  // namespace

Result<Listener> listen_on(asio::io_context& io, const std::string& address) {
  TUTELA_TRY_ASSIGN(const config::ListenAddress wanted, config::parse_listen(address));
  return wanted.unix_path.empty() ? listen_tcp(io, wanted, address)
                                  : listen_unix(io, wanted.unix_path);
}

Result<std::shared_ptr<asio::ssl::context>> load_tls(const config::ServerConfig& config) {
  if (config.tls_certificate.empty()) {
    return std::shared_ptr<asio::ssl::context>();
  }
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  error_code error;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_compression,
                       error);
  if (!error) {
    context->use_certificate_chain_file(config.tls_certificate.string(), error);
  }
  if (!error) {
    context->use_private_key_file(config.tls_key.string(), asio::ssl::context::pem, error);
  }
  if (!error && SSL_CTX_check_private_key(context->native_handle()) != 1) {
    error = asio::error::invalid_argument;
  }
  if (error) {
    return Error{ErrorKind::kInvalidInput,
                 "config.bad_tls",
                 "server.tls_certificate and server.tls_key: " + error.message()};
  }
  return context;
}

}  // namespace tutela::http

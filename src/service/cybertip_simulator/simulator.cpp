#include "service/cybertip_simulator/simulator.hpp"

#include <charconv>
#include <optional>
#include <thread>
#include <utility>

#include "service/cybertip_simulator/core.hpp"
#include "service/cybertip_simulator/session.hpp"

namespace tutela::cybertip_simulator {

namespace {

using asio::ip::tcp;

constexpr int kConnectionsMax = 256;

Result<tcp::endpoint> endpoint_of(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  const Error bad{ErrorKind::kInvalidInput,
                  "simulator.bad_listen",
                  "listen on an address and a port, such as 127.0.0.1:8443 or [::1]:0"};
  if (colon == std::string::npos) {
    return bad;
  }
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t port = 0;
  const auto read = std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), port);
  error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error || read.ec != std::errc() || read.ptr != listen.data() + listen.size()) {
    return bad;
  }
  return tcp::endpoint(address, port);
}

Result<tcp::acceptor> listen_at(asio::io_context& io, const tcp::endpoint& endpoint) {
  tcp::acceptor acceptor(io);
  error_code error;
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
    return Error{ErrorKind::kUnavailable,
                 "simulator.cannot_listen",
                 "the simulator cannot listen: " + error.message()};
  }
  return acceptor;
}

Result<std::optional<asio::ssl::context>> tls_of(const Options& options) {
  if (options.tls_certificate.empty()) {
    return std::optional<asio::ssl::context>();
  }
  std::optional<asio::ssl::context> context(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  error_code error;
  context->use_certificate_chain_file(options.tls_certificate.string(), error);
  if (!error) {
    context->use_private_key_file(options.tls_key.string(), asio::ssl::context::pem, error);
  }
  if (error || SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return Error{ErrorKind::kInvalidInput,
                 "simulator.bad_tls",
                 "the certificate and its key cannot be used together"};
  }
  return context;
}

}  // namespace

struct Simulator::Parts {
  Parts(const Clock& clock, CoreOptions options) : core(clock, std::move(options)) {}

  Core core;
  std::optional<asio::ssl::context> tls;
  asio::io_context io{1};
  std::optional<tcp::acceptor> acceptor;
  std::string url;
  int connections = 0;  // touched by the thread alone
  std::thread thread;

  asio::awaitable<void> serve(tcp::socket socket) {
    ++connections;
    error_code ignored;
    const std::string peer = socket.remote_endpoint(ignored).address().to_string();
    socket.set_option(tcp::no_delay(true), ignored);
    if (tls) {
      Session<Tls> session(Tls(Plain(std::move(socket)), *tls), core, peer);
      co_await session.run();
    } else {
      Session<Plain> session(Plain(std::move(socket)), core, peer);
      co_await session.run();
    }
    --connections;
  }

  asio::awaitable<void> accept() {
    while (true) {
      error_code error;
      tcp::socket socket =
          co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error) {
        asio::steady_timer pause(io, std::chrono::milliseconds(100));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      } else if (connections < kConnectionsMax) {
        asio::co_spawn(io, serve(std::move(socket)), asio::detached);
      }
    }
  }
};

Simulator::Simulator(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Simulator>> Simulator::start(const Clock& clock, Options options) {
  if (options.username.empty() || options.password.empty() ||
      options.username.find(':') != std::string::npos) {
    return Error{ErrorKind::kInvalidInput,
                 "simulator.no_credentials",
                 "the simulator needs a user name (without a colon) and a password"};
  }
  TUTELA_TRY_ASSIGN(const tcp::endpoint endpoint, endpoint_of(options.listen));
  CoreOptions core{
      options.username, options.password, options.folder, options.time_scale, clock.now_ms()};
  auto parts = std::make_unique<Parts>(clock, std::move(core));
  TUTELA_TRY_ASSIGN(parts->tls, tls_of(options));
  TUTELA_TRY_ASSIGN(parts->acceptor, listen_at(parts->io, endpoint));
  error_code ignored;
  const tcp::endpoint bound = parts->acceptor->local_endpoint(ignored);
  const std::string host = bound.address().to_string();
  parts->url = std::string(parts->tls ? "https://" : "http://") +
               (bound.address().is_v6() ? "[" + host + "]" : host) + ":" +
               std::to_string(bound.port()) + "/ispws";
  parts->core.set_faults(std::move(options.faults));
  asio::co_spawn(parts->io, parts->accept(), asio::detached);
  parts->thread = std::thread([raw = parts.get()] { raw->io.run(); });
  // tidy:allow(new): the constructor is private.
  return std::unique_ptr<Simulator>(new Simulator(std::move(parts)));
}

Simulator::~Simulator() {
  parts_->io.stop();
  parts_->thread.join();
}

const std::string& Simulator::url() const noexcept {
  return parts_->url;
}

void Simulator::set_faults(std::vector<Fault> faults) {
  parts_->core.set_faults(std::move(faults));
}

void Simulator::advance(std::int64_t by_ms) {
  parts_->core.advance(by_ms);
}

std::vector<StoredReport> Simulator::reports() {
  return parts_->core.reports();
}

std::string Simulator::reports_json() {
  return parts_->core.reports_json();
}

}  // namespace tutela::cybertip_simulator

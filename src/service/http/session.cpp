#include "service/http/session.hpp"

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "base/uuid.hpp"
#include "service/http/caller.hpp"
#include "service/http/connection.hpp"
#include "service/http/exchange.hpp"
#include "service/http/intake_page.hpp"
#include "service/http/pool.hpp"
#include "service/http/problem.hpp"
#include "service/http/upload.hpp"
#include "service/log/log.hpp"

namespace tutela::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

constexpr std::uint32_t kHeaderBytesMax = 16U << 10;
constexpr std::size_t kChunkBytes = 256U << 10;

/// The border to libraries that throw: a handler's exception is our fault and nothing else.
template <class Work>
Response guarded(const Uuid& request_id, Work work) {
  try {
    return work();
  } catch (const std::exception&) {
    return problem({ErrorKind::kInternal, "server.exception", "an unexpected exception"},
                   request_id);
  }
}

Error too_large() {
  return {ErrorKind::kLimitExceeded, "request.too_large", "the body is larger than is taken here"};
}

/// In the set of open connections for as long as it lives.
struct Registration {
  Registration(Connections& in, std::uint64_t as) : connections(in), id(as) {}

  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  ~Registration() { connections.remove(id); }

  Connections& connections;
  std::uint64_t id;
};

template <class Stream>
class Session final : public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream stream, Peer peer, Shared& shared)
      : connection_(std::move(stream)), peer_(std::move(peer)), shared_(shared), app_(shared.app) {}

  asio::awaitable<void> run() {
    std::weak_ptr<Session> weak = this->weak_from_this();
    const std::uint64_t id = shared_.connections.add([weak] {
      if (const auto self = weak.lock()) {
        asio::post(self->connection_.executor(), [self] { self->close_idle(); });
      }
    });
    const Registration registration{shared_.connections, id};
    bool more = co_await connection_.handshake();
    while (more) {
      more = co_await one_request();
    }
    connection_.close();
  }

 private:
  void close_idle() {
    if (idle_) {
      connection_.cancel();
    }
  }

  /// Whether the connection goes on.
  asio::awaitable<bool> one_request() {
    settings_ = app_.settings.get();
    Parser parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(boost::none);  // bounded by what reads it
    if (app_.stopping.load()) {
      co_return false;
    }
    idle_ = true;
    connection_.expires_after(milliseconds(settings_->server.idle_timeout_ms));
    const error_code error = co_await connection_.read_head(parser);
    idle_ = false;
    Exchange exchange;
    exchange.request.id = new_uuid(app_.clock.now_ms());
    if (error) {
      co_return co_await refuse_malformed(exchange, error);
    }
    exchange.keep_alive = parser.get().keep_alive();
    exchange.http_1_0 = parser.get().version() < 11;
    exchange.body_read = parser.is_done();
    exchange.pages = shared_.pages;
    read_head(parser.get(), shared_.router, exchange);
    note_caller(settings_->people, peer_, std::is_same_v<Stream, Tls>, exchange);
    if (!exchange.answered) {
      co_await authorize(exchange);
    }
    if (!exchange.answered) {
      co_await serve(parser, exchange);
    }
    co_return co_await finish(exchange);
  }

  /// A head that is no HTTP gets an answer; a connection that just ended gets none.
  asio::awaitable<bool> refuse_malformed(Exchange& exchange, error_code error) {
    const bool ours =
        error.category() == beast_http::make_error_code(beast_http::error::bad_method).category();
    if (!ours || error == beast_http::error::end_of_stream ||
        error == beast_http::error::partial_message) {
      co_return false;
    }
    const bool large =
        error == beast_http::error::header_limit || error == beast_http::error::buffer_overflow;
    const Error why =
        large ? Error{ErrorKind::kInvalidInput,
                      "request.headers_too_large",
                      "the head of the request is over 16 KiB"}
              : Error{ErrorKind::kInvalidInput, "request.malformed", "the request is not HTTP/1.1"};
    exchange.answer(problem(why, exchange.request.id));
    co_return co_await finish(exchange);
  }

  asio::awaitable<void> authorize(Exchange& exchange) {
    const bool options = exchange.route == nullptr;
    if (!options && !exchange.route->access.needs_principal()) {
      co_return;
    }
    auto principal = co_await run_on(shared_.control, [&] { return identify(app_, exchange); });
    if (!principal) {
      exchange.answer(problem(principal.error(), exchange.request.id));
      co_return;
    }
    const Access access = options ? Access::any_principal() : exchange.route->access;
    if (const auto may = access.check(*principal, app_.clock.now_ms()); !may) {
      exchange.answer(problem(may.error(), exchange.request.id));
      co_return;
    }
    exchange.request.principal = *std::move(principal);
    if (options) {
      Response response;
      response.status = 204;
      response.headers.emplace_back("Allow", exchange.allow);
      exchange.answer(std::move(response));
    }
  }

  asio::awaitable<void> serve(Parser& parser, Exchange& exchange) {
    const Route& route = *exchange.route;
    if (!exchange.body_read) {
      const auto taken = check_media_type(exchange);
      const std::uint64_t bytes_max = body_bytes_max(*settings_, route);
      if (!taken || parser.content_length().value_or(0) > bytes_max) {
        exchange.answer(problem(taken ? too_large() : taken.error(), exchange.request.id));
        co_return;
      }
    }
    if (route.body == BodyKind::kStream) {
      co_await serve_scan(parser, exchange);
      co_return;
    }
    if (!exchange.body_read) {
      co_await read_text(parser, exchange);
    }
    if (!exchange.answered) {
      exchange.answer(co_await run_on(shared_.control, [&] {
        return guarded(exchange.request.id, [&] { return route.handler(app_, exchange.request); });
      }));
      exchange.request.body = std::string();  // not kept while a long answer is written
    }
  }

  asio::awaitable<void> read_text(Parser& parser, Exchange& exchange) {
    connection_.expires_after(milliseconds(settings_->server.body_timeout_ms));
    if (!co_await connection_.send_continue(exchange)) {
      co_return;
    }
    const auto space = std::make_unique_for_overwrite<std::byte[]>(kChunkBytes);
    std::string& text = exchange.request.body;
    while (!parser.is_done()) {
      const Piece piece = co_await connection_.read_piece(parser, {space.get(), kChunkBytes});
      if (piece.error || text.size() + piece.size > exchange.route->body_bytes_max) {
        exchange.answer(problem(piece.error.value_or(too_large()), exchange.request.id));
        co_return;
      }
      text.append(as_text({space.get(), piece.size}));
    }
    exchange.body_read = true;
  }

  asio::awaitable<void> serve_scan(Parser& parser, Exchange& exchange) {
    Admission::Slot slot = shared_.uploads.enter(
        shared_.pages ? settings_->intake.uploads_max : settings_->server.scans_waiting_max);
    if (!slot) {
      app_.metrics.count_scan_error(shared_.pages ? "intake.overloaded" : "server.overloaded");
      exchange.answer(problem({ErrorKind::kUnavailable,
                               "server.overloaded",
                               "too many uploads are waiting; try again later"},
                              exchange.request.id));
      co_return;
    }
    const std::shared_ptr<Upload> scan =
        exchange.route->upload(app_, exchange.request, std::move(slot));
    if (const auto begun = scan->begin(); !begun) {
      exchange.answer(problem(begun.error(), exchange.request.id));
      co_return;
    }
    connection_.expires_after(milliseconds(settings_->server.body_timeout_ms));
    if (!co_await connection_.send_continue(exchange)) {
      co_return;
    }
    const auto space = std::make_unique_for_overwrite<std::byte[]>(kChunkBytes);
    const std::optional<ByteView> last =
        co_await feed(parser, exchange, *scan, {space.get(), kChunkBytes});
    if (!last) {
      co_return;
    }
    exchange.body_read = true;
    bool scan_later = false;
    exchange.answer(co_await run_on(shared_.scanning, [&] {
      return guarded(exchange.request.id, [&] {
        Upload::Completion completion = scan->complete(*last);
        scan_later = completion.scan_later;
        return std::move(completion.response);
      });
    }));
    if (scan_later) {
      asio::post(shared_.scanning, [scan, id = exchange.request.id] {
        guarded(id, [&] {
          scan->scan_owed();
          return Response();
        });
      });
    }
  }

  /// Hands the body to the scan but for its last bytes, which are returned. Nothing when the
  /// exchange is answered.
  asio::awaitable<std::optional<ByteView>> feed(Parser& parser,
                                                Exchange& exchange,
                                                Upload& scan,
                                                std::span<std::byte> space) {
    const std::uint64_t bytes_max = body_bytes_max(*settings_, *exchange.route);
    std::uint64_t total = 0;
    ByteView bytes;
    while (!parser.is_done()) {
      const Piece piece = co_await connection_.read_piece(parser, space);
      total += piece.size;
      if (piece.error || total > bytes_max) {
        exchange.answer(problem(piece.error.value_or(too_large()), exchange.request.id));
        co_return std::nullopt;
      }
      bytes = space.first(piece.size);
      if (parser.is_done()) {
        break;
      }
      auto taken = co_await run_on(shared_.control, [&] { return scan.append(bytes); });
      if (!taken) {
        exchange.answer(problem(taken.error(), exchange.request.id));
        co_return std::nullopt;
      }
      bytes = {};
    }
    co_return bytes;
  }

  /// Writes the answer and the log line. Whether the connection goes on.
  asio::awaitable<bool> finish(Exchange& exchange) {
    if (!exchange.answered) {
      co_return false;  // the caller is gone
    }
    if (exchange.page && exchange.response.content_type == kProblemType) {
      exchange.response = co_await run_on(
          shared_.control, [&] { return failure_page(app_, exchange.request, exchange.response); });
    }
    const bool streamed = static_cast<bool>(exchange.response.more) && !exchange.head_only;
    exchange.keep_alive = exchange.keep_alive && exchange.body_read && !app_.stopping.load() &&
                          !(streamed && exchange.http_1_0);
    const milliseconds time(settings_->server.body_timeout_ms);
    connection_.expires_after(time);
    const std::string date = date_of(app_.clock.now_ms());
    const bool written =
        streamed ? co_await connection_.write_streamed(exchange, date, time, shared_.control)
                 : co_await connection_.write(exchange, date);
    note(exchange);
    if (!written) {
      co_return false;
    }
    if (!exchange.keep_alive) {
      co_await connection_.close_gently(exchange, settings_->limits.size_bytes_max);
    }
    co_return exchange.keep_alive;
  }

  void note(const Exchange& exchange) {
    const std::string_view none = exchange.console ? "console" : "none";
    const std::string_view route = exchange.route != nullptr ? exchange.route->pattern : none;
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - exchange.started;
    app_.metrics.count_request(route, exchange.response.status);
    if (exchange.response.status >= 500 && !exchange.response.error.code.empty()) {
      log::log_event(log::Level::kError,
                     "request failed",
                     {{"code", std::string(exchange.response.error.code)},
                      {"why", exchange.response.error.message},
                      {"request_id", to_string(exchange.request.id)}});
    }
    const bool known = exchange.route != nullptr || exchange.console || !exchange.allow.empty();
    log::log_event(log::Level::kInfo,
                   "request",
                   {{"method", known ? exchange.request.method : std::string("none")},
                    {"route", std::string(route)},
                    {"status", std::int64_t{exchange.response.status}},
                    {"request_id", to_string(exchange.request.id)},
                    {"ms", passed.count()}});
  }

  Connection<Stream> connection_;
  Peer peer_;
  Shared& shared_;
  App& app_;
  std::shared_ptr<const config::Config> settings_;
  bool idle_ = true;
};

}  // namespace

std::uint64_t Connections::add(std::function<void()> close_idle) {
  const MutexLock lock(mutex_);
  open_.emplace(++next_, std::move(close_idle));
  return next_;
}

void Connections::remove(std::uint64_t id) {
  const MutexLock lock(mutex_);
  open_.erase(id);
}

std::size_t Connections::size() const {
  const MutexLock lock(mutex_);
  return open_.size();
}

void Connections::close_idle() const {
  const MutexLock lock(mutex_);
  for (const auto& [id, close] : open_) {
    close();
  }
}

asio::awaitable<void> serve_connection(Socket socket,
                                       std::shared_ptr<asio::ssl::context> tls,
                                       Shared& shared) {
  error_code gone;
  const auto endpoint = socket.remote_endpoint(gone);
  Peer peer = gone ? Peer{"unknown", false} : peer_of(endpoint);
  if (tls) {
    const auto session = std::make_shared<Session<Tls>>(
        Tls(Plain(std::move(socket)), *tls), std::move(peer), shared);
    co_await session->run();
  } else {
    const auto session =
        std::make_shared<Session<Plain>>(Plain(std::move(socket)), std::move(peer), shared);
    co_await session->run();
  }
}

}  // namespace tutela::http

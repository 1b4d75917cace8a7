// Connection: the bytes of HTTP over one socket, in clear or under TLS: heads and bodies in,
// answers out, and an end that does not lose the answer.
//
// Used by one coroutine on the socket's strand; cancel() too. Owns the socket. Every operation ends
// at the deadline that expires_after() set.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "service/http/exchange.hpp"
#include "service/http/pool.hpp"
#include "service/log/log.hpp"

namespace tutela::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using boost::system::error_code;

using Plain = beast::basic_stream<asio::generic::stream_protocol>;
using Tls = asio::ssl::stream<Plain>;
using Parser = beast_http::request_parser<beast_http::buffer_body>;

inline Plain& lowest(Plain& stream) {
  return stream;
}

inline Plain& lowest(Tls& stream) {
  return stream.next_layer();
}

/// For the Date header (RFC 9110, 5.6.7).
inline std::string date_of(UtcMs now_ms) {
  const std::time_t seconds = static_cast<std::time_t>(now_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

/// Some bytes of a body.
struct Piece {
  std::size_t size = 0;
  std::optional<Error> error;
};

template <class Stream>
class Connection {
 public:
  explicit Connection(Stream stream) : stream_(std::move(stream)) {}

  [[nodiscard]] auto executor() { return lowest(stream_).get_executor(); }

  void expires_after(std::chrono::milliseconds time) { lowest(stream_).expires_after(time); }

  void cancel() { lowest(stream_).cancel(); }

  void close() {
    error_code ignored;
    lowest(stream_).socket().shutdown(asio::socket_base::shutdown_both, ignored);
    lowest(stream_).socket().close(ignored);
  }

  asio::awaitable<bool> handshake() {
    if constexpr (std::is_same_v<Stream, Tls>) {
      lowest(stream_).expires_after(kHandshakeTime);
      error_code error;
      co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                       asio::redirect_error(asio::use_awaitable, error));
      co_return !error;
    }
    co_return true;
  }

  asio::awaitable<error_code> read_head(Parser& parser) {
    buffer_.shrink_to_fit();  // a connection that only waits holds no room for a body
    error_code error;
    co_await beast_http::async_read_header(
        stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  asio::awaitable<bool> send_continue(Exchange& exchange) {
    if (!exchange.expects_continue || exchange.body_read) {
      co_return true;
    }
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code error;
    co_await asio::async_write(
        stream_, asio::buffer(kContinue), asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  /// Fills as much of `space` as there is of the body.
  asio::awaitable<Piece> read_piece(Parser& parser, std::span<std::byte> space) {
    // Beast reads no more at once than the buffer has room for, and does not enlarge it by itself.
    buffer_.reserve(kBodyReadBytes);
    auto& body = parser.get().body();
    body.data = space.data();
    body.size = space.size();
    body.more = true;
    error_code error;
    co_await beast_http::async_read(
        stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    Piece piece;
    piece.size = space.size() - body.size;
    if (error == beast::error::timeout) {
      piece.error = Error{
          ErrorKind::kInvalidInput, "request.body_timeout", "the body took too long to arrive"};
    } else if (error && error != beast_http::error::need_buffer) {
      piece.error = Error{
          ErrorKind::kInvalidInput, "request.malformed", "the body ended early or is malformed"};
    }
    co_return piece;
  }

  asio::awaitable<bool> write(Exchange& exchange, const std::string& date) {
    Response& from = exchange.response;
    beast_http::response<beast_http::string_body> message;
    message.version(exchange.http_1_0 ? 10 : 11);
    message.result(static_cast<unsigned>(from.status));
    message.keep_alive(exchange.keep_alive);
    set_head(exchange, date, message);
    if (from.status != 204 && from.status != 304 && !from.more) {
      message.content_length(from.body.size());
    }
    if (!exchange.head_only) {
      message.body() = std::move(from.body);
    }
    beast_http::response_serializer<beast_http::string_body> serializer(message);
    error_code error;
    co_await beast_http::async_write(
        stream_, serializer, asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  /// A piece at a time, each within `time`. Pieces are made on `pool`.
  asio::awaitable<bool> write_streamed(Exchange& exchange,
                                       const std::string& date,
                                       std::chrono::milliseconds time,
                                       asio::thread_pool& pool) {
    Response& from = exchange.response;
    beast_http::response<beast_http::empty_body> message;
    message.version(exchange.http_1_0 ? 10 : 11);
    message.result(static_cast<unsigned>(from.status));
    message.keep_alive(exchange.keep_alive);
    set_head(exchange, date, message);
    message.chunked(!exchange.http_1_0);
    beast_http::response_serializer<beast_http::empty_body> serializer(message);
    error_code error;
    co_await beast_http::async_write_header(
        stream_, serializer, asio::redirect_error(asio::use_awaitable, error));
    std::string piece = std::move(from.body);
    while (!error) {
      if (!piece.empty()) {
        expires_after(time);
        error = co_await write_piece(piece, !exchange.http_1_0);
      }
      if (error) {
        break;  // a reader that is gone ends the work
      }
      auto next = co_await run_on(pool, [&] { return from.more(); });
      if (!next) {
        log::log_event(
            log::Level::kError, "answer broken off", {{"code", std::string(next.error().code)}});
        co_return false;  // without the last chunk: not whole
      }
      if (!next->has_value()) {
        break;
      }
      piece = *std::move(*next);
    }
    if (!error && !exchange.http_1_0) {
      expires_after(time);
      co_await asio::async_write(
          stream_, beast_http::make_chunk_last(), asio::redirect_error(asio::use_awaitable, error));
    }
    co_return !error;
  }

  /// Closing with unread bytes makes the kernel reset the connection, and the caller may lose the
  /// answer: what is still arriving is read away for a while.
  asio::awaitable<void> close_gently(const Exchange& exchange, std::uint64_t bytes_max) {
    error_code error;
    lowest(stream_).expires_after(kLingerTime);
    if constexpr (std::is_same_v<Stream, Tls>) {
      if (exchange.body_read) {
        co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
        co_return;
      }
    } else {
      lowest(stream_).socket().shutdown(asio::socket_base::shutdown_send, error);
    }
    if (exchange.body_read) {
      co_return;
    }
    std::array<std::byte, 16384> away{};
    std::uint64_t left = bytes_max;
    while (!error && left > 0) {
      const std::size_t size = co_await stream_.async_read_some(
          asio::buffer(away), asio::redirect_error(asio::use_awaitable, error));
      left -= std::min<std::uint64_t>(left, size);
    }
  }

 private:
  static constexpr std::size_t kBufferBytesMax = 128U << 10;
  static constexpr std::size_t kBodyReadBytes = 64U << 10;
  static constexpr std::chrono::milliseconds kLingerTime{3000};
  static constexpr std::chrono::milliseconds kHandshakeTime{10'000};

  static void set_head(const Exchange& exchange,
                       const std::string& date,
                       beast_http::fields& head) {
    const Response& response = exchange.response;
    head.set(beast_http::field::date, date);
    head.set("X-Request-Id", to_string(exchange.request.id));
    head.set("X-Content-Type-Options", "nosniff");
    if (response.status != 204 && response.status != 304) {
      head.set(beast_http::field::content_type, response.content_type);
    }
    for (const auto& [name, value] : response.headers) {
      head.insert(name, value);
    }
    if (head.find(beast_http::field::cache_control) == head.end()) {
      head.set(beast_http::field::cache_control, "no-store");
    }
  }

  asio::awaitable<error_code> write_piece(const std::string& piece, bool chunked) {
    error_code error;
    if (chunked) {
      co_await asio::async_write(stream_,
                                 beast_http::make_chunk(asio::buffer(piece)),
                                 asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await asio::async_write(
          stream_, asio::buffer(piece), asio::redirect_error(asio::use_awaitable, error));
    }
    co_return error;
  }

  Stream stream_;
  beast::flat_buffer buffer_{kBufferBytesMax};
};

}  // namespace tutela::http

// Session: one connection to the simulator, in clear or under TLS, with its bad manners.
//
// One coroutine on the server's only thread. Owns the socket, borrows the core.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "base/uuid.hpp"
#include "service/cybertip_simulator/core.hpp"

namespace tutela::cybertip_simulator {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using boost::system::error_code;

using Plain = beast::tcp_stream;
using Tls = asio::ssl::stream<Plain>;
using Parser = beast_http::request_parser<beast_http::buffer_body>;

template <class Stream>
class Session {
 public:
  Session(Stream stream, Core& core, std::string peer)
      : stream_(std::move(stream)), core_(core), peer_(std::move(peer)) {}

  asio::awaitable<void> run() {
    if constexpr (std::is_same_v<Stream, Tls>) {
      expires_after(kIdleTime);
      error_code error;
      co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                       asio::redirect_error(asio::use_awaitable, error));
      if (error) {
        co_return;
      }
    }
    bool more = true;
    while (more) {
      more = co_await serve_one();
    }
  }

 private:
  static constexpr std::chrono::seconds kIdleTime{120};
  static constexpr std::chrono::seconds kLingerTime{3};
  static constexpr std::size_t kPieceBytes = 64U << 10;
  static constexpr std::uint32_t kHeadBytesMax = 16U << 10;

  Plain& lowest() {
    if constexpr (std::is_same_v<Stream, Tls>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void expires_after(std::chrono::milliseconds time) { lowest().expires_after(time); }

  asio::awaitable<void> wait(std::int64_t ms) {
    asio::steady_timer timer(lowest().get_executor(), std::chrono::milliseconds(ms));
    error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  /// Whether another request may come over this connection.
  asio::awaitable<bool> serve_one() {
    Parser parser;
    parser.header_limit(kHeadBytesMax);
    parser.body_limit(boost::none);
    expires_after(kIdleTime);
    error_code error;
    co_await beast_http::async_read_header(
        stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      co_return false;
    }
    const auto& message = parser.get();
    const Head head{std::string(message.method_string()),
                    std::string(message.target()),
                    std::string(message[beast_http::field::content_type]),
                    std::string(message[beast_http::field::authorization]),
                    peer_};
    const bool keep_alive = message.keep_alive();
    const Opened opened = core_.open(head);
    if (opened.refused) {
      const Answer refused = core_.refuse(opened);
      co_await write(refused, false);
      co_await linger();
      co_return false;
    }
    Intake intake(opened.wants_form(), head.content_type);
    const bool cut = opened.fault && opened.fault->act == Act::kCut;
    const bool whole = co_await read_body(parser, intake, cut);
    if (!whole) {
      co_return false;
    }
    const bool more = co_await act(head, opened, intake.finish(), keep_alive);
    co_return more;
  }

  asio::awaitable<bool> read_body(Parser& parser, Intake& intake, bool cut) {
    error_code error;
    if (beast::iequals(parser.get()[beast_http::field::expect], "100-continue")) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await asio::async_write(
          stream_, asio::buffer(kContinue), asio::redirect_error(asio::use_awaitable, error));
    }
    std::array<std::byte, kPieceBytes> piece{};
    while (!error && !parser.is_done()) {
      buffer_.reserve(kPieceBytes);
      auto& body = parser.get().body();
      body.data = piece.data();
      body.size = piece.size();
      body.more = true;
      expires_after(kIdleTime);
      co_await beast_http::async_read(
          stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
      if (error == beast_http::error::need_buffer) {
        error = {};
      }
      intake.feed(std::span(piece).first(piece.size() - body.size));
      if (cut) {
        co_return false;
      }
    }
    co_return !error && !cut;
  }

  asio::awaitable<bool> act(const Head& head, const Opened& opened, Body body, bool keep_alive) {
    const Act act = opened.fault ? opened.fault->act : Act::kNothing;
    const std::int64_t ms = opened.fault ? opened.fault->ms : 0;
    if (act == Act::kCloseBefore) {
      co_return false;
    }
    if (act == Act::kLateEffect) {
      co_await wait(ms);
    }
    const Answer answer =
        act == Act::kRefuse ? core_.refuse(opened) : core_.serve(head, opened, std::move(body));
    if (act == Act::kLoseAnswer) {
      co_return false;
    }
    if (act == Act::kLate) {
      co_await wait(ms);
    }
    const bool more = co_await write(answer, keep_alive, act, ms);
    co_return more;
  }

  asio::awaitable<bool> write(const Answer& answer,
                              bool keep_alive,
                              Act act = Act::kNothing,
                              std::int64_t ms = 0) {
    beast_http::response<beast_http::string_body> message(
        static_cast<beast_http::status>(answer.http_status), 11);
    message.set("Request-ID", to_string(new_uuid(SystemClock().now_ms())));
    message.set("X-Tutela-Simulator", "1");
    message.set(beast_http::field::content_type, answer.content_type);
    message.set(beast_http::field::cache_control, "no-store");
    if (answer.http_status == 401) {
      message.set(beast_http::field::www_authenticate, "Basic realm=\"Tutela's simulator\"");
    }
    message.keep_alive(keep_alive);
    message.body() = answer.body;
    message.prepare_payload();
    std::ostringstream text;
    text << message;
    std::string bytes = std::move(text).str();
    if (act == Act::kHalf) {
      bytes.resize(bytes.size() - std::min(bytes.size(), answer.body.size() / 2));
    }
    const std::size_t step = act == Act::kDrip ? 1 : bytes.size();
    error_code error;
    for (std::size_t at = 0; at < bytes.size() && !error; at += step) {
      if (act == Act::kDrip) {
        co_await wait(ms);
      }
      expires_after(kIdleTime);
      co_await asio::async_write(stream_,
                                 asio::buffer(bytes.data() + at, std::min(step, bytes.size() - at)),
                                 asio::redirect_error(asio::use_awaitable, error));
    }
    co_return !error && keep_alive && act != Act::kHalf;
  }

  /// Closing with unread bytes makes the kernel reset the connection, and the answer may be lost.
  asio::awaitable<void> linger() {
    error_code error;
    expires_after(kLingerTime);
    lowest().socket().shutdown(asio::socket_base::shutdown_send, error);
    std::array<std::byte, 16384> away{};
    while (!error) {
      co_await lowest().async_read_some(asio::buffer(away),
                                        asio::redirect_error(asio::use_awaitable, error));
    }
  }

  Stream stream_;
  Core& core_;
  std::string peer_;
  beast::flat_buffer buffer_{128U << 10};
};

}  // namespace tutela::cybertip_simulator

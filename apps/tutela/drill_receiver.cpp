#include "drill_receiver.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include "base/mutex.hpp"
#include "members.hpp"
#include "service/webhooks/webhooks.hpp"

namespace tutela::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;
using asio::ip::tcp;
using std::chrono::steady_clock;

constexpr std::array<std::string_view, 3> kAlarmTopics = {
    "alarm.raised", "alarm.changed", "alarm.cleared"};
constexpr std::chrono::seconds kPatience{10};

using Request = http::request<http::string_body>;

std::string header(const Request& request, std::string_view name) {
  return std::string(request[beast::string_view(name.data(), name.size())]);
}

/// As Standard Webhooks asks of a receiver.
bool is_signed(const Request& request, const std::string& secret) {
  const std::string timestamp = header(request, "webhook-timestamp");
  std::int64_t seconds = 0;
  std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
  const auto wanted =
      webhooks::sign({secret}, header(request, "webhook-id"), seconds, request.body());
  return wanted && header(request, "webhook-signature").find(*wanted) != std::string::npos;
}

}  // namespace

struct DrillReceiver::State {
  explicit State(std::string shared) : secret(std::move(shared)) {}

  const std::string secret;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  std::uint16_t port = 0;
  mutable Mutex mutex;
  std::vector<Alarm> alarms TUTELA_GUARDED_BY(mutex);
  Time heartbeat TUTELA_GUARDED_BY(mutex) = steady_clock::now();
  std::int64_t forged TUTELA_GUARDED_BY(mutex) = 0;
  std::thread thread;

  asio::awaitable<void> accept();
  asio::awaitable<void> serve(tcp::socket socket);
  http::status take(const Request& request);
  void take_message(const json::object& message);
};

asio::awaitable<void> DrillReceiver::State::accept() {
  while (true) {
    boost::system::error_code error;
    tcp::socket socket(io);
    co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      co_return;
    }
    asio::co_spawn(io, serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> DrillReceiver::State::serve(tcp::socket socket) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  boost::system::error_code error;
  Request request;
  stream.expires_after(kPatience);
  co_await http::async_read(
      stream, buffer, request, asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    co_return;
  }
  http::response<http::string_body> response(take(request), request.version());
  response.keep_alive(false);
  response.prepare_payload();
  co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
  stream.socket().shutdown(tcp::socket::shutdown_both, error);
}

http::status DrillReceiver::State::take(const Request& request) {
  if (request.target() == "/beat") {
    const MutexLock lock(mutex);
    heartbeat = steady_clock::now();
    return http::status::ok;
  }
  if (!is_signed(request, secret)) {
    const MutexLock lock(mutex);
    ++forged;
    return http::status::unauthorized;
  }
  boost::system::error_code error;
  const json::value message = json::parse(request.body(), error);
  if (!error && message.is_object()) {
    take_message(message.get_object());
  }
  return http::status::ok;
}

void DrillReceiver::State::take_message(const json::object& message) {
  const std::string type = text_of(message, "type");
  const json::value* const data = message.if_contains("data");
  const bool is_alarm = std::ranges::find(kAlarmTopics, type) != kAlarmTopics.end();
  if (!is_alarm || data == nullptr || !data->is_object()) {
    return;  // actions of cases and the like
  }
  const json::object& alarm = data->get_object();
  const MutexLock lock(mutex);
  alarms.push_back({steady_clock::now(),
                    type.substr(type.find('.') + 1),
                    text_of(alarm, "code"),
                    text_of(alarm, "object"),
                    text_of(alarm, "level")});
}

DrillReceiver::DrillReceiver(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<DrillReceiver>> DrillReceiver::start(std::string secret) {
  auto state = std::make_unique<State>(std::move(secret));
  boost::system::error_code error;
  const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
  state->acceptor.open(any.protocol(), error);
  if (!error) {
    state->acceptor.bind(any, error);
  }
  if (!error) {
    state->acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    return Error{ErrorKind::kUnavailable,
                 "drill.no_receiver",
                 "the drill cannot listen on this machine: " + error.message()};
  }
  state->port = state->acceptor.local_endpoint(error).port();
  asio::co_spawn(state->io, state->accept(), asio::detached);
  state->thread = std::thread([running = state.get()] { running->io.run(); });
  return std::unique_ptr<DrillReceiver>(new DrillReceiver(std::move(state)));
}

DrillReceiver::~DrillReceiver() {
  state_->io.stop();
  state_->thread.join();
}

std::string DrillReceiver::webhook_url() const {
  return "http://127.0.0.1:" + std::to_string(state_->port) + "/hook";
}

std::string DrillReceiver::heartbeat_url() const {
  return "http://127.0.0.1:" + std::to_string(state_->port) + "/beat";
}

std::vector<DrillReceiver::Alarm> DrillReceiver::alarms_since(Time from) const {
  std::vector<Alarm> found;
  const MutexLock lock(state_->mutex);
  for (const Alarm& alarm : state_->alarms) {
    if (alarm.at >= from) {
      found.push_back(alarm);
    }
  }
  return found;
}

DrillReceiver::Time DrillReceiver::last_heartbeat() const {
  const MutexLock lock(state_->mutex);
  return state_->heartbeat;
}

std::int64_t DrillReceiver::forged() const {
  const MutexLock lock(state_->mutex);
  return state_->forged;
}

}  // namespace tutela::cli

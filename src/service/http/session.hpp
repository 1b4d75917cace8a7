// Session: one connection, request by request.
//
// A coroutine on a strand of the server's io_context; everything that blocks runs on a pool and is
// awaited. Bodies of scans are handed on as they arrive, never held whole.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/mutex.hpp"
#include "service/http/app.hpp"
#include "service/http/router.hpp"

namespace tutela::http {

/// The connections that are open. Thread-safe.
class Connections {
 public:
  /// `close_idle` ends the connection if no request is in progress on it.
  std::uint64_t add(std::function<void()> close_idle);
  void remove(std::uint64_t id);
  [[nodiscard]] std::size_t size() const;
  void close_idle() const;

 private:
  mutable Mutex mutex_;
  std::uint64_t next_ TUTELA_GUARDED_BY(mutex_) = 0;
  std::map<std::uint64_t, std::function<void()>> open_ TUTELA_GUARDED_BY(mutex_);
};

/// What all sessions of one listener share. Outlives them.
struct Shared {
  App& app;
  const Router& router;
  Connections& connections;
  boost::asio::thread_pool& control;   // short blocking calls
  boost::asio::thread_pool& scanning;  // calls that wait for a decode worker
  Admission& uploads;                  // what arrives in bodies of any length
  bool pages = false;                  // the listener of the public pages
};

using Socket = boost::asio::generic::stream_protocol::socket;

/// Serves the connection until it closes. Without `tls` in clear. The socket's executor is a
/// strand.
boost::asio::awaitable<void> serve_connection(Socket socket,
                                              std::shared_ptr<boost::asio::ssl::context> tls,
                                              Shared& shared);

}  // namespace tutela::http

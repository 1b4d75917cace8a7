// A receiver of HTTP requests on this machine, with the manners that a test gives it: strict in
// what it takes, as bad as it likes in what it answers. One request a connection.
#pragma once

#include <algorithm>
#include <atomic>
#include <cctype>
#include <charconv>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mutex.hpp"

namespace tutela::testing {

struct Request {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in small letters
  std::string body;
};

class Receiver {
 public:
  /// One connection, after its request was read. Its methods say false when the peer or the test
  /// is gone.
  class Peer {
   public:
    Peer(int fd, const std::atomic<bool>& stop) : fd_(fd), stop_(stop) {}

    bool send(std::string_view bytes) const {
      while (!bytes.empty() && !stop_) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) {
          return false;
        }
        if (sent < 0) {
          pollfd room{fd_, POLLOUT, 0};
          ::poll(&room, 1, 20);
          continue;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
      return bytes.empty();
    }

    bool pause(int ms) const {
      for (; ms > 0 && !stop_; ms -= 20) {
        pollfd gone{fd_, POLLIN, 0};
        if (::poll(&gone, 1, std::min(ms, 20)) > 0) {
          return false;
        }
      }
      return !stop_;
    }

    /// An end without a word of farewell.
    void reset() const {
      const linger at_once{1, 0};
      ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }

   private:
    int fd_;
    const std::atomic<bool>& stop_;
  };

  using Behave = std::function<void(const Request&, const Peer&)>;

  explicit Receiver(Behave behave) : behave_(std::move(behave)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listening_, any, size), 0);
    EXPECT_EQ(::listen(listening_, 64), 0);
    EXPECT_EQ(::getsockname(listening_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }

  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  ~Receiver() {
    stop_ = true;
    thread_.join();
    ::close(listening_);
  }

  [[nodiscard]] std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/hook?a=1";
  }

  [[nodiscard]] std::vector<Request> requests() {
    const MutexLock lock(mutex_);
    return requests_;
  }

  [[nodiscard]] int connections() const { return connections_; }

  static std::string response(std::string_view status,
                              std::string_view headers = {},
                              std::string_view body = {}) {
    return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers) +
           "content-length: " + std::to_string(body.size()) + "\r\nconnection: close\r\n\r\n" +
           std::string(body);
  }

  static Behave answers(std::string bytes) {
    return [bytes = std::move(bytes)](const Request&, const Peer& peer) {
      peer.send(bytes);
    };
  }

 private:
  void run() {
    while (!stop_) {
      pollfd ready{listening_, POLLIN, 0};
      if (::poll(&ready, 1, 20) <= 0) {
        continue;
      }
      const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) {
        continue;
      }
      ++connections_;
      Request request;
      if (read_request(fd, request)) {
        {
          const MutexLock lock(mutex_);
          requests_.push_back(request);
        }
        behave_(request, Peer(fd, stop_));
      }
      ::close(fd);
    }
  }

  bool read_request(int fd, Request& request) const {
    std::string bytes;
    std::size_t end = std::string::npos;
    std::size_t length = 0;
    while (!stop_) {
      if (end == std::string::npos && (end = bytes.find("\r\n\r\n")) != std::string::npos) {
        end += 4;
        if (!parse(bytes.substr(0, end), request, length)) {
          return false;
        }
      }
      if (end != std::string::npos && bytes.size() >= end + length) {
        request.body = bytes.substr(end);
        EXPECT_EQ(request.body.size(), length) << "more than was announced";
        return true;
      }
      pollfd ready{fd, POLLIN, 0};
      if (::poll(&ready, 1, 20) <= 0) {
        continue;
      }
      char buffer[4096];
      const ssize_t got = ::recv(fd, buffer, sizeof(buffer), 0);
      if (got <= 0) {
        return false;
      }
      bytes.append(buffer, static_cast<std::size_t>(got));
    }
    return false;
  }

  /// False: no HTTP, such as the hello of TLS, has blank lines only by chance.
  static bool parse(const std::string& head, Request& request, std::size_t& length) {
    const std::size_t first = head.find(' ');
    const std::size_t second = head.find(' ', first + 1);
    const std::size_t line = head.find("\r\n");
    if (second == std::string::npos || head.compare(second, line - second, " HTTP/1.1") != 0) {
      return false;
    }
    request.method = head.substr(0, first);
    request.target = head.substr(first + 1, second - first - 1);
    for (std::size_t at = line + 2; at + 2 < head.size();) {
      const std::size_t next = head.find("\r\n", at);
      const std::size_t colon = head.find(": ", at);
      EXPECT_LT(colon, next);
      std::string name = head.substr(at, colon - at);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
      });
      EXPECT_TRUE(request.headers.emplace(name, head.substr(colon + 2, next - colon - 2)).second)
          << name << " came twice";
      at = next + 2;
    }
    if (request.method == "GET") {  // without a body
      return true;
    }
    const std::string& given = request.headers["content-length"];
    const auto read = std::from_chars(given.data(), given.data() + given.size(), length);
    EXPECT_EQ(read.ec, std::errc());
    return read.ec == std::errc();
  }

  const Behave behave_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int> connections_ = 0;
  Mutex mutex_;
  std::vector<Request> requests_ TUTELA_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tutela::testing

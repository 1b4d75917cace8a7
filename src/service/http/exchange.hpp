// Exchange: one request and its answer on a connection, and the reading of a request's head.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include "base/clock.hpp"
#include "service/http/request.hpp"
#include "service/http/router.hpp"

namespace tutela::http {

struct Exchange {
  Request request;
  Response response;
  bool answered = false;         // response is what the caller gets; nothing more is done
  const Route* route = nullptr;  // nullptr: no such path or method
  std::string allow;
  std::string authorization;
  std::string csrf;           // X-Tutela-CSRF
  bool unattended = false;    // X-Tutela-Unattended: a page repeats it that nobody looks at
  std::string forwarded_for;  // X-Forwarded-For
  bool head_only = false;     // HEAD
  bool console = false;       // answered with a file of the console
  bool pages = false;         // it came to the address of the public pages
  bool page = false;          // whoever asks wants a page: errors are one, too
  bool keep_alive = false;
  bool http_1_0 = false;
  bool body_read = false;  // or there was none
  bool expects_continue = false;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  void answer(Response with) {
    response = std::move(with);
    answered = true;
  }
};

/// Finds the route and fills the request but for principal and body. Answers what is wrong already:
/// a bad target, no such path, a method that the path does not take, unknown parameters.
void read_head(const boost::beast::http::request_header<>& header,
               const Router& router,
               Exchange& exchange);

/// Whether the media type of a body is one that its route takes. Error: "request.media_type".
Status check_media_type(const Exchange& exchange);

/// The bearer token of an Authorization header. Error: kForbidden "auth.no_token".
Result<std::string> bearer_token(std::string_view authorization);

}  // namespace tutela::http

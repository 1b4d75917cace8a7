// Caller: where a request comes from, what it carries to say by whom it is, and the cookies that
// people's browsers get.
//
// A cookie needs the header X-Tutela-CSRF too on everything that changes something. Over TLS, or
// with people.public_url under https, it is "__Host-tutela" and Secure; over plain HTTP people sign
// in only from this machine itself.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>

#include "service/http/app.hpp"
#include "service/http/exchange.hpp"

namespace tutela::http {

/// The other end of a connection.
struct Peer {
  std::string address;    // "192.0.2.1", "unix"
  bool is_local = false;  // this machine
};

[[nodiscard]] Peer peer_of(const boost::asio::generic::stream_protocol::endpoint& endpoint);

/// Fills address and transport of the request.
void note_caller(const config::PeopleConfig& people,
                 const Peer& peer,
                 bool tls,
                 Exchange& exchange);

/// Who the request is by; fills what the request keeps of its session. Errors: kForbidden
/// "auth.no_token", "auth.bad_token", "auth.bad_session", "auth.csrf".
Result<auth::Principal> identify(App& app, Exchange& exchange);

/// The value of one cookie of a Cookie header (RFC 6265, 4.2.1); empty when it is not there.
[[nodiscard]] std::string_view cookie_of(std::string_view header, std::string_view name) noexcept;

/// A Set-Cookie header. An empty value removes the cookie.
[[nodiscard]] std::string set_session_cookie(Transport transport, std::string_view value);

}  // namespace tutela::http

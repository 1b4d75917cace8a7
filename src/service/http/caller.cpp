#include "service/http/caller.hpp"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "crypto/secret.hpp"
#include "service/auth/sign_in.hpp"
#include "service/http/text.hpp"

namespace tutela::http {

namespace {

constexpr std::string_view kSecureCookie = "__Host-tutela";
constexpr std::string_view kLocalCookie = "tutela";

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(family, address, text.data(), text.size()) != nullptr ? text.data()
                                                                           : "unknown";
}

Peer peer_of_v6(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    return {text_of(AF_INET, &address.s6_addr[12]), address.s6_addr[12] == 127};
  }
  return {text_of(AF_INET6, &address), IN6_IS_ADDR_LOOPBACK(&address) != 0};
}

/// An IPv6 caller has a whole /64 to call from. Empty: no address.
std::string throttle_key(const std::string& address) {
  in6_addr v6{};
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    return address;
  }
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) {
    return {};
  }
  std::memset(&v6.s6_addr[8], 0, 8);
  return text_of(AF_INET6, &v6) + "/64";
}

Error bad_csrf() {
  return {ErrorKind::kForbidden,
          "auth.csrf",
          "a change with a cookie needs the header X-Tutela-CSRF with the session's token"};
}

}  // namespace

Peer peer_of(const boost::asio::generic::stream_protocol::endpoint& endpoint) {
  // Copied out: the bytes are those of whatever kind of address it is.
  sockaddr_storage storage{};
  std::memcpy(&storage, endpoint.data(), std::min(endpoint.size(), sizeof(storage)));
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof(v4));
    return {text_of(AF_INET, &v4.sin_addr), (ntohl(v4.sin_addr.s_addr) >> 24U) == 127};
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof(v6));
    return peer_of_v6(v6.sin6_addr);
  }
  return {"unix", storage.ss_family == AF_UNIX};
}

void note_caller(const config::PeopleConfig& people,
                 const Peer& peer,
                 bool tls,
                 Exchange& exchange) {
  Request& request = exchange.request;
  request.address = throttle_key(peer.address);
  if (people.forwarded_for) {
    // The last entry is the proxy's own; what stands before it anybody can write.
    const std::size_t comma = exchange.forwarded_for.rfind(',');
    const std::string_view all = exchange.forwarded_for;
    const std::string named =
        throttle_key(std::string(trim(comma == std::string::npos ? all : all.substr(comma + 1))));
    request.address = named.empty() ? request.address : named;
  }
  if (request.address.empty()) {
    request.address = peer.address;
  }
  request.transport = tls || people.public_url.starts_with("https://") ? Transport::kSecure
                      : peer.is_local                                  ? Transport::kLocal
                                                                       : Transport::kOpen;
}

Result<auth::Principal> identify(App& app, Exchange& exchange) {
  Request& request = exchange.request;
  const auto attended = exchange.unattended ? auth::Attended::kNo : auth::Attended::kYes;
  if (!exchange.authorization.empty()) {
    TUTELA_TRY_ASSIGN(const std::string token, bearer_token(exchange.authorization));
    request.credential = token;
    return auth::is_session_secret(token) ? app.sign_in.authenticate(token, attended)
                                          : app.auth.authenticate(token);
  }
  const std::string_view name =
      request.transport == Transport::kSecure ? kSecureCookie : kLocalCookie;
  const std::string_view secret = cookie_of(request.cookie, name);
  if (secret.empty()) {
    return bearer_token("").error();
  }
  TUTELA_TRY_ASSIGN(auth::Principal principal, app.sign_in.authenticate(secret, attended));
  request.csrf = auth::csrf_of(secret);
  request.credential = secret;
  if (request.method != "GET" && request.method != "OPTIONS" &&
      !crypto::equal_constant_time(as_bytes(exchange.csrf), as_bytes(request.csrf))) {
    return bad_csrf();
  }
  return principal;
}

std::string_view cookie_of(std::string_view header, std::string_view name) noexcept {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    const std::string_view pair = trim(header.substr(0, end));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
  }
  return {};
}

std::string set_session_cookie(Transport transport, std::string_view value) {
  const bool secure = transport == Transport::kSecure;
  std::string cookie(secure ? kSecureCookie : kLocalCookie);
  cookie += "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Strict";
  cookie += secure ? "; Secure" : "";
  cookie += value.empty() ? "; Max-Age=0" : "";
  return cookie;
}

}  // namespace tutela::http

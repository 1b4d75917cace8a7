#include "service/http/caller.hpp"

#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <gtest/gtest.h>

#include "service/http/router.hpp"

namespace tutela::http {
namespace {

namespace asio = boost::asio;

Peer peer(const char* address) {
  return peer_of(asio::ip::tcp::endpoint(asio::ip::make_address(address), 80));
}

Request noted(const config::PeopleConfig& people,
              const Peer& from,
              bool tls,
              const std::string& forwarded_for = {}) {
  Exchange exchange;
  exchange.forwarded_for = forwarded_for;
  note_caller(people, from, tls, exchange);
  return exchange.request;
}

TEST(Caller, OnlyThisMachineIsLocal) {
  for (const char* local : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(peer(local).is_local) << local;
  }
  for (const char* other : {"192.0.2.1", "128.0.0.1", "2001:db8::1", "::ffff:192.0.2.1", "::"}) {
    EXPECT_FALSE(peer(other).is_local) << other;
  }
  EXPECT_TRUE(peer_of(asio::local::stream_protocol::endpoint("/run/x")).is_local);
}

TEST(Caller, SecretsAreSafeUnderTlsOrOnThisMachine) {
  const config::PeopleConfig plain;
  EXPECT_EQ(noted(plain, {"192.0.2.1", false}, true).transport, Transport::kSecure);
  EXPECT_EQ(noted(plain, {"127.0.0.1", true}, false).transport, Transport::kLocal);
  EXPECT_EQ(noted(plain, {"192.0.2.1", false}, false).transport, Transport::kOpen);
  config::PeopleConfig proxied;
  proxied.public_url = "https://tutela.example.org";
  EXPECT_EQ(noted(proxied, {"10.0.0.1", false}, false).transport, Transport::kSecure);
  proxied.public_url = "http://127.0.0.1:8440";
  EXPECT_EQ(noted(proxied, {"10.0.0.1", false}, false).transport, Transport::kOpen);
}

TEST(Caller, AddressesAreTheConnectionsUnlessAProxyIsTrusted) {
  config::PeopleConfig people;
  const Peer proxy{"10.0.0.1", false};
  EXPECT_EQ(noted(people, proxy, false, "192.0.2.9").address, "10.0.0.1");
  people.forwarded_for = true;
  EXPECT_EQ(noted(people, proxy, false, "192.0.2.9").address, "192.0.2.9");
  EXPECT_EQ(noted(people, proxy, false, "8.8.8.8, 192.0.2.9").address, "192.0.2.9");
  EXPECT_EQ(noted(people, proxy, false, "2001:db8:1:2:3:4:5:6").address, "2001:db8:1:2::/64");
  for (const char* bad : {"", "x", "192.0.2.9, ", "192.0.2.9:80", "a,b,"}) {
    EXPECT_EQ(noted(people, proxy, false, bad).address, "10.0.0.1") << bad;
  }
  EXPECT_EQ(noted(people, {"unix", true}, false, "").address, "unix");
}

TEST(Cookies, AreFoundByTheirWholeName) {
  EXPECT_EQ(cookie_of("a=1; tutela=x; b=2", "tutela"), "x");
  EXPECT_EQ(cookie_of("tutela=x", "tutela"), "x");
  EXPECT_EQ(cookie_of("xtutela=1;tutela=y", "tutela"), "y");
  for (const char* none :
       {"", "tutela", "tutelas=1", "atutela=1", ";;;", "__Host-tutela=x", "=x"}) {
    EXPECT_EQ(cookie_of(none, "tutela"), "") << none;
  }
}

TEST(Cookies, AreSecureWhereTheTransportIs) {
  EXPECT_EQ(set_session_cookie(Transport::kSecure, "s"),
            "__Host-tutela=s; Path=/; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(set_session_cookie(Transport::kLocal, ""),
            "tutela=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

auth::Principal person(auth::Stage stage, auth::Role role, UtcMs fresh_until_ms) {
  auth::Principal principal;
  principal.session.emplace();
  principal.session->stage = stage;
  principal.session->fresh_until_ms = fresh_until_ms;
  if (stage == auth::Stage::kOpen) {
    principal.permissions = auth::permissions_of(role);
  }
  return principal;
}

std::string verdict(const Access& access, const auth::Principal& principal) {
  const auto may = access.check(principal, 1000);
  return may ? "may" : std::string(may.error().code);
}

TEST(Access, AStaleSecondFactorAndATokenAreRefusedWhereAFreshOneIsNeeded) {
  const Access manage = Access::with(auth::Permission::kPeopleManage);
  const auto admin = [](UtcMs fresh_until_ms) {
    return person(auth::Stage::kOpen, auth::Role::kAdmin, fresh_until_ms);
  };
  EXPECT_EQ(verdict(manage, admin(0)), "may");
  EXPECT_EQ(verdict(manage.fresh(), admin(1001)), "may");
  EXPECT_EQ(verdict(manage.fresh(), admin(1000)), "auth.not_fresh");
  EXPECT_EQ(verdict(manage.fresh(), admin(0)), "auth.not_fresh");
  auth::Principal token;
  token.permissions = auth::permissions_of(auth::Role::kAdmin);
  EXPECT_EQ(verdict(manage.fresh(), token), "auth.people_only");
  EXPECT_EQ(verdict(Access::any_person(), token), "auth.people_only");
  EXPECT_EQ(verdict(Access::any_principal(), token), "may");
}

TEST(Access, BeforeTheSecondFactorNothingIsAllowedButGivingIt) {
  for (const auth::Stage stage : {auth::Stage::kEnrol, auth::Stage::kSecondFactor}) {
    const auto half = person(stage, auth::Role::kAdmin, 2000);
    EXPECT_EQ(verdict(Access::signing_in(), half), "may");
    EXPECT_EQ(verdict(Access::any_principal(), half), "auth.second_factor");
    EXPECT_EQ(verdict(Access::any_person(), half), "auth.second_factor");
    EXPECT_EQ(verdict(Access::with(auth::Permission::kScan), half), "auth.second_factor");
  }
  EXPECT_EQ(verdict(Access::signing_in(), person(auth::Stage::kOpen, auth::Role::kLead, 0)),
            "auth.already_open");
  EXPECT_EQ(verdict(Access::signing_in(), auth::Principal()), "auth.already_open");
}

}  // namespace
}  // namespace tutela::http

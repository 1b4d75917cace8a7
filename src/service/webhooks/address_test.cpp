#include "service/webhooks/address.hpp"

#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace tutela::webhooks {
namespace {

template <class Address>
bool is_public_text(int family, const std::string& text) {
  Address address{};
  EXPECT_EQ(::inet_pton(family, text.c_str(), address.data()), 1) << text;
  return is_public(address);
}

TEST(Address, RefusesWhatIsNotPublic) {
  for (const std::string text :
       {"0.0.0.0",        "0.255.255.255",   "10.0.0.0",        "10.255.255.255",
        "100.64.0.0",     "100.127.255.255", "127.0.0.1",       "127.255.255.255",
        "169.254.0.1",    "169.254.169.254", "172.16.0.0",      "172.31.255.255",
        "192.0.0.8",      "192.0.2.1",       "192.168.0.1",     "192.168.255.255",
        "192.88.99.1",    "198.18.0.1",      "198.19.255.255",  "198.51.100.7",
        "203.0.113.1",    "224.0.0.1",       "239.255.255.255", "240.0.0.1",
        "255.255.255.255"}) {
    EXPECT_FALSE(is_public_text<V4>(AF_INET, text)) << text;
  }
  for (const std::string text : {"::",
                                 "::1",
                                 "::127.0.0.1",
                                 "::ffff:127.0.0.1",
                                 "::ffff:93.184.216.34",
                                 "64:ff9b::7f00:1",
                                 "64:ff9b:1::1",
                                 "100::1",
                                 "1fff::1",
                                 "2001::1",
                                 "2001:1ff:ffff::1",
                                 "2001:db8::1",
                                 "2002:7f00:1::1",
                                 "3fff::1",
                                 "4000::1",
                                 "5f00::1",
                                 "fc00::1",
                                 "fdff::1",
                                 "fe80::1",
                                 "fec0::1",
                                 "ff02::1"}) {
    EXPECT_FALSE(is_public_text<V6>(AF_INET6, text)) << text;
  }
}

TEST(Address, LetsNeighboursOfThoseAndOthersPass) {
  for (const std::string text :
       {"1.0.0.0",    "9.255.255.255", "11.0.0.0",       "100.63.255.255", "100.128.0.0",
        "126.0.0.1",  "128.0.0.1",     "169.253.0.1",    "169.255.0.1",    "172.15.255.255",
        "172.32.0.0", "192.0.1.1",     "192.0.3.1",      "192.167.0.1",    "192.169.0.1",
        "198.17.0.1", "198.20.0.1",    "198.51.101.0",   "203.0.112.1",    "203.0.114.1",
        "8.8.8.8",    "93.184.216.34", "223.255.255.255"}) {
    EXPECT_TRUE(is_public_text<V4>(AF_INET, text)) << text;
  }
  for (const std::string text : {"2000::1",
                                 "2001:200::1",
                                 "2001:db7::1",
                                 "2001:db9::1",
                                 "2003::1",
                                 "2606:2800:220:1:248:1893:25c8:1946",
                                 "3ffe::1",
                                 "3fff:1000::1"}) {
    EXPECT_TRUE(is_public_text<V6>(AF_INET6, text)) << text;
  }
}

}  // namespace
}  // namespace tutela::webhooks

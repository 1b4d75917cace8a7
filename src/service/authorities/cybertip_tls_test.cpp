// Whom the channel trusts: TLS against the simulator with certificates that are good and bad.
#include <gtest/gtest.h>

#include "service/authorities/channel.hpp"
#include "service/cybertip_simulator/simulator.hpp"
#include "support/programs.hpp"

namespace tutela::authorities {
namespace {

using cybertip_simulator::Simulator;

class CybertipTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const std::string name : {"IP:127.0.0.1", "DNS:elsewhere.example.org"}) {
      const std::string file = folder_.path() / (name.substr(0, 2));
      const testing::Ran ran = testing::run_program({"openssl",
                                                     "req",
                                                     "-x509",
                                                     "-newkey",
                                                     "ec",
                                                     "-pkeyopt",
                                                     "ec_paramgen_curve:P-256",
                                                     "-nodes",
                                                     "-subj",
                                                     "/CN=simulator",
                                                     "-addext",
                                                     "subjectAltName=" + name,
                                                     "-days",
                                                     "30",
                                                     "-keyout",
                                                     file + ".key",
                                                     "-out",
                                                     file + ".pem"});
      if (ran.status != 0) {
        GTEST_SKIP() << "no openssl program: TLS is NOT tested here";
      }
    }
  }

  /// With the certificate of file `name`.
  std::unique_ptr<Simulator> simulator(const std::string& name) {
    cybertip_simulator::Options options;
    options.username = "operator";
    options.password = "a secret";
    options.tls_certificate = folder_.path() / (name + ".pem");
    options.tls_key = folder_.path() / (name + ".key");
    auto started = Simulator::start(clock_, options);
    EXPECT_TRUE(started) << started.error().message;
    return *std::move(started);
  }

  Reached reached(const Simulator& simulator, const std::string& ca_file) {
    CybertipOptions options;
    options.url = simulator.url();
    EXPECT_TRUE(options.url.starts_with("https://")) << options.url;
    options.username = "operator";
    options.password = "a secret";
    options.ca_file = ca_file.empty() ? "" : (folder_.path() / ca_file).string();
    return (*open_cybertip(options))->status();
  }

  SystemClock clock_;
  testing::TemporaryFolder folder_;
};

TEST_F(CybertipTlsTest, OnlyACertificateThatIsTrustedAndOfTheHostIsSpokenTo) {
  const auto good = simulator("IP");
  EXPECT_TRUE(reached(*good, "IP.pem").ok) << reached(*good, "IP.pem").message;
  const Reached unknown = reached(*good, "");
  EXPECT_FALSE(unknown.ok);
  EXPECT_NE(unknown.message.find("cybertip.ca_file"), std::string::npos) << unknown.message;
  EXPECT_FALSE(reached(*good, "DN.pem").ok);
  const auto elsewhere = simulator("DN");
  EXPECT_FALSE(reached(*elsewhere, "DN.pem").ok) << "a certificate of another host";
}

}  // namespace
}  // namespace tutela::authorities

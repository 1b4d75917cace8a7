// The simulator over its socket, with peers that are not ours: curl, with the commands of the
// technical documentation, and xmllint against NCMEC's schema.
#include "service/cybertip_simulator/simulator.hpp"

#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "service/cybertip_simulator/fixture.hpp"
#include "support/folder.hpp"
#include "support/programs.hpp"

namespace tutela::cybertip_simulator {
namespace {

class SimulatorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::installed("curl") || !testing::installed("xmllint")) {
      GTEST_SKIP() << "needs curl and xmllint (packaging/debian-packages.txt)";
    }
    start({});
  }

  void start(Options options) {
    options.username = "usr123";
    options.password = "pswd123";
    auto started = Simulator::start(clock_, std::move(options));
    ASSERT_TRUE(started) << started.error().message;
    simulator_ = *std::move(started);
  }

  std::string write(const std::string& name, std::string_view text) {
    const std::filesystem::path path = folder_.path() / name;
    EXPECT_TRUE(write_file_atomic(path, as_bytes(text)));
    return path.string();
  }

  /// Output of curl with the answer's head before its body.
  std::string curl(std::vector<std::string> arguments, const std::string& path) {
    arguments.insert(arguments.begin(),
                     {"curl", "--silent", "--show-error", "--include", "--max-time", "20"});
    arguments.push_back(simulator_->url() + path);
    return testing::run_program(std::move(arguments)).output;
  }

  std::string as_user(std::vector<std::string> arguments, const std::string& path) {
    arguments.insert(arguments.begin(), {"--user", "usr123:pswd123"});
    return curl(std::move(arguments), path);
  }

  std::string submit(std::string_view xml = kReportXml) {
    return as_user({"--header",
                    "Content-Type: text/xml; charset=utf-8",
                    "--data",
                    "@" + write("report.xml", xml)},
                   "/submit");
  }

  static std::string element(const std::string& answer, const std::string& name) {
    const std::size_t begin = answer.find("<" + name + ">");
    const std::size_t end = answer.find("</" + name + ">");
    if (begin == std::string::npos || end == std::string::npos) {
      return "none";
    }
    return answer.substr(begin + name.size() + 2, end - begin - name.size() - 2);
  }

  static std::string status(const std::string& answer) {
    std::size_t at = 0;  // after "100 Continue" comes another head
    while (answer.find("HTTP/1.1 ", at + 1) != std::string::npos) {
      at = answer.find("HTTP/1.1 ", at + 1);
    }
    return answer.size() < at + 12 ? "none" : answer.substr(at + 9, 3);
  }

  /// Status and code, and that the answer is marked, fits the schema and has its headers.
  std::string judged(const std::string& answer) {
    EXPECT_NE(answer.find("X-Tutela-Simulator: 1"), std::string::npos) << answer;
    EXPECT_NE(answer.find("Request-ID: "), std::string::npos);
    EXPECT_NE(answer.find("SIMULATED"), std::string::npos);
    const std::size_t body = answer.rfind("\r\n\r\n");
    const std::string file = write("answer.xml", answer.substr(body + 4));
    const testing::Ran lint =
        testing::run_program({"xmllint",
                              "--noout",
                              "--schema",
                              TUTELA_SOURCE_DIR "/src/exchange/cybertip/cybertipline.xsd",
                              file});
    EXPECT_EQ(lint.status, 0) << lint.output << answer;
    return status(answer) + " " + element(answer, "responseCode");
  }

  SystemClock clock_;
  testing::TemporaryFolder folder_;
  std::unique_ptr<Simulator> simulator_;
};

TEST_F(SimulatorTest, TakesTheCommandsOfTheDocumentation) {
  const std::string opened = submit();
  ASSERT_EQ(judged(opened), "200 0");
  EXPECT_TRUE(element(opened, "responseDescription").starts_with("SIMULATED"));
  const std::string id = element(opened, "reportId");
  const std::string uploaded = as_user(
      {"--form", "id=" + id, "--form", "file=@" + write("file.jpg", "not a picture")}, "/upload");
  ASSERT_EQ(judged(uploaded), "200 0");
  EXPECT_EQ(element(uploaded, "reportId"), id);
  const testing::Ran md5 = testing::run_program({"md5sum", (folder_.path() / "file.jpg").string()});
  EXPECT_EQ(element(uploaded, "hash"), md5.output.substr(0, 32));
  const std::string details = write("details.xml", details_xml(id, element(uploaded, "fileId")));
  const std::vector<std::string> fileinfo = {
      "--header", "Content-Type: text/xml; charset=utf-8", "--data", "@" + details};
  EXPECT_EQ(judged(as_user(fileinfo, "/fileinfo")), "200 0");
  EXPECT_EQ(judged(as_user(fileinfo, "/fileinfo")), "400 4100") << "once per file";
  const std::string finished = as_user({"--form", "id=" + id}, "/finish");
  ASSERT_EQ(judged(finished), "200 0");
  EXPECT_NE(finished.find("<reportDoneResponse>"), std::string::npos);
  EXPECT_EQ(element(finished, "fileId"), element(uploaded, "fileId"));
  EXPECT_EQ(judged(as_user({"--form", "id=" + id}, "/finish")), "409 5102");
  EXPECT_EQ(judged(as_user({"--data", "id=" + id}, "/retract")), "409 5102");
}

TEST_F(SimulatorTest, RetractsOnce) {
  const std::string id = element(submit(), "reportId");
  EXPECT_EQ(judged(as_user({"--form", "id=" + id}, "/retract")), "200 0");
  EXPECT_EQ(judged(as_user({"--form", "id=" + id}, "/retract")), "409 5101");
  EXPECT_EQ(judged(as_user({"--data", "id=" + id}, "/finish")), "409 5101");
  EXPECT_EQ(judged(as_user({"--form", "id=12"}, "/finish")), "404 5001");
}

TEST_F(SimulatorTest, AnswersStatusAndSchemaToWhoKnowsThePassword) {
  const std::string answer = as_user({}, "/status");
  EXPECT_EQ(judged(answer), "200 0");
  EXPECT_EQ(element(answer, "responseDescription"),
            "SIMULATED: Remote User : usr123, Remote Ip : 127.0.0.1");
  EXPECT_NE(as_user({}, "/xsd").find("<xs:schema"), std::string::npos);
  EXPECT_EQ(judged(curl({}, "/status")), "401 2000");
  EXPECT_EQ(judged(curl({"--user", "usr123:pswd124"}, "/status")), "401 2000");
  EXPECT_EQ(
      judged(curl({"--form", "id=1", "--form", "file=@" + write("a", std::string(3U << 20, 'a'))},
                  "/upload")),
      "401 2000")
      << "also of what it did not read";
}

TEST_F(SimulatorTest, RefusesWhatTheDocumentationDoesNotName) {
  EXPECT_EQ(judged(as_user({}, "/reports")), "404 1210");
  EXPECT_EQ(judged(as_user({}, "/submit")), "405 4000");
  EXPECT_EQ(judged(as_user({"--data", "@" + write("r.xml", kReportXml)}, "/submit")), "415 4000");
  EXPECT_EQ(
      judged(as_user({"--header", "Content-Type: text/xml", "--data", "<report/>"}, "/submit")),
      "415 4000");
  EXPECT_EQ(judged(submit("<report>")), "400 4110");
  EXPECT_EQ(judged(submit("<report/>")), "400 4100");
  EXPECT_EQ(judged(submit(std::string((1U << 20) + 1, ' '))), "413 4000");
  EXPECT_EQ(judged(as_user({"--form", "file=@" + write("a", "b")}, "/upload")), "400 4000");
  EXPECT_EQ(judged(as_user({"--form", "id=1"}, "/upload")), "400 4200");
  EXPECT_EQ(judged(as_user({"--form", "id=1", "--form", "file=@" + write("a", "b")}, "/upload")),
            "404 5001");
  EXPECT_EQ(judged(as_user({"--header", "Content-Type: text/xml; charset=utf-8", "--data", "a"},
                           "/finish")),
            "400 4000");
  EXPECT_TRUE(simulator_->reports().empty());
}

TEST_F(SimulatorTest, TellsWhatBecameOfEachReport) {
  const std::string first = element(submit(), "reportId");
  const std::string second = element(submit(), "reportId");
  as_user({"--form", "id=" + first}, "/finish");
  const std::string answer = as_user({}, "/../simulator/reports");
  const auto json = boost::json::parse(answer.substr(answer.rfind("\r\n\r\n") + 4));
  EXPECT_TRUE(json.at("simulated").as_bool());
  EXPECT_EQ(json.at("calls").at("submit").as_int64(), 2);
  EXPECT_EQ(json.at("counts").at("finished").as_int64(), 1);
  EXPECT_EQ(json.at("counts").at("open").as_int64(), 1);
  EXPECT_EQ(json.at("reports").at(0).at("state").as_string(), "finished");
  const std::string clock =
      as_user({"--data", "{\"advance_ms\": 86400001}"}, "/../simulator/clock");
  EXPECT_EQ(status(clock), "200");
  EXPECT_EQ(judged(as_user({"--form", "id=" + second}, "/finish")), "404 5001") << "it has expired";
  EXPECT_EQ(status(as_user({"--data", "{"}, "/../simulator/faults")), "400");
  EXPECT_EQ(status(curl({}, "/../simulator/reports")), "401");
}

TEST_F(SimulatorTest, DoesWrongOnlyWhatItIsTold) {
  const auto told = [&](const std::string& json) {
    EXPECT_EQ(status(as_user({"--data", json}, "/../simulator/faults")), "200") << json;
  };
  told(R"([{"on": "submit", "do": "lose_answer"}])");
  EXPECT_NE(submit().find("curl: (52)"), std::string::npos) << "an empty reply";
  EXPECT_EQ(simulator_->reports().size(), 1U) << "and yet it was opened";
  told(R"([{"on": "submit", "do": "close_before", "nth": 2}])");
  EXPECT_EQ(judged(submit()), "200 0");
  EXPECT_NE(submit().find("curl: (52)"), std::string::npos);
  EXPECT_EQ(simulator_->reports().size(), 2U);
  EXPECT_EQ(judged(submit()), "200 0") << "once is once";
  told(R"([{"on": "submit", "do": "refuse", "code": 1110, "times": 2}])");
  EXPECT_EQ(judged(submit()), "500 1110");
  EXPECT_EQ(judged(submit()), "500 1110");
  EXPECT_EQ(simulator_->reports().size(), 3U);
  told(R"([{"on": "submit", "do": "lie", "http": 503, "body": "html"}])");
  EXPECT_EQ(status(submit()), "503");
  EXPECT_EQ(simulator_->reports().size(), 4U);
  told(R"([{"on": "submit", "do": "half"}])");
  EXPECT_NE(submit().find("curl: (18)"), std::string::npos) << "a partial file";
  told(R"([{"on": "submit", "do": "late", "ms": 600}])");
  EXPECT_EQ(judged(submit()), "200 0");
  const std::string id = std::to_string(simulator_->reports().back().id);
  told(R"([{"on": "upload", "do": "other_bytes"}])");
  const std::vector<std::string> form = {
      "--form", "id=" + id, "--form", "file=@" + write("a", "hello")};
  EXPECT_NE(element(as_user(form, "/upload"), "hash"), "5d41402abc4b2a76b9719d911017c592");
  EXPECT_EQ(element(as_user(form, "/upload"), "hash"), "5d41402abc4b2a76b9719d911017c592");
}

TEST_F(SimulatorTest, SpeaksTlsAndWritesReportsAsFiles) {
  const std::string key = (folder_.path() / "key.pem").string();
  const std::string certificate = (folder_.path() / "certificate.pem").string();
  ASSERT_EQ(testing::run_program({"openssl",
                                  "req",
                                  "-x509",
                                  "-newkey",
                                  "ec",
                                  "-pkeyopt",
                                  "ec_paramgen_curve:P-256",
                                  "-nodes",
                                  "-keyout",
                                  key,
                                  "-out",
                                  certificate,
                                  "-days",
                                  "2",
                                  "-subj",
                                  "/CN=localhost",
                                  "-addext",
                                  "subjectAltName=IP:127.0.0.1"})
                .status,
            0);
  Options options;
  options.tls_certificate = certificate;
  options.tls_key = key;
  options.folder = folder_.path() / "reports";
  start(std::move(options));
  EXPECT_TRUE(simulator_->url().starts_with("https://127.0.0.1:"));
  const std::string opened = as_user({"--cacert",
                                      certificate,
                                      "--header",
                                      "Content-Type: text/xml; charset=utf-8",
                                      "--data",
                                      "@" + write("report.xml", kReportXml)},
                                     "/submit");
  ASSERT_EQ(judged(opened), "200 0");
  const auto folder = folder_.path() / "reports" / element(opened, "reportId");
  const auto state = read_file(folder / "state.json", 1 << 20);
  ASSERT_TRUE(state);
  EXPECT_EQ(boost::json::parse(as_text(*state)).at("state").as_string(), "open");
  EXPECT_TRUE(std::filesystem::exists(folder / "report.xml"));
  Options without_key;
  without_key.username = "a";
  without_key.password = "b";
  without_key.tls_certificate = certificate;
  EXPECT_EQ(Simulator::start(clock_, without_key).error().code, "simulator.bad_tls");
}

TEST(SimulatorStart, RefusesWhatItCannotServe) {
  const SystemClock clock;
  const auto code = [&](const Options& options) {
    const auto started = Simulator::start(clock, options);
    return started ? "ok" : std::string(started.error().code);
  };
  Options options;
  EXPECT_EQ(code(options), "simulator.no_credentials");
  options.username = "a:b";
  options.password = "c";
  EXPECT_EQ(code(options), "simulator.no_credentials");
  options.username = "a";
  EXPECT_EQ(code(options), "ok");
  for (const char* listen : {"", "127.0.0.1", "127.0.0.1:x", "example.org:80", "127.0.0.1:70000"}) {
    options.listen = listen;
    EXPECT_EQ(code(options), "simulator.bad_listen") << listen;
  }
  options.listen = "192.0.2.1:0";
  EXPECT_EQ(code(options), "simulator.cannot_listen");
}

}  // namespace
}  // namespace tutela::cybertip_simulator

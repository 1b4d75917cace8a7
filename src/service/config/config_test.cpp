#include "service/config/config.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace tutela::config {
namespace {

std::string problems_of(std::string_view toml, const Environment& environment = {}) {
  const auto config = parse(toml, environment);
  if (config) {
    return "";
  }
  EXPECT_EQ(config.error().kind, ErrorKind::kInvalidInput);
  EXPECT_EQ(config.error().code, "config.invalid");
  return config.error().message;
}

TEST(Config, AnEmptyFileGivesTheSafeDefaults) {
  const auto config = parse("", {});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.listen, "127.0.0.1:8440");
  EXPECT_EQ(config->limits.pixels_max, 100'000'000U);
  EXPECT_FALSE(config->people.solo);
  EXPECT_TRUE(config->policy_file.empty());
}

TEST(Config, EveryKeyIsReadFromTheFileByItsSectionAndName) {
  const auto config = parse(
      "[server]\nlisten = \"unix:/run/t.sock\"\nscans_waiting_max = 7\n"
      "[limits]\nsize_bytes_max = 1024\n[people]\nsolo = true\ntrustee = \"a@example.org\"\n"
      "[policy]\nfile = \"rules.toml\"\n[log]\nformat = \"json\"\n",
      {});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server.listen, "unix:/run/t.sock");
  EXPECT_EQ(config->server.scans_waiting_max, 7U);
  EXPECT_EQ(config->limits.size_bytes_max, 1024U);
  EXPECT_TRUE(config->people.solo);
  EXPECT_EQ(config->policy_file, "rules.toml");
  EXPECT_EQ(config->log.format, "json");
}

TEST(Config, EveryKeyIsOverriddenByItsVariableAndComesBackAsItsDefault) {
  Environment environment;
  for (const KeyHelp& key : keys()) {
    EXPECT_FALSE(key.help.empty()) << key.key;
    environment[key.environment] = key.value;
  }
  EXPECT_EQ(environment.size(), keys().size()) << "two keys share a variable";
  const auto config = parse("", environment);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(needs_restart(Config{}, *config).empty());
}

TEST(Config, TheEnvironmentWinsOverTheFile) {
  const auto config = parse("[server]\nlisten = \"127.0.0.1:1\"\n",
                            {{"TUTELA_SERVER__LISTEN", "127.0.0.1:2"}, {"PATH", "/bin"}});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.listen, "127.0.0.1:2");
}

TEST(Config, AVariableThatEndsInFileReadsTheValueFromThere) {
  const auto path =
      std::filesystem::temp_directory_path() / ("tutela_config_" + std::to_string(::getpid()));
  std::ofstream(path) << "127.0.0.1:3\n";
  const auto config = parse("", {{"TUTELA_SERVER__LISTEN_FILE", path.string()}});
  const auto both = problems_of(
      "",
      {{"TUTELA_SERVER__LISTEN_FILE", path.string()}, {"TUTELA_SERVER__LISTEN", "127.0.0.1:4"}});
  std::filesystem::remove(path);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.listen, "127.0.0.1:3");
  EXPECT_NE(both.find("set one of them"), std::string::npos);
  EXPECT_NE(problems_of("", {{"TUTELA_SERVER__LISTEN_FILE", path.string()}}), "");
}

TEST(Config, EveryProblemIsToldWithItsLineOrVariable) {
  const std::string problems = problems_of(
      "[server]\nlisten = 5\nlissten = \"x\"\nscans_waiting_max = 0\n[nonsense]\na = 1\n"
      "[log]\nlevel = \"loud\"\n[limits]\nframes_max = [1]\n",
      {{"TUTELA_SERVER__BODY_TIMEOUT_MS", "soon"}, {"TUTELA_NO_SUCH", "1"}});
  for (const char* expected : {"line 2: server.listen must be a text",
                               "line 3: unknown key server.lissten",
                               "line 4: server.scans_waiting_max must be from 1 to 10000",
                               "line 5: unknown section nonsense",
                               "line 8: log.level must be one of",
                               "line 10: limits.frames_max must be a single value",
                               "TUTELA_SERVER__BODY_TIMEOUT_MS must be a whole number",
                               "TUTELA_NO_SUCH: no such key"}) {
    EXPECT_NE(problems.find(expected), std::string::npos) << expected << "\nin\n" << problems;
  }
}

TEST(Config, NumbersOutsideTheirBoundsAreRefused) {
  for (const char* value : {"-1", "4294967296", "9223372036854775807", "0x10", "1e3", "", " 5"}) {
    EXPECT_NE(problems_of("", {{"TUTELA_SERVER__CONNECTIONS_MAX", value}}), "") << value;
  }
  EXPECT_NE(problems_of("[limits]\nmemory_bytes_max = 1\n"), "");
}

TEST(Config, TextThatIsNotTomlIsRefusedWithItsLine) {
  EXPECT_NE(problems_of("[server]\nlisten = \n").find("line 2"), std::string::npos);
  EXPECT_NE(problems_of("[server\n").find("line 1"), std::string::npos);
  EXPECT_NE(problems_of(std::string((1U << 20) + 1, '#')), "");
}

TEST(Config, KeysThatBelongTogetherAreChecked) {
  EXPECT_NE(problems_of("[server]\ntls_key = \"k.pem\"\n"), "");
  EXPECT_NE(problems_of("[people]\nsolo = true\n"), "");
  EXPECT_NE(problems_of("[store]\nfolder = \"\"\n"), "");
  EXPECT_EQ(problems_of("[server]\nmetrics_listen = \"\"\n"), "");
}

TEST(Config, DocumentedVariablesThatAreNotConfigurationAreLeftAlone) {
  EXPECT_EQ(problems_of("", {{"TUTELA_FAULT", "x=kill"}, {"TUTELA_CONFIG", "/etc/t.toml"}}), "");
}

TEST(Config, OnlyChangesThatAReloadCannotTakeNeedARestart) {
  Config after;
  after.server.listen = "127.0.0.1:1";
  after.server.body_timeout_ms = 1;
  after.log.level = "debug";
  after.store.folder = "elsewhere";
  const std::vector<std::string> expected = {"server.listen", "store.folder"};
  EXPECT_EQ(needs_restart(Config{}, after), expected);
}

TEST(Config, AReloadTakesTheReloadableKeysAndNoOthers) {
  Config next;
  next.server.listen = "127.0.0.1:1";
  next.server.tls_key = "key.pem";
  next.log.level = "debug";
  const Config merged = with_reloadable(Config{}, next);
  EXPECT_EQ(merged.server.listen, Config{}.server.listen);
  EXPECT_EQ(merged.server.tls_key, "key.pem");
  EXPECT_EQ(merged.log.level, "debug");
}

TEST(Config, AddressesOfPeopleAndProvidersAreSafeOnes) {
  for (const char* good : {"https://tutela.example.org",
                           "https://tutela.example.org:8443",
                           "http://127.0.0.1:8440",
                           "http://localhost",
                           "http://[::1]:80"}) {
    EXPECT_EQ(problems_of("", {{"TUTELA_PEOPLE__PUBLIC_URL", good}}), "") << good;
  }
  for (const char* bad : {"http://tutela.example.org",
                          "http://127.0.0.1.example.org",
                          "http://localhost@example.org",
                          "https://",
                          "https://a/path",
                          "https://a?b",
                          "https://a b",
                          "ftp://a",
                          "tutela.example.org"}) {
    EXPECT_NE(problems_of("", {{"TUTELA_PEOPLE__PUBLIC_URL", bad}}), "") << bad;
  }
  const std::string whole =
      "[people]\npublic_url = \"https://a.example\"\n[oidc]\nissuer = "
      "\"https://id.example/realm\"\n"
      "client_id = \"tutela\"\nclient_secret = \"s\"\n";
  EXPECT_EQ(problems_of(whole), "");
  EXPECT_NE(problems_of("[oidc]\nissuer = \"https://id.example\"\n"), "") << "the rest is missing";
  EXPECT_NE(problems_of(whole + "create_role = \"admin\"\n"), "") << "nobody makes themselves one";
}

TEST(Config, WhatDecisionsAskForIsAClosedSetOfWords) {
  const auto config = parse(
      "[cases]\ndouble_review = \"all\"\non_confirmed = \"content.remove account.suspend\"\n"
      "on_cleared = \"\"\n[exposure]\ndays_on = 0\n",
      {});
  ASSERT_TRUE(config) << config.error().message;
  const std::vector<std::string> expected = {"content.remove", "account.suspend"};
  EXPECT_EQ(words_of(config->cases.on_confirmed), expected);
  EXPECT_TRUE(words_of(config->cases.on_cleared).empty());
  EXPECT_EQ(config->exposure.days_on, 0U);
  const std::string problems = problems_of(
      "[cases]\ndouble_review = \"some\"\non_confirmed = \"police.call\"\n"
      "on_cleared = \"content.remove\"\nsample_percent = 101\nautomatic = \"yes\"\n");
  for (const char* expected_line : {"line 2: cases.double_review must be one of",
                                    "line 3: cases.on_confirmed must be words of",
                                    "line 4: cases.on_cleared must be",
                                    "line 5: cases.sample_percent must be from 0 to 100",
                                    "line 6: cases.automatic must be true or false"}) {
    EXPECT_NE(problems.find(expected_line), std::string::npos) << expected_line << problems;
  }
  EXPECT_NE(problems_of("[cases]\non_confirmed = \"content.remove content.remove\"\n"), "");
}

TEST(Config, AWebhookHasAnAddressAndSecretsThatAreNeverPrinted) {
  const std::string whole =
      "[webhook]\nurl = \"https://example.org/hook\"\nsecrets = \"whsec_YQ== whsec_Yg==\"\n";
  const auto config = parse(whole, {});
  ASSERT_TRUE(config) << config.error().message;
  for (const KeyHelp& key : keys(*config)) {
    EXPECT_EQ(key.value.find("whsec_"), std::string::npos) << key.key;
  }
  EXPECT_NE(problems_of("[webhook]\nurl = \"https://example.org\"\n").find("webhook.secrets"),
            std::string::npos);
  for (const char* bad :
       {"ftp://a", "example.org", "https://a b", "https://a\tb", "https://\xC3"}) {
    EXPECT_NE(problems_of("[webhook]\nsecrets = \"whsec_YQ==\"\n", {{"TUTELA_WEBHOOK__URL", bad}}),
              "")
        << bad;
  }
  const std::string problems = problems_of("[webhook]\nsecrets = \"hush\"\n");
  EXPECT_NE(problems.find("line 2: webhook.secrets must be"), std::string::npos) << problems;
  EXPECT_EQ(problems.find("hush"), std::string::npos) << "a secret is not repeated";
}

TEST(Config, AKeysAddressAndUrlsArePrintedWithoutWhatOpensThem) {
  const auto shown = [](const std::string& key, const std::string& value) {
    Config config;
    (key == "vault.key" ? config.vault.key : config.s3.endpoint) = value;
    const auto all = keys(config);
    return std::ranges::find(all, key, &KeyHelp::key)->value;
  };
  const std::pair<std::string, std::string> addresses[] = {
      {"file:/etc/tutela/key", "file:/etc/tutela/key"},
      {"pkcs11:/lib/m.so?token=T&object=O&pin-file=/run/pin",
       "pkcs11:/lib/m.so?token=T&object=O&pin-file=/run/pin"},
      {"pkcs11:/lib/m.so?token=T&pin-value=1234", "pkcs11:/lib/m.so?token=T&pin-value=(set)"},
      {"pkcs11:token=T;object=O?pin-source=file:/p&module-path=/m",
       "pkcs11:token=T;object=O?pin-source=(set)"},
      {"pkcs11:pin-value=12;token=34&5", "pkcs11:pin-value=(set)"},
      {"pkcs11:/m?token=T&1234", "pkcs11:/m?token=T&(set)"},
      {"pkcs11:/m?PIN=1234", "pkcs11:/m?PIN=(set)"},
      {"pkcs11:/m?pin-value=", "pkcs11:/m?pin-value=(set)"},
      {"pkcs11:", "pkcs11:"}};
  for (const auto& [address, expected] : addresses) {
    EXPECT_EQ(shown("vault.key", address), expected);
  }
  const std::pair<std::string, std::string> urls[] = {
      {"https://s3.example.org/a", "https://s3.example.org/a"},
      {"https://me:hu/sh@s3.example.org", "https://(set)@s3.example.org"},
      {"https://me:hush@s3.example.org/", "https://(set)@s3.example.org/"},
      {"https://me:hu@sh@s3.example.org", "https://(set)@s3.example.org"},
      {"https://", "https://"}};
  for (const auto& [url, expected] : urls) {
    EXPECT_EQ(shown("s3.endpoint", url), expected);
  }
}

TEST(Config, AReceiversUrlIsShownWithoutItsPath) {
  Config config;
  config.webhook.url = "https://hooks.example.org:8443/services/T0/secret?key=1";
  config.reporting.authorities[0] = "police | webhook | DE | https://police.example/in/42 | /k";
  const auto all = keys(config);
  EXPECT_EQ(std::ranges::find(all, "webhook.url", &KeyHelp::key)->value,
            "https://hooks.example.org:8443/(set)");
  EXPECT_EQ(std::ranges::find(all, "reporting.authority_1", &KeyHelp::key)->value,
            "police | webhook | DE | https://police.example/(set) | /k");
  config.webhook.url = "https://hooks.example.org";
  const auto plain = keys(config);
  EXPECT_EQ(std::ranges::find(plain, "webhook.url", &KeyHelp::key)->value,
            "https://hooks.example.org");
}

TEST(Config, ContactsForPeopleHaveANameAndSafeLinks) {
  const auto config = parse(
      "[support]\ncontact_1 = \"Helper | 000-000 | https://example.org | day and night\"\n"
      "contact_3 = \"Another||https://example.org\"\n",
      {});
  ASSERT_TRUE(config) << config.error().message;
  const auto contacts = contacts_of(config->support);
  ASSERT_EQ(contacts.size(), 2U);
  EXPECT_EQ(contacts[0].name, "Helper");
  EXPECT_EQ(contacts[0].phone, "000-000");
  EXPECT_EQ(contacts[0].hours, "day and night");
  EXPECT_EQ(contacts[1].phone, "");
  EXPECT_EQ(contacts[1].url, "https://example.org");
  for (const char* bad : {" ", "|1", "a|b|http://c", "a|b|javascript:x", "a|b||d|e", "a\nb"}) {
    EXPECT_FALSE(parse_contact(bad)) << bad;
    EXPECT_NE(problems_of("", {{"TUTELA_SUPPORT__CONTACT_2", bad}}), "") << bad;
  }
  EXPECT_NE(problems_of("[support]\ntext = \"a\\nb\"\n").find("line 2: support.text"),
            std::string::npos);
}

TEST(Config, WhatAuthoritiesAreToldIsCheckedWhenItIsRead) {
  const std::string whole =
      "[reporting]\nemail = \"reports@example.org\"\nservice_country = \"US\"\n"
      "authority_1 = \"hotline | webhook | NL | https://hotline.example.org/in | /etc/hook\"\n"
      "authority_3 = \"police | by_hand | DE\"\nphone_2 = \"Police | 000\"\n"
      "[cybertip]\nurl = \"https://exttest.cybertip.org/ispws\"\nusername = \"u\"\n"
      "password = \"hush\"\n";
  const auto config = parse(whole, {});
  ASSERT_TRUE(config) << config.error().message;
  const auto authorities = authorities_of(config->reporting);
  ASSERT_EQ(authorities.size(), 2U);
  EXPECT_EQ(authorities[0].name, "hotline");
  EXPECT_EQ(authorities[0].address, "https://hotline.example.org/in");
  EXPECT_EQ(authorities[0].file, "/etc/hook");
  EXPECT_EQ(authorities[1].channel, "by_hand");
  EXPECT_EQ(authorities[1].jurisdiction, "DE");
  ASSERT_EQ(phones_of(config->reporting).size(), 1U);
  EXPECT_EQ(phones_of(config->reporting)[0].number, "000");
  for (const KeyHelp& key : keys(*config)) {
    EXPECT_EQ(key.value.find("hush"), std::string::npos) << key.key;
  }
  EXPECT_FALSE(config->reporting.automatic);
  const std::string problems = problems_of(
      "[reporting]\nemail = \"nobody\"\nservice_country = \"usa\"\nhorizon_days = 1\n"
      "authority_2 = \"x | fax | DE\"\nphone_1 = \"Police\"\nlegal_url = \"example.org\"\n"
      "[cybertip]\nurl = \"https://a@b/ispws\"\n[smtp]\nserver = \"mail.example.org\"\n");
  for (const char* expected : {"line 2: reporting.email",
                               "line 3: reporting.service_country",
                               "line 4: reporting.horizon_days must be from 3 to 30",
                               "line 5: reporting.authority_2",
                               "line 6: reporting.phone_1",
                               "line 7: reporting.legal_url",
                               "line 9: cybertip.url",
                               "line 11: smtp.server"}) {
    EXPECT_NE(problems.find(expected), std::string::npos) << expected << "\nin\n" << problems;
  }
}

TEST(Config, AnAuthorityIsWhollyConfiguredOrNotAtAll) {
  EXPECT_NE(problems_of("[cybertip]\nurl = \"https://a/ispws\"\n").find("cybertip.username"),
            std::string::npos);
  EXPECT_NE(problems_of("[cybertip]\nurl = \"https://a/ispws\"\nusername = \"u\"\npassword = "
                        "\"p\"\n")
                .find("reporting.email"),
            std::string::npos);
  EXPECT_NE(problems_of("[reporting]\nauthority_1 = \"a | email | DE | a@example.org | k.asc\"\n")
                .find("smtp.server"),
            std::string::npos);
  EXPECT_NE(problems_of("[smtp]\nserver = \"smtps://mail.example.org\"\n").find("smtp.from"),
            std::string::npos)
      << "nobody would be written to, and nothing would say so";
  const char* twice =
      "[reporting]\nauthority_1 = \"a | by_hand | DE\"\nauthority_2 = \"a | by_hand "
      "| US\"\n";
  EXPECT_NE(problems_of(twice).find("names of their own"), std::string::npos);
  EXPECT_NE(problems_of("[reporting]\nauthority_1 = \"ncmec | by_hand | US\"\n"), "");
  EXPECT_NE(problems_of("[reporting]\nautomatic = true\n[cases]\nsample_percent = 0\n")
                .find("cases.sample_percent"),
            std::string::npos);
  EXPECT_EQ(problems_of("[reporting]\nautomatic = true\n"), "");
  for (const char* bad : {"a|webhook|DE|https://a",
                          "a|webhook|DE|ftp://a|k",
                          "a|email|DE|nobody|k",
                          "a|email|DE|a@b.example",
                          "a|by_hand|Germany",
                          "A|by_hand|DE",
                          "|by_hand|DE",
                          "a|by_hand|DE|x",
                          "a|email|DE|a@b.example|k|more",
                          "a|by_hand|DE\n"}) {
    EXPECT_FALSE(parse_authority(bad)) << bad;
  }
}

TEST(Config, ListenAddressesAreHostAndPortOrAUnixPath) {
  const auto v6 = parse_listen("[::1]:80");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 80);
  const auto local = parse_listen("unix:/run/tutela.sock");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->unix_path, "/run/tutela.sock");
  for (const std::string bad : {"",
                                ":80",
                                "host",
                                "host:",
                                "host:65536",
                                "host:-1",
                                "::1:80",
                                "host:80x",
                                "unix:",
                                "unix:relative",
                                "unix:/",
                                "[]:80"}) {
    EXPECT_FALSE(parse_listen(bad)) << bad;
  }
  EXPECT_FALSE(parse_listen("unix:/" + std::string(200, 'a')));
}

TEST(Config, AFileThatCannotBeReadIsAnErrorAndNotTheDefaults) {
  EXPECT_FALSE(load("/nonexistent/tutela.toml", {}));
  EXPECT_TRUE(load({}, {}));
}

}  // namespace
}  // namespace tutela::config

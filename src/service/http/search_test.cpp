// How the bodies of POST /v1/search are read; tests/http runs the search whole.
#include "service/http/search.hpp"

#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "service/http/openapi.hpp"

namespace tutela::http {
namespace {

namespace json = boost::json;

const std::string kPdqValue = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

std::string query_text(const std::string& kind, const std::string& value) {
  return R"({"kind":")" + kind + R"(","value":")" + value + R"("})";
}

std::string queries_text(std::size_t count, const std::string& one) {
  std::string body = R"({"queries":[)";
  for (std::size_t i = 0; i < count; ++i) {
    body += (i == 0 ? "" : ",") + one;
  }
  return body + "]}";
}

TEST(ReadSearch, TakesOneQueryOrAnArrayOfThem) {
  std::optional<std::size_t> bad;
  const auto one = read_search(query_text("pdq", kPdqValue), bad);
  ASSERT_TRUE(one);
  ASSERT_EQ(one->size(), 1U);
  EXPECT_EQ(fingerprint::to_hex(one->front().pdq), kPdqValue);
  EXPECT_EQ(one->front().distance_max, std::nullopt);
  const auto many =
      read_search(R"({"queries":[{"kind":"md5","value":"000102030405060708090A0B0C0D0E0F"},)"
                  R"({"kind":"pdq","value":")" +
                      kPdqValue + R"(","distance_max":0}]})",
                  bad);
  ASSERT_TRUE(many);
  ASSERT_EQ(many->size(), 2U);
  EXPECT_EQ(many->front().kind, match::SignalKind::kMd5);
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_EQ(many->front().digest.at(i), i < 16 ? std::byte(i) : std::byte(0));
  }
  EXPECT_EQ(many->back().distance_max, 0);
  EXPECT_EQ(bad, std::nullopt);
}

TEST(ReadSearch, TenThousandHashesFitTheBodyAndOneMoreIsRefused) {
  const std::string one = query_text("pdq", kPdqValue);
  std::optional<std::size_t> bad;
  const std::string body = queries_text(kSearchQueriesMax, one);
  EXPECT_LT(body.size(), kSearchBytesMax / 2 + kSearchBytesMax / 4) << "room for blanks";
  const auto all = read_search(body, bad);
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->size(), kSearchQueriesMax);
  const auto over = read_search(queries_text(kSearchQueriesMax + 1, one), bad);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, "request.bad_field");
  EXPECT_EQ(bad, std::nullopt) << "no single query is wrong";
}

TEST(ReadSearch, NamesTheQueryThatIsWrongAndNeverItsHash) {
  const std::string good = query_text("pdq", kPdqValue);
  const std::string near = R"("value":")" + kPdqValue + R"(","distance_max":)" +
                           std::to_string(match::kPdqDistanceMax + 1);
  for (const auto& [wrong, code] : std::vector<std::pair<std::string, std::string_view>>{
           {"1", "request.bad_field"},
           {"{}", "request.missing_field"},
           {query_text("crc", "00"), "match.bad_kind"},
           {query_text("md5", kPdqValue), "hex.bad_length"},
           {query_text("md5", std::string(32, 'z')), "hex.bad_digit"},
           {query_text("sha1", kPdqValue + "0"), "request.bad_field"},
           {R"({"kind":"pdq",)" + near + "}", "request.bad_field"},
           {R"({"kind":"pdq","value":")" + kPdqValue + R"(","distance":1})",
            "request.unknown_field"}}) {
    std::optional<std::size_t> bad;
    const auto read = read_search(R"({"queries":[)" + good + "," + good + "," + wrong + "]}", bad);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().code, code) << wrong;
    EXPECT_EQ(bad, 2U) << wrong;
    EXPECT_TRUE(read.error().message.starts_with("queries[2]: ")) << read.error().message;
    EXPECT_EQ(read.error().message.find(kPdqValue.substr(0, 8)), std::string::npos);
  }
}

TEST(ReadSearch, OneQueryThatIsWrongHasNoIndex) {
  std::optional<std::size_t> bad;
  EXPECT_EQ(read_search("", bad).error().code, "request.missing_field");
  EXPECT_EQ(read_search("[]", bad).error().code, "request.bad_json");
  EXPECT_EQ(read_search(R"({"queries":[]})", bad).error().code, "request.bad_field");
  EXPECT_EQ(read_search(R"({"queries":[{}],"kind":"pdq"})", bad).error().code,
            "request.unknown_field");
  EXPECT_EQ(bad, std::nullopt);
}

TEST(OpenApi, TellsTheBoundsOfSearchThatTheServerKeeps) {
  const json::value spec = json::parse(openapi_json());
  EXPECT_EQ(spec.at_pointer("/components/schemas/SearchQuery/properties/distance_max/maximum"),
            match::kPdqDistanceMax);
  EXPECT_EQ(spec.at_pointer("/paths/~1v1~1search/post/requestBody/content/application~1json/schema"
                            "/oneOf/1/properties/queries/maxItems"),
            kSearchQueriesMax);
}

}  // namespace
}  // namespace tutela::http

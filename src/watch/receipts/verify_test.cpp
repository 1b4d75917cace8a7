#include <map>
#include <random>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "crypto/base64.hpp"
#include "exchange/lists/state.hpp"
#include "watch/receipts/payload.hpp"
#include "watch/receipts/test_receipts.hpp"

namespace tutela::receipts {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
  return std::string(value.as_string());
}

/// spec/vectors/scan-receipt.json, which tests/receipts/make_vectors.py makes with other code.
const json::object& vectors() {
  static const json::object all = [] {
    const auto bytes =
        read_file(std::string(TUTELA_SOURCE_DIR) + "/spec/vectors/scan-receipt.json", 1U << 20);
    EXPECT_TRUE(bytes);
    return json::parse(as_text(*bytes)).as_object();
  }();
  return all;
}

crypto::SigningKey vector_key() {
  Bytes seed(32);
  EXPECT_TRUE(parse_hex(text_of(vectors().at("seed")), seed));
  return crypto::SigningKey(*crypto::Key::from_bytes(seed));
}

std::vector<crypto::PublicKey> vector_keys() {
  const auto keys = parse_key_set(json::serialize(vectors().at("keys")));
  EXPECT_TRUE(keys);
  return *keys;
}

std::string vector_log_key() {
  return text_of(vectors().at("log_key"));
}

/// A receipt of the vectors: 0 has a proof.
std::string receipt_at(std::size_t index) {
  return json::serialize(vectors().at("receipts").at(index).at("receipt"));
}

std::string verdict_on(const std::string& receipt) {
  return testing::code_of(verify(receipt, vector_keys(), vector_log_key()));
}

/// Signed as ours are, whatever it says.
std::string signed_text(const std::string& payload) {
  const crypto::SigningKey key = vector_key();
  const std::string header = crypto::to_base64url(as_bytes(header_of(key.public_key())));
  const std::string body = crypto::to_base64url(as_bytes(payload));
  return json::serialize(
      json::object{{"payload", body},
                   {"protected", header},
                   {"signature", crypto::to_base64url(key.sign(as_bytes(header + "." + body)))}});
}

TEST(ReceiptVerifyTest, SignsAndTakesWhatTheVectorsOfTheSpecificationSay) {
  EXPECT_EQ(vectors().at("receipts").as_array().size(), 3U);
  for (const json::value& vector : vectors().at("receipts").as_array()) {
    const std::string payload = json::serialize(vector.at("statement"));
    const auto statement = parse_payload(payload);
    ASSERT_TRUE(statement) << payload;
    EXPECT_EQ(payload_of(*statement), payload);
    EXPECT_EQ(json::parse(sign(*statement, vector_key())), vector.at("receipt"));
    const auto read =
        verify(json::serialize(vector.at("receipt")), vector_keys(), vector_log_key());
    ASSERT_TRUE(read) << read.error().code << ": " << read.error().message;
    EXPECT_EQ(*read, *statement);
  }
}

TEST(ReceiptVerifyTest, RefusesWhatTheVectorsSayIsToBeRefused) {
  EXPECT_GT(vectors().at("refused").as_array().size(), 15U);
  for (const json::value& vector : vectors().at("refused").as_array()) {
    EXPECT_EQ(verdict_on(text_of(vector.at("receipt"))), text_of(vector.at("code")))
        << text_of(vector.at("why"));
  }
}

TEST(ReceiptVerifyTest, DigestsOfListsAreThoseOfTheVectors) {
  const std::map<std::string, lists::ChangeKind> kinds = {
      {"added", lists::ChangeKind::kAdded},
      {"removed", lists::ChangeKind::kRemoved},
      {"activated", lists::ChangeKind::kActivated}};
  EXPECT_EQ(vectors().at("list_states").as_array().size(), 3U);
  for (const json::value& vector : vectors().at("list_states").as_array()) {
    lists::StateStep step;
    step.previous = text_of(vector.at("previous"));
    step.salt = text_of(vector.at("salt"));
    step.list_id = *parse_uuid(text_of(vector.at("list")));
    step.kind = kinds.at(text_of(vector.at("kind")));
    step.version = vector.at("version").as_int64();
    step.active = vector.at("active").as_bool();
    step.signals = vector.at("signals").as_int64();
    std::vector<lists::PackedSignal> changed;
    for (const json::value& line : vector.at("changed").as_array()) {
      const std::string text = text_of(line);
      const std::size_t blank = text.find(' ');
      lists::PackedSignal& signal = changed.emplace_back();
      signal.kind = *match::parse_signal_kind(text.substr(0, blank));
      ASSERT_TRUE(parse_hex(text.substr(blank + 1),
                            std::span(signal.value).first(lists::size_bytes_of(signal.kind))));
    }
    EXPECT_EQ(lists::state_digest(step, changed), text_of(vector.at("digest")));
  }
}

TEST(ReceiptVerifyTest, AReceiptMayBeWrittenWithBlanksAndInAnotherOrder) {
  const json::object parts = json::parse(receipt_at(0)).as_object();
  const auto member = [&](const char* name) {
    return "\n  \"" + std::string(name) + "\" : \"" + text_of(parts.at(name)) + "\"";
  };
  EXPECT_EQ(verdict_on("{" + member("signature") + "," + member("protected") + "," +
                       member("payload") + "\n}\n"),
            "ok");
}

TEST(ReceiptVerifyTest, AnyChangedByteIsFound) {
  const std::string good = receipt_at(0);
  ASSERT_EQ(verdict_on(good), "ok");
  for (std::size_t at = 0; at < good.size(); at += at < 200 ? 1 : 7) {
    for (const int bit : {1, 32}) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ bit);
      EXPECT_NE(verdict_on(changed), "ok") << "byte " << at;
    }
    EXPECT_EQ(verdict_on(good.substr(0, at)), "receipt.bad_format") << "cut at " << at;
  }
}

TEST(ReceiptVerifyTest, AnyChangeOfWhatWasSignedBreaksTheProof) {
  const std::string payload = payload_of(*verify(receipt_at(0), vector_keys(), vector_log_key()));
  const std::size_t begin = payload.find("\"proof\":\"") + 9;
  for (std::size_t at = begin; at < payload.size() - 3; at += 3) {
    std::string changed = payload;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_NE(verdict_on(signed_text(changed)), "ok") << "byte " << at;
  }
}

TEST(ReceiptVerifyTest, WhatIsNoReceiptIsRefusedWithoutHarm) {
  for (const std::string& bad : {std::string(),
                                 std::string("{"),
                                 std::string("[]"),
                                 std::string("null"),
                                 std::string("\"text\""),
                                 std::string("{}"),
                                 std::string(R"({"payload":"","protected":"","signature":""})"),
                                 std::string(R"({"payload":1,"protected":"","signature":""})"),
                                 std::string(R"({"payload":{},"protected":"","signature":""})"),
                                 std::string(100'000, '['),
                                 std::string(2U << 20, 'A'),
                                 receipt_at(0) + std::string(kReceiptBytesMax, ' '),
                                 receipt_at(0) + receipt_at(0),
                                 receipt_at(0) + "x"}) {
    EXPECT_EQ(verdict_on(bad), "receipt.bad_format") << bad.substr(0, 80);
  }
}

TEST(ReceiptVerifyTest, AStatementHasOneText) {
  const std::string good = payload_of(*verify(receipt_at(1), vector_keys(), vector_log_key()));
  ASSERT_EQ(verdict_on(signed_text(good)), "ok");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = good;
    const std::size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return verdict_on(signed_text(changed.replace(at, from.size(), to)));
  };
  EXPECT_EQ(with("\"v\":1,", "\"v\": 1,"), "receipt.bad_format");
  EXPECT_EQ(with("\"v\":1,", "\"v\":1.0,"), "receipt.bad_format");
  EXPECT_EQ(with("\"v\":1,", "\"v\":true,"), "receipt.bad_format");
  EXPECT_EQ(with("\"v\":1,", ""), "receipt.bad_format");
  EXPECT_EQ(with("\"index\":5", "\"index\":5,\"index\":5"), "receipt.bad_format");
  EXPECT_EQ(with("\"index\":5", "\"index\":5e0"), "receipt.bad_format");
  EXPECT_EQ(with("\"index\":5", "\"index\":99999999999999999999"), "receipt.bad_format");
  EXPECT_EQ(with("\"lists\":[]", "\"lists\":{}"), "receipt.bad_format");
  EXPECT_EQ(with("\"lists\":[]", "\"lists\":[[[[]]]]"), "receipt.bad_format");
  EXPECT_EQ(with("\"lists\":[]", "\"lists\":[{\"id\":\"a\",\"version\":0}]"), "receipt.bad_format");
  EXPECT_EQ(with("\"door\":\"http\"", "\"door\":\"htt\\u0070\""), "receipt.bad_format");
  EXPECT_EQ(with(".120Z", ".12Z"), "receipt.bad_format");
  EXPECT_EQ(with(".120Z", ".120+00:00"), "receipt.bad_format");
  EXPECT_EQ(verdict_on(signed_text(good + "\n")), "receipt.bad_format");
  EXPECT_EQ(verdict_on(signed_text("")), "receipt.bad_format");
  EXPECT_EQ(verdict_on(signed_text("\xFF\xFE")), "receipt.bad_format");
  EXPECT_EQ(with(
                "\"lists\":[]",
                "\"lists\":[" +
                    [] {
                      std::string many = R"({"id":"a"})";
                      for (std::size_t i = 0; i < kListsMax; ++i) {
                        many += R"(,{"id":"a"})";
                      }
                      return many;
                    }() +
                    "]"),
            "receipt.bad_format");
}

TEST(ReceiptVerifyTest, OnlyTheRightKeysWillDo) {
  const crypto::PublicKey right = vector_key().public_key();
  const crypto::PublicKey wrong = key_of(200).public_key();
  const auto with = [&](const std::vector<crypto::PublicKey>& keys, const std::string& log_key) {
    return testing::code_of(verify(receipt_at(0), keys, log_key));
  };
  EXPECT_EQ(with({right}, vector_log_key()), "ok");
  EXPECT_EQ(with({wrong, right}, vector_log_key() + "\n"), "ok");
  EXPECT_EQ(with({}, vector_log_key()), "receipt.bad_signature");
  EXPECT_EQ(with({wrong}, vector_log_key()), "receipt.bad_signature");
  EXPECT_EQ(with({right}, ""), "audit.bad_key");
  EXPECT_EQ(with({right}, "nonsense"), "audit.bad_key");
  const audit::VerifierKey other{"example.org/audit", wrong};
  EXPECT_EQ(with({right}, audit::to_text(other)), "receipt.bad_proof");
  const audit::VerifierKey renamed{"example.org/other", wrong};
  EXPECT_EQ(with({right}, audit::to_text(renamed)), "receipt.bad_proof");
}

TEST(ReceiptVerifyTest, RandomTextsAreNoReceipts) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string good = receipt_at(0);
  for (int round = 0; round < 500; ++round) {
    std::string changed = good;
    for (unsigned i = 0; i < 1 + random() % 4; ++i) {
      const std::size_t at = random() % changed.size();
      switch (random() % 3) {
        case 0:
          changed[at] = static_cast<char>(random());
          break;
        case 1:
          changed.erase(at, 1 + random() % 8);
          break;
        default:
          changed.insert(at, 1, "{}\",:A"[random() % 6]);
      }
    }
    const auto read = verify(changed, vector_keys(), vector_log_key());
    EXPECT_TRUE(!read || json::parse(changed) == json::parse(good));
  }
}

}  // namespace
}  // namespace tutela::receipts

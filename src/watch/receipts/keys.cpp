#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "watch/receipts/payload.hpp"
#include "watch/receipts/read_json.hpp"
#include "watch/receipts/receipts.hpp"

namespace tutela::receipts {

namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 3;
constexpr std::size_t kMembersOfKey = 6;

Error bad_keys() {
  return Error{ErrorKind::kInvalidInput,
               "receipt.bad_keys",
               "this is no key set of receipts; get it from "
               "/.well-known/tutela-receipt-keys.json of the service"};
}

json::object jwk_of(const crypto::PublicKey& key) {
  return {{"kty", "OKP"},
          {"crv", "Ed25519"},
          {"x", crypto::to_base64url(key)},
          {"kid", key_id(key)},
          {"alg", "EdDSA"},
          {"use", "sig"}};
}

Result<crypto::PublicKey> key_of(const json::value& value) {
  const json::object* const object = value.if_object();
  const json::value* const x = object == nullptr ? nullptr : object->if_contains("x");
  if (x == nullptr || !x->is_string()) {
    return bad_keys();
  }
  TUTELA_TRY_ASSIGN(const Bytes bytes, crypto::parse_base64url(std::string(x->get_string())));
  crypto::PublicKey key{};
  if (bytes.size() != key.size()) {
    return bad_keys();
  }
  std::ranges::copy(bytes, key.begin());
  // Objects are equal whatever the order of their members.
  if (*object != jwk_of(key)) {
    return bad_keys();
  }
  return key;
}

}  // namespace

std::string key_id(const crypto::PublicKey& key) {
  // RFC 7638: the members that a key needs, in the order of their names, without blanks.
  return crypto::to_base64url(crypto::sha256_of(
      as_bytes(R"({"crv":"Ed25519","kty":"OKP","x":")" + crypto::to_base64url(key) + "\"}")));
}

std::string key_set(const std::vector<crypto::PublicKey>& keys) {
  json::array all;
  for (const crypto::PublicKey& key : keys) {
    all.push_back(jwk_of(key));
  }
  return json::serialize(json::object{{"keys", std::move(all)}});
}

Result<std::vector<crypto::PublicKey>> parse_key_set(std::string_view text) {
  const json::value value =
      text.size() > kKeySetBytesMax ? json::value() : read_json(text, kDepthMax);
  const json::object* const object = value.if_object();
  const json::value* const member = object == nullptr ? nullptr : object->if_contains("keys");
  const json::array* const array = member == nullptr ? nullptr : member->if_array();
  if (array == nullptr || array->empty() || array->size() > kKeysMax || object->size() != 1) {
    return bad_keys();
  }
  std::vector<crypto::PublicKey> keys;
  for (const json::value& element : *array) {
    auto key = key_of(element);
    if (!key || std::ranges::find(keys, *key) != keys.end()) {
      return bad_keys();
    }
    keys.push_back(*key);
  }
  // "keys" has a name and no text of its own: half of a member's quotes.
  if (!has_quotes(text, 2 + keys.size() * kMembersOfKey * 4)) {
    return bad_keys();
  }
  return keys;
}

}  // namespace tutela::receipts

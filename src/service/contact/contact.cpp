#include "service/contact/contact.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/fault.hpp"
#include "base/utf8.hpp"
#include "crypto/sealed_box.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::contact {

namespace json = boost::json;

namespace {

bool is_line(std::string_view text, std::size_t characters_max) {
  return text.size() <= kUtf8BytesMax * characters_max && is_utf8_text(text, Breaks::kNone) &&
         utf8_length(text) <= characters_max;
}

Error bad(std::string_view code, std::string_view what) {
  return {ErrorKind::kInvalidInput,
          code,
          std::string(what) + " is too long, or holds what no " + std::string(what) + " has"};
}

struct PublicKey {
  std::string id;
  std::string key;
  UtcMs at_ms = 0;
};

/// The newest; an empty one where there is none yet. The key is the vault's, of all tenants.
Status newest(store::Transaction& transaction, PublicKey& found) {
  return transaction.query(
      "SELECT key_id, public_key, at_ms FROM intake_key ORDER BY at_ms DESC, key_id LIMIT 1",
      {},
      [&](const store::Row& row) {
        found = {row.text(0), row.text(1), row.integer(2)};
        return ok();
      });
}

}  // namespace

Status check(const Contact& contact) {
  if (!is_line(contact.name, kNameMax)) {
    return bad("contact.bad_name", "name");
  }
  if (!is_line(contact.email, kEmailMax) ||
      (!contact.email.empty() && contact.email.find('@') == std::string::npos)) {
    return bad("contact.bad_email", "mail address");
  }
  if (!is_line(contact.phone, kPhoneMax)) {
    return bad("contact.bad_phone", "phone number");
  }
  return ok();
}

Result<intake::SealedContact> seal(store::Database& database, const Contact& contact) {
  TUTELA_TRY(check(contact));
  PublicKey key;
  TUTELA_TRY(
      database.read([&](store::Transaction& transaction) { return newest(transaction, key); }));
  if (key.id.empty()) {
    return Error{ErrorKind::kUnavailable,
                 "contact.no_key",
                 "there is no key to seal a name or an address with; it is made when the vault "
                 "process starts for the first time"};
  }
  const std::string plain = json::serialize(
      json::object{{"name", contact.name}, {"email", contact.email}, {"phone", contact.phone}});
  TUTELA_TRY_ASSIGN(std::string sealed, crypto::seal_box(key.key, as_bytes(plain)));
  return intake::SealedContact{std::move(key.id), std::move(sealed)};
}

Result<Contact> parse(ByteView plain) {
  json::error_code failed;
  const std::string_view text = as_text(plain);
  const json::value value = json::parse(text, failed);
  const json::object* const object = failed ? nullptr : value.if_object();
  Contact contact;
  bool good = object != nullptr;
  const auto take = [&](std::string_view name, std::string& into) {
    const json::value* const found = good ? object->if_contains(name) : nullptr;
    good = found != nullptr && found->is_string();
    if (good) {
      into = found->get_string();
    }
  };
  take("name", contact.name);
  take("email", contact.email);
  take("phone", contact.phone);
  if (!good) {
    return Error{ErrorKind::kCorrupted, "contact.corrupt", "a sealed contact holds none"};
  }
  return contact;
}

Result<std::string> publish(store::Database& database, std::string_view public_key, UtcMs now_ms) {
  const std::string id = crypto::box_key_id(public_key);
  const store::Actor actor{"default", "system", "system"};
  TUTELA_TRY(database.write([&](store::Transaction& transaction) -> Status {
    PublicKey before;
    TUTELA_TRY(newest(transaction, before));
    if (before.id == id) {
      return ok();
    }
    // One that is put back is the newest, whatever the clock says.
    TUTELA_TRY(transaction.execute(
        "INSERT INTO intake_key (key_id, tenant_id, principal_id, public_key, at_ms) VALUES "
        "(:key_id, :tenant_id, :principal_id, :public_key, :at_ms) "
        "ON CONFLICT (key_id) DO UPDATE SET at_ms = excluded.at_ms",
        {id,
         actor.tenant_id,
         actor.principal_id,
         std::string(public_key),
         std::max(now_ms, before.at_ms + 1)}));
    TUTELA_FAULT_POINT("contact.after_key");
    return audit::add(transaction, actor, now_ms, {"intake.key", "key:" + id, "", "ok"});
  }));
  return id;
}

}  // namespace tutela::contact

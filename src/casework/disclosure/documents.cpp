#include "casework/disclosure/documents.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tutela::disclosure {
namespace {

namespace json = boost::json;

constexpr std::string_view kVics =
    "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media";

// Indented, for people who open it with an editor.
void print(std::string& out, const json::value& value, std::size_t depth) {
  const auto line = [&](std::size_t indent) {
    out += "\n" + std::string(2 * indent, ' ');
  };
  if (value.is_object() && !value.get_object().empty()) {
    char separator = '{';
    for (const auto& [key, member] : value.get_object()) {
      out += separator;
      separator = ',';
      line(depth + 1);
      out += json::serialize(json::string_view(key)) + ": ";
      print(out, member, depth + 1);
    }
    line(depth);
    out += '}';
  } else if (value.is_array() && !value.get_array().empty()) {
    char separator = '[';
    for (const json::value& member : value.get_array()) {
      out += separator;
      separator = ',';
      line(depth + 1);
      print(out, member, depth + 1);
    }
    line(depth);
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

std::string printed(const json::value& value) {
  std::string out;
  print(out, value, 0);
  out += '\n';
  return out;
}

json::value or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

// As hash sets of Project VIC are distributed.
std::string upper_hex(ByteView bytes) {
  std::string text = to_hex(bytes);
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

}  // namespace

std::string sum_line(const crypto::Sha256& sha256, const std::string& path) {
  return to_hex(sha256) + "  " + path + "\n";
}

std::string manifest_json(const About& about,
                          std::span<const Object> objects,
                          const crypto::Sha256& sums) {
  json::array rows;
  for (const Object& object : objects) {
    rows.push_back(
        {{"evidence_id", to_string(object.id)},
         {"path", "media/" + to_string(object.id)},
         {"content_id", object.content_id ? json::value(to_string(*object.content_id)) : nullptr},
         {"media_type", or_null(object.media_type)},
         {"size_bytes", object.size_bytes},
         {"md5", to_hex(object.digests.md5)},
         {"sha1", to_hex(object.digests.sha1)},
         {"sha256", to_hex(object.digests.sha256)},
         {"sealed", to_rfc3339(object.sealed_ms)},
         {"verdict", or_null(object.verdict)}});
  }
  return printed({{"format", "tutela-disclosure-package/1"},
                  {"package_id", to_string(about.id)},
                  {"agency", about.agency},
                  {"reference", about.reference},
                  {"legal_basis", about.legal_basis},
                  {"case_ref", about.case_ref},
                  {"created", to_rfc3339(about.created_ms)},
                  {"asked_by", about.asked_by},
                  {"approved_by", or_null(about.approved_by)},
                  {"recipient",
                   {{"kind", to_string(about.recipient_kind)}, {"fingerprint", about.fingerprint}}},
                  {"made_by", "Tutela " TUTELA_VERSION},
                  {"objects", std::move(rows)},
                  {"sha256sums_sha256", to_hex(sums)}});
}

std::string custody_json(const About& about, std::span<const Chain> chains) {
  json::array rows;
  for (const Chain& chain : chains) {
    json::array entries;
    for (const Entry& entry : chain.entries) {
      entries.push_back({{"index", entry.index},
                         {"time", to_rfc3339(entry.at_ms)},
                         {"actor", entry.principal_id},
                         {"role", entry.role},
                         {"action", entry.action},
                         {"object", entry.object},
                         {"purpose", or_null(entry.purpose)},
                         {"result", entry.result}});
    }
    rows.push_back(
        {{"evidence_id", to_string(chain.evidence_id)}, {"entries", std::move(entries)}});
  }
  return printed({{"format", "tutela-chain-of-custody/1"},
                  {"package_id", to_string(about.id)},
                  {"objects", std::move(rows)}});
}

std::string vics_json(std::span<const Object> objects) {
  json::array rows;
  for (const Object& object : objects) {
    json::object row = {{"MediaID", rows.size() + 1},
                        {"Category", 0},
                        {"MD5", upper_hex(object.digests.md5)},
                        {"SHA1", upper_hex(object.digests.sha1)},
                        {"MediaSize", object.size_bytes},
                        {"DateUpdated", to_rfc3339(object.sealed_ms)},
                        {"RelativeFilePath", "media\\" + to_string(object.id)},
                        {"IsPrecategorized", "false"}};
    if (!object.media_type.empty()) {
      row["MimeType"] = object.media_type;
    }
    rows.push_back(std::move(row));
  }
  return printed({{"@odata.context", kVics}, {"value", std::move(rows)}});
}

std::string verify_text(const About& about, bool has_proofs) {
  const std::string id = to_string(about.id);
  const bool age = about.recipient_kind == RecipientKind::kAge;
  std::string text =
      "How to check this package. You need no program of the sender's.\n\n"
      "Package " +
      id +
      "\n\n"
      "1. The package as you got it. Ask the sender by telephone, at a number that you know from\n"
      "   elsewhere, for its SHA-256, and compare:\n"
      "     sha256sum " +
      id + (age ? ".tar.age" : ".tar.pgp") +
      "\n"
      "   An encrypted package does not show who made it. This step does.\n\n"
      "2. Decrypt and unpack. Stop if the first command reports an error: the package is damaged\n"
      "   or cut short, and no part of it may be used.\n" +
      (age ? "     age -d -i YOUR-KEY-FILE -o " + id + ".tar " + id + ".tar.age\n"
           : "     gpg --output " + id + ".tar --decrypt " + id + ".tar.pgp\n") +
      "     mkdir " + id +
      "\n"
      "     tar -xf " +
      id + ".tar -C " + id +
      "\n"
      "     cd " +
      id +
      "\n\n"
      "3. Whole? manifest.json is the last file of a whole package; without it, stop.\n"
      "     ls -l manifest.json\n\n"
      "4. Unchanged? Every line must end in OK.\n"
      "     sha256sum -c SHA256SUMS\n"
      "   The next must print the value of sha256sums_sha256 in manifest.json.\n"
      "     sha256sum SHA256SUMS\n\n"
      "5. manifest.json lists each object with its digests; media/ holds the originals, byte for\n"
      "   byte as they were received, named by evidence id. vics.json is for tools that read\n"
      "   Project VIC (VICS 2.0); nothing in it has been categorised.\n\n"
      "6. custody.json lists what the sender's audit log says of each object, this disclosure\n"
      "   included. \"index\" is the place of an entry in that log, counted from 0.\n";
  if (has_proofs) {
    text +=
        "\n7. proofs/ shows that those entries are in the log. proofs/checkpoint is the log's\n"
        "   signed checkpoint (https://c2sp.org/tlog-checkpoint): the log's name, the number of\n"
        "   entries SIZE, the root hash in base64, signatures. For entry N, proofs/N.entry is "
        "what\n"
        "   the log hashed, and proofs/N.proof (https://c2sp.org/tlog-proof) lists after the line\n"
        "   \"index N\" the hashes P on its way to the root, in base64. All hashes are SHA-256\n"
        "   (RFC 9162, section 2.1.3.2). In hex digits, begin with the hash R of the leaf:\n"
        "     (printf '\\000'; cat proofs/N.entry) | sha256sum\n"
        "   The hash of a node over a left and a right one, node(LEFT, RIGHT), is\n"
        "     printf '01%s%s' LEFT RIGHT | xxd -r -p | sha256sum\n"
        "   Let F = N and S = SIZE - 1. For each P, from the first:\n"
        "     if F is odd or F = S: R = node(P, R); then, while F is even and not 0, halve F and "
        "S;\n"
        "     else: R = node(R, P).\n"
        "     Then halve F and S, rounding down.\n"
        "   At the end S must be 0, and R the root hash. To turn base64 into hex digits:\n"
        "     printf %s BASE64 | base64 -d | xxd -p -c 64\n"
        "   The signature is checked with the log's public key, which the sender publishes, by "
        "any\n"
        "   program that reads signed notes (https://c2sp.org/signed-note).\n";
  }
  return text;
}

}  // namespace tutela::disclosure

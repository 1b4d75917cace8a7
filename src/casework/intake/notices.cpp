#include "casework/intake/notices.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <arpa/inet.h>

#include "casework/intake/rows.hpp"
#include "crypto/digest.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kSourceHex = 32;
constexpr std::size_t kAddressMax = 320;

/// IPv6 addresses by their /64, which is what one household has; IPv4 ones in IPv6 as what they
/// are; all others in small letters.
std::string normal_address(std::string_view address) {
  const std::string text(address.substr(0, std::min(address.find('%'), kAddressMax)));
  in6_addr six{};
  if (::inet_pton(AF_INET6, text.c_str(), &six) == 1) {
    const ByteView bytes = std::as_bytes(std::span(six.s6_addr));
    constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (std::equal(kMapped.begin(), kMapped.end(), std::begin(six.s6_addr))) {
      return "4 " + to_hex(bytes.subspan(12));
    }
    return "6 " + to_hex(bytes.first(8));
  }
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) {
    return "4 " + to_hex(std::as_bytes(std::span(&four, 1)));
  }
  std::string lower = "m ";
  for (const char c : text) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return lower;
}

}  // namespace

Notices::Notices(store::Database& database,
                 const Clock& clock,
                 crypto::Key key,
                 std::function<Rules()> rules)
    : database_(database), clock_(clock), key_(std::move(key)), rules_(std::move(rules)) {}

std::string Notices::source_of(std::string_view address) const {
  const std::string day = std::to_string(clock_.now_ms() / kDayMs);
  return to_hex(crypto::hmac_sha256(key_.bytes(),
                                    as_bytes("source\n" + day + "\n" + normal_address(address))))
      .substr(0, kSourceHex);
}

Result<SealedContact> contact_of(Transaction& transaction,
                                 const std::string& tenant_id,
                                 const Uuid& id) {
  std::optional<SealedContact> found;
  TUTELA_TRY(transaction.query(
      "SELECT key_id, sealed FROM notice_contact WHERE notice_id = :id AND tenant_id = :tenant",
      {to_string(id), tenant_id},
      [&](const Row& row) -> Status {
        found = SealedContact{row.text(0), row.text(1)};
        return ok();
      }));
  if (!found) {
    return Error{ErrorKind::kNotFound,
                 "notice.no_contact",
                 "nobody left a name or an address with this notice, or it was erased"};
  }
  return *std::move(found);
}

Status add_subject(Transaction& transaction,
                   const Notice& notice,
                   std::string_view kind,
                   std::string_view value) {
  return insert_subjects(transaction,
                         system_actor(notice.tenant_id),
                         notice.id,
                         {{std::string(kind), std::string(value)}});
}

Result<std::vector<Notice>> same_subject(Transaction& transaction,
                                         const Notice& notice,
                                         std::size_t limit) {
  static const std::string kSql =
      "SELECT " + std::string(kNoticeColumns) +
      " FROM notice n WHERE n.id IN (SELECT o.notice_id FROM notice_subject s JOIN notice_subject "
      "o ON o.tenant_id = s.tenant_id AND o.kind = s.kind AND o.value = s.value WHERE s.notice_id "
      "= :id) AND n.id <> :self ORDER BY n.id DESC LIMIT :limit";
  std::vector<Notice> found;
  TUTELA_TRY(transaction.query(
      kSql,
      {to_string(notice.id), to_string(notice.id), static_cast<std::int64_t>(limit)},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(Stored stored, read_row(row));
        found.push_back(std::move(stored.of));
        return ok();
      }));
  return found;
}

Result<std::vector<Uuid>> waiting_of_case(Transaction& transaction, const Uuid& case_id) {
  std::vector<Uuid> ids;
  TUTELA_TRY(transaction.query(
      "SELECT id FROM notice WHERE case_id = :case_id AND waiting = 1 ORDER BY id",
      {to_string(case_id)},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
        ids.push_back(id);
        return ok();
      }));
  return ids;
}

}  // namespace tutela::intake

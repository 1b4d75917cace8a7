// The group of one content, as people and commands ask for it.
#include <algorithm>

#include "custody/audit/entry.hpp"
#include "watch/groups/groups.hpp"

namespace tutela::groups {
namespace {

using fingerprint::Pdq256;
using store::Row;
using store::Transaction;

/// Members that are read to find the nearest: a group may be larger than anybody looks at.
constexpr std::int64_t kMembersRead = 10'000;
/// Members that near() compares with: it runs in the unit of work of verdicts.
constexpr std::int64_t kMembersCompared = 50;

Error not_found() {
  return {ErrorKind::kNotFound,
          "group.not_found",
          "no content of this id has been grouped; a content is grouped seconds after its verdict"};
}

/// The hash that a content is grouped by, if it has one.
Result<std::optional<Pdq256>> hash_of(Transaction& transaction, const std::string& content_id) {
  std::optional<Pdq256> hash;
  TUTELA_TRY(transaction.query(
      "SELECT pdq FROM content_frame WHERE content_id = :id AND quality >= :quality "
      "ORDER BY frame LIMIT 1",
      {content_id, std::int64_t{match::kPdqQualityMin}},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(hash, fingerprint::parse_pdq(row.text(0).substr(0, 64)));
        return ok();
      }));
  return hash;
}

Result<std::string> group_id_of(Transaction& transaction,
                                const store::Actor& actor,
                                const Uuid& content_id) {
  std::string group;
  TUTELA_TRY(transaction.query(
      "SELECT group_id FROM content_group WHERE tenant_id = :tenant AND content_id = :id",
      {actor.tenant_id, to_string(content_id)},
      [&](const Row& row) {
        group = row.text(0);
        return ok();
      }));
  if (group.empty()) {
    return not_found();
  }
  return group;
}

Result<std::vector<std::string>> members_of(Transaction& transaction, const std::string& group) {
  std::vector<std::string> ids;
  TUTELA_TRY(transaction.query(
      "SELECT content_id FROM content_group WHERE group_id = :group ORDER BY content_id "
      "LIMIT :row_limit",
      {group, kMembersRead},
      [&](const Row& row) {
        ids.push_back(row.text(0));
        return ok();
      }));
  return ids;
}

Status read_group(Transaction& transaction,
                  const store::Actor& actor,
                  const Uuid& content_id,
                  Group& group) {
  TUTELA_TRY_ASSIGN(const std::string group_id, group_id_of(transaction, actor, content_id));
  TUTELA_TRY_ASSIGN(group.id, parse_uuid(group_id));
  TUTELA_TRY(transaction.query("SELECT COUNT(*) FROM content_group WHERE group_id = :group",
                               {group_id},
                               [&](const Row& row) {
                                 group.size = row.integer(0);
                                 return ok();
                               }));
  TUTELA_TRY_ASSIGN(const auto own, hash_of(transaction, to_string(content_id)));
  TUTELA_TRY_ASSIGN(const auto ids, members_of(transaction, group_id));
  for (const std::string& id : ids) {
    Member member;
    TUTELA_TRY_ASSIGN(member.content_id, parse_uuid(id));
    TUTELA_TRY_ASSIGN(const auto hash, hash_of(transaction, id));
    if (own && hash) {
      member.distance = content_distance(*own, *hash);
    } else if (member.content_id == content_id) {
      member.distance = 0;
    }
    group.members.push_back(member);
  }
  return ok();
}

}  // namespace

Result<Group> Groups::of(store::Database& database,
                         const store::Actor& actor,
                         UtcMs now_ms,
                         const Uuid& content_id,
                         std::size_t limit) {
  TUTELA_TRY(database.write([&](Transaction& transaction) {
    return audit::add(transaction,
                      actor,
                      now_ms,
                      {"group.show", "content:" + to_string(content_id), "near duplicates", "ok"});
  }));
  Group group;
  TUTELA_TRY(database.read(
      [&](Transaction& transaction) { return read_group(transaction, actor, content_id, group); }));
  std::ranges::stable_sort(
      group.members, {}, [](const Member& member) { return member.distance.value_or(257); });
  group.members.resize(std::min(group.members.size(), limit));
  return group;
}

Result<std::vector<Uuid>> Groups::near(Transaction& transaction, const Uuid& content_id) {
  std::vector<Uuid> members;
  TUTELA_TRY(transaction.query(
      "SELECT other.content_id FROM content_group own JOIN content_group other "
      "ON other.group_id = own.group_id AND other.content_id <> own.content_id "
      "WHERE own.content_id = :id ORDER BY other.content_id DESC LIMIT :row_limit",
      {to_string(content_id), kMembersCompared},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
        members.push_back(id);
        return ok();
      }));
  std::optional<Pdq256> own;
  if (!members.empty()) {
    TUTELA_TRY_ASSIGN(own, hash_of(transaction, to_string(content_id)));
  }
  std::vector<Uuid> near;
  for (const Uuid& id : members) {
    TUTELA_TRY_ASSIGN(const auto hash, hash_of(transaction, to_string(id)));
    if (own && hash && content_distance(*own, *hash) <= kGroupDistance) {
      near.push_back(id);
    }
  }
  return near;
}

}  // namespace tutela::groups

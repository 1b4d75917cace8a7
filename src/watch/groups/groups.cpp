#include "watch/groups/groups.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/mutex.hpp"
#include "crypto/digest.hpp"

namespace tutela::groups {
namespace {

using fingerprint::Pdq256;
using store::Row;
using store::Transaction;
using Forms = std::array<Pdq256, fingerprint::kOrientations>;

constexpr std::size_t kHexDigits = 64;
/// Rows of one update of the set while it is read at start.
constexpr std::size_t kReadBatch = 50'000;

Forms forms_of(const Pdq256& hash) {
  Forms forms;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    forms[i] = fingerprint::reoriented(hash, static_cast<fingerprint::Orientation>(i));
  }
  return forms;
}

int distance_to(const Forms& forms, const Pdq256& hash) {
  int least = std::numeric_limits<int>::max();
  for (const Pdq256& form : forms) {
    least = std::min(least, fingerprint::distance(form, hash));
  }
  return least;
}

/// A tenant's hashes stand in the set under a list of its own.
Uuid list_of_tenant(const std::string& tenant_id) {
  const auto digest = crypto::sha256_of(as_bytes(tenant_id));
  Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

std::array<std::byte, 32> bytes_of(const Pdq256& hash) {
  std::array<std::byte, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(hash.words[i / 8] >> (56 - 8 * (i % 8)));
  }
  return bytes;
}

/// What a newcomer is linked to: contents that are there, and newcomers before it.
struct Links {
  std::vector<std::int64_t> positions;
  std::vector<Uuid> newcomers;
  bool same_hash = false;  // as one that is in the set, or comes before
};

/// The groups that a newcomer joins, and their least id.
Status join(Transaction& transaction, const Newcomer& newcomer, const Links& links) {
  std::set<std::string> joined;
  const auto take = [&](const Row& row) {
    joined.insert(row.text(0));
    return ok();
  };
  for (const std::int64_t position : links.positions) {
    TUTELA_TRY(transaction.query(
        "SELECT group_id FROM content_group WHERE position = :position", {position}, take));
  }
  for (const Uuid& id : links.newcomers) {
    TUTELA_TRY(transaction.query(
        "SELECT group_id FROM content_group WHERE content_id = :id", {to_string(id)}, take));
  }
  joined.insert(to_string(newcomer.content_id));
  const std::string group = *joined.begin();
  TUTELA_TRY(transaction.execute(
      "INSERT INTO content_group (position, content_id, tenant_id, principal_id, group_id) "
      "VALUES (:position, :content, :tenant, 'system', :group)",
      {newcomer.position, to_string(newcomer.content_id), newcomer.tenant_id, group}));
  for (const std::string& other : joined) {
    if (other != group) {
      TUTELA_TRY(transaction.execute(
          "UPDATE content_group SET group_id = :group WHERE group_id = :other", {group, other}));
    }
  }
  return ok();
}

Result<bool> is_there(Transaction& transaction, const Uuid& content_id) {
  bool there = false;
  TUTELA_TRY(transaction.query("SELECT 1 FROM content_group WHERE content_id = :id",
                               {to_string(content_id)},
                               [&](const Row&) {
                                 there = true;
                                 return ok();
                               }));
  return there;
}

Result<bool> has_position(store::Database& database, std::int64_t position) {
  bool there = false;
  TUTELA_TRY(database.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT 1 FROM content_group WHERE position = :position", {position}, [&](const Row&) {
          there = true;
          return ok();
        });
  }));
  return there;
}

/// All tenants that have contents. Steps through an index from one to the next.
Result<std::vector<std::string>> tenants_of(Transaction& transaction) {
  std::vector<std::string> tenants;
  for (bool more = true; more;) {
    more = false;
    TUTELA_TRY(transaction.query("SELECT MIN(tenant_id) FROM content WHERE tenant_id > :last",
                                 {tenants.empty() ? std::string() : tenants.back()},
                                 [&](const Row& row) {
                                   if (!row.is_null(0)) {
                                     tenants.push_back(row.text(0));
                                     more = true;
                                   }
                                   return ok();
                                 }));
  }
  return tenants;
}

/// The last position that a set has of any tenant.
Result<std::int64_t> reach_of(store::Database& database, const match::SignalSet& set) {
  std::int64_t reach = 0;
  TUTELA_TRY(database.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::vector<std::string> tenants, tenants_of(transaction));
    for (const std::string& tenant : tenants) {
      reach = std::max(reach, set.through(list_of_tenant(tenant)));
    }
    return ok();
  }));
  return reach;
}

}  // namespace

int content_distance(const Pdq256& left, const Pdq256& right) noexcept {
  return distance_to(forms_of(left), right);
}

struct Groups::State {
  State(store::Database& database_now, std::unique_ptr<match::SignalSet> set_now)
      : database(database_now), set(std::move(set_now)) {}

  store::Database& database;
  std::unique_ptr<match::SignalSet> set;

  Mutex adding;  // held by the one call of add() that may change what follows
  std::map<std::string, std::uint32_t> tenants;  // index into lists
  std::vector<match::ListEntry> lists;
  std::vector<std::int64_t> through;  // of each list: the last position

  std::uint32_t list_of(const std::string& tenant_id) {
    const auto [entry, is_new] =
        tenants.emplace(tenant_id, static_cast<std::uint32_t>(lists.size()));
    if (is_new) {
      const Uuid id = list_of_tenant(tenant_id);
      lists.push_back({.id = id, .version = 0, .pdq_distance_max = kGroupDistance});
      through.push_back(set->through(id));
    }
    return entry->second;
  }

  Result<Links> links_of(std::span<const Newcomer> before, const Newcomer& newcomer);
  void add_to_set(std::span<const Newcomer> newcomers, const std::vector<Links>& links);
  Status read_missing();
};

Result<Links> Groups::State::links_of(std::span<const Newcomer> before, const Newcomer& newcomer) {
  Links links;
  if (!newcomer.hash) {
    return links;
  }
  const Forms forms = forms_of(*newcomer.hash);
  const std::uint32_t list = list_of(newcomer.tenant_id);
  const auto generation = set->generation();
  for (const match::Hit& hit : generation->search_pdq({forms, 0}, kGroupDistance)) {
    if (generation->lists()[hit.list].id != lists[list].id || hit.signal_id == newcomer.position) {
      continue;
    }
    // The set keeps the hashes of contents that were removed: those link nothing any more.
    TUTELA_TRY_ASSIGN(const bool there, has_position(database, hit.signal_id));
    if (there) {
      links.positions.push_back(hit.signal_id);
      links.same_hash = links.same_hash || hit.distance == 0;
    }
  }
  for (const Newcomer& other : before) {
    if (other.hash && other.tenant_id == newcomer.tenant_id &&
        distance_to(forms, *other.hash) <= kGroupDistance) {
      links.newcomers.push_back(other.content_id);
      links.same_hash = links.same_hash || *other.hash == *newcomer.hash;
    }
  }
  return links;
}

void Groups::State::add_to_set(std::span<const Newcomer> newcomers,
                               const std::vector<Links>& links) {
  match::SignalUpdate update;
  update.lists_from = through;
  for (std::size_t i = 0; i < newcomers.size(); ++i) {
    const std::uint32_t list = list_of(newcomers[i].tenant_id);
    if (newcomers[i].position <= through[list]) {
      continue;
    }
    through[list] = newcomers[i].position;
    // One of several hashes that are equal, or forms of one another, links the same contents as
    // all.
    if (newcomers[i].hash && !links[i].same_hash) {
      update.added.push_back(
          {list, newcomers[i].position, match::SignalKind::kPdq, bytes_of(*newcomers[i].hash)});
    }
  }
  update.lists = lists;
  update.lists_from.resize(lists.size());  // a tenant's first contents: from 0
  update.lists_through = through;
  set->apply(update);
}

/// Puts the contents that the file of the set lacks into it.
Status Groups::State::read_missing() {
  std::vector<Newcomer> batch;
  std::int64_t after = std::numeric_limits<std::int64_t>::max();
  TUTELA_TRY(database.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::vector<std::string> known, tenants_of(transaction));
    for (const std::string& tenant : known) {
      list_of(tenant);
    }
    for (const std::int64_t position : through) {
      after = std::min(after, position);
    }
    std::unordered_map<std::uint32_t, std::set<Pdq256>> seen;
    const auto flush = [&] {
      std::vector<Links> links(batch.size());
      for (std::size_t i = 0; i < batch.size(); ++i) {
        links[i].same_hash = !seen[list_of(batch[i].tenant_id)].insert(*batch[i].hash).second;
      }
      add_to_set(batch, links);
      batch.clear();
    };
    std::string last;
    TUTELA_TRY(transaction.query(
        "SELECT g.position, g.content_id, g.tenant_id, f.pdq FROM content_group g "
        "JOIN content_frame f ON f.content_id = g.content_id "
        "WHERE g.position > :after AND f.quality >= :quality ORDER BY g.position, f.frame",
        {after, std::int64_t{match::kPdqQualityMin}},
        [&](const Row& row) -> Status {
          if (row.text(1) == last) {
            return ok();  // a later frame
          }
          last = row.text(1);
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(last));
          TUTELA_TRY_ASSIGN(const Pdq256 hash,
                            fingerprint::parse_pdq(row.text(3).substr(0, kHexDigits)));
          batch.push_back({row.integer(0), id, row.text(2), hash});
          if (batch.size() == kReadBatch) {
            flush();
          }
          return ok();
        }));
    flush();
    return ok();
  }));
  return ok();
}

Groups::Groups(std::unique_ptr<State> state) : state_(std::move(state)) {}

Groups::~Groups() = default;

Result<std::unique_ptr<Groups>> Groups::open(store::Database& database, Options options) {
  const match::SignalSetOptions of_set{.file = options.file, .run_steps = options.run_steps};
  TUTELA_TRY_ASSIGN(auto set, match::SignalSet::open(of_set));
  TUTELA_TRY_ASSIGN(const std::int64_t reach, reach_of(database, *set));
  if (reach > options.position_max) {
    std::error_code failed;
    std::filesystem::remove(of_set.file, failed);
    TUTELA_TRY_ASSIGN(set, match::SignalSet::open(of_set));
  }
  auto state = std::make_unique<State>(database, std::move(set));
  TUTELA_TRY(state->read_missing());
  return std::unique_ptr<Groups>(new Groups(std::move(state)));
}

Status Groups::add(std::span<const Newcomer> newcomers) {
  State& state = *state_;
  const MutexLock lock(state.adding);
  std::vector<Links> links;
  links.reserve(newcomers.size());
  for (std::size_t i = 0; i < newcomers.size(); ++i) {
    TUTELA_TRY_ASSIGN(Links of_one, state.links_of(newcomers.first(i), newcomers[i]));
    links.push_back(std::move(of_one));
  }
  TUTELA_TRY(state.database.write([&](Transaction& transaction) -> Status {
    for (std::size_t i = 0; i < newcomers.size(); ++i) {
      TUTELA_TRY_ASSIGN(const bool there, is_there(transaction, newcomers[i].content_id));
      if (!there) {
        TUTELA_TRY(join(transaction, newcomers[i], links[i]));
      }
    }
    return ok();
  }));
  state.add_to_set(newcomers, links);
  return ok();
}

Status Groups::maintain() {
  if (state_->set->merge_due()) {
    TUTELA_TRY(state_->set->merge());
    state_->set->settle();
  }
  return ok();
}

match::SignalSet::Stats Groups::stats() const {
  return state_->set->stats();
}

}  // namespace tutela::groups

#include "service/watch/gather.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/file.hpp"
#include "custody/outbox/outbox.hpp"
#include "service/review/rules.hpp"
#include "service/watch/actor.hpp"

namespace tutela::watch {

namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kStoppedMs = 3 * kSecondMs;
constexpr std::int64_t kRecentMs = 300 * kSecondMs;
constexpr std::uint64_t kCertificateBytesMax = 1U << 20;

/// Milliseconds of the clock that goes on while the machine sleeps.
std::int64_t boot_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * kSecondMs + now.tv_nsec / 1'000'000;
}

/// Whether the list says itself that its matches pass, or shows by canaries whether they do.
bool is_left_out(const lists::List& list) {
  return list.spec.purpose == lists::Purpose::kCanary || list.spec.action == policy::Action::kPass;
}

policy::Facts match_of(const lists::List& list,
                       const std::string& door,
                       policy::Strength strength) {
  const bool exact = strength == policy::Strength::kExact;
  policy::ListMatch match;
  match.list_name = list.spec.name;
  match.classification = list.spec.classification;
  match.purpose = std::string(to_string(list.spec.purpose));
  match.list_action = list.spec.action;
  match.automation = list.spec.automation;
  match.strength = strength;
  match.kind = exact ? match::SignalKind::kSha256 : match::SignalKind::kPdq;
  policy::Facts facts;
  facts.verdict = policy::Verdict::kMatch;
  facts.door = door;
  facts.media_type = "image/jpeg";
  facts.matches.push_back(std::move(match));
  return facts;
}

struct Disk {
  alarms::DiskState state;
  dev_t device = 0;
};

std::optional<Disk> disk_of(const std::string& name, const std::filesystem::path& folder) {
  struct statvfs space {};

  struct stat about {};

  if (::statvfs(folder.c_str(), &space) != 0 || ::stat(folder.c_str(), &about) != 0) {
    return std::nullopt;
  }
  const std::uint64_t block = space.f_frsize;
  return Disk{{name, space.f_bavail * block, space.f_blocks * block}, about.st_dev};
}

tutela::Status look_at_lists(Sources sources, const store::Actor& actor, StoreSeen& seen) {
  TUTELA_TRY_ASSIGN(seen.position, sources.pipeline.lists().position());
  TUTELA_TRY_ASSIGN(std::vector<lists::List> all, sources.pipeline.lists().all(actor));
  std::erase_if(all, [](const lists::List& list) { return list.state != lists::State::kActive; });
  seen.lists = std::move(all);
  for (const lists::List& list : seen.lists) {
    TUTELA_TRY_ASSIGN(seen.signals_most[list.id],
                      sources.pipeline.lists().most_signals(list, seen.at_ms - ledger::kDayMs));
  }
  return ok();
}

tutela::Status look_at_counts(Sources sources, const std::string& tenant_id, StoreSeen& seen) {
  ledger::Coverage coverage(sources.pipeline.database());
  const UtcMs hour_ms = seen.at_ms - seen.at_ms % ledger::kHourMs;
  TUTELA_TRY_ASSIGN(seen.owed, coverage.owed(tenant_id));
  TUTELA_TRY_ASSIGN(seen.doors,
                    coverage.doors(tenant_id, seen.at_ms - seen.at_ms % ledger::kDayMs));
  const UtcMs end_ms = hour_ms + ledger::kHourMs;
  for (std::optional<UtcMs> at_ms = end_ms - 3 * ledger::kHourMs; at_ms;) {
    TUTELA_TRY_ASSIGN(auto page, coverage.hours(tenant_id, *at_ms, end_ms));
    std::ranges::move(page.rows, std::back_inserter(seen.hours));
    at_ms = page.next_ms;
  }
  TUTELA_TRY_ASSIGN(seen.last_verdict_ms, coverage.last_verdict(tenant_id));
  seen.backlog = sources.pipeline.backlog();
  TUTELA_TRY_ASSIGN(seen.samples, sources.pipeline.sample_counts());
  return ok();
}

/// Nothing is late where nobody takes messages.
tutela::Status look_at_outbox(Sources sources,
                              const config::Config& config,
                              const std::string& tenant_id,
                              StoreSeen& seen) {
  const webhooks::Options options = review::webhook_options(config);
  if (options.url.empty()) {
    return ok();
  }
  outbox::Outbox outbox(sources.pipeline.database(), sources.clock);
  TUTELA_TRY_ASSIGN(const auto counts, outbox.counts(tenant_id, options.topics));
  if (counts.oldest_ms) {
    seen.outbox_oldest_ms = std::max<std::int64_t>(0, seen.at_ms - *counts.oldest_ms);
  }
  return ok();
}

}  // namespace

alarms::Rules rules_of(const config::WatchConfig& config) {
  alarms::Rules rules;
  rules.canary_interval_ms = config.canary_seconds * kSecondMs;
  rules.canary_timeout_ms = config.canary_timeout_ms;
  rules.list_stale_ms = config.list_stale_hours * ledger::kHourMs;
  rules.list_shrunk_percent = config.list_shrunk_percent;
  rules.owed_target_ms = config.owed_target_seconds * kSecondMs;
  rules.outbox_late_ms = config.outbox_late_seconds * kSecondMs;
  rules.unscannable_percent = config.unscannable_percent;
  rules.zero_hours = config.zero_hours;
  rules.disk_low_percent = config.disk_low_percent;
  return rules;
}

bool match_passes(const policy::Policy& policy,
                  std::span<const lists::List> active,
                  std::span<const std::string> doors) {
  using policy::Strength;
  // A test list may pass beside others; where there is no other, nothing acts then.
  const bool others = std::ranges::any_of(active, [](const lists::List& list) {
    return list.spec.purpose != lists::Purpose::kTest && !is_left_out(list);
  });
  return std::ranges::any_of(active, [&](const lists::List& list) {
    const bool counts =
        !is_left_out(list) && !(others && list.spec.purpose == lists::Purpose::kTest);
    return counts && std::ranges::any_of(doors, [&](const std::string& door) {
             return std::ranges::any_of(
                 std::array{Strength::kNear, Strength::kExact}, [&](Strength how) {
                   return policy.decide(match_of(list, door, how)).action == policy::Action::kPass;
                 });
           });
  });
}

std::vector<alarms::DiskState> look_at_disks(const config::Config& config,
                                             std::uint64_t spool_bytes) {
  const std::filesystem::path& folder = config.store.folder;
  const std::filesystem::path vault =
      config.vault.objects_folder.empty() ? folder / "vault" : config.vault.objects_folder;
  std::vector<alarms::DiskState> found;
  const auto store = disk_of("store", folder);
  if (store) {
    found.push_back(store->state);
  }
  if (auto spool = disk_of("spool", folder / "spool")) {
    const std::uint64_t most = config.store.spool_bytes_max;
    spool->state.free_bytes = std::min(spool->state.free_bytes, most - std::min(most, spool_bytes));
    spool->state.size_bytes = std::min(spool->state.size_bytes, most);
    found.push_back(spool->state);
  }
  const auto objects = disk_of("vault", vault);
  if (objects && (!store || objects->device != store->device)) {
    found.push_back(objects->state);
  }
  return found;
}

Result<std::optional<std::int64_t>> tls_days_left(const std::filesystem::path& certificate,
                                                  UtcMs now_ms) {
  if (certificate.empty()) {
    return std::optional<std::int64_t>();
  }
  TUTELA_TRY_ASSIGN(const Bytes pem, read_file(certificate, kCertificateBytesMax));
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<X509, void (*)(X509*)> parsed(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  std::tm end{};
  if (!parsed || ASN1_TIME_to_tm(X509_get0_notAfter(parsed.get()), &end) != 1) {
    return Error{ErrorKind::kInvalidInput,
                 "config.bad_tls",
                 "server.tls_certificate does not begin with a certificate in PEM"};
  }
  const std::int64_t left_ms = std::int64_t{::timegm(&end)} * kSecondMs - now_ms;
  // Rounded down, below zero too.
  return std::optional<std::int64_t>(left_ms / ledger::kDayMs - (left_ms < 0 ? 1 : 0));
}

ClockLook::Seen ClockLook::look(UtcMs wall_ms, std::int64_t boot_ms_now) {
  Seen seen;
  if (!wall_ms_ || wall_ms != *wall_ms_) {
    moved_at_ms_ = boot_ms_now;
  }
  if (wall_ms_) {
    seen.drift_ms = (wall_ms - *wall_ms_) - (boot_ms_now - boot_ms_);
    seen.stopped = boot_ms_now - moved_at_ms_ > kStoppedMs;
  }
  wall_ms_ = wall_ms;
  boot_ms_ = boot_ms_now;
  return seen;
}

ClockLook::Seen ClockLook::look(const Clock& clock) {
  // Read together: a thread that had to wait in between would see a jump that was none.
  constexpr int kTries = 5;
  constexpr std::int64_t kApartMs = 100;
  UtcMs wall_ms = 0;
  std::int64_t before_ms = 0;
  for (int tries = 0; tries < kTries; ++tries) {
    before_ms = boot_ms();
    wall_ms = clock.now_ms();
    if (boot_ms() - before_ms < kApartMs) {
      break;
    }
  }
  return look(wall_ms, before_ms);
}

std::uint64_t RecentCount::add(std::uint64_t total, std::int64_t steady_ms) {
  if (last_ && total != *last_) {
    grew_.emplace_back(steady_ms, total > *last_ ? total - *last_ : total);
  }
  last_ = total;
  while (!grew_.empty() && steady_ms - grew_.front().first > kRecentMs) {
    grew_.pop_front();
  }
  std::uint64_t sum = 0;
  for (const auto& [at_ms, by] : grew_) {
    sum += by;
  }
  return sum;
}

std::int64_t Behind::look(std::int64_t searched, std::int64_t stored, std::int64_t steady_ms) {
  constexpr std::size_t kSeenMax = 10'000;
  while (!seen_.empty() && seen_.front().first <= searched) {
    seen_.pop_front();
  }
  const bool is_new = seen_.empty() || stored > seen_.back().first;
  if (stored > searched && is_new && seen_.size() < kSeenMax) {
    seen_.emplace_back(stored, steady_ms);
  }
  return seen_.empty() ? 0 : steady_ms - seen_.front().second;
}

Result<StoreSeen> look_into_store(Sources sources, const config::Config& config) {
  const store::Actor actor = system_actor();
  StoreSeen seen;
  seen.at_ms = sources.clock.now_ms();
  TUTELA_TRY(look_at_lists(sources, actor, seen));
  TUTELA_TRY(look_at_counts(sources, actor.tenant_id, seen));
  TUTELA_TRY(look_at_outbox(sources, config, actor.tenant_id, seen));
  seen.disks = look_at_disks(config, sources.pipeline.spool().size_bytes());
  return seen;
}

}  // namespace tutela::watch

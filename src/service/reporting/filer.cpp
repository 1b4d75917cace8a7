#include "service/reporting/filer.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace tutela::reporting {

using authorities::Took;
using reports::Do;
using reports::Next;
using reports::Phase;
using reports::Step;
using reports::StepRow;

namespace {

constexpr std::string_view kLostLease = "report.lost_lease";

std::uint64_t random_number() {
  thread_local std::mt19937_64 random(std::random_device{}());
  return random();
}

/// Waiting brings no file back that is gone or damaged.
bool is_for_good(const Error& error) {
  return error.kind == ErrorKind::kNotFound || error.kind == ErrorKind::kCorrupted ||
         (error.kind == ErrorKind::kForbidden && error.code != "report.not_filing");
}

/// Remembers what went wrong with a source.
class Watched final : public authorities::Source {
 public:
  Watched(std::unique_ptr<Source> source, std::optional<Error>& failure)
      : source_(std::move(source)), failure_(failure) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    auto size = source_->read(out);
    if (!size) {
      failure_ = size.error();
    }
    return size;
  }

 private:
  std::unique_ptr<Source> source_;
  std::optional<Error>& failure_;
};

void write_into(StepRow& row, const Took& took) {
  row.phase = took.phase;
  row.code = took.code;
  row.http_status = took.http_status;
  row.description = took.description;
  row.request_ref = took.request_ref;
  if (!took.authority_id.empty()) {
    row.authority_id = took.authority_id;
  }
  if (!took.file_id.empty()) {
    row.file_id = took.file_id;
  }
}

/// "upload:done", "finish:unclear:1000".
std::string words_of(const StepRow& row) {
  std::string words = std::string(to_string(row.step)) + ":" + std::string(to_string(row.phase));
  if (row.code) {
    words += ":" + std::to_string(*row.code);
  }
  return words;
}

/// By its environment, or by any answer since its last start.
bool is_simulated(const reports::Leased& leased) {
  return leased.of.environment == reports::Environment::kSimulated ||
         std::any_of(leased.journal.begin(), leased.journal.end(), [&](const StepRow& row) {
           return row.round == leased.journal.back().round &&
                  row.description.starts_with(authorities::kSimulated);
         });
}

/// What is sent to the CyberTipline; every other channel sends the document as it is.
bool needs_document(reports::Channel channel, Step step) {
  return channel == reports::Channel::kCybertip &&
         (step == Step::kSubmit || step == Step::kFileInfo);
}

}  // namespace

struct Filer::Filing {
  reports::Leased leased;
  const Served& served;
  const std::function<bool()>& stop_requested;
  std::optional<cybertip::Checked> checked = {};
  std::optional<Error> evidence = {};  // what went wrong with a file
  bool finished = false;
};

Filer::Filer(reports::Reports& reports,
             const Clock& clock,
             FilerOptions options,
             OpenEvidence open,
             Tell tell)
    : reports_(reports),
      clock_(clock),
      options_(std::move(options)),
      open_(std::move(open)),
      tell_(std::move(tell)) {}

void Filer::hear(const Filing& filing, Phase phase) {
  if (!options_.heard) {
    return;
  }
  const bool unreachable = phase == Phase::kTrouble || phase == Phase::kUnclear;
  // An authority that says no is reached, and says no. What the vault did not give is not its.
  if (!filing.evidence && (unreachable || phase == Phase::kCredentials)) {
    options_.heard(filing.served.authority.name, false, to_string(phase));
  } else if (!unreachable) {
    options_.heard(filing.served.authority.name, true, {});
  }
}

Result<std::size_t> Filer::work(const std::function<bool()>& stop_requested, reports::Which which) {
  std::vector<std::string> names;
  for (const Served& served : options_.authorities) {
    names.push_back(served.authority.name);
  }
  std::size_t finished = 0;
  while (!stop_requested()) {
    TUTELA_TRY_ASSIGN(std::optional<reports::Leased> leased,
                      reports_.lease(names, options_.lease_ms, which));
    if (!leased) {
      break;
    }
    const auto served = std::find_if(
        options_.authorities.begin(), options_.authorities.end(), [&](const Served& each) {
          return each.authority.name == leased->of.authority;
        });
    if (served == options_.authorities.end()) {
      return Error{ErrorKind::kInternal, "report.bad_lease", "a report that nobody asked for"};
    }
    Filing filing{*std::move(leased), *served, stop_requested};
    Result<bool> more = true;
    while (more && *more) {
      more = go_on(filing);
    }
    finished += filing.finished ? 1 : 0;
    if (!more && more.error().code == kLostLease) {
      tell_("error", filing.leased.of.id, more.error().code);  // another process has it
    } else if (!more) {
      return std::move(more).error();
    }
  }
  return finished;
}

Result<bool> Filer::go_on(Filing& filing) {
  const reports::Leased& leased = filing.leased;
  const reports::Channel channel =
      filing.served.channel ? filing.served.authority.channel : reports::Channel::kByHand;
  const Next next = next_of(channel,
                            leased.journal,
                            static_cast<std::int64_t>(leased.files.size()),
                            options_.rules,
                            clock_.now_ms());
  if (next.what == Do::kFinished) {
    TUTELA_TRY(finish(filing, next, {}, std::nullopt));
    return false;
  }
  if (next.what == Do::kAskPerson) {
    TUTELA_TRY(ask_person(filing, next.failure));
    return false;
  }
  // What was written for one system must not become real, or be taken for real, at another.
  if (leased.of.environment != filing.served.authority.environment) {
    TUTELA_TRY(ask_person(filing, "report.other_environment"));
    return false;
  }
  if (needs_document(channel, next.step) && !filing.checked) {
    filing.checked = cybertip::check(leased.document.body, clock_.now_ms()).checked;
    if (!filing.checked) {
      TUTELA_TRY(ask_person(filing, "report.rejected"));
      return false;
    }
  }
  return take_step(filing, next);
}

Result<bool> Filer::take_step(Filing& filing, const Next& next) {
  TUTELA_TRY_ASSIGN(StepRow row, reports_.begin(filing.leased, next, options_.lease_ms));
  filing.leased.lease_until_ms = clock_.now_ms() + options_.lease_ms;
  filing.evidence.reset();
  authorities::Task task{filing.leased, next, filing.checked ? &*filing.checked : nullptr, {}, {}};
  task.open_file = [&](std::int64_t file) -> Result<std::unique_ptr<authorities::Source>> {
    auto source = open_(filing.leased, file);
    if (!source) {
      filing.evidence = source.error();
      return source;
    }
    return std::unique_ptr<authorities::Source>(
        std::make_unique<Watched>(*std::move(source), filing.evidence));
  };
  task.on_progress = [&](std::int64_t bytes) -> Status {
    // A small request that has left is worth its answer; a file is begun again.
    if (filing.stop_requested() && (bytes == 0 || next.step == Step::kUpload)) {
      return Error{ErrorKind::kUnavailable, "report.stopped", "this process ends"};
    }
    return renew(filing);
  };
  const Took took = filing.served.channel->take(task);
  write_into(row, took);
  tell_("step", filing.leased.of.id, words_of(row));
  return after_step(filing, next, took, row);
}

Status Filer::renew(Filing& filing) {
  const Status renewed = reports_.renew(filing.leased, options_.lease_ms);
  if (renewed) {
    filing.leased.lease_until_ms = clock_.now_ms() + options_.lease_ms;
    return ok();
  }
  // A store that is busy for a moment ends no call, while nobody else can have the lease.
  const bool lost =
      renewed.error().code == kLostLease || clock_.now_ms() >= filing.leased.lease_until_ms;
  return lost ? renewed : ok();
}

Result<bool> Filer::after_step(Filing& filing,
                               const Next& next,
                               const Took& took,
                               const StepRow& row) {
  filing.leased.journal.push_back(row);
  const Next then = next_of(filing.served.authority.channel,
                            filing.leased.journal,
                            static_cast<std::int64_t>(filing.leased.files.size()),
                            options_.rules,
                            clock_.now_ms());
  if (then.what == Do::kFinished) {
    Next last = then;
    if (next.step == Step::kFinish && !took.file_ids.empty()) {
      last.file_ids = took.file_ids;
    }
    if (last.authority_id.empty()) {
      last.authority_id = row.authority_id;
    }
    // With its answer in one unit of work: the answer cannot be lost in between.
    TUTELA_TRY(finish(filing, last, took.raw, row));
    return false;
  }
  TUTELA_TRY(reports_.end(filing.leased, row));
  hear(filing, took.phase);
  if (filing.evidence && is_for_good(*filing.evidence)) {
    TUTELA_TRY(ask_person(filing, "report.no_evidence"));
    return false;
  }
  if (took.phase == Phase::kTrouble || took.phase == Phase::kUnclear) {
    const std::string_view failure =
        took.phase == Phase::kUnclear ? "report.no_answer" : "report.not_sent";
    TUTELA_TRY(put_off(filing,
                       filing.evidence ? "report.vault_down" : failure,
                       reports::delay_after(filing.leased.of.attempts + 1, random_number())));
    return false;
  }
  if (filing.stop_requested()) {
    TUTELA_TRY(put_off(filing, "report.stopped", 0));
    return false;
  }
  return true;
}

Status Filer::finish(Filing& filing,
                     const Next& next,
                     std::string raw,
                     const std::optional<StepRow>& answered) {
  reports::Receipt receipt;
  receipt.raw = std::move(raw);
  receipt.authority_id = next.authority_id;
  receipt.file_ids = next.file_ids;
  receipt.simulated = is_simulated(filing.leased);
  receipt.how = next.in_doubt ? "doubt_resolved" : "answer";
  receipt.at_ms = clock_.now_ms();
  TUTELA_TRY(reports_.finish(filing.leased, receipt, answered));
  filing.finished = true;
  hear(filing, Phase::kDone);
  tell_(
      "filed",
      filing.leased.of.id,
      receipt.simulated ? std::string_view("simulated") : to_string(filing.leased.of.environment));
  return ok();
}

Status Filer::put_off(const Filing& filing, std::string_view failure, std::int64_t delay_ms) {
  TUTELA_TRY(reports_.put_off(filing.leased, failure, clock_.now_ms() + delay_ms));
  tell_("put_off", filing.leased.of.id, failure);
  return ok();
}

Status Filer::ask_person(const Filing& filing, std::string_view failure) {
  TUTELA_TRY(reports_.put_off(filing.leased, failure, std::nullopt));
  tell_("asks_person", filing.leased.of.id, failure);
  return ok();
}

}  // namespace tutela::reporting

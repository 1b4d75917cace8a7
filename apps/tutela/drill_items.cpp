#include "drill_items.hpp"

#include <thread>

#include <fmt/format.h>

#include "base/uuid.hpp"
#include "commands.hpp"
#include "custody/store/store.hpp"
#include "interrupt.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenLooks{1000};

Status count_one(ledger::Ledger& ledger, const DrillUpload& upload, DrillItems& items) {
  const auto id = parse_uuid(upload.id);
  const auto content = id ? ledger.get(store::Actor{}, *id) : id.error();
  if (!content && content.error().kind != ErrorKind::kNotFound) {
    return content.error();
  }
  if (!content) {
    ++items.lost;
    return ok();
  }
  const bool known = upload.kind != DrillKind::kUnknown;
  switch (content->outcome.verdict) {
    case policy::Verdict::kOwed:
      ++items.owed;
      break;
    case policy::Verdict::kMatch:
      ++(known ? items.matched : items.mistaken);
      break;
    case policy::Verdict::kNoMatch:
      items.passed += known ? 1U : 0U;
      break;
    case policy::Verdict::kUnscannable:
      items.kept += known ? 1U : 0U;
      break;
  }
  return ok();
}

Result<DrillItems> count(ledger::Ledger& ledger,
                         const std::vector<DrillUpload>& uploads,
                         DrillUpload::Time alarm) {
  DrillItems items;
  for (const DrillUpload& upload : uploads) {
    ++items.sent;
    if (upload.id.empty()) {
      ++items.refused;
      continue;
    }
    const bool known = upload.kind != DrillKind::kUnknown;
    const bool wrong = known && upload.verdict == "no_match";
    items.held += upload.verdict == "owed" ? 1U : 0U;
    items.known += known ? 1U : 0U;
    items.wrong_before += wrong && upload.answered < alarm ? 1U : 0U;
    items.wrong_after += wrong && upload.answered >= alarm ? 1U : 0U;
    TUTELA_TRY(count_one(ledger, upload, items));
  }
  return items;
}

}  // namespace

Result<DrillItems> look_up_items(const std::filesystem::path& database,
                                 const std::vector<DrillUpload>& uploads,
                                 DrillUpload::Time alarm,
                                 std::chrono::milliseconds patience) {
  const SystemClock clock;
  TUTELA_TRY_ASSIGN(const auto store, store::Database::open({.path = database}));
  ledger::Ledger ledger(*store, clock, "drill");
  const auto until = steady_clock::now() + patience;
  while (true) {
    TUTELA_TRY_ASSIGN(const DrillItems items, count(ledger, uploads, alarm));
    const bool settled = items.owed == 0 && items.passed == 0;
    if (settled || steady_clock::now() >= until || stop_requested()) {
      return items;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

std::string to_text(const DrillItems& items) {
  std::string text =
      fmt::format("{} sent, {} known: {} matched", items.sent, items.known, items.matched);
  const auto add = [&](std::uint64_t number, std::string_view what) {
    if (number > 0) {
      text += fmt::format("; {} {}", number, what);
    }
  };
  add(items.kept, "unscannable, held");
  add(items.held, "answered as held");
  add(items.refused, "refused");
  add(items.wrong_before, "answered as no match before the alarm");
  add(items.wrong_after, "after it");
  if (items.wrong_before + items.wrong_after > 0 && items.passed == 0) {
    text += "; all of these found afterwards";
  }
  add(items.passed, "STILL NO MATCH");
  add(items.owed, "STILL OWED");
  add(items.lost, "LOST");
  add(items.mistaken, "MISTAKEN FOR KNOWN");
  return text;
}

}  // namespace tutela::cli

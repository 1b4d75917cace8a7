// What tests of documents stand on: the people and cases of casework/cases, what people saw, and
// reports, in a database of its own.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "casework/cases/decisions_fixture.hpp"
#include "casework/preservation/preservation.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "exchange/cybertip/cybertip.hpp"
#include "service/reporting/gather.hpp"
#include "service/reporting/paper.hpp"
#include "support/openings.hpp"

namespace tutela::reporting {

using cases::Upload;
using cases::World;

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? "" : std::string(result.error().code);
}

inline Provider example_provider() {
  Provider provider;
  provider.company = "Example Pictures";
  provider.email = "reports@example.org";
  provider.first_name = "Ada";
  provider.last_name = "Example";
  provider.contact_email = "legal@example.org";
  provider.legal_url = "https://example.org/legal";
  provider.platform = "Example Pictures";
  provider.service_country = "US";
  provider.server_country = "US";
  provider.public_doors = {"public"};
  return provider;
}

inline cases::Rules test_rules() {
  cases::Rules rules;
  rules.on_confirmed = {"content.remove"};
  rules.on_reported = {"account.suspend"};
  return rules;
}

/// One process's view of a folder.
struct Gatherings {
  explicit Gatherings(const std::filesystem::path& folder, reports::Rules report_rules = {})
      : world(folder, test_rules()),
        control(*world.database_, world.clock_, {}),
        budgets(*world.database_, world.clock_, testing::unbounded()),
        opening(*world.database_, control, budgets, world.clock_, {}),
        reports(*world.database_, control, world.clock_, report_rules) {
    authority.name = "ncmec";
    authority.channel = reports::Channel::kCybertip;
    authority.jurisdiction = "US";
    auto opened = preservation::Preservation::open(*world.database_, world.clock_, {}, {}, {}, {});
    EXPECT_TRUE(opened);
    preservation = *std::move(opened);
  }

  /// Decided by one person who looks at nothing, and closed.
  Uuid closed_unseen(const Upload& upload) {
    const Uuid id = world.add(upload);
    matched_exactly(world.content_);
    close_unseen(id);
    return id;
  }

  void close_unseen(const Uuid& id) {
    const auto locked = world.cases_->lock(world.ann_, id, false);
    ASSERT_TRUE(locked) << error_of(locked);
    const auto decided =
        world.decisions_->decide(world.ann_, id, {locked->version, ""}, World::confirmed());
    ASSERT_TRUE(decided) << decided.error().message;
    world.pass_window();
  }

  /// What the ledger has of an upload, and a match of its bytes.
  void matched_exactly(const Uuid& content) {
    world.sql(
        "UPDATE content_match SET kind = 'sha256', strength = 'exact', distance = 0 WHERE "
        "content_id = :id",
        {to_string(content)});
    world.sql("UPDATE content SET md5 = :md5 WHERE id = :id",
              {std::string(32, 'a'), to_string(content)});
  }

  void received(const Uuid& content, UtcMs at_ms, const std::string& door = "public") {
    world.sql(
        "UPDATE content SET received_ms = :at, door = :door, media_type = 'image/png', "
        "frames_total = 1, md5 = :md5, sha1 = :sha1, damaged = 0, size_bytes = 10 WHERE id = :id",
        {at_ms, door, std::string(32, 'a'), std::string(40, 'b'), to_string(content)});
  }

  /// Somebody sees every grade of it, and every frame in full.
  void see_all(const Uuid& content) {
    const Uuid evidence = evidence_of(content);
    const opening::Requester who = testing::person("seer");
    for (int grade = 0; grade <= static_cast<int>(opening::Grade::kFull); ++grade) {
      const auto seen = opening.view(
          who, evidence, "x", opening::Purpose::kReview, static_cast<opening::Grade>(grade));
      ASSERT_TRUE(seen) << seen.error().message;
      ASSERT_TRUE(opening.shown(who.actor, seen->number));
    }
  }

  Uuid evidence_of(const Uuid& content) {
    return *parse_uuid(
        world.texts("SELECT id FROM evidence WHERE content_id = '" + to_string(content) + "'")
            .at(0));
  }

  Result<Gathered> gather(const Uuid& case_id) {
    return reporting::gather(
        *world.database_, opening, reports, provider, authority, "default", case_id);
  }

  /// Gathers what must be whole.
  boost::json::value document(const Uuid& case_id) {
    const auto gathered = gather(case_id);
    EXPECT_TRUE(gathered) << gathered.error().message;
    if (!gathered) {
      return {};
    }
    expect_whole(gathered->body);
    return boost::json::parse(gathered->body);
  }

  static void expect_whole(const std::string& body) {
    const auto verdict = cybertip::check(body, SystemClock().now_ms());
    EXPECT_TRUE(verdict.checked);
    for (const cybertip::Problem& problem : verdict.problems) {
      ADD_FAILURE() << problem.path << " " << problem.code << " " << problem.message;
    }
  }

  /// Drafted and released by a lead, filed, finished.
  reports::Report finished(const reports::NewDraft& what,
                           const std::string& authority_id,
                           bool simulated = false) {
    const auto drafted = reports.draft(system, what);
    EXPECT_TRUE(drafted) << error_of(drafted);
    return finish(*drafted, authority_id, simulated);
  }

  reports::Report finish(const reports::Report& draft,
                         const std::string& authority_id,
                         bool simulated = false) {
    const reports::Person lead{world.lead_.actor, true, false};
    const reports::Person legal{world.legal_.actor, true, true};
    const auto released =
        reports.release(draft.minor ? legal : lead, draft.id, {draft.version, ""}, draft.document);
    EXPECT_TRUE(released) << error_of(released);
    const auto leased = reports.lease({draft.authority}, 60'000);
    EXPECT_TRUE(leased && *leased);
    reports::Next next;
    next.step = reports::Step::kDeliver;
    auto step = reports.begin(**leased, next, 60'000);
    EXPECT_TRUE(step) << error_of(step);
    step->phase = reports::Phase::kDone;
    step->authority_id = authority_id;
    const Status finished = reports.finish(
        **leased, {"<done/>", authority_id, {}, simulated, "answer", world.clock_.now_ms()}, *step);
    EXPECT_TRUE(finished) << (finished ? "" : finished.error().message);
    return *reports.find("default", draft.id);
  }

  reports::NewDraft draft_of(const Uuid& case_id) {
    const auto facts = gather(case_id);
    EXPECT_TRUE(facts) << error_of(facts);
    reports::NewDraft draft;
    draft.case_id = case_id;
    draft.account = facts->account;
    draft.authority = authority;
    draft.authority.channel = reports::Channel::kWebhook;  // one step
    draft.minor = facts->minor;
    draft.body = facts->body;
    draft.provenance = facts->provenance;
    draft.files = facts->files;
    return draft;
  }

  const store::Actor system{"default", "system", "system"};
  World world;
  dual_control::DualControl control;
  exposure::Budgets budgets;
  opening::Opening opening;
  reports::Reports reports;
  std::unique_ptr<preservation::Preservation> preservation;
  Provider provider = example_provider();
  reports::Authority authority;
};

class GatheringsTest : public ::testing::Test {
 protected:
  static std::string text(const boost::json::value& in, std::string_view path) {
    const boost::json::value* const value = find(in, path);
    return value == nullptr     ? "absent"
           : value->is_string() ? std::string(value->get_string())
                                : boost::json::serialize(*value);
  }

  testing::TemporaryFolder folder_;
  Gatherings all_{folder_.path()};
  World& world_ = all_.world;
};

}  // namespace tutela::reporting

#include "casework/partners/partners.hpp"

#include <functional>
#include <thread>

#include "casework/partners/partners_fixture.hpp"

namespace tutela::partners {
namespace {

using namespace std::string_literals;

std::string code_of(const Result<Partner>& result) {
  return result ? "" : std::string(result.error().code);
}

TEST_F(PartnersTest, KeepsWhatIsTrueOfThem) {
  Details what = details("Dana Example");
  what.kind = Kind::kAuthority;
  what.organisation = "Office \xC3\xBC";
  what.country = "DE";
  what.role = "officer on call";
  what.email = "desk@example.org";
  what.phone = "+49 30 000000";
  what.url = "https://example.org/desk";
  what.note = "Ask by phone first.\n\tThen write.";
  what.token_id = "0190-token";
  what.confirm_days = 90;
  const Partner first = added(what);
  what.deputy_id = first.id;
  what.token_id.reset();
  what.absent_from_ms = clock_.now_ms();
  what.absent_until_ms = clock_.now_ms() + kDay;
  const Partner second = added(what);
  const auto found = partners_->find("default", second.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->details.kind, Kind::kAuthority);
  EXPECT_EQ(found->details.name, "Dana Example");
  EXPECT_EQ(found->details.organisation, "Office \xC3\xBC");
  EXPECT_EQ(found->details.country, "DE");
  EXPECT_EQ(found->details.role, "officer on call");
  EXPECT_EQ(found->details.email, "desk@example.org");
  EXPECT_EQ(found->details.phone, "+49 30 000000");
  EXPECT_EQ(found->details.url, "https://example.org/desk");
  EXPECT_EQ(found->details.note, "Ask by phone first.\n\tThen write.");
  EXPECT_EQ(found->details.deputy_id, first.id);
  EXPECT_EQ(found->details.token_id, std::nullopt);
  EXPECT_EQ(found->details.confirm_days, 90);
  EXPECT_EQ(found->version, 1);
  EXPECT_EQ(found->confirmed_by, kAnna);
  EXPECT_TRUE(found->absent);
  EXPECT_FALSE(found->stale);
  EXPECT_EQ((*partners_->of_token("default", "0190-token"))->id, first.id);
  EXPECT_FALSE((*partners_->of_token("default", "0190-other")).has_value());
  EXPECT_FALSE((*partners_->of_token("elsewhere", "0190-token")).has_value());
  EXPECT_EQ(code_of(partners_->find("elsewhere", first.id)), "partner.unknown");
  EXPECT_EQ(entries("partner.add"), 2);
}

TEST_F(PartnersTest, AnAbsenceBeginsWithItsFirstMomentAndEndsBeforeItsLast) {
  Details what = details();
  what.absent_from_ms = clock_.now_ms() + 1;
  what.absent_until_ms = clock_.now_ms() + 3;
  const Uuid id = added(what).id;
  for (const bool absent : {false, true, true, false}) {
    EXPECT_EQ(partners_->find("default", id)->absent, absent);
    clock_.advance(1);
  }
}

TEST_F(PartnersTest, WhoIsNotConfirmedForSoLongIsToBeAskedAgain) {
  Details what = details();
  what.confirm_days = 10;
  const Uuid id = added(what).id;
  const auto count = [&] {
    std::int64_t stale = -1;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(stale, count_stale(transaction, "default", clock_.now_ms()));
      return ok();
    }));
    return stale;
  };
  clock_.advance(10 * kDay - 1);
  EXPECT_FALSE(partners_->find("default", id)->stale);
  EXPECT_EQ(count(), 0);
  clock_.advance(1);
  EXPECT_TRUE(partners_->find("default", id)->stale);
  EXPECT_EQ(count(), 1);
  // A change is no answer of theirs.
  EXPECT_TRUE(partners_->change(actor_, id, 1, what)->stale);
  const auto confirmed = partners_->confirm({"default", kBen, "lead"}, id);
  ASSERT_TRUE(confirmed);
  EXPECT_FALSE(confirmed->stale);
  EXPECT_EQ(confirmed->confirmed_by, kBen);
  EXPECT_EQ(confirmed->confirmed_ms, clock_.now_ms());
  EXPECT_EQ(count(), 0);
  clock_.advance(10 * kDay);
  ASSERT_TRUE(partners_->end(actor_, id, 3));
  EXPECT_EQ(count(), 0);
  EXPECT_FALSE(partners_->find("default", id)->stale);
}

TEST_F(PartnersTest, WhoChangesWhatSomebodyElseChangedIsTold) {
  const Partner partner = added(details());
  Details what = details("Another name");
  EXPECT_EQ(partners_->change(actor_, partner.id, 1, what)->details.name, "Another name");
  EXPECT_EQ(code_of(partners_->change(actor_, partner.id, 1, details())), "partner.changed");
  EXPECT_EQ(code_of(partners_->end(actor_, partner.id, 1)), "partner.changed");
  EXPECT_EQ(partners_->find("default", partner.id)->details.name, "Another name");
  EXPECT_EQ(entries("partner.change"), 1);
  EXPECT_EQ(entries("partner.end"), 0);
}

TEST_F(PartnersTest, OfTwoWhoChangeAtOnceOneIsTold) {
  const Uuid id = added(details()).id;
  std::atomic<int> changed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      if (partners_->change(actor_, id, 1, details("by " + std::to_string(i)))) {
        ++changed;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(changed, 1);
  EXPECT_EQ(partners_->find("default", id)->version, 2);
}

TEST_F(PartnersTest, WhoLeavesIsNobodysDeputyAndFreesTheirToken) {
  Details leaving = details("Leaving");
  leaving.token_id = "t-1";
  const Partner left = added(leaving);
  Details staying = details("Staying");
  staying.deputy_id = left.id;
  const Partner stays = added(staying);
  EXPECT_EQ(code_of(partners_->add(actor_, leaving)), "partner.token_taken");
  ASSERT_TRUE(partners_->end(actor_, left.id, 1));
  const auto after = partners_->find("default", stays.id);
  EXPECT_EQ(after->details.deputy_id, std::nullopt);
  EXPECT_EQ(after->version, 2);
  EXPECT_FALSE((*partners_->of_token("default", "t-1")).has_value());
  EXPECT_EQ(code_of(partners_->add(actor_, staying)), "partner.bad_deputy");
  for (const std::int64_t version : {1, 2}) {
    EXPECT_EQ(code_of(partners_->change(actor_, left.id, version, leaving)), "partner.changed");
    EXPECT_EQ(code_of(partners_->end(actor_, left.id, version)), "partner.changed");
  }
  EXPECT_EQ(code_of(partners_->confirm(actor_, left.id)), "partner.changed");
  EXPECT_TRUE(partners_->add(actor_, leaving));
  EXPECT_EQ(partners_->list("default", false)->size(), 2U);
  const auto all = partners_->list("default", true);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_TRUE(all->back().ended_ms);
}

TEST_F(PartnersTest, NobodyIsTheirOwnDeputyAndNoneIsOfAnotherTenant) {
  const Partner partner = added(details());
  Details what = details();
  what.deputy_id = partner.id;
  EXPECT_EQ(code_of(partners_->change(actor_, partner.id, 1, what)), "partner.bad_deputy");
  EXPECT_EQ(code_of(partners_->add({"other", kAnna, "lead"}, what)), "partner.bad_deputy");
  what.deputy_id = Uuid{};
  EXPECT_EQ(code_of(partners_->add(actor_, what)), "partner.bad_deputy");
  // Two may stand in for each other.
  what.deputy_id = partner.id;
  const Partner other = added(what);
  what.deputy_id = other.id;
  EXPECT_TRUE(partners_->change(actor_, partner.id, 1, what));
  EXPECT_EQ(code_of(partners_->change({"other", kAnna, "lead"}, partner.id, 2, details())),
            "partner.unknown");
}

TEST_F(PartnersTest, RefusesWhatNoPartnerIs) {
  const std::string long_text(201, 'x');
  const std::pair<const char*, std::function<void(Details&)>> hostile[] = {
      {"partner.bad_name",
       [](Details& of) {
         of.name = "";
       }},
      {"partner.bad_name",
       [&](Details& of) {
         of.name = long_text;
       }},
      {"partner.bad_name",
       [](Details& of) {
         of.name = "two\nlines";
       }},
      {"partner.bad_name",
       [](Details& of) {
         of.name = "nul\0"s;
       }},
      {"partner.bad_name",
       [](Details& of) {
         of.name = "\xED\xA0\x80";
       }},
      {"partner.bad_organisation",
       [&](Details& of) {
         of.organisation = long_text;
       }},
      {"partner.bad_role",
       [](Details& of) {
         of.role = "\x1B[2J";
       }},
      {"partner.bad_phone",
       [](Details& of) {
         of.phone = "\xFF";
       }},
      {"partner.bad_country",
       [](Details& of) {
         of.country = "de";
       }},
      {"partner.bad_country",
       [](Details& of) {
         of.country = "DEU";
       }},
      {"partner.bad_email",
       [](Details& of) {
         of.email = "desk";
       }},
      {"partner.bad_email",
       [](Details& of) {
         of.email = "a@b@c";
       }},
      {"partner.bad_email",
       [](Details& of) {
         of.email = "@example.org";
       }},
      {"partner.bad_email",
       [](Details& of) {
         of.email = "a@example.org\nBcc: b@example.org";
       }},
      {"partner.bad_email",
       [](Details& of) {
         of.email = "a@example.org,b@example.org";
       }},
      {"partner.bad_url",
       [](Details& of) {
         of.url = "http://example.org";
       }},
      {"partner.bad_url",
       [](Details& of) {
         of.url = "javascript:alert(1)";
       }},
      {"partner.bad_url",
       [](Details& of) {
         of.url = "https://";
       }},
      {"partner.bad_url",
       [](Details& of) {
         of.url = "https://example.org/\"><script>";
       }},
      {"partner.bad_note",
       [](Details& of) {
         of.note = std::string(2001, 'x');
       }},
      {"partner.bad_note",
       [](Details& of) {
         of.note = "\x07";
       }},
      {"partner.bad_token",
       [](Details& of) {
         of.token_id = "";
       }},
      {"partner.bad_token",
       [](Details& of) {
         of.token_id = std::string(65, 'x');
       }},
      {"partner.bad_confirm_days",
       [](Details& of) {
         of.confirm_days = 0;
       }},
      {"partner.bad_confirm_days",
       [](Details& of) {
         of.confirm_days = 3651;
       }},
      {"partner.bad_absent_from",
       [](Details& of) {
         of.absent_from_ms = 1;
       }},
      {"partner.bad_absent_from",
       [](Details& of) {
         of.absent_until_ms = 1;
       }},
      {"partner.bad_absent_from",
       [](Details& of) {
         of.absent_from_ms = 2;
         of.absent_until_ms = 2;
       }},
  };
  for (const auto& [code, spoil] : hostile) {
    Details what = details();
    spoil(what);
    EXPECT_EQ(code_of(partners_->add(actor_, what)), code);
  }
  EXPECT_EQ(number("SELECT COUNT(*) FROM partner"), 0);
  // The most that there may be.
  Details most = details(std::string(200, 'n'));
  most.organisation = most.role = most.phone = std::string(200, 'o');
  most.note = std::string(2000, '\n');
  most.confirm_days = 3650;
  EXPECT_TRUE(partners_->add(actor_, most));
}

TEST_F(PartnersTest, TextsThatLookLikeSqlAreTexts) {
  const std::string name = "x'); DROP TABLE partner; --";
  added(details(name));
  EXPECT_EQ(partners_->list("default", false)->front().details.name, name);
  EXPECT_FALSE((*partners_->of_token("default", "' OR 1=1 --")).has_value());
}

TEST_F(PartnersTest, WordsOfKindsAreReadBack) {
  for (const std::string_view word :
       {"authority", "hotline", "flagger", "council", "researcher", "service"}) {
    EXPECT_EQ(to_string(*parse_kind(word)), word);
  }
  EXPECT_EQ(parse_kind("friend").error().code, "partner.bad_kind");
}

TEST_F(PartnersTest, ThereIsAnEndToHowManyThereAre) {
  added(details("the first"));
  execute(
      "INSERT INTO partner (id, tenant_id, principal_id, version, kind, name, organisation, "
      "country, role, email, phone, url, note, confirm_days, confirmed_ms, confirmed_by, at_ms) "
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) SELECT 'n' || "
      "i, 'default', 'system', 1, 'hotline', 'n', '', '', '', '', '', '', '', 1, 0, 'system', 0 "
      "FROM n",
      {});
  EXPECT_EQ(code_of(partners_->add(actor_, details())), "partner.too_many");
  EXPECT_TRUE(partners_->add({"other", kAnna, "lead"}, details()));
}

}  // namespace
}  // namespace tutela::partners

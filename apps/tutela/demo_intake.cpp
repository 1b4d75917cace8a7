#include "demo_intake.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/file.hpp"
#include "casework/partners/partners.hpp"
#include "commands.hpp"
#include "service/auth/people.hpp"
#include "service/intake/intake.hpp"

namespace tutela::cli {
namespace {

using intake::Kind;
using intake::NewNotice;
using intake::Sender;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::uint16_t kPortsBeside = 10;
constexpr std::uint64_t kPictureBytesMax = 16U << 20;

struct Told {
  Kind kind;
  Sender sender;
  bool imminent;
  std::string_view text;
  std::string_view link;
  std::string_view account;
};

// Nobody in it exists, nor what they say.
constexpr auto kTold = std::to_array<Told>({
    {Kind::kContent,
     Sender::kVictim,
     false,
     "(Made up.) This is me in the picture, and I did not want it there.",
     "https://example.org/posts/4711",
     "demo-user-7"},
    {Kind::kContent,
     Sender::kGuardian,
     false,
     "(Made up.) This is a picture of my child. Please take it down.",
     "https://example.org/posts/4712",
     "demo-user-8"},
    {Kind::kContent,
     Sender::kAnyone,
     false,
     "(Made up.) The same post as somebody else told you about.",
     "https://example.org/posts/4711",
     ""},
    {Kind::kAccount,
     Sender::kAnyone,
     false,
     "(Made up.) This account writes to people who do not know it.",
     "",
     "demo-user-9"},
    {Kind::kContent,
     Sender::kAnyone,
     true,
     "(Made up.) Somebody may be in danger today: this shows what comes first.",
     "https://example.org/posts/4713",
     "demo-user-3"},
    {Kind::kOther,
     Sender::kAnyone,
     false,
     "(Made up.) What happens after I have told you something?",
     "",
     ""},
    {Kind::kLawRequest,
     Sender::kAuthority,
     false,
     "(Made up.) Please preserve what you have of demo-user-9. Reference EX-2026-1.",
     "",
     "demo-user-9"},
    {Kind::kDetection,
     Sender::kResearcher,
     false,
     "(Made up.) In our measurement, pictures in one format seem to come back without a match.",
     "",
     ""},
});

struct Contact {
  partners::Kind kind;
  std::string_view name;
  std::string_view organisation;
  std::string_view role;
  std::string_view email;
  std::int64_t confirmed_days_ago;
};

constexpr auto kContacts = std::to_array<Contact>({
    {partners::Kind::kHotline,
     "Reports desk",
     "Example Hotline (made up)",
     "desk",
     "hotline@example.org",
     10},
    {partners::Kind::kAuthority,
     "Officer on call",
     "Example Police (made up)",
     "officer on call",
     "police@example.org",
     40},
    {partners::Kind::kFlagger,
     "Avery Example",
     "Example Flaggers (made up)",
     "coordinator",
     "flaggers@example.org",
     90},
    {partners::Kind::kResearcher,
     "Robin Example",
     "Example University (made up)",
     "researcher",
     "robin@example.org",
     30},
    // Nobody has asked them for long: the console reminds of it.
    {partners::Kind::kCouncil,
     "Charlie Example",
     "Example Safety Council (made up)",
     "member",
     "council@example.org",
     250},
});

/// "person:<id>" of one of the demo's people.
Result<std::string> principal_of(pipeline::Pipeline& pipeline, std::string_view name) {
  TUTELA_TRY_ASSIGN(const auth::Person person,
                    auth::People(pipeline.database(), pipeline.clock()).find(actor(), name));
  return "person:" + to_string(person.id);
}

Status make_contacts(pipeline::Pipeline& pipeline) {
  const UtcMs now_ms = pipeline.clock().now_ms();
  std::optional<Uuid> first;
  for (const Contact& contact : kContacts) {
    const ManualClock then(now_ms - contact.confirmed_days_ago * kDayMs);
    partners::Details details;
    details.kind = contact.kind;
    details.name = contact.name;
    details.organisation = contact.organisation;
    details.role = contact.role;
    details.email = contact.email;
    details.url = "https://example.org/";
    details.deputy_id = first;
    TUTELA_TRY_ASSIGN(const partners::Partner added,
                      partners::Partners(pipeline.database(), then).add(actor(), details));
    first = first ? first : std::optional(added.id);
  }
  return ok();
}

/// Lena and Omar work by day; Mira is whom one asks.
Status make_duty(pipeline::Pipeline& pipeline, partners::Partners& partners) {
  TUTELA_TRY_ASSIGN(const std::string lena, principal_of(pipeline, "lena"));
  TUTELA_TRY_ASSIGN(const std::string omar, principal_of(pipeline, "omar"));
  TUTELA_TRY_ASSIGN(const std::string mira, principal_of(pipeline, "mira"));
  for (const std::string_view queue : {"imminent", "victim", "law", "detection"}) {
    TUTELA_TRY(partners.set_duty(actor(), queue, mira, lena));
  }
  for (const std::string_view queue : {"flagger", "public", "flood"}) {
    TUTELA_TRY(partners.set_duty(actor(), queue, lena, omar));
  }
  constexpr std::int64_t kDays = 7;
  const UtcMs now_ms = pipeline.clock().now_ms();
  const UtcMs today_ms = now_ms - now_ms % kDayMs;
  for (std::int64_t day = 0; day < kDays; ++day) {
    const UtcMs begin_ms = today_ms + day * kDayMs;
    for (const auto& [person, from, until] :
         {std::tuple(lena, 6, 16), std::tuple(omar, 12, 22), std::tuple(mira, 0, 24)}) {
      if (begin_ms + until * kHourMs > now_ms) {
        TUTELA_TRY(partners.add_span(
            actor(), "shift", person, begin_ms + from * kHourMs, begin_ms + until * kHourMs));
      }
    }
  }
  return ok();
}

NewNotice notice_of(const Told& told, std::string_view key) {
  NewNotice notice;
  notice.kind = told.kind;
  notice.sender = told.sender;
  notice.imminent = told.imminent;
  notice.body.text = told.text;
  if (!told.link.empty()) {
    notice.body.links.emplace_back(told.link);
  }
  if (!told.account.empty()) {
    notice.body.accounts.emplace_back(told.account);
  }
  notice.idempotency_key = std::string(key);
  return notice;
}

NewNotice chat_notice() {
  NewNotice notice = notice_of({Kind::kSolicitation,
                                Sender::kVictim,
                                false,
                                "(Made up.) They went on and on, and I want it to stop.",
                                "",
                                "demo-user-5"},
                               "demo-chat");
  notice.body.messages = {
      {"demo-user-5", "Monday 17:02", "(made up) Which school do you go to?"},
      {"demo-user-6", "Monday 17:05", "(made up) Why do you want to know?"},
      {"demo-user-5", "Monday 17:06", "(made up) Do not tell anybody that we talk."}};
  return notice;
}

/// More of one source than may be: they are kept, and grouped.
std::vector<NewNotice> flood(const intake::Notices& notices, std::uint32_t per_hour) {
  constexpr std::uint32_t kMore = 6;
  std::vector<NewNotice> all;
  const std::string source = notices.source_of("192.0.2.7");
  for (std::uint32_t i = 0; i < std::min(per_hour, 10U) + kMore; ++i) {
    const std::string link = fmt::format("https://example.org/flood/{}", i);
    NewNotice notice = notice_of({Kind::kContent,
                                  Sender::kAnyone,
                                  false,
                                  "(Made up.) One of many from one place.",
                                  link,
                                  ""},
                                 fmt::format("demo-flood-{}", i));
    notice.source = source;
    all.push_back(std::move(notice));
  }
  return all;
}

/// With a picture of a teapot that no list knows.
Result<NewNotice> with_file(const DemoWorld& world, intake_service::Intake& intake) {
  NewNotice notice = notice_of({Kind::kContent,
                                Sender::kAnyone,
                                false,
                                "(Made up.) I saw this and do not know what to make of it.",
                                "https://example.org/posts/4714",
                                "demo-user-4"},
                               "demo-file");
  TUTELA_TRY_ASSIGN(const Bytes picture,
                    read_file(world.scenes() / "scene-21.jpg", kPictureBytesMax));
  TUTELA_TRY_ASSIGN(pipeline::Intake file, intake.receive_file(actor(), notice));
  TUTELA_TRY(file.append(picture));
  TUTELA_TRY_ASSIGN(const Uuid id, file.finish());
  notice.files = {id};
  return notice;
}

/// Some that Lena has answered already, so that there are figures.
Status answer_some(pipeline::Pipeline& pipeline, intake::Notices& notices) {
  constexpr int kAnswered = 6;
  TUTELA_TRY_ASSIGN(const std::string lena, principal_of(pipeline, "lena"));
  const store::Actor person{actor().tenant_id, lena, "reviewer"};
  for (int i = 0; i < kAnswered; ++i) {
    const std::string link = fmt::format("https://example.org/gone/{}", i);
    const NewNotice notice = notice_of({Kind::kContent,
                                        i % 2 == 0 ? Sender::kAnyone : Sender::kVictim,
                                        false,
                                        "(Made up.) Told yesterday.",
                                        link,
                                        ""},
                                       fmt::format("demo-answered-{}", i));
    TUTELA_TRY_ASSIGN(const intake::Accepted accepted, notices.accept(actor(), notice));
    TUTELA_TRY_ASSIGN(const intake::Notice taken, notices.take(person, accepted.id, {1}));
    TUTELA_TRY(notices.answer(person,
                              accepted.id,
                              {taken.version},
                              intake::Outcome::kGone,
                              "(Made up.) Thank you: it is not there any more."));
  }
  return ok();
}

Status make_notices(const DemoWorld& world,
                    pipeline::Pipeline& pipeline,
                    intake_service::Intake& intake,
                    std::uint32_t per_hour) {
  intake::Notices& notices = intake.notices();
  for (std::size_t i = 0; i < kTold.size(); ++i) {
    const NewNotice notice = notice_of(kTold.at(i), fmt::format("demo-{}", i));
    TUTELA_TRY(notices.accept(actor(), notice));
  }
  TUTELA_TRY(notices.accept(actor(), chat_notice()));
  TUTELA_TRY_ASSIGN(const NewNotice picture, with_file(world, intake));
  TUTELA_TRY(notices.accept(actor(), picture));
  for (const NewNotice& notice : flood(notices, per_hour)) {
    TUTELA_TRY(notices.accept(actor(), notice));
  }
  return answer_some(pipeline, notices);
}

}  // namespace

std::string demo_intake_listen(const config::Config& config) {
  const auto address = config::parse_listen(config.server.listen);
  if (!config.intake.listen.empty() || !address || !address->unix_path.empty()) {
    return config.intake.listen;
  }
  const std::uint16_t port = address->port == 0
                                 ? std::uint16_t{0}
                                 : static_cast<std::uint16_t>(address->port + kPortsBeside);
  const bool v6 = address->host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + address->host + "]" : address->host;
  return fmt::format("{}:{}", host, port);
}

Result<std::int64_t> make_demo_intake(const DemoWorld& world,
                                      pipeline::Pipeline& pipeline,
                                      const config::Config& config) {
  const auto settings = std::make_shared<const config::Config>(config);
  TUTELA_TRY_ASSIGN(
      const std::unique_ptr<intake_service::Intake> intake,
      intake_service::Intake::open([settings] { return settings; }, pipeline, pipeline.clock()));
  const std::string tenant = actor().tenant_id;
  TUTELA_TRY_ASSIGN(const auto known, intake->partners().list(tenant, true));
  if (known.empty()) {
    TUTELA_TRY(make_contacts(pipeline));
    TUTELA_TRY(make_duty(pipeline, intake->partners()));
  }
  TUTELA_TRY_ASSIGN(const intake::Page there, intake->notices().list(tenant, {}));
  if (there.notices.empty()) {
    TUTELA_TRY(make_notices(world, pipeline, *intake, config.intake.per_source_hour));
  }
  TUTELA_TRY_ASSIGN(const auto counts, intake->notices().counts(tenant));
  std::int64_t waiting = 0;
  for (const intake::QueueCount& count : counts) {
    waiting += count.waiting;
  }
  return waiting;
}

}  // namespace tutela::cli

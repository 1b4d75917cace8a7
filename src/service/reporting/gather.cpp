#include "service/reporting/gather.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "service/reporting/account.hpp"
#include "service/reporting/facts.hpp"
#include "service/reporting/incidents.hpp"
#include "service/reporting/paper.hpp"
#include "service/reporting/parts.hpp"
#include "service/reporting/sentences.hpp"
#include "service/reporting/told.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::reporting {

namespace json = boost::json;

namespace {

/// The door of files that were lying somewhere: they arrive when they are found.
constexpr std::string_view kFoundDoor = "cli";

struct Name {
  cases::Annotation annotation;
  std::string_view element;
};

constexpr auto kAnnotations =
    std::to_array<Name>({{cases::Annotation::kAnimeDrawingVirtual, "animeDrawingVirtualHentai"},
                         {cases::Annotation::kPotentialMeme, "potentialMeme"},
                         {cases::Annotation::kViral, "viral"},
                         {cases::Annotation::kPossibleSelfProduction, "possibleSelfProduction"},
                         {cases::Annotation::kPhysicalHarm, "physicalHarm"},
                         {cases::Annotation::kViolenceGore, "violenceGore"},
                         {cases::Annotation::kBestiality, "bestiality"},
                         {cases::Annotation::kLiveStreaming, "liveStreaming"},
                         {cases::Annotation::kInfant, "infant"},
                         {cases::Annotation::kGenerativeAi, "generativeAi"}});

bool is_marked(const cases::Case& of, cases::Mark mark) {
  return std::ranges::find(of.marks, mark) != of.marks.end();
}

bool was_uploaded(const FileFacts& file) {
  return file.item.door != kFoundDoor && file.item.door != ledger::kIntakeDoor;
}

std::string_view incident_of(const CaseFacts& facts) {
  return facts.of.topic == cases::Topic::kSolicitation ? kEnticement : kMaterial;
}

void put_incident(Paper& paper, const Provider& provider, const CaseFacts& facts) {
  const std::string at = "report/incidentSummary/";
  const std::string decision = to_string(facts.decision.id);
  paper.put(at + "incidentType", to_text(incident_of(facts)), "decision", decision);
  paper.put(at + "platform", to_text(provider.platform), "configuration", "reporting.platform");
  if (is_marked(facts.of, cases::Mark::kImminentHarm)) {
    paper.put(at + "escalateToHighPriority", to_text(kEscalate), "decision", "imminent_harm");
  }
  if (is_marked(facts.of, cases::Mark::kPossibleNewVictim)) {
    paper.put("report/additionalInfo", to_text(kNewVictim), "decision", "possible_new_victim");
  }
  const auto latest = std::ranges::max_element(facts.files, {}, [](const FileFacts& file) {
    return std::pair(was_uploaded(file), file.item.received_ms);
  });
  if (latest == facts.files.end()) {
    return;
  }
  const std::string content = to_string(latest->item.content_id);
  paper.put(
      at + "incidentDateTime", to_text(to_rfc3339(latest->item.received_ms)), "ledger", content);
  paper.put(at + "incidentDateTimeDescription",
            to_text(sentence_of_time(was_uploaded(*latest), facts.files.size())),
            "ledger",
            content);
}

void put_hashes(Paper& paper, const std::string& at, const FileFacts& file) {
  const std::string content = to_string(file.item.content_id);
  const std::array<std::pair<std::string_view, const std::string*>, 4> hashes = {
      {{"MD5", &file.md5}, {"SHA1", &file.sha1}, {"SHA256", &file.sha256}, {"PDQ", &file.pdq}}};
  for (const auto& [kind, value] : hashes) {
    if (!value->empty()) {
      json::object hash;
      hash["@hashType"] = to_text(kind);
      hash["#text"] = to_text(*value);
      paper.add(at + "originalFileHash", std::move(hash), "ledger", content);
    }
  }
}

void put_views(Paper& paper, const std::string& at, const FileFacts& file) {
  const std::string viewed(opening::to_string(file.viewed));
  bool whole = false;
  if (file.viewed == opening::Viewed::kYes) {
    paper.put(at + "fileViewedByEsp", true, "exposure", viewed);
    whole = true;
  } else if (file.attested) {
    paper.put(at + "fileViewedByEsp", true, "attestation", to_string(*file.attested));
    whole = true;
  } else if (file.item.exact && file.viewed == opening::Viewed::kNo) {
    paper.put(at + "fileViewedByEsp", false, "exposure", viewed);
  }
  if (whole && file.attested_exif) {  // the service takes it only of a file that was viewed
    paper.put(at + "exifViewedByEsp", true, "attestation", to_string(*file.attested_exif));
  }
}

void put_verdict(Paper& paper,
                 const std::string& at,
                 const CaseFacts& facts,
                 const FileFacts& file) {
  const cases::Verdict& verdict = facts.decision.verdict;
  const std::string decision = to_string(facts.decision.id);
  const auto own =
      std::ranges::find(verdict.items, file.item.content_id, &cases::ItemVerdict::content_id);
  const bool differs = own != verdict.items.end();
  const auto classified = differs ? own->classification : verdict.classification;
  const auto& annotations = differs ? own->annotations : verdict.annotations;
  json::object marks;
  for (const Name& name : kAnnotations) {
    if (std::ranges::find(annotations, name.annotation) != annotations.end()) {
      marks[name.element] = true;
    }
  }
  if (!marks.empty()) {
    paper.put(at + "fileAnnotations", std::move(marks), "decision", decision);
  }
  if (classified != cases::Classification::kNone) {
    paper.put(
        at + "industryClassification", to_text(cases::to_string(classified)), "decision", decision);
  } else if (file.list_id && cases::parse_classification(file.item.list_classification)) {
    paper.put(at + "industryClassification",
              to_text(file.item.list_classification),
              "list",
              to_string(*file.list_id));
  }
}

void put_file(Paper& paper, const Provider& provider, const CaseFacts& facts, std::size_t number) {
  const FileFacts& file = facts.files[number];
  const std::string at = "files/" + std::to_string(number) + "/";
  const auto& doors = provider.public_doors;
  if (was_uploaded(file)) {
    paper.put(at + "uploadedToEspTimestamp",
              to_text(to_rfc3339(file.item.received_ms)),
              "ledger",
              to_string(file.item.content_id));
  }
  put_views(paper, at, file);
  if (file.let_through && std::ranges::find(doors, file.item.door) != doors.end()) {
    paper.put(at + "publiclyAvailable", true, "door", file.item.door);
  }
  put_verdict(paper, at, facts, file);
  put_hashes(paper, at, file);
  for (const std::string_view sentence : sentences_of(file, facts)) {
    paper.add(
        at + "additionalInfo", to_text(sentence), "exposure", opening::to_string(file.viewed));
  }
}

/// safeguards.md 1, 2, 3 and 5, for every file: exact, on a list that is active, vetted and trusted
/// for automation, and nobody whom a legal officer decides about, nor who has appealed. What test
/// lists match is no known material: it never leaves for a real authority by itself.
bool is_automatic_allowed(const CaseFacts& facts, const reports::Authority& authority) {
  const bool real = authority.environment == reports::Environment::kProduction;
  return !facts.minor && facts.of.state == cases::State::kClosed && !facts.files.empty() &&
         std::ranges::all_of(facts.files, [&](const FileFacts& file) {
           const std::string& purpose = file.item.list_purpose;
           const bool vetted = purpose == "known_csam" || (purpose == "test" && !real);
           return file.item.exact && file.item.trusted && file.item.automation && vetted;
         });
}

reports::File row_of(const FileFacts& file, std::size_t number) {
  return {static_cast<std::int64_t>(number),
          file.item.content_id,
          *file.item.evidence_id,
          file.md5,
          file.item.size_bytes};
}

}  // namespace

Result<Gathered> gather(store::Database& database,
                        opening::Opening& opening,
                        reports::Reports& reports,
                        const Provider& provider,
                        const reports::Authority& authority,
                        const std::string& tenant_id,
                        const Uuid& case_id) {
  TUTELA_TRY_ASSIGN(const CaseFacts facts,
                    read_facts(database, opening, reports, tenant_id, case_id));
  Paper paper;
  Gathered gathered;
  put_incident(paper, provider, facts);
  put_told(paper, facts, provider.platform);
  put_reporter(paper, provider);
  gathered.incident = incident_of(facts);
  if (facts.about_person && facts.of.account) {
    gathered.account = facts.of.account;
    TUTELA_TRY_ASSIGN(
        gathered.problems,
        put_person(paper, reports, provider, authority, tenant_id, *facts.of.account));
    gathered.account_country = country_of(paper);
  }
  for (std::size_t i = 0; i < facts.files.size(); ++i) {
    put_file(paper, provider, facts, i);
    gathered.files.push_back(row_of(facts.files[i], i));
  }
  gathered.body = paper.text();
  gathered.provenance = paper.provenance();
  gathered.urgent = is_marked(facts.of, cases::Mark::kImminentHarm);
  gathered.minor = facts.minor;
  gathered.automatic_allowed = is_automatic_allowed(facts, authority) && gathered.problems.empty();
  gathered.due_ms = facts.of.report_due_ms;
  return gathered;
}

}  // namespace tutela::reporting

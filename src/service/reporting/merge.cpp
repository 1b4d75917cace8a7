// What people may write, and what only facts say.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/json/serialize.hpp>

#include "service/reporting/gather.hpp"
#include "service/reporting/paper.hpp"
#include "service/reporting/sentences.hpp"

namespace tutela::reporting {

namespace json = boost::json;

namespace {

using Origins = std::map<std::string, cybertip::Origin>;

/// In a file's details. What is absent from the facts is absent from the document.
constexpr auto kFactsAlone = std::to_array<std::string_view>({"uploadedToEspTimestamp",
                                                              "fileViewedByEsp",
                                                              "exifViewedByEsp",
                                                              "publiclyAvailable",
                                                              "originalFileHash"});
constexpr std::string_view kInfo = "additionalInfo";
constexpr std::string_view kPrior = "priorCTReports";

json::array array_of(const json::object& in, std::string_view name) {
  const json::value* const value = in.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : json::array();
}

/// Sentences of the facts first, then what a person wrote.
void merge_info(const json::object& facts, json::object& file) {
  json::array info = array_of(facts, kInfo);
  for (const json::value& text : array_of(file, kInfo)) {
    const bool ours = text.is_string() && is_sentence(text.get_string());
    if (!ours) {
      info.push_back(text);
    }
  }
  if (info.empty()) {
    file.erase(kInfo);
  } else {
    file[kInfo] = std::move(info);
  }
}

void merge_file(const json::object& facts, json::object& file) {
  for (const std::string_view name : kFactsAlone) {
    if (const json::value* const value = facts.if_contains(name)) {
      file[name] = *value;
    } else {
      file.erase(name);
    }
  }
  merge_info(facts, file);
}

/// Which of the edited ones is this file: the one with its hashes that none before has taken, or
/// the one in its place that says no hashes.
std::optional<std::size_t> edited_of(const json::array& edited,
                                     const std::vector<bool>& taken,
                                     const json::object& facts,
                                     std::size_t place) {
  const json::array hashes = array_of(facts, "originalFileHash");
  for (std::size_t i = 0; i < edited.size(); ++i) {
    if (!taken[i] && !hashes.empty() &&
        array_of(edited[i].get_object(), "originalFileHash") == hashes) {
      return i;
    }
  }
  const bool bare = place < edited.size() && !taken[place] &&
                    array_of(edited[place].get_object(), "originalFileHash").empty();
  return bare ? std::optional(place) : std::nullopt;
}

json::array merged_files(const json::array& facts, const json::array& edited) {
  json::array files;
  std::vector<bool> taken(edited.size(), false);
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const json::object& known = facts[i].get_object();
    const auto found = edited_of(edited, taken, known, i);
    json::object file;
    if (found) {
      taken[*found] = true;
      file = edited[*found].get_object();
    } else {
      file = known;
    }
    merge_file(known, file);
    files.push_back(std::move(file));
  }
  return files;
}

/// Reports that the authority has of the account are all named; a person may name others.
void merge_prior(const json::value& facts, json::value& document) {
  const json::value* const known =
      find(facts, "report/personOrUserReported/0/" + std::string(kPrior));
  json::value* const people = document.at("report").as_object().if_contains("personOrUserReported");
  if (known == nullptr || !known->is_array() || people == nullptr || !people->is_array() ||
      people->get_array().empty() || !people->get_array()[0].is_object()) {
    return;
  }
  json::object& person = people->get_array()[0].get_object();
  json::array all = array_of(person, kPrior);
  for (const json::value& id : known->get_array()) {
    if (std::ranges::find(all, id) == all.end()) {
      all.push_back(id);
    }
  }
  person[kPrior] = std::move(all);
}

/// Where in the facts the like of this lies, so that its origin is that of the facts: the same
/// value at the same path, or the same element anywhere in the same array.
class Comparison {
 public:
  Comparison(const json::value& facts, const Origins& origins, std::string_view principal_id)
      : facts_(facts), origins_(origins), principal_id_(principal_id) {}

  std::vector<cybertip::Origin> of(const json::value& document) {
    compare(document, &facts_, "", "");
    return std::move(found_);
  }

 private:
  void compare(const json::value& value,
               const json::value* known,
               const std::string& path,
               const std::string& known_path) {
    const auto below = [](const std::string& at, std::string_view part) {
      return at.empty() ? std::string(part) : at + "/" + std::string(part);
    };
    if (const json::object* const group = value.if_object()) {
      for (const auto& member : *group) {
        const json::value* const like = known == nullptr ? nullptr : find(*known, member.key());
        compare(member.value(), like, below(path, member.key()), below(known_path, member.key()));
      }
    } else if (const json::array* const all = value.if_array()) {
      for (std::size_t i = 0; i < all->size(); ++i) {
        const std::size_t place = place_of((*all)[i], known, i);
        const std::string part = std::to_string(place);
        const json::value* const like = known == nullptr ? nullptr : find(*known, part);
        compare((*all)[i], like, below(path, std::to_string(i)), below(known_path, part));
      }
    } else {
      const cybertip::Origin* const origin =
          known != nullptr && *known == value ? origin_of(origins_, known_path) : nullptr;
      found_.push_back(origin != nullptr
                           ? cybertip::Origin{path, origin->source, origin->detail}
                           : cybertip::Origin{path, "person", std::string(principal_id_)});
    }
  }

  static std::size_t place_of(const json::value& element,
                              const json::value* known,
                              std::size_t place) {
    if (known == nullptr || !known->is_array()) {
      return place;
    }
    const json::array& all = known->get_array();
    if (place < all.size() && all[place] == element) {
      return place;
    }
    const auto found = std::ranges::find(all, element);
    return found == all.end() ? place : static_cast<std::size_t>(found - all.begin());
  }

  const json::value& facts_;
  const Origins& origins_;
  std::string_view principal_id_;
  std::vector<cybertip::Origin> found_;
};

constexpr std::string_view kPersonPath = "report/personOrUserReported/0";

/// The account, or nothing to look at.
const json::object& person_in(const json::value& document) {
  static const json::object kNone;
  const json::value* const person = find(document, kPersonPath);
  return person != nullptr && person->is_object() ? person->get_object() : kNone;
}

bool is_of_service(const Origins& origins, const json::value& element, const std::string& path) {
  bool all = true;
  for_each_leaf(element, path, [&](const std::string& leaf, const json::value&) {
    const cybertip::Origin* const origin = origin_of(origins, leaf);
    all = all && origin != nullptr && origin->source == "service";
  });
  return all;
}

/// Elements of the account as they are to be; nothing where one stays as it is.
void follow(const json::value& known,
            const Origins& known_origins,
            const Origins& origins,
            const std::vector<json::value>& earlier,
            json::object& person) {
  for (const auto& member : person_in(known)) {
    const std::string path = std::string(kPersonPath) + "/" + std::string(member.key());
    if (!is_of_service(known_origins, member.value(), path)) {
      continue;
    }
    const json::value* const present = person.if_contains(member.key());
    const bool seen = std::ranges::any_of(earlier, [&](const json::value& document) {
      return person_in(document).contains(member.key());
    });
    if (present != nullptr ? is_of_service(origins, *present, path) : !seen) {
      person[member.key()] = member.value();
    }
  }
  std::vector<std::string> gone;
  for (const auto& member : person) {
    const std::string path = std::string(kPersonPath) + "/" + std::string(member.key());
    if (!person_in(known).contains(member.key()) && is_of_service(origins, member.value(), path)) {
      gone.emplace_back(member.key());
    }
  }
  for (const std::string& name : gone) {
    person.erase(name);
  }
}

}  // namespace

Result<std::string> follow_service(const Gathered& facts,
                                   const Merged& last,
                                   const std::vector<std::string>& earlier) {
  TUTELA_TRY_ASSIGN(json::value document, read_document(last.body));
  TUTELA_TRY_ASSIGN(const json::value known, read_document(facts.body));
  TUTELA_TRY_ASSIGN(const Origins known_origins, read_origins(facts.provenance));
  TUTELA_TRY_ASSIGN(const Origins origins, read_origins(last.provenance));
  std::vector<json::value> documents;
  for (const std::string& body : earlier) {
    TUTELA_TRY_ASSIGN(json::value each, read_document(body));
    documents.push_back(std::move(each));
  }
  // Where people took the account out altogether, or there never was one, it is theirs to say.
  if (json::value* const people =
          document.at("report").as_object().if_contains("personOrUserReported");
      people != nullptr && people->is_array() && !people->get_array().empty() &&
      people->get_array()[0].is_object()) {
    follow(known, known_origins, origins, documents, people->get_array()[0].get_object());
  }
  return json::serialize(document);
}

Result<Merged> merge(const Gathered& facts,
                     std::string_view edited,
                     std::string_view principal_id) {
  TUTELA_TRY_ASSIGN(json::value document, read_document(edited));
  TUTELA_TRY_ASSIGN(const json::value known, read_document(facts.body));
  TUTELA_TRY_ASSIGN(const Origins origins, read_origins(facts.provenance));
  json::object& whole = document.as_object();
  whole["files"] = merged_files(known.at("files").as_array(), whole["files"].get_array());
  merge_prior(known, document);
  Merged merged;
  merged.body = json::serialize(document);
  merged.provenance = to_json(Comparison(known, origins, principal_id).of(document));
  return merged;
}

}  // namespace tutela::reporting

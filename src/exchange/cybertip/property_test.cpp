#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "exchange/cybertip/describe.hpp"
#include "exchange/cybertip/document_fixture.hpp"
#include "exchange/cybertip/random_fixture.hpp"

namespace tutela::cybertip {
namespace {

namespace json = boost::json;

constexpr int kReportsWanted = 2500;
/// So many are drawn at most until all fields and a large document have been seen.
constexpr int kReportsMost = 10 * kReportsWanted;
constexpr std::size_t kLargeDocument = 30'000;

std::uint64_t seed() {
  const char* given = std::getenv("TUTELA_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

/// What a document or its XML says: names and texts in order, attributes as "@name".
using Sayings = std::vector<std::pair<std::string, std::string>>;

/// One place of a document that says something.
struct Place {
  std::string path;
  Field field;
  json::value* value;
  json::object* holder;
};

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

/// All leaves of a document, in the order of the schema.
void collect(const Group& group,
             json::value& value,
             const std::string& path,
             std::vector<Place>& to) {
  json::object& object = value.as_object();
  for (const Field& field : group.fields) {
    json::value* inner = object.if_contains(field.name);
    if (inner == nullptr) {
      continue;
    }
    const std::string inner_path = path_to(path, field.name);
    const auto enter = [&](json::value& each, const std::string& each_path) {
      if (field.group != nullptr) {
        collect(*field.group, each, each_path, to);
      } else {
        to.push_back({each_path, field, &each, &object});
      }
    };
    if (field.most == 1) {
      enter(*inner, inner_path);
      continue;
    }
    for (std::size_t i = 0; i < inner->as_array().size(); ++i) {
      enter(inner->as_array()[i], path_to(inner_path, i));
    }
  }
}

/// The paths of all leaves that there are, without numbers.
void name_leaves(const Group& group, const std::string& path, std::set<std::string>& to) {
  for (const Field& field : group.fields) {
    if (field.group != nullptr) {
      name_leaves(*field.group, path_to(path, field.name), to);
    } else {
      to.insert(path_to(path, field.name));
    }
  }
}

std::string without_numbers(const std::string& path) {
  std::string names;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part.empty() || part.find_first_not_of("0123456789") != std::string::npos) {
      names += (begin == 0 ? "" : "/") + part;
    }
    begin = end + 1;
  }
  return names;
}

/// What the XML of a part says, as a parser of XML reads it.
void read_xml(const xmlNode* node, Sayings& to) {
  const auto text = [](const xmlChar* from) {
    return std::string(reinterpret_cast<const char*>(from));
  };
  const std::string name = text(node->name);
  for (const xmlAttr* each = node->properties; each != nullptr; each = each->next) {
    to.emplace_back("@" + text(each->name),
                    each->children == nullptr ? "" : text(each->children->content));
  }
  bool elements = false;
  for (const xmlNode* each = node->children; each != nullptr; each = each->next) {
    if (each->type == XML_ELEMENT_NODE) {
      elements = true;
      read_xml(each, to);
    }
  }
  if (!elements) {
    xmlChar* content = xmlNodeGetContent(node);
    to.emplace_back(name, text(content));
    xmlFree(content);
  }
}

Sayings sayings_of_xml(const std::string& xml) {
  Sayings sayings;
  xmlDoc* doc = xmlReadMemory(
      xml.data(), static_cast<int>(xml.size()), "report.xml", nullptr, XML_PARSE_NONET);
  EXPECT_NE(doc, nullptr);
  if (doc != nullptr) {
    read_xml(xmlDocGetRootElement(doc), sayings);
    xmlFreeDoc(doc);
  }
  std::erase_if(sayings, [](const auto& each) {
    return each.second.empty() || each.first == "reportId" || each.first == "fileId";
  });
  return sayings;
}

/// The same of the document's part at `prefix`. Marks have no text in XML.
Sayings sayings_of_document(const std::vector<Place>& places, const std::string& prefix) {
  Sayings sayings;
  for (const Place& each : places) {
    if (!each.path.starts_with(prefix) || each.field.leaf.kind == Kind::kMark) {
      continue;
    }
    std::string path = each.path;
    if (path.ends_with("/#text")) {
      path.resize(path.size() - 6);
    }
    const std::size_t last = path.find_last_not_of("0123456789");
    if (path[last] == '/' && last + 1 < path.size()) {
      path.resize(last);
    }
    const std::string name = path.substr(path.rfind('/') + 1);
    std::string text = text_of(*each.value);
    if (each.field.leaf.kind == Kind::kDecimal) {
      text = (name == "latitude") ? Latitude::make(each.value->as_double())->text()
                                  : Longitude::make(each.value->as_double())->text();
    }
    sayings.emplace_back(name, text);
  }
  return sayings;
}

class CybertipProperty : public ::testing::Test {
 protected:
  CybertipProperty() : seed_(seed()), random_(seed_) {
    std::cerr << "TUTELA_SEED=" << seed_ << "\n";
  }

  /// A random valid document that is not too large.
  std::string document() {
    while (true) {
      std::string text = write_json(random_.make(kNow));
      if (text.size() <= kDocumentBytesMax) {
        return text;
      }
    }
  }

  std::uint64_t seed_;
  RandomSubmission random_;
};

TEST_F(CybertipProperty, EveryValidDocumentGivesXmlThatTheSchemaTakes) {
  std::set<std::string> all;
  name_leaves(description(), "", all);
  std::set<std::string> seen;
  std::size_t largest = 0;
  const auto seen_enough = [&] {
    return largest > kLargeDocument && seen.size() * 100 > all.size() * 98;
  };
  for (int i = 0; i < kReportsWanted || (!seen_enough() && i < kReportsMost); ++i) {
    const std::string text = document();
    const Verdict verdict = check(text, kNow);
    ASSERT_TRUE(verdict.checked.has_value()) << text << listed(verdict.problems);
    ASSERT_TRUE(check_xml(verdict.checked->report_xml()).empty()) << text;
    json::value value = json::parse(text);
    std::vector<Place> places;
    collect(description(), value, "", places);
    ASSERT_EQ(sayings_of_xml(verdict.checked->report_xml()), sayings_of_document(places, "report/"))
        << text;
    for (std::size_t file = 0; file < verdict.checked->files(); ++file) {
      const std::string xml = verdict.checked->file_xml(file, 4564654, "b0754af766b426f2928a");
      ASSERT_TRUE(check_xml(xml).empty()) << xml;
      ASSERT_EQ(sayings_of_xml(xml),
                sayings_of_document(places, "files/" + std::to_string(file) + "/"))
          << text;
    }
    for (const Place& each : places) {
      seen.insert(without_numbers(each.path));
    }
    largest = std::max(largest, text.size());
  }
  EXPECT_GT(largest, kLargeDocument);
  EXPECT_GT(seen.size() * 100, all.size() * 98) << "of all fields, that were said";
  EXPECT_TRUE(std::ranges::includes(all, seen));
}

TEST_F(CybertipProperty, ADocumentReadAndWrittenIsTheSame) {
  for (int i = 0; i < 500; ++i) {
    const std::string text = document();
    const Reading reading = read(text);
    ASSERT_TRUE(reading.problems.empty()) << text << listed(reading.problems);
    ASSERT_EQ(write_json(reading.submission), text);
    ASSERT_TRUE(changes(text, text)->empty());
  }
}

/// One damaged leaf: another kind of JSON, blank, too long, or with a control character.
void damage(const Place& place, RandomSubmission& random) {
  json::value& value = *place.value;
  const LeafInfo& leaf = place.field.leaf;
  const bool text = value.is_string();
  switch (random.number(0, 4)) {
    case 0:
      value = text ? json::value(" \t\n") : json::value("1");
      break;
    case 1:
      value = leaf.length_max > 0 ? json::value(std::string(leaf.length_max + 1, '7'))
                                  : json::value("a\x01");
      break;
    case 2:
      value = text ? json::value("7\x0B") : json::value(json::array());
      break;
    case 3:
      value = nullptr;
      break;
    default:
      value = json::object();
  }
}

TEST_F(CybertipProperty, EveryDamagedFieldIsNamedByItsPath) {
  for (int i = 0; i < 500; ++i) {
    json::value value = json::parse(document());
    std::vector<Place> places;
    collect(description(), value, "", places);
    const Place place = places[random_.number(0, places.size() - 1)];
    damage(place, random_);
    const Verdict verdict = check(json::serialize(value), kNow);
    EXPECT_FALSE(verdict.checked.has_value()) << place.path;
    EXPECT_TRUE(std::ranges::any_of(verdict.problems,
                                    [&](const Problem& each) { return each.path == place.path; }))
        << place.path << " of " << json::serialize(value) << listed(verdict.problems);
  }
}

TEST_F(CybertipProperty, EveryRequiredFieldThatIsGoneIsNamedByItsPath) {
  int gone = 0;
  for (int i = 0; i < 500; ++i) {
    json::value value = json::parse(document());
    std::vector<Place> places;
    collect(description(), value, "", places);
    std::erase_if(places,
                  [](const Place& each) { return each.field.least == 0 || each.field.most > 1; });
    const Place place = places[random_.number(0, places.size() - 1)];
    place.holder->erase(place.field.name);
    const Verdict verdict = check(json::serialize(value), kNow);
    EXPECT_FALSE(verdict.checked.has_value());
    EXPECT_TRUE(std::ranges::any_of(
        verdict.problems,
        [&](const Problem& each) { return each.path == place.path && each.code == "missing"; }))
        << place.path << listed(verdict.problems);
    ++gone;
  }
  EXPECT_EQ(gone, 500);
}

}  // namespace
}  // namespace tutela::cybertip

#include "exchange/cybertip/describe.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

namespace tutela::cybertip {
namespace {

using Lines = std::vector<std::string>;

std::string attribute(const xmlNode* node, const char* name) {
  xmlChar* value = xmlGetProp(node, reinterpret_cast<const xmlChar*>(name));
  const std::string text = value == nullptr ? "" : reinterpret_cast<const char*>(value);
  xmlFree(value);
  return text;
}

std::string tag(const xmlNode* node) {
  return reinterpret_cast<const char*>(node->name);
}

template <class Visit>
void each_element(const xmlNode* node, Visit visit) {
  for (const xmlNode* each = node->children; each != nullptr; each = each->next) {
    if (each->type == XML_ELEMENT_NODE) {
      visit(each);
    }
  }
}

/// What the schema says of one type: its attributes and elements with how often they may stand.
struct Outline {
  Lines lines;
  std::vector<const xmlNode*> members;  // one a line
  Lines words;                          // of a simple type
};

/// The schema, as the model would have to describe it.
class Schema {
 public:
  Schema()
      : doc_(xmlReadFile(TUTELA_SOURCE_DIR "/src/exchange/cybertip/cybertipline.xsd",
                         nullptr,
                         XML_PARSE_NONET),
             &xmlFreeDoc) {}

  [[nodiscard]] const xmlNode* root() const { return xmlDocGetRootElement(doc_.get()); }

  /// The definition of an element that stands at the top.
  [[nodiscard]] const xmlNode* find(std::string_view kind, std::string_view name) const {
    const xmlNode* found = nullptr;
    each_element(root(), [&](const xmlNode* each) {
      if (tag(each) == kind && attribute(each, "name") == name) {
        found = each;
      }
    });
    return found;
  }

  /// What an <element> or <attribute> may hold.
  [[nodiscard]] Outline outline(const xmlNode* member) const {
    Outline outline;
    const std::string ref = attribute(member, "ref");
    const xmlNode* definition = ref.empty() ? member : find("element", ref);
    const std::string type = attribute(definition, "type");
    if (!type.starts_with("xs:")) {
      const xmlNode* named = type.empty() ? definition : find("complexType", type);
      gather(named != nullptr ? named : find("simpleType", type), false, outline);
    }
    return outline;
  }

 private:
  void gather(const xmlNode* node, bool in_choice, Outline& to) const {
    each_element(node, [&](const xmlNode* each) {
      const std::string kind = tag(each);
      if (kind == "element") {
        const bool optional = in_choice || attribute(each, "minOccurs") == "0";
        const bool many = attribute(each, "maxOccurs") == "unbounded";
        add(attribute(each, "name") + attribute(each, "ref"), !optional, many, each, to);
      } else if (kind == "attribute") {
        add("@" + attribute(each, "name"), attribute(each, "use") == "required", false, each, to);
      } else if (kind == "enumeration") {
        to.words.push_back(attribute(each, "value"));
      } else if (kind != "annotation") {
        gather(each, in_choice || kind == "choice", to);
      }
    });
  }

  static void add(
      const std::string& name, bool required, bool many, const xmlNode* member, Outline& to) {
    to.lines.push_back(name + (required ? " 1.." : " 0..") + (many ? "n" : "1"));
    to.members.push_back(member);
  }

  std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> doc_;
};

/// What the documentation asks for beyond the schema, as paths of the model.
const std::set<std::string> kStricter = {"intendedRecipient/additionalInfo 0..1",
                                         "estimatedLocation/countryCode 1..1"};

/// Elements first, as the schema writes them; attributes after them.
std::vector<const Field*> in_the_schemas_order(const Group& group) {
  std::vector<const Field*> fields;
  for (const bool attributes : {false, true}) {
    for (const Field& each : group.fields) {
      if (each.name != "#text" && each.name.starts_with('@') == attributes) {
        fields.push_back(&each);
      }
    }
  }
  return fields;
}

class Comparison {
 public:
  void compare(const xmlNode* member, const Group& group) {
    if (!compared_.insert(group.name).second) {
      return;
    }
    const Outline outline = schema.outline(member);
    const std::vector<const Field*> fields = in_the_schemas_order(group);
    std::size_t at = 0;
    for (std::size_t i = 0; i < outline.lines.size(); ++i) {
      if (outline.lines[i] == "reportId 1..1" || outline.lines[i] == "fileId 1..1") {
        continue;  // the service's own
      }
      ASSERT_LT(at, fields.size()) << group.name << " lacks " << outline.lines[i];
      const Field& field = *fields[at++];
      const std::string line = std::string(field.name) + (field.least > 0 ? " 1.." : " 0..") +
                               (field.most > 1 ? "n" : "1");
      if (!kStricter.contains(std::string(group.name) + "/" + line)) {
        EXPECT_EQ(line, outline.lines[i]) << group.name;
      }
      enter(outline.members[i], field, std::string(group.name));
    }
    EXPECT_EQ(at, fields.size()) << group.name << " has too many";
  }

  [[nodiscard]] std::size_t compared() const { return compared_.size(); }

  Schema schema;

 private:
  void enter(const xmlNode* member, const Field& field, const std::string& where) {
    if (field.group != nullptr) {
      compare(member, *field.group);
      return;
    }
    const Outline inner = schema.outline(member);
    EXPECT_TRUE(inner.lines.empty()) << where << "/" << field.name << " holds more than text";
    Lines words = inner.words;
    if (field.leaf.words_name == "country" || field.leaf.words_name == "state") {
      std::erase_if(words, [](const std::string& word) { return kNoPlaces.contains(word); });
    }
    EXPECT_TRUE(std::ranges::is_permutation(words, field.leaf.words))
        << where << "/" << field.name << " has other words";
  }

  static inline const std::set<std::string> kNoPlaces = {
      "", "A1", "A2", "AN", "AP", "EU", "FX", "O1"};
  std::set<std::string_view> compared_;
};

TEST(CybertipDescription, IsTheSchemaInEveryElementAttributeOrderAndWord) {
  Comparison comparison;
  ASSERT_NE(comparison.schema.root(), nullptr);
  for (const Field& each : description().fields) {
    comparison.compare(
        comparison.schema.find("element", each.name == "files" ? "fileDetails" : "report"),
        *each.group);
  }
  EXPECT_EQ(comparison.compared(), 36U);
}

}  // namespace
}  // namespace tutela::cybertip

#include "exchange/cybertip/schema.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>

#include "base/mutex.hpp"
#include "exchange/cybertip/schema_text.hpp"
#include "exchange/cybertip/xml_guard.hpp"

namespace tutela::cybertip {
namespace {

constexpr XmlLimits kLimits = {.bytes = kXmlBytesMax, .depth = 32, .elements = 100'000};
constexpr std::size_t kWordsMax = 900;  // of a message's list of words

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* pointer) const noexcept {
    kFree(pointer);
  }
};

using Doc = std::unique_ptr<xmlDoc, Freed<xmlFreeDoc>>;
using Schema = std::unique_ptr<xmlSchema, Freed<xmlSchemaFree>>;
using SchemaParser = std::unique_ptr<xmlSchemaParserCtxt, Freed<xmlSchemaFreeParserCtxt>>;
using Validation = std::unique_ptr<xmlSchemaValidCtxt, Freed<xmlSchemaFreeValidCtxt>>;

std::string_view text_of(const xmlChar* text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libxml2's char is unsigned.
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

bool same_name(const xmlNode* a, const xmlNode* b) {
  return b->type == XML_ELEMENT_NODE && text_of(a->name) == text_of(b->name);
}

/// "/1" where the element has siblings of its name.
std::string number_of(const xmlNode* node) {
  std::size_t before = 0;
  bool several = false;
  for (const xmlNode* each = node->prev; each != nullptr; each = each->prev) {
    before += same_name(node, each) ? 1U : 0U;
  }
  for (const xmlNode* each = node->next; each != nullptr; each = each->next) {
    several = several || same_name(node, each);
  }
  return before > 0 || several ? "/" + std::to_string(before) : std::string();
}

std::string path_of(const xmlNode* node) {
  std::string path;
  for (; node != nullptr && node->type == XML_ELEMENT_NODE; node = node->parent) {
    std::string part = std::string(text_of(node->name)) + number_of(node);
    path = path.empty() ? std::move(part) : std::move(part) + "/" + path;
  }
  return path;
}

std::string parent_name(const xmlNode* node) {
  const xmlNode* parent = node->parent;
  return parent != nullptr && parent->type == XML_ELEMENT_NODE ? std::string(text_of(parent->name))
                                                               : std::string("the document");
}

/// What stands between the last `open` and the last `close` of libxml2's message: words of the
/// schema. Values stand before them.
std::string_view words_between(std::string_view message,
                               std::string_view open,
                               std::string_view close) {
  const std::size_t begin = message.rfind(open);
  const std::size_t end = message.rfind(close);
  if (begin == std::string_view::npos || end == std::string_view::npos ||
      end < begin + open.size()) {
    return {};
  }
  return message.substr(begin + open.size(), end - begin - open.size());
}

/// The attribute that a message is about: "Element 'a', attribute 'b': ..." or
/// "Element 'a': The attribute 'b' is ...". Names hold no quotes.
std::string attribute_of(std::string_view message) {
  constexpr std::string_view kElement = "Element '";
  const std::size_t quote = message.find('\'', kElement.size());
  if (!message.starts_with(kElement) || quote == std::string_view::npos) {
    return {};
  }
  std::string_view rest = message.substr(quote + 1);
  for (const std::string_view mark : {", attribute '", ": The attribute '"}) {
    if (rest.starts_with(mark)) {
      rest.remove_prefix(mark.size());
      return std::string(rest.substr(0, rest.find('\'')));
    }
  }
  return {};
}

/// The last of "a, b, c": in a sequence the optional elements stand before the one that is missing.
std::string_view last_of(std::string_view words) {
  const std::size_t comma = words.rfind(", ");
  return comma == std::string_view::npos ? words : words.substr(comma + 2);
}

/// Elements that stand where they may not, and elements that are not there.
Problem content_problem(const xmlNode* node, std::string_view message) {
  const std::string name(text_of(node->name));
  const std::string_view expected = words_between(message, "( ", " )");
  if (message.find("': Missing child element(s).") != std::string_view::npos) {
    if (name == "internetDetails") {
      return {path_of(node),
              "schema",
              name + " says nothing: it needs one of " + std::string(expected) + "."};
    }
    const std::string missing(last_of(expected));
    return {path_of(node) + "/" + missing,
            "schema",
            "The element " + missing + " is missing in " + name + "."};
  }
  std::string text = "The element " + name + " may not stand at this place in " + parent_name(node);
  text += expected.empty() ? ": it is unknown there, or there are too many of it."
                           : ". Expected here: " + std::string(expected) + ".";
  return {path_of(node), "schema", std::move(text)};
}

/// A value that the schema does not take. The message says what it takes, never the value.
Problem value_problem(int code, const xmlNode* node, std::string_view message) {
  const std::string attribute = attribute_of(message);
  const std::string name(text_of(node->name));
  const std::string what = attribute.empty()
                               ? "The value of " + name + " in " + parent_name(node)
                               : "The value of the attribute " + attribute + " of " + name;
  std::string path = path_of(node) + (attribute.empty() ? "" : "/@" + attribute);
  std::string rule;
  if (code == XML_SCHEMAV_CVC_ENUMERATION_VALID) {
    const std::string_view words = words_between(message, "set {", "}");
    rule = " is not one of the words that the schema knows";
    rule += words.empty() || words.size() > kWordsMax ? "." : ": " + std::string(words) + ".";
  } else if (code == XML_SCHEMAV_CVC_PATTERN_VALID) {
    rule = " does not have the form " + std::string(words_between(message, "pattern '", "'")) + ".";
  } else {
    std::string_view type = words_between(message, "type '", "'");
    type = type.starts_with("xs:") ? type.substr(3) : type;
    rule = type.empty() || type.size() > 40 ? " is not what the schema asks for."
                                            : " is not of the kind " + std::string(type) + ".";
  }
  return {std::move(path), "schema", what + rule};
}

Problem problem_of(const xmlError& error, const xmlNode* node) {
  const std::string_view message = error.message == nullptr ? "" : error.message;
  const std::string name(text_of(node->name));
  const std::string attribute = attribute_of(message);
  switch (error.code) {
    case XML_SCHEMAV_ELEMENT_CONTENT:
      return content_problem(node, message);
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_4:
      return {path_of(node) + "/@" + attribute,
              "schema",
              "The attribute " + attribute + " is missing at " + name + "."};
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2:
      return {path_of(node) + "/@" + attribute,
              "schema",
              "The attribute " + attribute + " is not allowed at " + name + "."};
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3:
      return {path_of(node),
              "schema",
              name + " holds text between its elements, where none is allowed."};
    case XML_SCHEMAV_CVC_ELT_5_2_2_2_2:
    case XML_SCHEMAV_CVC_ELT_5_2_2_2_1:
      return {path_of(node),
              "schema",
              name + " in " + parent_name(node) +
                  " may only be true; leave it out where it does not hold."};
    default:
      return value_problem(error.code, node, message);
  }
}

void collect(void* data, xmlErrorPtr error) {
  auto& problems = *static_cast<std::vector<Problem>*>(data);
  if (problems.size() >= kProblemsMax) {
    return;
  }
  const auto* node = error == nullptr ? nullptr : static_cast<const xmlNode*>(error->node);
  // An attribute's node leads to its element.
  node = node != nullptr && node->type == XML_ATTRIBUTE_NODE ? node->parent : node;
  Problem problem = node == nullptr || node->type != XML_ELEMENT_NODE
                        ? Problem{"", "schema", "The XML is not what the schema asks for."}
                        : problem_of(*error, node);
  // libxml2 says of a value that it breaks a rule, and then again that it is not of its type.
  if (problems.empty() || problems.back().path != problem.path) {
    problems.push_back(std::move(problem));
  }
}

void ignore(void* /*data*/, xmlErrorPtr /*error*/) {}

Schema load_schema() {
  xmlInitParser();
  const std::string_view text = schema_text();
  const SchemaParser parser(xmlSchemaNewMemParserCtxt(text.data(), static_cast<int>(text.size())));
  if (parser == nullptr) {
    return nullptr;
  }
  xmlSchemaSetParserStructuredErrors(parser.get(), ignore, nullptr);
  return Schema(xmlSchemaParse(parser.get()));
}

class Validator {
 public:
  std::vector<Problem> validate(xmlDoc& document) {
    std::vector<Problem> problems;
    const MutexLock lock(mutex_);
    const Validation validation(schema_ == nullptr ? nullptr
                                                   : xmlSchemaNewValidCtxt(schema_.get()));
    if (validation == nullptr) {
      return {{"", "schema", "The schema could not be read: this is a fault of the program."}};
    }
    xmlSchemaSetValidStructuredErrors(validation.get(), collect, &problems);
    const int result = xmlSchemaValidateDoc(validation.get(), &document);
    if (result != 0 && problems.empty()) {
      problems.push_back({"", "schema", "The XML is not what the schema asks for."});
    }
    return problems;
  }

 private:
  Mutex mutex_;
  const Schema schema_ = load_schema();
};

Validator& validator() {
  static Validator one;
  return one;
}

}  // namespace

std::vector<Problem> schema_problems(std::string_view xml) {
  if (const Status guarded = read_xml(as_bytes(xml), kLimits, {}); !guarded) {
    return {{"", "schema", guarded.error().message}};
  }
  Validator& one = validator();
  const Doc document(xmlReadMemory(xml.data(),
                                   static_cast<int>(xml.size()),
                                   nullptr,
                                   "UTF-8",
                                   XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  const xmlNode* const root = document == nullptr ? nullptr : xmlDocGetRootElement(document.get());
  if (root == nullptr) {
    return {{"", "schema", "The XML could not be read."}};
  }
  if (const auto name = text_of(root->name); name != "report" && name != "fileDetails") {
    return {{"", "schema", "This is neither a <report> nor the <fileDetails> of a file."}};
  }
  return one.validate(*document);
}

std::vector<Problem> check_xml(std::string_view xml) {
  return schema_problems(xml);
}

}  // namespace tutela::cybertip

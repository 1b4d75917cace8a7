#include "exchange/cybertip/xml.hpp"

#include "exchange/cybertip/visit.hpp"

namespace tutela::cybertip {
namespace {

/// A parser makes one line feed of a carriage return, and a blank of a tab or line feed in an
/// attribute; as character references they stay what they are (XML 1.0, 2.11 and 3.3.3).
void append_escaped(std::string& out, std::string_view text, bool in_attribute) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\r':
        out += "&#13;";
        break;
      case '"':
        out += in_attribute ? "&quot;" : "\"";
        break;
      case '\t':
        out += in_attribute ? "&#9;" : "\t";
        break;
      case '\n':
        out += in_attribute ? "&#10;" : "\n";
        break;
      default:
        out += c;
    }
  }
}

bool is_attribute(std::string_view name) {
  return name.starts_with('@');
}

void close(std::string& out, std::string_view name, std::string_view content) {
  if (content.empty()) {
    out += "/>";
    return;
  }
  out += '>';
  out += content;
  out += "</";
  out += name;
  out += '>';
}

class Attributes {
 public:
  explicit Attributes(std::string& out) : out_(out) {}

  template <class Member>
  void operator()(std::string_view name, const Member& member, std::string_view /*help*/) {
    using Value = typename Cardinality<Member>::Value;
    if constexpr (!Cardinality<Member>::kMany && !Structure<Value> && !Choice<Value>) {
      if (is_attribute(name) && member) {
        out_ += ' ';
        out_ += name.substr(1);
        out_ += "=\"";
        append_escaped(out_, leaf_text(*member), true);
        out_ += '"';
      }
    }
  }

 private:
  std::string& out_;
};

class Content {
 public:
  explicit Content(std::string& out) : out_(out) {}

  template <class Member>
  void operator()(std::string_view name, const Member& member, std::string_view /*help*/) {
    if (is_attribute(name)) {
      return;
    }
    if constexpr (Cardinality<Member>::kMany) {
      for (const auto& each : member) {
        append(name, each);
      }
    } else if (member) {
      append(name, *member);
    }
  }

  template <class T>
  void append(std::string_view name, const T& value) {
    if (name == "#text") {
      append_text(value);
      return;
    }
    out_ += '<';
    out_ += name;
    std::string inner;
    Content content(inner);
    if constexpr (Structure<T>) {
      Attributes attributes(out_);
      T::fields(value, attributes);
      T::fields(value, content);
    } else if constexpr (Choice<T>) {
      std::visit([&]<class Chosen>(const Chosen& chosen) { content.append(Chosen::kName, chosen); },
                 value);
    } else {
      content.append_text(value);
    }
    close(out_, name, inner);
  }

  template <class T>
  void append_text(const T& value) {
    if constexpr (!Structure<T> && !Choice<T>) {
      append_escaped(out_, leaf_text(value), false);
    }
  }

 private:
  std::string& out_;
};

}  // namespace

std::string report_to_xml(const Report& report) {
  std::string xml(kXmlDeclaration);
  Content(xml).append(Report::kName, report);
  return xml;
}

std::string file_details_to_xml(const FileDetails& details) {
  std::string xml;
  Content content(xml);
  FileDetails::fields(details, content);
  return xml;
}

std::string escaped(std::string_view text) {
  std::string xml;
  append_escaped(xml, text, false);
  return xml;
}

}  // namespace tutela::cybertip

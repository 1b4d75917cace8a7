#include "service/mime/html.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <memory>
#include <span>

#include <libxml/HTMLparser.h>
#include <libxml/tree.h>

namespace tutela::mime {

namespace {

constexpr auto kHidden = std::to_array<std::string_view>(
    {"script", "style", "head", "template", "object", "iframe", "svg", "math"});
constexpr auto kBlocks = std::to_array<std::string_view>(
    {"p",  "div", "br", "tr", "li", "ul", "ol", "table", "h1",   "h2",      "h3",
     "h4", "h5",  "h6", "hr", "dl", "dt", "dd", "pre",   "form", "section", "blockquote"});

std::string_view view_of(const xmlChar* text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): xmlChar is a byte of UTF-8.
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

bool is_one_of(const xmlNode* node, std::span<const std::string_view> names) {
  return node->type == XML_ELEMENT_NODE &&
         std::ranges::find(names, view_of(node->name)) != names.end();
}

/// The address that an "a" leads to, where it is one of the web.
std::string link_of(const xmlNode* node) {
  for (const xmlAttr* each = node->properties; each != nullptr; each = each->next) {
    if (view_of(each->name) == "href" && each->children != nullptr) {
      const std::string_view to = view_of(each->children->content);
      return to.starts_with("http://") || to.starts_with("https://") ? std::string(to) : "";
    }
  }
  return {};
}

class Text {
 public:
  explicit Text(std::size_t size_bytes_max) : size_max_(size_bytes_max) {}

  void words(std::string_view text) {
    for (const char c : text) {
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
      if (blank) {
        blank_ = true;
      } else {
        separate();
        text_ += c;
      }
    }
  }

  void new_line() {
    if (!text_.empty() && !text_.ends_with("\n\n")) {
      text_ += '\n';
    }
    blank_ = false;
  }

  void link(const std::string& to) {
    if (!to.empty() && !text_.ends_with(to)) {
      words(" <" + to + ">");
    }
  }

  [[nodiscard]] bool full() const { return text_.size() >= size_max_; }

  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  void separate() {
    if (blank_ && !text_.empty() && !text_.ends_with('\n')) {
      text_ += ' ';
    }
    blank_ = false;
  }

  std::size_t size_max_;
  std::string text_;
  bool blank_ = false;
};

void leave(const xmlNode* node, Text& out) {
  if (is_one_of(node, kBlocks)) {
    out.new_line();
  } else if (node->type == XML_ELEMENT_NODE && view_of(node->name) == "a") {
    out.link(link_of(node));
  }
}

/// Without recursion: the tree is as deep as the message says.
void walk(const xmlNode* root, Text& out) {
  const xmlNode* node = root;
  while (node != nullptr && !out.full()) {
    const bool shown = !is_one_of(node, kHidden);
    if (shown && is_one_of(node, kBlocks) && view_of(node->name) != "br") {
      out.new_line();
    }
    if (node->type == XML_TEXT_NODE) {
      out.words(view_of(node->content));
    }
    if (shown && node->type == XML_ELEMENT_NODE && node->children != nullptr) {
      node = node->children;
      continue;
    }
    leave(node, out);
    while (node != root && node->next == nullptr) {
      node = node->parent;
      leave(node, out);
    }
    node = node == root ? nullptr : node->next;
  }
}

}  // namespace

std::string html_to_text(std::string_view html, std::size_t size_bytes_max) {
  constexpr int kOptions = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                           HTML_PARSE_NONET | HTML_PARSE_COMPACT;
  const auto size = static_cast<int>(std::min<std::size_t>(html.size(), INT_MAX));
  const std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document(
      ::htmlReadMemory(html.data(), size, nullptr, "UTF-8", kOptions), &xmlFreeDoc);
  Text text(size_bytes_max);
  if (document) {
    walk(::xmlDocGetRootElement(document.get()), text);
  }
  return std::move(text).take();
}

}  // namespace tutela::mime

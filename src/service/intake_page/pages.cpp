#include "service/intake_page/pages.hpp"

#include <array>
#include <utility>

#include <ctemplate/template.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>

#include "service/intake_page/files.hpp"
#include "service/intake_page/language.hpp"

namespace tutela::intake_page {

namespace {

constexpr std::string_view kPragma = R"({{%AUTOESCAPE context="HTML"}})";
constexpr int kDepthMax = 4;
constexpr auto kPages = std::to_array<std::string_view>({"follow",
                                                         "guidance",
                                                         "help",
                                                         "law",
                                                         "message",
                                                         "promises",
                                                         "report",
                                                         "research",
                                                         "sent",
                                                         "state",
                                                         "text"});

Error bad(std::string_view name, std::string_view what) {
  return {ErrorKind::kInternal,
          "page.bad_template",
          "the template " + std::string(name) + " " + std::string(what)};
}

/// A text of the catalogue as HTML; "{name}" in it becomes a value of the template.
std::string as_html(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '{':
        html += "{{";
        break;
      case '}':
        html += "}}";
        break;
      default:
        html += c;
    }
  }
  // Names of values are in capitals.
  for (std::size_t at = html.find("{{"); at != std::string::npos; at = html.find("{{", at + 2)) {
    for (std::size_t i = at + 2; i < html.size() && html[i] != '}'; ++i) {
      html[i] =
          html[i] >= 'a' && html[i] <= 'z' ? static_cast<char>(html[i] - ('a' - 'A')) : html[i];
    }
  }
  return html;
}

/// "[[>part]]" becomes the part, "[[>body]]" the page, and "[[key]]" the text.
Result<std::string> compose(std::string_view name,
                            std::string_view body,
                            const Catalogue::Texts& texts,
                            int depth) {
  std::string_view rest = bytes_of("templates/" + std::string(name) + ".html");
  if (rest.empty() || depth > kDepthMax) {
    return bad(name, "is not there");
  }
  std::string whole;
  for (std::size_t at = rest.find("[["); at != std::string_view::npos; at = rest.find("[[")) {
    whole += rest.substr(0, at);
    const std::size_t end = rest.find("]]", at);
    if (end == std::string_view::npos) {
      return bad(name, "has a [[ without its end");
    }
    const std::string_view key = rest.substr(at + 2, end - at - 2);
    rest.remove_prefix(end + 2);
    if (key.starts_with('>')) {
      const std::string_view part = key.substr(1) == "body" ? body : key.substr(1);
      TUTELA_TRY_ASSIGN(const std::string inner, compose(part, "", texts, depth + 1));
      whole += inner;
      continue;
    }
    const auto found = texts.find(key);
    if (found == texts.end()) {
      return bad(name, "names the text " + std::string(key) + ", which no catalogue has");
    }
    whole += as_html(found->second);
  }
  whole += rest;
  return whole;
}

void fill(const View& view, ctemplate::TemplateDictionary& dictionary) {
  for (const auto& [name, value] : view.values) {
    dictionary.SetValue(name, value);
  }
  for (const auto& [name, shown] : view.sections) {
    for (const View& one : shown) {
      fill(one, *dictionary.AddSectionDictionary(name));
    }
  }
}

std::string key_of(std::string_view language, std::string_view page) {
  return std::string(language) + "/" + std::string(page);
}

}  // namespace

struct Pages::State {
  ctemplate::TemplateCache cache;
};

Pages::Pages(std::unique_ptr<State> state) : state_(std::move(state)) {}

Pages::Pages(Pages&&) noexcept = default;
Pages& Pages::operator=(Pages&&) noexcept = default;
Pages::~Pages() = default;

Result<Pages> Pages::open(const Catalogue& catalogue) {
  auto state = std::make_unique<State>();
  for (const std::string_view language : kLanguages) {
    for (const std::string_view page : kPages) {
      TUTELA_TRY_ASSIGN(const std::string composed,
                        compose("layout", page, catalogue.texts(language), 0));
      const std::string text = std::string(kPragma) + composed;
      if (!state->cache.StringToTemplateCache(
              key_of(language, page), text.data(), text.size(), ctemplate::DO_NOT_STRIP)) {
        return bad(page, "cannot be parsed");
      }
    }
  }
  state->cache.Freeze();
  return Pages(std::move(state));
}

Result<std::string> Pages::render(std::string_view language,
                                  std::string_view page,
                                  const View& view) const {
  ctemplate::TemplateDictionary dictionary("page");
  fill(view, dictionary);
  std::string html;
  if (!state_->cache.ExpandNoLoad(
          key_of(language, page), ctemplate::DO_NOT_STRIP, &dictionary, nullptr, &html)) {
    return Error{ErrorKind::kInternal,
                 "page.not_rendered",
                 "the page " + std::string(page) + " could not be filled in"};
  }
  return html;
}

}  // namespace tutela::intake_page

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include <boost/json.hpp>

#include "exchange/cybertip/cybertip.hpp"
#include "exchange/cybertip/page_style.hpp"
#include "exchange/cybertip/page_text.hpp"
#include "exchange/cybertip/page_words.hpp"

namespace tutela::cybertip {
namespace {

namespace json = boost::json;

constexpr std::size_t kRawShown = 8192;
constexpr int kDepthShown = 4;

struct Section {
  std::string_view name;
  std::string_view absent;  // what is said where there is none; empty: nothing
};

// In the order in which a reader asks.
constexpr auto kSections = std::to_array<Section>({
    {"incidentSummary", "What happened is not stated."},
    {"batchedReport", ""},
    {"personOrUserReported", "No person or account is named: not known, or not stated."},
    {"victim", "No child is named: not known, or not stated."},
    {"intendedRecipient", ""},
    {"internetDetails", "Where it happened is not stated."},
    {"lawEnforcement", ""},
    {"additionalInfo", ""},
    {"reporter", "Who reports is not stated."},
});

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 7 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "File 1, Hash of the file" for "files/0/originalFileHash".
std::string place_of(std::string_view path) {
  std::string words;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part == "report" || part == "#text") {
      continue;
    }
    if (is_number(part)) {
      words += " " + std::to_string(std::stoul(std::string(part)) + 1);
    } else {
      words += (words.empty() ? "" : ", ") + (part == "files" ? "File" : label_of(part));
    }
  }
  return words;
}

std::string text_of(const json::value& value) {
  if (value.is_bool()) {
    return value.get_bool() ? "yes" : "no";
  }
  if (value.is_string()) {
    return readable_time(value.get_string());
  }
  return json::serialize(value);
}

class Page {
 public:
  Page(const std::vector<Origin>& origins, const std::vector<Problem>& problems)
      : problems_(problems) {
    for (const Origin& each : origins) {
      origins_.emplace(each.path, &each);
    }
  }

  std::string make(std::string_view title, std::string_view document) {
    begin(title);
    list_problems();
    json::error_code failure;
    const json::value parsed =
        document.size() > kDocumentBytesMax ? json::value() : json::parse(document, failure);
    if (failure || !parsed.is_object()) {
      unreadable(document);
    } else {
      show(parsed.get_object());
    }
    out_ +=
        "<footer><p>Made by Tutela from the document of the report. Nothing on this page was "
        "added to it. What is absent is not said to the authority: neither yes nor no. People "
        "and accounts are suspected, not convicted.</p></footer>\n</body></html>\n";
    return std::move(out_);
  }

 private:
  void begin(std::string_view title) {
    const std::string text = html_text(title);
    out_ +=
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
        text + "</title>\n<style>" + std::string(kPageStyle) +
        "</style></head>\n<body>\n<header><p class=\"kind\">Report of suspected child sexual "
        "exploitation - confidential</p>\n<h1>" +
        text + "</h1>\n<p class=\"note\">" +
        (origins_.empty() ? "Where the values come from was not recorded."
                          : "The column on the right says where each value comes from.") +
        "</p></header>\n";
  }

  void list_problems() {
    if (problems_.empty()) {
      return;
    }
    const std::size_t count = problems_.size();
    out_ += "<section class=\"problems\"><h2>" + std::to_string(count) +
            (count == 1 ? " thing is" : " things are") +
            " to be done before this can be released</h2>\n<ol>\n";
    for (const Problem& each : problems_) {
      const std::string place = place_of(each.path);
      out_ += "<li>" + (place.empty() ? "" : "<strong>" + html_text(place) + ":</strong> ") +
              html_text(each.message) + "</li>\n";
    }
    out_ += "</ol></section>\n";
  }

  void unreadable(std::string_view document) {
    out_ += "<section><h2>The document cannot be read</h2>\n<p>It is " +
            std::string(document.size() > kDocumentBytesMax ? "too large" : "no JSON object") +
            ". It begins like this:</p>\n<pre dir=\"auto\">" +
            html_text(document.substr(0, kRawShown)) + "</pre></section>\n";
  }

  void show(const json::object& document) {
    const json::value* const report = document.if_contains("report");
    const json::value* const files = document.if_contains("files");
    const json::object none;
    const json::object& body =
        report != nullptr && report->is_object() ? report->get_object() : none;
    say_urgency(body);
    for (const Section& each : kSections) {
      section(each, body.if_contains(each.name));
    }
    show_others("report/", body, [](std::string_view name) {
      return std::any_of(kSections.begin(), kSections.end(), [&](const Section& each) {
        return each.name == name;
      });
    });
    show_files(files);
    show_others("", document, [&](std::string_view name) {
      return name == "files" || (name == "report" && &body != &none);
    });
  }

  void say_urgency(const json::object& body) {
    const json::value* const summary = body.if_contains("incidentSummary");
    const json::value* const reason =
        summary != nullptr && summary->is_object()
            ? summary->get_object().if_contains("escalateToHighPriority")
            : nullptr;
    if (reason != nullptr) {
      out_ += "<p class=\"urgent\"><strong>Urgent.</strong> <bdi class=\"value\">" +
              html_text(text_of(*reason)) + "</bdi></p>\n";
    }
  }

  void section(const Section& which, const json::value* value) {
    const bool absent = value == nullptr || (value->is_array() && value->get_array().empty());
    if (absent && which.absent.empty()) {
      return;
    }
    const std::string path = "report/" + std::string(which.name);
    if (absent) {
      heading(2, label_of(which.name));
      out_ += "<p class=\"absent\">" + std::string(which.absent) + "</p>" + wrong(path) +
              "</section>\n";
    } else if (value->is_array()) {
      const json::array& all = value->get_array();
      for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string number = all.size() > 1 ? " " + std::to_string(i + 1) : "";
        heading(2, label_of(which.name) + number);
        table(which.name, all[i], path + "/" + std::to_string(i));
        out_ += "</section>\n";
      }
    } else {
      heading(2, label_of(which.name));
      table(which.name, *value, path);
      out_ += "</section>\n";
    }
  }

  template <class Known>
  void show_others(const std::string& path, const json::object& body, const Known& is_known) {
    for (const auto& [name, value] : body) {
      if (!is_known(std::string_view(name))) {
        heading(2, label_of(name));
        table(name, value, path + std::string(name));
        out_ += "</section>\n";
      }
    }
  }

  void show_files(const json::value* files) {
    heading(2, "Files");
    if (files != nullptr && !files->is_array()) {
      table("files", *files, "files");
    } else if (files == nullptr || files->get_array().empty()) {
      out_ += "<p class=\"absent\">No files: this report is of text alone.</p>" + wrong("files");
    } else {
      const json::array& all = files->get_array();
      summarize_views(all);
      for (std::size_t i = 0; i < all.size(); ++i) {
        heading(3, "File " + std::to_string(i + 1) + " of " + std::to_string(all.size()));
        table("files", all[i], "files/" + std::to_string(i));
        out_ += "</section>\n";
      }
    }
    out_ += "</section>\n";
  }

  void summarize_views(const json::array& files) {
    std::size_t yes = 0;
    std::size_t no = 0;
    for (const json::value& each : files) {
      const json::value* const viewed =
          each.is_object() ? each.get_object().if_contains("fileViewedByEsp") : nullptr;
      yes += viewed != nullptr && viewed->is_bool() && viewed->get_bool() ? 1U : 0U;
      no += viewed != nullptr && viewed->is_bool() && !viewed->get_bool() ? 1U : 0U;
    }
    out_ += "<p class=\"note\">Viewed in full by a person of the company: yes for " +
            std::to_string(yes) + ", no for " + std::to_string(no) + ", not stated for " +
            std::to_string(files.size() - yes - no) + ".</p>\n";
  }

  void heading(int level, std::string_view text) {
    const std::string tag = "h" + std::to_string(level);
    out_ += "<section><" + tag + ">" + html_text(text) + "</" + tag + ">\n";
  }

  void table(std::string_view name, const json::value& value, const std::string& path) {
    const bool has_rows = value.is_object() && !value.get_object().contains("#text");
    out_ += has_rows ? wrong(path) : "";
    out_ +=
        "<table><colgroup><col/><col/><col/></colgroup><thead><tr><th>What</th><th>Value</th>"
        "<th>Comes from</th></tr></thead><tbody>\n";
    if (has_rows) {
      members(0, name, value.get_object(), path);
    } else {
      any(0, label_of(name), name, value, path);
    }
    out_ += "</tbody></table>\n";
  }

  void members(int depth,
               std::string_view element,
               const json::object& object,
               const std::string& path) {
    const std::vector<std::string_view> order = order_of(path);
    const std::span<const Wanted> wanted = wanted_of(element);
    for (const std::string_view name : order) {
      const auto missed = std::ranges::find(wanted, name, &Wanted::name);
      const std::string at = path + "/" + std::string(name);
      if (const json::value* const value = object.if_contains(name)) {
        any(depth, label_of(name), name, *value, at);
      } else if (missed != wanted.end()) {
        const std::string_view words = missed->yes_no ? "not stated" : "not known";
        row(depth,
            label_of(name),
            "<span class=\"absent\">" + std::string(words) + "</span>" + wrong(at),
            origins_of(at));
      }
    }
    for (const auto& [name, value] : object) {
      if (std::ranges::find(order, std::string_view(name)) == order.end()) {
        any(depth, label_of(name), name, value, path + "/" + std::string(name));
      }
    }
  }

  void any(int depth,
           const std::string& label,
           std::string_view name,
           const json::value& value,
           const std::string& path) {
    if (value.is_array()) {
      const json::array& all = value.get_array();
      for (std::size_t i = 0; i < all.size(); ++i) {
        any(depth,
            all.size() > 1 ? label + " " + std::to_string(i + 1) : label,
            name,
            all[i],
            path + "/" + std::to_string(i));
      }
      return;
    }
    if (value.is_object() && !value.get_object().contains("#text")) {
      out_ += row_begin(depth) + "<th scope=\"rowgroup\" colspan=\"3\">" + html_text(label) +
              wrong(path) + "</th></tr>\n";
      members(depth + 1, name, value.get_object(), path);
      return;
    }
    const bool of_text = origins_.contains(path + "/#text");
    row(depth, label, leaf(value, path), from(of_text ? path + "/#text" : path));
  }

  /// A value, what stands beside it in attributes, and what is wrong with it.
  std::string leaf(const json::value& value, const std::string& path) {
    if (value.is_null()) {
      return "<span class=\"absent\">not known</span>" + wrong(path);
    }
    if (!value.is_object()) {
      return "<bdi class=\"value\">" + html_text(text_of(value)) + "</bdi>" + wrong(path);
    }
    const json::object& object = value.get_object();
    std::string out = "<bdi class=\"value\">" + html_text(text_of(object.at("#text"))) + "</bdi>";
    for (const auto& [name, attribute] : object) {
      if (name != "#text") {
        const std::string at = path + "/" + std::string(name);
        const std::string origin = origins_of(at);
        out += "<span class=\"part\">" + html_text(label_of(name)) + ": <bdi>" +
               html_text(text_of(attribute)) + "</bdi>" +
               (origin.empty() ? "" : " <span class=\"from\">(" + origin + ")</span>") + wrong(at) +
               "</span>";
      }
    }
    return out + wrong(path) + wrong(path + "/#text");
  }

  static std::string row_begin(int depth) {
    return "<tr class=\"d" + std::to_string(std::min(depth, kDepthShown)) + "\">";
  }

  void row(int depth, std::string_view label, const std::string& cell, const std::string& origin) {
    out_ += row_begin(depth) + "<th scope=\"row\">" + html_text(label) + "</th><td>" + cell +
            "</td><td class=\"from\">" + origin + "</td></tr>\n";
  }

  /// Where a value comes from: said of its own path, or of what it is part of.
  std::string from(std::string_view path) const {
    if (origins_.empty()) {
      return {};
    }
    while (!origins_.contains(path)) {
      const std::size_t slash = path.rfind('/');
      if (slash == std::string_view::npos) {
        return "not recorded";
      }
      path = path.substr(0, slash);
    }
    return origins_of(path);
  }

  std::string origins_of(std::string_view path) const {
    std::string out;
    const auto [first, last] = origins_.equal_range(path);
    for (auto each = first; each != last; ++each) {
      const Origin& origin = *each->second;
      out += (out.empty() ? "" : "; ") + html_text(source_words(origin.source)) +
             (origin.detail.empty() ? "" : ": <bdi>" + html_text(origin.detail) + "</bdi>");
    }
    return out;
  }

  std::string wrong(std::string_view path) const {
    std::string out;
    for (const Problem& each : problems_) {
      if (each.path == path) {
        out += "<span class=\"wrong\">" + html_text(each.message) + "</span>";
      }
    }
    return out;
  }

  const std::vector<Problem>& problems_;
  std::multimap<std::string, const Origin*, std::less<>> origins_;
  std::string out_;
};

}  // namespace

std::string page(std::string_view title,
                 std::string_view document,
                 const std::vector<Origin>& origins,
                 const std::vector<Problem>& problems) {
  return Page(origins, problems).make(title, document);
}

}  // namespace tutela::cybertip

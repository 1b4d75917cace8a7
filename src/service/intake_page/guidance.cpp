#include "service/intake_page/guidance.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <system_error>

#include <cmark.h>

#include "base/file.hpp"
#include "base/utf8.hpp"
#include "service/intake_page/files.hpp"
#include "service/intake_page/language.hpp"

namespace tutela::intake_page {

namespace {

constexpr std::size_t kFileBytesMax = 64U << 10;
constexpr std::size_t kEntriesMax = 200;

Error bad(const std::string& name, std::string_view why) {
  return {ErrorKind::kInvalidInput,
          "guidance.bad_file",
          "intake.guidance_folder: " + name + ".md " + std::string(why)};
}

Result<Guide> render(const std::string& name, std::string_view text) {
  constexpr std::string_view kHeading = "# ";
  if (!text.starts_with(kHeading)) {
    return bad(name, "must begin with a heading in its first line: # Title");
  }
  const std::size_t end = text.find_first_of("\r\n");
  Guide guide;
  guide.title = text.substr(kHeading.size(), end - kHeading.size());
  // Without CMARK_OPT_UNSAFE raw HTML and addresses such as "javascript:" are left out.
  const std::unique_ptr<char, decltype(&std::free)> html(
      cmark_markdown_to_html(text.data(), text.size(), CMARK_OPT_DEFAULT), &std::free);
  if (html == nullptr) {
    return bad(name, "could not be turned into a page");
  }
  guide.html = html.get();
  return guide;
}

bool is_used(const std::filesystem::path& path) {
  const std::string language = path.parent_path().filename().string();
  return path.extension() == ".md" && std::ranges::find(kLanguages, language) != kLanguages.end() &&
         std::ranges::find(kGuides, path.stem().string()) != kGuides.end();
}

/// A text that is there and that nobody would ever see is a mistake in its name: somebody believes
/// that it is read. Names stay unsaid: this is logged.
Status refuse_unused(const std::filesystem::path& folder) {
  std::size_t used = 0;
  std::size_t unused = 0;
  std::error_code failed;
  std::filesystem::recursive_directory_iterator at(folder, failed);
  for (std::size_t seen = 0; !failed && at != std::filesystem::recursive_directory_iterator();
       at.increment(failed)) {
    if (++seen > kEntriesMax) {
      return Error{ErrorKind::kInvalidInput,
                   "guidance.bad_file",
                   "intake.guidance_folder has too much in it: give guidance a folder of its own"};
    }
    if (at->path().filename().string().starts_with('.')) {
      at.disable_recursion_pending();  // of a tool: a mounted volume keeps its versions in one
      continue;
    }
    const bool is_text = at->path().extension() == ".md" && at->path().stem() != "README";
    used += is_text && is_used(at->path()) ? 1U : 0U;
    unused += is_text && !is_used(at->path()) ? 1U : 0U;
  }
  if (failed || unused > 0 || used == 0) {
    return Error{ErrorKind::kInvalidInput,
                 "guidance.bad_file",
                 "intake.guidance_folder: " +
                     (failed ? "a folder in it cannot be read"
                             : std::to_string(unused) + " texts have names that are not read, " +
                                   std::to_string(used) + " are read") +
                     "; the names are en/young.md, en/parents.md, en/teachers.md, en/after.md, and "
                     "the same in de/"};
  }
  return ok();
}

/// The operator's text; empty where there is none.
Result<std::string> read_own(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path path = folder / (name + ".md");
  std::error_code failed;
  if (folder.empty() || !std::filesystem::exists(path, failed)) {
    return failed ? Result<std::string>(bad(name, "cannot be read")) : std::string();
  }
  const auto bytes = read_file(path, kFileBytesMax);
  if (!bytes && bytes.error().code == "file.too_large") {
    return bad(name, "is larger than 64 KiB: make it shorter");
  }
  if (!bytes) {
    return bad(name, "cannot be read: the user of this service must be able to read it");
  }
  std::string text(as_text(*bytes));
  if (text.empty() || !is_utf8_text(text, Breaks::kLinesAndTabs)) {
    return bad(name, "must be UTF-8 text, and not empty: save it as UTF-8, or remove it");
  }
  return text;
}

}  // namespace

Result<std::map<std::string, Guide, std::less<>>> load_guidance(
    const std::filesystem::path& folder) {
  std::error_code failed;
  if (!folder.empty() && !std::filesystem::is_directory(folder, failed)) {
    return Error{ErrorKind::kInvalidInput,
                 "guidance.bad_file",
                 "intake.guidance_folder is no folder that can be read: give the path of one that "
                 "the user of this service may read, or leave it empty for our own texts"};
  }
  if (!folder.empty()) {
    TUTELA_TRY(refuse_unused(folder));
  }
  std::map<std::string, Guide, std::less<>> all;
  for (const std::string_view language : kLanguages) {
    for (const std::string_view guide : kGuides) {
      const std::string name = std::string(language) + "/" + std::string(guide);
      TUTELA_TRY_ASSIGN(const std::string own, read_own(folder, name));
      TUTELA_TRY_ASSIGN(Guide rendered,
                        render(name, own.empty() ? bytes_of("locales/" + name + ".md") : own));
      all.emplace(name, std::move(rendered));
    }
  }
  return all;
}

}  // namespace tutela::intake_page

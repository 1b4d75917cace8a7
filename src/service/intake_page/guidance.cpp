#include "service/intake_page/guidance.hpp"

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

Error bad(const std::string& name, std::string_view why) {
  return {ErrorKind::kInvalidInput,
          "guidance.bad_file",
          "intake.guidance_folder: " + name + ".md " + std::string(why)};
}

Result<Guide> render(const std::string& name, std::string_view text) {
  constexpr std::string_view kHeading = "# ";
  if (!text.starts_with(kHeading)) {
    return bad(name, "must begin with a heading: # Title");
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

/// The operator's text; empty where there is none.
Result<std::string> read_own(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path path = folder / (name + ".md");
  std::error_code failed;
  if (folder.empty() || !std::filesystem::exists(path, failed)) {
    return failed ? Result<std::string>(bad(name, "cannot be read")) : std::string();
  }
  const auto bytes = read_file(path, kFileBytesMax);
  if (!bytes) {
    return bad(name, "cannot be read, or is larger than 64 KiB");
  }
  std::string text(as_text(*bytes));
  if (text.empty() || !is_utf8_text(text, Breaks::kLinesAndTabs)) {
    return bad(name, "must be UTF-8 text");
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
                 "intake.guidance_folder is no folder that can be read"};
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

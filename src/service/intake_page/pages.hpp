// Pages: the templates of the public pages, one set for each language, with everything that is
// filled in escaped for the place where it stands.
//
// The escaping is the template library's (ctemplate, AUTOESCAPE): it parses the HTML and knows
// whether a value stands in text, in an attribute or in an address. Only what templates name as
// ":none" is put in as it is: guidance, which cmark made without raw HTML. Texts of the catalogue
// are part of the templates before they are parsed. Immutable once open; thread-safe.
//
// Source: ctemplate documentation, "Auto-Escape mode".
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "service/intake_page/catalogue.hpp"
#include "service/intake_page/view.hpp"

namespace tutela::intake_page {

class Pages {
 public:
  /// Error: kInternal "page.bad_template": one that names a text or a part that there is not, or
  /// that the library cannot parse.
  static Result<Pages> open(const Catalogue& catalogue);
  Pages(Pages&&) noexcept;
  Pages& operator=(Pages&&) noexcept;
  ~Pages();

  /// Error: kInternal "page.not_rendered".
  [[nodiscard]] Result<std::string> render(std::string_view language,
                                           std::string_view page,
                                           const View& view) const;

 private:
  struct State;
  explicit Pages(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::intake_page

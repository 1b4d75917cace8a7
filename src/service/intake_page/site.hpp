// Site: the public pages, from what they show to HTML. Holds catalogues, templates, the help
// directory and guidance; knows nothing of HTTP.
//
// Nothing in a page depends on whether something is on a list: what is shown of a notice is what
// intake::Followed has. Thread-safe; what was read from files is replaced as a whole.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "casework/intake/notices.hpp"
#include "service/config/config.hpp"
#include "service/intake_page/catalogue.hpp"
#include "service/intake_page/form.hpp"
#include "service/intake_page/guidance.hpp"
#include "service/intake_page/help.hpp"
#include "service/intake_page/pages.hpp"

namespace tutela::intake_page {

/// Who looks at what, and what the service says of itself.
struct Visit {
  std::string language = "en";
  std::string path = "/";  // of the page in the other language, with "?" or "&" at its end
  std::string chosen;      // the country that they said they are in
  std::string country;     // that of their browser's language: often not where they are
  UtcMs now_ms = 0;
  std::shared_ptr<const config::Config> config;
};

/// What the page after a form says.
struct Receipt {
  std::string number = {};
  std::string pin = {};  // empty: it was shown before
  UtcMs due_ms = 0;
  bool imminent = false;
  bool cares = false;  // whoever sent it may be hurt
  std::vector<LostFile> lost = {};
  bool contact_lost = false;  // could not be sealed
};

/// What else stands on the page of a notice.
struct FollowedMore {
  std::string pin = {};    // for the next step
  std::string done = {};   // a key of the catalogue; empty: nothing was done
  std::string error = {};  // the code of an error
  std::string text = {};   // what was to be added and was not
  std::vector<LostFile> lost = {};
};

/// How one queue was kept, with what is promised for it.
struct KeptPromise {
  intake::Kept kept;
  std::int64_t promise_ms = 0;
};

class Site {
 public:
  /// Errors: those of parse_help() and load_guidance(), of the files that the operator named;
  /// kInternal "page.bad_template", "page.bad_catalogue".
  static Result<std::unique_ptr<Site>> open(const config::IntakeConfig& config);
  /// Reads the operator's files again; on an error everything stays as it is.
  Status reload(const config::IntakeConfig& config);

  [[nodiscard]] std::shared_ptr<const Help> help() const;

  [[nodiscard]] const Catalogue& catalogue() const noexcept { return catalogue_; }

  /// An empty form, or one that was sent with what is wrong with it: the code of an error, and the
  /// files that were not taken.
  [[nodiscard]] Result<std::string> form(const Visit& visit,
                                         FormKind kind,
                                         const Fields& fields,
                                         std::string_view error = {},
                                         const std::vector<LostFile>& lost = {}) const;
  [[nodiscard]] Result<std::string> sent(const Visit& visit, const Receipt& receipt) const;
  [[nodiscard]] Result<std::string> follow(const Visit& visit,
                                           std::string_view number,
                                           std::string_view error = {}) const;
  [[nodiscard]] Result<std::string> state(const Visit& visit,
                                          const intake::Followed& followed,
                                          const FollowedMore& more) const;
  /// `country`: one of them first; empty: all.
  [[nodiscard]] Result<std::string> help_page(const Visit& visit, std::string_view country) const;
  [[nodiscard]] Result<std::string> guidance(const Visit& visit) const;
  /// Error: kNotFound "request.no_such_path".
  [[nodiscard]] Result<std::string> guide(const Visit& visit, std::string_view name) const;
  [[nodiscard]] Result<std::string> promises(const Visit& visit,
                                             const std::vector<KeptPromise>& kept,
                                             std::int64_t days) const;
  /// What went wrong with a request as a whole.
  [[nodiscard]] Result<std::string> failure(const Visit& visit,
                                            int status,
                                            std::string_view code) const;

 private:
  struct Edited {
    Help help;
    std::map<std::string, Guide, std::less<>> guides;
  };

  Site(Catalogue catalogue, Pages pages)
      : catalogue_(std::move(catalogue)), pages_(std::move(pages)) {}

  static Result<std::shared_ptr<const Edited>> read(const config::IntakeConfig& config);
  [[nodiscard]] std::shared_ptr<const Edited> edited() const;
  [[nodiscard]] Result<std::string> render(const Visit& visit,
                                           std::string_view page,
                                           std::string_view title,
                                           View view) const;
  [[nodiscard]] std::string country_of(const Visit& visit) const;
  void add_emergency(const Visit& visit, View& view) const;
  void add_countries(const Visit& visit, std::string_view chosen, View& view) const;
  void add_files(const Visit& visit, std::string_view hint, View& view) const;
  void add_line(const Visit& visit, const Line& line, View& view) const;
  /// When and how somebody made sure, or that nobody did.
  [[nodiscard]] std::string confirmed_words(std::string_view language, const Line& line) const;
  void add_outcome(const Visit& visit, const intake::Followed& followed, View& view) const;
  void add_earlier(const Visit& visit, const intake::Followed& followed, View& view) const;
  void add_messages(const Visit& visit, const intake::Followed& followed, View& view) const;
  void set_moment(const Visit& visit, std::string_view name, UtcMs at_ms, View& view) const;
  [[nodiscard]] std::vector<std::string> lost_files(const Visit& visit,
                                                    const std::vector<LostFile>& lost) const;
  void add_error(const Visit& visit,
                 std::string_view code,
                 const std::vector<LostFile>& lost,
                 View& view) const;
  [[nodiscard]] std::string why(std::string_view language, std::string_view code) const;
  [[nodiscard]] std::string service_of(const Visit& visit) const;

  Catalogue catalogue_;
  Pages pages_;
  mutable Mutex mutex_;
  std::shared_ptr<const Edited> edited_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::intake_page

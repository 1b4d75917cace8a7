#include <algorithm>

#include "casework/cases/appeals.hpp"

namespace tutela::cases {
namespace {

bool has_prefix(const std::vector<std::string>& kinds, std::string_view prefix) {
  return std::ranges::any_of(kinds,
                             [&](const std::string& kind) { return kind.starts_with(prefix); });
}

std::string what_was_done(const Measures& measures) {
  std::string text = "What was done: ";
  const bool content = has_prefix(measures.kinds, "content.");
  const bool account = has_prefix(measures.kinds, "account.");
  if (content) {
    text += "the content was removed, everywhere and for good. ";
  }
  if (account) {
    text += content ? "The account that it came from was restricted as well. "
                    : "the account that the content came from was restricted. ";
  }
  return content || account ? text : text + "the content was judged; nothing was removed. ";
}

}  // namespace

// The facts of Article 17(3) of Regulation (EU) 2022/2065. One ground for everything: a text that
// differed for what a survivor had reported would tell whoever uploaded it who did.
std::string statement_of_reasons(const Case& of, UtcMs appeal_until_ms, const Measures& measures) {
  std::string text = what_was_done(measures);
  if (of.topic == Topic::kSolicitation) {
    // Whoever wrote knows to whom: one word more would tell them who told.
    text +=
        "Why: what the account was used for breaks the law that protects children, and so the "
        "terms of the service. How it was found: by the service or by a notice; which of them is "
        "not said, for the safety of others. ";
  } else {
    text +=
        "Why: the content was judged to depict a child sexually. The law forbids to have and to "
        "share such content, and so do the terms of the service. ";
    text += of.origin == Origin::kUserReport
                ? "How it was found: somebody notified the service of it. "
                : "How it was found: by automated means that compare content with content that is "
                  "known. ";
  }
  text += measures.automatic ? "How it was decided: by automated means. "
                             : "How it was decided: by a person. ";
  text += "What you can do: you can appeal, free of charge, until " +
          to_rfc3339(appeal_until_ms).substr(0, 10) +
          " (UTC), with the token that came with this statement; a person who had no part in the "
          "decision looks at it again. You can also turn to a certified body for the settlement of "
          "disputes out of court, and to a court.";
  return text;
}

}  // namespace tutela::cases

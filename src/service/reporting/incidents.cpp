#include "service/reporting/incidents.hpp"

#include <algorithm>
#include <array>

namespace tutela::reporting {

namespace {

struct Named {
  std::string_view type;
  std::string_view word;
};

constexpr auto kWords = std::to_array<Named>(
    {{kMaterial, "csam"},
     {"Child Sex Trafficking", "trafficking"},
     {"Child Sex Tourism", "sex_tourism"},
     {"Child Sexual Molestation", "molestation"},
     {"Misleading Domain Name", "misleading_domain"},
     {"Misleading Words or Digital Images on the Internet", "misleading_words"},
     {kEnticement, "enticement"},
     {"Unsolicited Obscene Material Sent to a Child", "obscene_to_child"}});

}  // namespace

std::string_view word_of_incident(std::string_view type) noexcept {
  const auto found = std::ranges::find(kWords, type, &Named::type);
  return found == kWords.end() ? type : found->word;
}

}  // namespace tutela::reporting

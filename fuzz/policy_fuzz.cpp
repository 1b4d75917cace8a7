// Any text is a policy or a list of problems; a policy that was taken never passes a real match.
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "engine/policy/policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela;
  const std::string_view text = as_text(std::as_bytes(std::span(data, size)));
  const auto policy = policy::Policy::parse(text);
  if (!policy) {
    TUTELA_CHECK(policy.error().message.starts_with("line "));
    return 0;
  }
  policy::Facts facts;
  facts.verdict = policy::Verdict::kOwed;
  TUTELA_CHECK(policy->decide(facts).action != policy::Action::kPass);
  facts.verdict = policy::Verdict::kMatch;
  facts.matches.resize(1);
  facts.matches[0].purpose = "known_csam";
  TUTELA_CHECK(policy->decide(facts).action != policy::Action::kPass);
  return 0;
}

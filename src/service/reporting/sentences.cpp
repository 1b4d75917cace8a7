#include "service/reporting/sentences.hpp"

#include <algorithm>
#include <array>

#include "watch/ledger/ledger.hpp"

namespace tutela::reporting {

namespace {

constexpr std::string_view kExactUnviewed =
    "This file was found because its hash equals one on a hash list. According to the provider's "
    "records nobody at the provider viewed it before this report.";
constexpr std::string_view kNearUnviewed =
    "This file was found because its perceptual hash is similar to one on a hash list; its bytes "
    "were not matched. According to the provider's records nobody at the provider viewed it before "
    "this report.";
constexpr std::string_view kUnviewed =
    "According to the provider's records nobody at the provider viewed this file before this "
    "report.";
constexpr std::string_view kPartly =
    "Somebody at the provider viewed part of this file or a reduced form of it. That its entire "
    "contents were viewed is not recorded.";
constexpr std::string_view kNoAccount =
    "Which account uploaded this file is not known; it was reported together with the others "
    "because its bytes or its hash match one of them.";
constexpr std::string_view kOtherAccount = "This file was uploaded by another account.";

constexpr std::string_view kSent =
    "This file was sent to the provider by somebody who reported it; whether and by whom it was "
    "uploaded is not known.";

constexpr auto kAll = std::to_array<std::string_view>(
    {kExactUnviewed, kNearUnviewed, kUnviewed, kPartly, kNoAccount, kOtherAccount, kSent});

}  // namespace

std::vector<std::string_view> sentences_of(const FileFacts& file, const CaseFacts& facts) {
  std::vector<std::string_view> sentences;
  const bool whole = file.attested || file.viewed == opening::Viewed::kYes;
  if (!whole && file.viewed == opening::Viewed::kPartly) {
    sentences.push_back(kPartly);
  } else if (!whole && file.item.exact) {
    sentences.push_back(kExactUnviewed);
  } else if (!whole) {
    sentences.push_back(file.item.match_kind.empty() ? kUnviewed : kNearUnviewed);
  }
  if (file.item.door == ledger::kIntakeDoor) {
    sentences.push_back(kSent);
    return sentences;
  }
  if (facts.about_person && facts.of.account && file.item.account != facts.of.account) {
    sentences.push_back(file.item.account ? kOtherAccount : kNoAccount);
  }
  return sentences;
}

bool is_sentence(std::string_view text) noexcept {
  return std::ranges::find(kAll, text) != kAll.end();
}

std::string_view sentence_of_time(bool uploaded, std::size_t files) noexcept {
  if (!uploaded) {
    return "When the provider found what is reported; when it was uploaded is not known.";
  }
  return files == 1 ? "When the provider received the upload of the reported file."
                    : "When the provider received the latest upload of a reported file.";
}

std::string sentence_of_messages(std::size_t left_out) {
  std::string sentence(kToldMessages);
  if (left_out > 0) {
    sentence +=
        " Messages that had no place here and that the provider has: " + std::to_string(left_out) +
        ".";
  }
  return sentence;
}

}  // namespace tutela::reporting

// Cybertip: the CyberTipline report as the Reporting API takes it (technical documentation of
// 2025-06-11 and cybertipline.xsd): typed, checked, written as XML, and what the service answers.
//
// A document is a JSON object {"report": {...}, "files": [{...}, ...]} whose members are named as
// the elements and attributes of the schema, so that there is one vocabulary ("@type" for an
// attribute, "#text" for the text of an element that has attributes; repeated elements are arrays;
// reportId and fileId are not part of it). read() makes the types of model.hpp of it, check() asks
// for everything that the documentation asks for beyond the schema, and for the schema itself. XML
// is written of what was checked and of nothing else. What is absent is not said: nothing here
// has a default.
//
// Paths name a place in a document: "report/incidentSummary/platform", "files/0/originalFileHash".
// Pure functions without a clock; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::cybertip {

struct Submission;  // model.hpp

inline constexpr std::size_t kDocumentBytesMax = 256U << 10;
inline constexpr std::size_t kFilesMax = 1000;

/// What is missing or wrong, for a legal officer: a sentence that says what to do.
struct Problem {
  std::string path;
  std::string code;  // "missing", "too_long", "in_the_future", "not_a_url", "schema", ...
  std::string message;
};

/// A submission that check() found nothing wrong with, and the only thing that XML is written of.
class Checked {
 public:
  [[nodiscard]] const std::string& report_xml() const noexcept { return report_xml_; }

  [[nodiscard]] std::size_t files() const noexcept { return files_; }

  /// <fileDetails> of the file `number` (from 0), for the ids that the service gave.
  [[nodiscard]] std::string file_xml(std::size_t number,
                                     std::int64_t report_id,
                                     std::string_view file_id) const;

 private:
  friend struct Checker;
  Checked() = default;
  std::string report_xml_;
  std::vector<std::string> file_details_;  // without the two ids, which come first
  std::size_t files_ = 0;
};

struct Verdict {
  std::optional<Checked> checked;  // where there is no problem
  std::vector<Problem> problems;   // at most 200
};

/// Reads and checks a document at `now_ms` (dates must be in the past). Bad JSON is a problem too.
Verdict check(std::string_view document, UtcMs now_ms);

/// The same for XML that somebody else wrote: a <report>, or <fileDetails>. Against the schema.
std::vector<Problem> check_xml(std::string_view xml);

/// What a form for documents is made of; JSON, the same for every call:
/// {"root": "submission",
///  "groups": {"incidentSummary": {"choice": false, "fields": [{"name": "platform",
///      "kind": "text", "min": 0, "max": 1, "length_max": 256, "help": "..."}, ...]}, ...},
///  "words": {"country": ["AD", ...], ...}}
/// A field of kind "group" or "choice" (exactly one of its fields) names its "group"; one of kind
/// "word" names its list of "words"; numbers have "least" and "most". "max" above 1 is an array.
std::string_view form_json();

struct Change {
  std::string path;
  std::string before;  // empty: absent
  std::string after;
};

/// What differs between two documents, in the order of the schema. Error: kInvalidInput
/// "cybertip.bad_document".
Result<std::vector<Change>> changes(std::string_view before, std::string_view after);

/// Where a field's value comes from.
struct Origin {
  std::string path;
  std::string source;  // "ledger" "exposure" "decision" "list" "service" "configuration"
                       // "attestation" "person" "door" "notice"
  std::string detail;  // an id, or a word
};

/// A page for reading and printing: HTML without script, everything escaped, fields in words with
/// where each comes from. `title` stands on top. Also of a document with problems, which it lists.
std::string page(std::string_view title,
                 std::string_view document,
                 const std::vector<Origin>& origins,
                 const std::vector<Problem>& problems);

/// What the service answers: reportResponse or reportDoneResponse.
struct Answer {
  bool done = false;  // a reportDoneResponse
  std::int64_t code = 0;
  std::string description;  // at most 2000 bytes, printable
  std::optional<std::int64_t> report_id;
  std::optional<std::string> file_id;
  std::optional<std::string> hash;  // MD5, lower hex
  std::vector<std::string> file_ids;
};

inline constexpr std::size_t kAnswerBytesMax = 1U << 20;

/// Hostile input: bounded in size, depth and elements; a DOCTYPE, an entity or a doubled element
/// is refused. Error: kInvalidInput "cybertip.bad_answer".
Result<Answer> parse_answer(ByteView xml);

/// What a code means, in words, and what can be done about it: codes of the documentation (D.1).
enum class Meaning : std::uint8_t {
  kSuccess,
  kServerTrouble,  // 1xxx: again later
  kCredentials,    // 2xxx, 3xxx: a person
  kRejected,       // 4xxx: a person
  kNoReport,       // 5001
  kNoFile,         // 5002
  kRetracted,      // 5101
  kFinished,       // 5102
  kUnknown,        // a person
};
Meaning meaning_of(std::int64_t code) noexcept;

}  // namespace tutela::cybertip

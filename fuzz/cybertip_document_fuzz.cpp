// Arbitrary bytes as a document, alone or in the midst of a valid one: reading never crashes, what
// check() accepts validates against the schema, and reading and writing agree.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exchange/cybertip/model.hpp"
#include "exchange/cybertip/random_fixture.hpp"

namespace {

using namespace tutela::cybertip;

constexpr tutela::UtcMs kNow = 1'795'000'000'000;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void try_document(const std::string& document) {
  const Verdict verdict = check(document, kNow);
  require(verdict.checked.has_value() == verdict.problems.empty());
  require(verdict.problems.size() <= 200);
  for (const Problem& each : verdict.problems) {
    require(!each.code.empty() && each.message.ends_with('.'));
    // The schema has nothing to find that the model did not know.
    require(each.code != "schema");
  }
  const Reading reading = read(document);
  if (reading.problems.empty()) {
    const std::string written = write_json(reading.submission);
    const Reading again = read(written);
    require(again.problems.empty() || written.size() > kDocumentBytesMax);
    require(!again.problems.empty() || write_json(again.submission) == written);
  }
  if (verdict.checked) {
    require(check_xml(verdict.checked->report_xml()).empty());
    for (std::size_t i = 0; i < verdict.checked->files(); ++i) {
      require(check_xml(verdict.checked->file_xml(i, 4564654, "b0754af766b426f2")).empty());
    }
  }
  const auto same = changes(document, document);
  require(!same || same->empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5) {
    return 0;
  }
  const std::string bytes(data + 5, data + size);
  if (data[0] == 0) {
    try_document(bytes);
    return 0;
  }
  std::string document = write_json(RandomSubmission(data[0] * 256U + data[1]).make(kNow, 8));
  const std::size_t at = (data[2] * 256U + data[3]) % document.size();
  document.replace(at, std::min<std::size_t>(data[4], document.size() - at), bytes);
  try_document(document);
  return 0;
}

// Letter: what an authority without an interface of its own gets of a released report, by webhook
// or e-mail: the document, where each value comes from, and the page for people. Never pictures.
// Pure; thread-safe.
#pragma once

#include <string>

#include "base/result.hpp"
#include "service/authorities/channel.hpp"

namespace tutela::authorities {

struct Letter {
  std::string id;     // "report_<id>_<number of the document>": the same at every attempt
  std::string title;  // of ids and closed words alone
  std::string json;   // {"id", "environment", "kind", ..., "document", "origins"}
  std::string page;   // HTML
  UtcMs at_ms = 0;    // when the document was written
};

/// Error: kInvalidInput "report.bad_document": what is stored is no JSON.
Result<Letter> write_letter(const reports::Leased& leased);

}  // namespace tutela::authorities

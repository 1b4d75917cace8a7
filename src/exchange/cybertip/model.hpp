// Model: a whole submission as types, read from a document and written as one.
//
// The structs lie in incident.hpp, parts.hpp, report.hpp and file_details.hpp; their leaves in
// values.hpp. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange/cybertip/cybertip.hpp"
#include "exchange/cybertip/file_details.hpp"
#include "exchange/cybertip/report.hpp"

namespace tutela::cybertip {

inline constexpr std::size_t kItemsMax = 1000;  // of any repeated element
inline constexpr std::size_t kDepthMax = 16;    // of a document's JSON

struct Submission {
  static constexpr std::string_view kName = "submission";
  One<Report> report;
  std::vector<FileDetails> files;

  static void fields(auto& self, auto& visit) {
    visit("report", self.report, "Write the report.");
    visit("files", self.files, "Say what is known of each file, in the order of the uploads.");
  }
};

struct Reading {
  Submission submission;          // what could be read
  std::vector<Problem> problems;  // what could not, or is missing; at most 200
};

/// The types of a document; does not ask for what check() asks for across fields.
Reading read(std::string_view document);

/// The document of some types: read(write_json(x)) is x for what read() has no problem with.
std::string write_json(const Submission& submission);

}  // namespace tutela::cybertip

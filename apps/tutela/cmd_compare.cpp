// tutela compare: how far two pictures are from each other.
#include <optional>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "commands.hpp"
#include "file_hash.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Each of both is a file or a PDQ hash of 64 hex digits. The second is compared in all eight\n"
    "orientations where it is a file, else the first.\n"
    "Exit status: 0 no match, 1 match (within 31 of 256 bits, or the same bytes), 2 error; also 2\n"
    "where a quality below 50 leaves it open.\n"
    "Examples:\n"
    "  tutela compare a.jpg b.png\n"
    "  tutela compare a.jpg f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

struct CompareOptions {
  std::string left;
  std::string right;
  bool json = false;
};

/// One side: a file's frames, or a bare hash, which has one orientation and no quality.
struct Side {
  std::vector<std::vector<fingerprint::Pdq256>> frames;  // of 8 orientations, or 1
  std::optional<int> quality;                            // the lowest of its frames
  std::optional<crypto::Digests> digests;
  bool incomplete = false;
};

struct Comparison {
  int distance = 256;
  fingerprint::Orientation orientation = fingerprint::Orientation::kOriginal;
  bool same_bytes = false;
  bool within = false;
  bool open = false;  // a quality too low, or a damaged file: no match cannot be said
};

Result<Side> read_side(workers::Workers& workers,
                       const std::string& text,
                       std::uint64_t size_bytes_max) {
  Side side;
  if (const auto hash = fingerprint::parse_pdq(text)) {
    side.frames.push_back({*hash});
    return side;
  }
  FileHash file = hash_file(workers, text, size_bytes_max);
  if (!file.inspection) {
    return std::move(file.inspection).error();
  }
  side.digests = file.digests;
  side.incomplete = file.inspection->report.damaged || file.inspection->report.partial;
  for (const inspect::FrameFingerprint& frame : file.inspection->frames) {
    side.frames.emplace_back(frame.pdq.hashes.begin(), frame.pdq.hashes.end());
    side.quality = std::min<int>(side.quality.value_or(100), frame.pdq.quality);
  }
  return side;
}

Comparison compare_sides(const Side& left, const Side& right) {
  Comparison result;
  // The side with eight orientations is the one that is turned.
  const bool turn_right = !right.frames.empty() && right.frames.front().size() > 1;
  const Side& turned = turn_right ? right : left;
  const Side& fixed = turn_right ? left : right;
  for (const auto& still : fixed.frames) {
    for (const auto& variants : turned.frames) {
      for (std::size_t i = 0; i < variants.size(); ++i) {
        const int distance = fingerprint::distance(still[0], variants[i]);
        if (distance < result.distance) {
          result.distance = distance;
          result.orientation = static_cast<fingerprint::Orientation>(i);
        }
      }
    }
  }
  result.within = result.distance <= match::kPdqDistanceDefault;
  result.same_bytes = left.digests && right.digests && *left.digests == *right.digests;
  for (const Side* const side : {&left, &right}) {
    const bool low = side->quality && *side->quality < match::kPdqQualityMin;
    result.open = result.open || low || (side->incomplete && !result.within);
  }
  return result;
}

void print_as_json(const Comparison& result, const Side& left, const Side& right) {
  const auto quality = [](const Side& side) {
    return side.quality ? boost::json::value(*side.quality) : boost::json::value(nullptr);
  };
  print_json({{"distance", result.distance},
              {"orientation", fingerprint::to_string(result.orientation)},
              {"within_31", result.within},
              {"same_bytes", result.same_bytes},
              {"quality_a", quality(left)},
              {"quality_b", quality(right)},
              {"undetermined", result.open && !result.same_bytes}});
}

void print_as_text(const Comparison& result, const Side& left, const Side& right) {
  const auto quality = [](const Side& side) {
    return side.quality ? std::to_string(*side.quality) : std::string("unknown");
  };
  print(fmt::format("distance     {} of 256 bits\norientation  {}\nwithin 31    {}\n",
                    result.distance,
                    fingerprint::to_string(result.orientation),
                    result.within ? "yes" : "no"));
  print(fmt::format("same bytes   {}\nquality      {} and {}\n",
                    result.same_bytes ? "yes" : "no",
                    quality(left),
                    quality(right)));
}

int compare(const Session& session, const CompareOptions& options) {
  const auto config = load_config(session);
  if (!config) {
    return fail(config.error());
  }
  const auto workers = start_workers(*config);
  if (!workers) {
    return fail(workers.error());
  }
  std::vector<Side> sides;
  for (const std::string& text : {options.left, options.right}) {
    auto side = read_side(**workers, text, config->limits.size_bytes_max);
    if (!side) {
      return fail(side.error());
    }
    sides.push_back(*std::move(side));
  }
  const Comparison result = compare_sides(sides[0], sides[1]);
  (options.json ? print_as_json : print_as_text)(result, sides[0], sides[1]);
  if (result.same_bytes) {
    return kMatchFound;
  }
  if (result.open) {
    return fail(Error{ErrorKind::kInvalidInput,
                      "compare.undetermined",
                      "a picture of quality below 50, or one that is damaged or not decoded whole, "
                      "cannot be told apart by PDQ; compare the digests (tutela hash)"});
  }
  return result.within ? kMatchFound : kNothingFound;
}

}  // namespace

void add_compare(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "compare", "Compares two pictures or hashes", kClosing);
  const auto options = std::make_shared<CompareOptions>();
  command.add_option("a", options->left, "File or PDQ hash")->required();
  command.add_option("b", options->right, "File or PDQ hash")->required();
  command.add_flag("--json", options->json, "One JSON object");
  command.callback([&session, options] {
    session.run = [&session, options] {
      return compare(session, *options);
    };
  });
}

}  // namespace tutela::cli

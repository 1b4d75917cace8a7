#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "exchange/cybertip/cybertip.hpp"
#include "exchange/cybertip/xml_guard.hpp"

namespace tutela::cybertip {
namespace {

// An answer is two or three deep; what a later schema adds may be deeper.
constexpr XmlLimits kLimits = {.bytes = kAnswerBytesMax, .depth = 8, .elements = 20'000};
constexpr std::size_t kDescriptionMax = 2000;
constexpr std::size_t kIdMax = 255;
constexpr std::size_t kMd5Digits = 32;

Error bad(std::string why) {
  return Error{ErrorKind::kInvalidInput,
               "cybertip.bad_answer",
               "the answer cannot be understood: " + std::move(why)};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

Result<std::int64_t> parse_number(std::string_view text, std::int64_t low, std::int64_t high) {
  text = trimmed(text);
  std::int64_t value = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stopped != text.data() + text.size() || value < low || value > high) {
    return bad("a code or number is none");
  }
  return value;
}

Result<std::string> parse_id(std::string_view text) {
  text = trimmed(text);
  const bool good =
      !text.empty() && text.size() <= kIdMax &&
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
  if (!good) {
    return bad("the id of a file is none");
  }
  return std::string(text);
}

Result<std::string> parse_md5(std::string_view text) {
  Bytes digest(kMd5Digits / 2);
  text = trimmed(text);
  if (text.size() != kMd5Digits || !parse_hex(text, digest)) {
    return bad("the hash is no MD5");
  }
  return to_hex(digest);
}

/// Control characters become blanks; too much is cut off, between characters.
std::string printable(std::string_view text) {
  text = trimmed(text);
  std::size_t size = std::min(text.size(), kDescriptionMax);
  while (size < text.size() && size > 0 &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  std::string out(text.substr(0, size));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return (c >= 0 && c < ' ') || c == 127; }, ' ');
  return out;
}

/// One element of the answer with its text, as it stands in it.
struct Leaf {
  std::string name;
  std::string text;
};

/// What is read of an answer: the children of the root, and the children of <files>.
class Builder {
 public:
  [[nodiscard]] XmlEvents events() {
    return {[this](std::string_view name) { begin(name); },
            [this](std::string_view text) { add(text); },
            [this] {
              path_.pop_back();
            }};
  }

  /// Where a doubled element or one inside of a value was seen.
  [[nodiscard]] bool is_good() const noexcept { return good_; }

  [[nodiscard]] const std::string& root() const noexcept { return root_; }

  [[nodiscard]] const std::string* find(std::string_view name) const {
    const auto found = std::find_if(
        leaves_.begin(), leaves_.end(), [&](const Leaf& each) { return each.name == name; });
    return found == leaves_.end() ? nullptr : &found->text;
  }

  [[nodiscard]] const std::vector<std::string>& file_ids() const noexcept { return file_ids_; }

 private:
  void begin(std::string_view name) {
    path_.emplace_back(name);
    if (path_.size() == 1) {
      root_ = name;
    } else if (path_.size() == 2) {
      good_ = good_ && find(name) == nullptr;
      known_ = is_value(name) || name == "files";
      if (known_) {
        leaves_.push_back(Leaf{std::string(name), {}});
      }
    } else if (path_[1] == "files" && name == "fileId" && path_.size() == 3) {
      file_ids_.emplace_back();
    } else if (path_[1] != "files" || path_.size() > 3) {
      // Inside of what a later schema may add there may be anything, inside of a value nothing.
      good_ = good_ && !is_value(path_[1]) && !(path_[1] == "files" && path_[2] == "fileId");
    }
  }

  void add(std::string_view text) {
    if (path_.size() == 2 && known_) {
      leaves_.back().text += text;
    } else if (path_.size() == 3 && path_[1] == "files" && path_[2] == "fileId") {
      file_ids_.back() += text;
    }
  }

  static bool is_value(std::string_view name) {
    return name == "responseCode" || name == "responseDescription" || name == "reportId" ||
           name == "fileId" || name == "hash";
  }

  std::vector<std::string> path_;
  std::string root_;
  std::vector<Leaf> leaves_;
  std::vector<std::string> file_ids_;
  bool known_ = false;
  bool good_ = true;
};

Status read_ids(const Builder& built, Answer& answer) {
  if (const std::string* text = built.find("reportId"); text != nullptr) {
    TUTELA_TRY_ASSIGN(answer.report_id,
                      parse_number(*text, 1, std::numeric_limits<std::int64_t>::max()));
  }
  if (const std::string* text = built.find("fileId"); text != nullptr) {
    TUTELA_TRY_ASSIGN(answer.file_id, parse_id(*text));
  }
  if (const std::string* text = built.find("hash"); text != nullptr) {
    TUTELA_TRY_ASSIGN(answer.hash, parse_md5(*text));
  }
  for (const std::string& text : built.file_ids()) {
    TUTELA_TRY_ASSIGN(std::string id, parse_id(text));
    answer.file_ids.push_back(std::move(id));
  }
  return ok();
}

}  // namespace

Result<Answer> parse_answer(ByteView xml) {
  Builder built;
  if (const Status read = read_xml(xml, kLimits, built.events()); !read) {
    return bad(read.error().message);
  }
  Answer answer;
  answer.done = built.root() == "reportDoneResponse";
  if (!answer.done && built.root() != "reportResponse") {
    return bad("it is neither a reportResponse nor a reportDoneResponse");
  }
  const std::string* const code = built.find("responseCode");
  if (!built.is_good() || code == nullptr) {
    return bad(code == nullptr ? "it has no code" : "an element stands twice, or in another");
  }
  TUTELA_TRY_ASSIGN(answer.code,
                    parse_number(*code,
                                 std::numeric_limits<std::int32_t>::min(),
                                 std::numeric_limits<std::int32_t>::max()));
  if (const std::string* text = built.find("responseDescription"); text != nullptr) {
    answer.description = printable(*text);
  }
  TUTELA_TRY(read_ids(built, answer));
  if (answer.done && !answer.report_id) {
    return bad("a finished report has no id");
  }
  return answer;
}

Meaning meaning_of(std::int64_t code) noexcept {
  switch (code) {
    case 0:
      return Meaning::kSuccess;
    case 5001:
      return Meaning::kNoReport;
    case 5002:
      return Meaning::kNoFile;
    case 5101:
      return Meaning::kRetracted;
    case 5102:
      return Meaning::kFinished;
    default:
      break;
  }
  // The list of the documentation says of itself that it is not complete; its thousands are.
  switch (code / 1000) {
    case 1:
      return Meaning::kServerTrouble;
    case 2:
    case 3:
      return Meaning::kCredentials;
    case 4:
      return Meaning::kRejected;
    default:
      return Meaning::kUnknown;
  }
}

}  // namespace tutela::cybertip

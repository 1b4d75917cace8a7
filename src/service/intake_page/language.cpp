#include "service/intake_page/language.hpp"

#include <algorithm>
#include <cstddef>

namespace tutela::intake_page {

namespace {

constexpr std::size_t kHeaderBytesMax = 500;  // more of it is not looked at

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) {
    text.remove_prefix(1);
  }
  while (text.ends_with(' ') || text.ends_with('\t')) {
    text.remove_suffix(1);
  }
  return text;
}

/// The language that a tag begins with, where we have it.
std::string_view known(std::string_view tag) {
  const std::string_view primary = tag.substr(0, tag.find('-'));
  const auto* const found = std::ranges::find_if(kLanguages, [&](std::string_view one) {
    return std::ranges::equal(one, primary, {}, {}, small);
  });
  return found == kLanguages.end() ? std::string_view() : *found;
}

/// Of "q=0.8": 800; 1000 where there is none.
int quality_of(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) {
    return 1000;
  }
  const std::string_view value = parameters.substr(at + 2);
  int quality = value.starts_with('1') ? 1000 : 0;
  int worth = 100;
  for (std::size_t i = 2; i < value.size() && i < 5 && value[i] >= '0' && value[i] <= '9'; ++i) {
    quality += (value[i] - '0') * worth;
    worth /= 10;
  }
  return std::min(quality, 1000);
}

template <class Take>
void each_tag(std::string_view header, const Take& take) {
  header = header.substr(0, kHeaderBytesMax);
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    const std::string_view part = header.substr(0, comma);
    const std::size_t semicolon = std::min(part.find(';'), part.size());
    take(without_blanks(part.substr(0, semicolon)), quality_of(part.substr(semicolon)));
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
}

}  // namespace

std::string_view language_of(std::string_view asked, std::string_view accept_language) noexcept {
  if (const std::string_view found = known(asked); !found.empty()) {
    return found;
  }
  std::string_view best = kLanguages.front();
  int best_quality = 0;
  each_tag(accept_language, [&](std::string_view tag, int quality) {
    const std::string_view found = known(tag);
    if (!found.empty() && quality > best_quality) {
      best = found;
      best_quality = quality;
    }
  });
  return best;
}

std::string country_of(std::string_view accept_language) {
  std::string country;
  std::string_view own;
  int own_quality = 0;
  each_tag(accept_language, [&](std::string_view tag, int quality) {
    if (quality > own_quality) {
      own = tag.substr(0, tag.find('-'));
      own_quality = quality;
    }
  });
  each_tag(accept_language, [&](std::string_view tag, int) {
    // "de, en-US" is a German browser, and no sign of the United States.
    if (!country.empty() || tag.size() < 5 || tag.substr(0, tag.find('-')) != own) {
      return;
    }
    const std::string_view region = tag.substr(tag.rfind('-') + 1);
    const bool letters = region.size() == 2 && std::ranges::all_of(region, [](char c) {
                           return small(c) >= 'a' && small(c) <= 'z';
                         });
    if (letters) {
      for (const char c : region) {
        country += static_cast<char>(small(c) - ('a' - 'A'));
      }
    }
  });
  return country;
}

}  // namespace tutela::intake_page

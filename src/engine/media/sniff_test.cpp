#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/media/media.hpp"

namespace tutela::media {

namespace {

using namespace std::string_literals;

MediaType sniff_text(const std::string& text) {
  return sniff(as_bytes(text));
}

std::string ftyp(std::string_view major, const std::vector<std::string>& compatible) {
  std::string box = "ftyp"s + std::string(major) + "\0\0\0\0"s;
  for (const auto& brand : compatible) {
    box += brand;
  }
  return "\0\0\0"s + static_cast<char>(box.size() + 4) + box;
}

TEST(Sniff, KnowsTheMagicBytesOfEveryFormat) {
  const std::vector<std::pair<std::string, MediaType>> cases = {
      {"\xFF\xD8\xFF\xE0"s, MediaType::kJpeg},
      {"\x89PNG\r\n\x1A\n"s, MediaType::kPng},
      {"GIF87a"s, MediaType::kGif},
      {"GIF89a"s, MediaType::kGif},
      {"RIFF\x10\0\0\0WEBPVP8 "s, MediaType::kWebp},
      {"II*\0"s, MediaType::kTiff},
      {"MM\0*"s, MediaType::kTiff},
      {"II+\0\x08\0\0\0"s, MediaType::kTiff},
      {"MM\0+\0\x08\0\0"s, MediaType::kTiff},
      {"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"s, MediaType::kBmp},
      {"BM\0\0\0\0\0\0\0\0\x1A\0\0\0\x0C\0\0\0"s, MediaType::kBmp},
  };
  for (const auto& [head, type] : cases) {
    EXPECT_EQ(sniff_text(head), type) << mime_type(type);
  }
}

TEST(Sniff, ReadsTheBrandsOfIsoFiles) {
  for (const char* brand : {"avif", "avis"}) {
    EXPECT_EQ(sniff_text(ftyp(brand, {"mif1"})), MediaType::kAvif) << brand;
  }
  for (const char* brand : {"heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"}) {
    EXPECT_EQ(sniff_text(ftyp(brand, {})), MediaType::kHeic) << brand;
  }
  EXPECT_EQ(sniff_text(ftyp("mif1", {"miaf", "avif"})), MediaType::kAvif);
  EXPECT_EQ(sniff_text(ftyp("mif1", {"miaf", "heic"})), MediaType::kHeic);
  EXPECT_EQ(sniff_text(ftyp("abcd", {"heic"})), MediaType::kHeic);
}

TEST(Sniff, DoesNotTakeVideosOrTextsForPictures) {
  EXPECT_EQ(sniff_text(ftyp("isom", {"mp41", "avc1"})), MediaType::kUnknown);
  EXPECT_EQ(sniff_text("BM is how this text begins, and so do many"), MediaType::kUnknown);
  EXPECT_EQ(sniff_text("<svg xmlns='http://www.w3.org/2000/svg'/>"), MediaType::kUnknown);
  EXPECT_EQ(sniff_text("%PDF-1.7"), MediaType::kUnknown);
  EXPECT_EQ(sniff_text("RIFF\x10\0\0\0WAVEfmt "s), MediaType::kUnknown);
}

TEST(Sniff, LooksAtBrandsInsideTheBoxAndTheFirst64BytesOnly) {
  EXPECT_EQ(sniff_text("\0\0\0\x10"s + "ftypisom\0\0\0\0"s + "avif"), MediaType::kUnknown);
  std::vector<std::string> many(12, "isom");
  many.emplace_back("avif");
  EXPECT_EQ(sniff_text(ftyp("isom", many)), MediaType::kUnknown);
}

TEST(Sniff, TakesAnyShortInput) {
  const std::string whole = ftyp("mif1", {"avif"});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const MediaType type = sniff_text(whole.substr(0, length));
    EXPECT_EQ(type,
              length < 12             ? MediaType::kUnknown
              : length < whole.size() ? MediaType::kHeic
                                      : MediaType::kAvif);
  }
  EXPECT_EQ(sniff({}), MediaType::kUnknown);
}

}  // namespace

}  // namespace tutela::media

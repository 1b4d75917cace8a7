#include "service/intake_page/language.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tutela::intake_page {
namespace {

TEST(Language, WhatIsAskedForComesFirst) {
  EXPECT_EQ(language_of("de", "en"), "de");
  EXPECT_EQ(language_of("EN-gb", "de"), "en");
  EXPECT_EQ(language_of("fr", "de"), "de");
}

TEST(Language, TheBrowsersBestIsTaken) {
  EXPECT_EQ(language_of("", "de-DE,de;q=0.9,en;q=0.8"), "de");
  EXPECT_EQ(language_of("", "fr, en;q=0.3, de;q=0.7"), "de");
  EXPECT_EQ(language_of("", "de;q=0"), "en");
  EXPECT_EQ(language_of("", ""), "en");
  EXPECT_EQ(language_of("", ";;,,q=,=;q"), "en");
  EXPECT_EQ(language_of("", std::string(100'000, ',')), "en");
}

TEST(Country, IsThatOfTheirOwnLanguageAlone) {
  EXPECT_EQ(country_of("de-ch, en-US;q=0.5"), "CH");
  EXPECT_EQ(country_of("de, en-US;q=0.5"), "");
  EXPECT_EQ(country_of("de,en-US;q=0.7,en;q=0.3"), "");
  EXPECT_EQ(country_of("en-US;q=0.7, de;q=0.9, de-AT;q=0.8"), "AT");
  EXPECT_EQ(country_of("zh-Hant-TW"), "TW");
  EXPECT_EQ(country_of("de"), "");
  EXPECT_EQ(country_of("es-419"), "");
}

}  // namespace
}  // namespace tutela::intake_page

#include "service/http/multipart.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace tutela::http {
namespace {

struct Seen {
  std::map<std::string, std::string> fields;
  std::string file;
  bool file_begun = false;
  std::string error;  // code
};

/// Feeds `body` in pieces of `piece` bytes.
Seen read(std::string_view body,
          std::size_t piece,
          std::string_view boundary = "XX",
          MultipartRules rules = {}) {
  Seen seen;
  MultipartSink sink;
  sink.on_field = [&](std::string_view name, std::string value) {
    seen.fields[std::string(name)] = std::move(value);
    return ok();
  };
  sink.on_file_begin = [&] {
    seen.file_begun = true;
    return ok();
  };
  sink.on_file_bytes = [&](ByteView bytes) {
    seen.file += as_text(bytes);
    return ok();
  };
  MultipartReader reader(boundary, sink, rules);
  for (std::size_t at = 0; at < body.size(); at += piece) {
    if (const Status fed = reader.feed(as_bytes(body.substr(at, piece))); !fed) {
      seen.error = fed.error().code;
      return seen;
    }
  }
  if (const Status finished = reader.finish(); !finished) {
    seen.error = finished.error().code;
  }
  return seen;
}

std::string part(std::string_view name, std::string_view value) {
  return "--XX\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}

constexpr std::string_view kEnd = "--XX--\r\n";

TEST(Multipart, WhatBrowsersAndCurlSendIsReadInPiecesOfAnySize) {
  // As curl 7.88 sends -F source=avatar -F file=@picture.jpg.
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\navatar\r\n"
      "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"picture.jpg\"\r\n"
      "Content-Type: image/jpeg\r\n\r\n\xFF\xD8 bytes \r\n--X and more\r\n--XX--\r\n";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    const Seen seen = read(body, piece);
    EXPECT_EQ(seen.error, "") << piece;
    EXPECT_EQ(seen.file, "\xFF\xD8 bytes \r\n--X and more") << piece;
    EXPECT_EQ(seen.fields, (std::map<std::string, std::string>{{"source", "avatar"}})) << piece;
  }
}

TEST(Multipart, APreambleAndAnEpilogueAreIgnored) {
  const Seen seen = read("for old readers\r\n" + part("file", "x") + "--XX--\r\nbye", 3);
  EXPECT_EQ(seen.error, "");
  EXPECT_EQ(seen.file, "x");
}

TEST(Multipart, EmptyFieldsAndAnEmptyFileAreAllowedHere) {
  const Seen seen = read(part("source", "") + part("file", "") + std::string(kEnd), 1);
  EXPECT_EQ(seen.error, "");
  EXPECT_TRUE(seen.file_begun);
  EXPECT_EQ(seen.fields.at("source"), "");
}

TEST(Multipart, FieldsAfterTheFileAreRefused) {
  EXPECT_EQ(read(part("file", "x") + part("source", "late") + std::string(kEnd), 7).error,
            "multipart.field_after_file");
  EXPECT_EQ(read(part("file", "x") + part("file", "y") + std::string(kEnd), 7).error,
            "multipart.second_file");
}

TEST(Multipart, WhatIsCutOrMalformedIsRefused) {
  const std::string good = part("source", "a") + part("file", "bytes") + "--XX--";
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(read(std::string_view(good).substr(0, size), 5).error, "multipart.incomplete")
        << size;
  }
  EXPECT_EQ(read(std::string(kEnd), 4).error, "multipart.no_file");
  EXPECT_EQ(read("--XXjunk\r\n", 4).error, "multipart.malformed");
  EXPECT_EQ(read("--XX\r\n\r\nno head\r\n--XX--", 4).error, "multipart.malformed");
  EXPECT_EQ(read("--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--", 4).error,
            "multipart.malformed");
  EXPECT_EQ(read("--XX\r\nContent-Disposition: attachment; name=\"file\"\r\n\r\nx", 4).error,
            "multipart.malformed");
  EXPECT_EQ(read("--XX\r\nContent-Disposition: form-data; name=\"file\r\n\r\nx", 4).error,
            "multipart.malformed");
  EXPECT_EQ(read("--XX\r\nContent-Disposition: form-data; name=a; name=file\r\n\r\nx", 4).error,
            "multipart.malformed");
}

TEST(Multipart, EverythingIsBounded) {
  EXPECT_EQ(read(std::string(1 << 20, 'a'), 4096).error, "multipart.malformed");
  EXPECT_EQ(read("--XX\r\nX: " + std::string(1 << 20, 'a'), 4096).error, "multipart.malformed");
  EXPECT_EQ(read(part("source", std::string(kFieldBytesMax + 1, 'a')) + "--XX--", 4096).error,
            "multipart.field_too_long");
  EXPECT_EQ(read(part("source", std::string(1 << 20, 'a')), 64).error, "multipart.field_too_long");
  EXPECT_EQ(
      read(part("source", std::string(kFieldBytesMax, 'a')) + part("file", "x") + "--XX--", 4096)
          .error,
      "");
  std::string many;
  for (std::size_t i = 0; i <= kPartsMax; ++i) {
    many += part("a", "b");
  }
  EXPECT_EQ(read(many, 4096).error, "multipart.too_many_parts");
}

TEST(Multipart, ErrorsOfTheSinkEndTheReading) {
  MultipartSink sink;
  sink.on_field = [](std::string_view, std::string) {
    return Error{ErrorKind::kInvalidInput, "test.refused", "no"};
  };
  MultipartReader reader("XX", sink);
  const Status fed = reader.feed(as_bytes(part("a", "b") + std::string(kEnd)));
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, "test.refused");
}

TEST(Multipart, TheBoundaryComesFromTheContentType) {
  EXPECT_EQ(*multipart_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(*multipart_boundary("Multipart/Form-Data; charset=x; Boundary=\"a b\""), "a b");
  for (const std::string bad : {"multipart/form-data",
                                "multipart/form-data; boundary=",
                                "multipart/form-data; boundary",
                                "multipart/form-data; boundary=\"open",
                                "multipart/form-data; boundary=a; boundary=b"}) {
    EXPECT_FALSE(multipart_boundary(bad)) << bad;
  }
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')));
}

TEST(Multipart, OnlyFormsHaveABoundaryAndOtherMultipartTypesAreRefused) {
  EXPECT_EQ(*form_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(*form_boundary("image/png"), std::nullopt);
  EXPECT_EQ(*form_boundary(""), std::nullopt);
  EXPECT_EQ(form_boundary("Multipart/Mixed; boundary=abc").error().code, "request.media_type");
  EXPECT_EQ(form_boundary("multipart/form-data").error().code, "multipart.no_boundary");
}

TEST(Multipart, AnyBytesComeThroughWhole) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view kAlphabet = "\r\n-XY";
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 200; i > 0; --i) {
      bytes += kAlphabet[random() % kAlphabet.size()];
    }
    if (bytes.find("\r\n--XX") != std::string::npos || bytes.starts_with("--XX")) {
      continue;
    }
    const Seen seen = read(part("file", bytes) + std::string(kEnd), 1 + random() % 50);
    EXPECT_EQ(seen.error, "");
    EXPECT_EQ(seen.file, bytes);
  }
}

constexpr MultipartRules kForm = {.file_name = "files",
                                  .files_max = 2,
                                  .parts_max = 6,
                                  .field_bytes_max = 100,
                                  .in_any_order = true};

TEST(MultipartForm, FieldsAndFilesComeInAnyOrder) {
  const std::string body = part("files", "one") + part("text", "words") + part("files", "two") +
                           part("lang", "de") + std::string(kEnd);
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    const Seen seen = read(body, piece, "XX", kForm);
    EXPECT_EQ(seen.error, "");
    EXPECT_EQ(seen.file, "onetwo");
    EXPECT_EQ(seen.fields.at("text"), "words");
    EXPECT_EQ(seen.fields.at("lang"), "de");
  }
  EXPECT_EQ(read(part("text", "a") + std::string(kEnd), 7, "XX", kForm).error, "");
}

TEST(MultipartForm, IsBoundedByItsRules) {
  const auto error_of = [](const std::string& parts) {
    return read(parts + std::string(kEnd), 11, "XX", kForm).error;
  };
  EXPECT_EQ(error_of(part("files", "1") + part("files", "2") + part("files", "3")),
            "multipart.second_file");
  EXPECT_EQ(error_of(part("text", std::string(101, 'x'))), "multipart.field_too_long");
  std::string many;
  for (int i = 0; i < 7; ++i) {
    many += part("text", "a");
  }
  EXPECT_EQ(error_of(many), "multipart.too_many_parts");
}

}  // namespace
}  // namespace tutela::http

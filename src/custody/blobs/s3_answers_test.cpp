#include "custody/blobs/s3_answers.hpp"

#include <gtest/gtest.h>

namespace tutela::blobs {
namespace {

// From the API reference of Amazon S3: ListObjectsV2, ListObjectVersions, ListMultipartUploads.
TEST(S3AnswersTest, ReadsTheExamplesOfTheApiReference) {
  const Result<S3Listing> listing = parse_listing(as_bytes(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>bucket</Name><Prefix/><KeyCount>1</KeyCount><MaxKeys>3</MaxKeys>
  <IsTruncated>true</IsTruncated>
  <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
  <Contents><Key>happyface.jpg</Key><LastModified>2014-11-21T19:40:05.000Z</LastModified>
    <ETag>"70ee1738b6b21e2c8a43f3a5ab0eee71"</ETag><Size>11</Size></Contents>
</ListBucketResult>)"));
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->keys, std::vector<std::string>{"happyface.jpg"});
  EXPECT_EQ(listing->next, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
  const Result<S3Versions> versions = parse_versions(as_bytes(
      R"(<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01">
    <IsTruncated>false</IsTruncated>
    <Version><Key>my-image.jpg</Key><VersionId>3/L4kqtJl40Nr8X8gdRQBpUMLUo</VersionId>
      <IsLatest>true</IsLatest></Version>
    <DeleteMarker><Key>my-second-image.jpg</Key><VersionId>03jpff543dhffds434rfdsFDN943</VersionId>
    </DeleteMarker></ListVersionsResult>)"));
  ASSERT_TRUE(versions);
  ASSERT_EQ(versions->versions.size(), 2U);
  EXPECT_EQ(versions->versions[1].id, "03jpff543dhffds434rfdsFDN943");
  const Result<S3Uploads> uploads = parse_uploads(as_bytes(
      R"(<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>
    <NextKeyMarker>my-movie.m2ts</NextKeyMarker><NextUploadIdMarker>YW55</NextUploadIdMarker>
    <Upload><Key>my-divisor</Key><UploadId>XMgbGlrZSBlbHZpbmc</UploadId>
      <Initiated>2010-11-10T20:48:33.000Z</Initiated></Upload></ListMultipartUploadsResult>)"));
  ASSERT_TRUE(uploads);
  EXPECT_EQ(uploads->uploads.at(0).begun_ms, 1'289'422'113'000);
  EXPECT_EQ(uploads->next_key, "my-movie.m2ts");
}

TEST(S3AnswersTest, ShowsACodeOnlyWhenItIsOne) {
  EXPECT_EQ(error_code_of(as_bytes("<Error><Code>NoSuchKey</Code></Error>")), "NoSuchKey");
  EXPECT_EQ(error_code_of(as_bytes("<Error><Code>a b\ncd</Code></Error>")), "");
  EXPECT_EQ(error_code_of(as_bytes("<html><Code>NoSuchKey</Code></html>")), "");
  EXPECT_EQ(error_code_of(as_bytes("no XML")), "");
}

TEST(S3AnswersTest, TakesAnErrorUnderStatus200ForNoCompletion) {
  EXPECT_TRUE(is_upload_complete(as_bytes("<CompleteMultipartUploadResult/>")));
  EXPECT_FALSE(is_upload_complete(as_bytes("<Error><Code>InternalError</Code></Error>")));
  EXPECT_FALSE(is_upload_complete({}));
}

TEST(S3AnswersTest, RefusesDocumentTypesAndEntities) {
  for (const char* const bad :
       {R"(<!DOCTYPE a [<!ENTITY x "y">]><ListBucketResult>&x;</ListBucketResult>)",
        R"(<!DOCTYPE a SYSTEM "file:///etc/passwd"><ListBucketResult/>)",
        "<ListBucketResult>&unknown;</ListBucketResult>",
        "<ListBucketResult>",
        "<ListBucketResult/><ListBucketResult/>",
        "<ListVersionsResult/>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    EXPECT_FALSE(parse_listing(as_bytes(bad))) << bad;
  }
}

TEST(S3AnswersTest, IsBoundedInDepthCountAndSize) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) {
      text += "<a>";
    }
    for (int i = 0; i < depth; ++i) {
      text += "</a>";
    }
    return text;
  };
  EXPECT_TRUE(parse_xml(as_bytes(nested(16))));
  EXPECT_FALSE(parse_xml(as_bytes(nested(17))));
  std::string many = "<a>";
  for (int i = 0; i < 20'000; ++i) {
    many += "<b/>";
  }
  EXPECT_FALSE(parse_xml(as_bytes(many + "</a>")));
  EXPECT_FALSE(parse_xml(as_bytes("<a>" + std::string(kXmlSizeMax, ' ') + "</a>")));
}

TEST(S3AnswersTest, ReadsTheSizeInAContentRange) {
  EXPECT_EQ(parse_content_range("bytes 0-99/1234"), 1234U);
  for (const char* const bad : {"",
                                "bytes 0-99/*",
                                "bytes 0-99/",
                                "bytes 0-99/-1",
                                "items 0-9/10",
                                "bytes 0-99/18446744073709551616",
                                "bytes 0-99/12 "}) {
    EXPECT_EQ(parse_content_range(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace tutela::blobs
